// The resource view between raylets: it tells the truth in the end, and what it says keeps no request waiting.
#include "model/scheduler/view.hpp"
#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

/// `other` is a live raylet that the node cache of `node` holds alive.
bool knows_alive(const State& s, NodeId node, NodeId other) {
  const Raylet& raylet = s.raylet(node);
  return node != other && s.raylet(other).alive && has_bit(raylet.known_nodes, other.value) &&
         !has_bit(raylet.dead_nodes, other.value);
}

/// `holds(other, raylet)` for every live raylet that `node` knows, itself not among them.
bool every_known_raylet(const RayModel& model, const State& s, NodeId node, const auto& holds) {
  return every_live_raylet(
      model, s,
      [&](NodeId other, const Raylet& raylet) { return !knows_alive(s, node, other) || holds(other, raylet); },
      [&](NodeId other, const Raylet& raylet) {
        return node.name() + " knows of " + other.name() + ", which has " +
               counted_words(static_cast<long>(raylet.available), "CPU") + " free";
      });
}

bool waits(const Lease& lease) {
  return lease.stage == LeaseStage::kGrantWait || lease.stage == LeaseStage::kInfeasible;
}

constexpr Property kFamily[] = {
    {
        .id = "I14.views_converge",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, every raylet sees the free CPUs of each live node that it knows as they "
                 "are (tracked view)",
        .source = "protocol dossier, 4.1 and 8.5",
        .mutant = "guessed_rows_are_reset",
        .applies = kWithTrackedView,
        .holds =
            [](const RayModel& model, const State& s) {
              return !model.config().tracked() || every_live_raylet(model, s, [&](NodeId node, const Raylet& raylet) {
                return every_known_raylet(model, s, node, [&](NodeId other, const Raylet& truth) {
                  return raylet.view.rows[other.value] == row_of(truth.available);
                });
              });
            },
    },
    {
        .id = "L7.no_starvation_with_free_resources",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, no request waits at a raylet that knows of a live node with the CPUs "
                 "free, unless that node drains",
        .source = "protocol dossier, 4.4",
        .mutant = "guessed_rows_are_reset",
        .applies = kSeveralNodes,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_lease(model, s, [&](LeaseId, const Lease& lease) {
                if (!waits(lease) || !s.raylet(lease.node).alive) return true;
                const NodeId target = model.config().affinity_of(lease.key);
                return every_known_raylet(model, s, lease.node, [&](NodeId other, const Raylet& raylet) {
                  const bool open = raylet.drain == Drain::kNone && (!target.exists() || target == other);
                  return !open || raylet.available < model.config().cpus_of(lease.key);
                });
              });
            },
    },
};

}  // namespace

std::span<const Property> view_properties() {
  return kFamily;
}

}  // namespace raymc
