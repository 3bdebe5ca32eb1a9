// The GCS's channels keep what they promise to a subscriber: section 5.3, with polls modelled.
#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

constexpr Property kFamily[] = {
    {
        .id = "P3.subscriber_is_subscribed",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, the GCS has the subscription of every process that polls it",
        .source = "protocol dossier, 11.1 C14; known bugs, 50",
        .mutant = "unknown_subscriber_is_rejected",
        .applies = kWithPubsub,
        .holds =
            [](const RayModel&, const State& s) {
              for (std::uint8_t i = 0; i < kSubscribersMax; ++i) {
                if (s.polls[i].stage == PollStage::kOpen && !has_bit(s.gcs.subscribed, i)) return false;
              }
              return true;
            },
    },
    {
        .id = "P4.sweep_spares_new_subscription",
        .kind = kInvariant,
        .claim = "the sweep never erases a subscription that was added after the subscriber's last poll grew old",
        .source = "known bugs, 51",
        .mutant = "registration_is_activity",
        .applies = kWithPubsub,
        .holds = [](const RayModel&, const State& s) { return !s.ghost.fresh_swept; },
    },
};

}  // namespace

std::span<const Property> pubsub_properties() {
  return kFamily;
}

}  // namespace raymc
