// The GCS's channels keep what they promise to a subscriber: section 5.3, with polls modelled.
#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

bool is_raylet(std::uint8_t subscriber) {
  return subscriber < kNodesMax;
}

OwnerId owner_of(std::uint8_t subscriber) {
  return OwnerId{static_cast<std::uint8_t>(subscriber - kNodesMax)};
}

/// "poll of n2".
std::string poll_label(const RayModel& model, std::uint8_t subscriber) {
  return "poll of " + (is_raylet(subscriber) ? NodeId{subscriber}.name()
                                             : model.config().shape.owners[owner_of(subscriber).value].name);
}

bool runs(const RayModel& model, const State& s, std::uint8_t subscriber) {
  if (is_raylet(subscriber)) return subscriber < model.config().nodes() && s.raylets[subscriber].alive;
  return owner_of(subscriber).value < model.config().owners() && s.owner(owner_of(subscriber)).alive;
}

constexpr Property kFamily[] = {
    {
        .id = "P3.subscriber_is_subscribed",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, the GCS has the subscription of every process that polls it",
        .source = "protocol dossier, 11.1 C14; known bugs, 50",
        .mutant = "unknown_subscriber_is_rejected",
        .applies = kWithPubsub,
        .holds =
            [](const RayModel& model, const State& s) {
              for (std::uint8_t i = 0; i < kSubscribersMax; ++i) {
                if (s.polls[i].stage != PollStage::kOpen || has_bit(s.gcs.subscribed, i)) continue;
                return never(true, [&] { return line_of(model, s, poll_label(model, i)) + "; not subscribed"; });
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
        .holds =
            [](const RayModel& model, const State& s) {
              return never(s.ghost.fresh_swept, [&] {
                std::string text = "the sweep erased a new subscription; not subscribed:";
                for (std::uint8_t i = 0; i < kSubscribersMax; ++i) {
                  if (runs(model, s, i) && !has_bit(s.gcs.subscribed, i)) text += " " + poll_label(model, i).substr(8);
                }
                return text;
              });
            },
    },
};

}  // namespace

std::span<const Property> pubsub_properties() {
  return kFamily;
}

}  // namespace raymc
