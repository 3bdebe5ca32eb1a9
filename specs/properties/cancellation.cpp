// What ray.cancel promises: a cancel that meets its task takes effect.
#include "specs/properties/catalogue.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

constexpr Property kFamily[] = {
    {
        .id = "A1.cancel_is_not_missed",
        .kind = kInvariant,
        .claim = "a cancel that reaches a worker while its executor holds the task finds it",
        .source = "#52703",
        .mutant = "started_task_stays_pending",
        .holds = [](const RayModel&, const State& s) { return !s.ghost.cancel_missed; },
    },
};

}  // namespace

std::span<const Property> cancellation_properties() {
  return kFamily;
}

}  // namespace raymc
