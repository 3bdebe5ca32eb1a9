// A node that drains takes no new work, ends, and does not cost its tasks a retry: invariant 7 and L5 of the dossier.
#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/premises.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

/// A primary copy at the node is one that its owner has neither freed nor forgotten: the node keeps it until its
/// deadline.
bool keeps_needed_value(const RayModel& model, const State& s, NodeId node) {
  for (std::uint8_t o = 0; o < kObjectsMax; ++o) {
    const Object& object = s.objects[o];
    if (!has_bit(object.pinned, node.value) || object.out_of_scope()) continue;
    if (s.owner(model.config().owner_of(ObjectId{o})).alive) return true;
  }
  return false;
}

constexpr Property kFamily[] = {
    {
        .id = "I7.draining_raylet_takes_no_work",
        .kind = kInvariant,
        .claim = "a raylet that has accepted a drain has no request in its local queue and grants none",
        .source = "protocol dossier, 10.2 invariant 7",
        .mutant = "draining_raylet_refuses_leases",
        .applies = kWithDrain,
        .premise = premises::a_raylet_drains,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_lease(
                  model, s,
                  [&](LeaseId, const Lease& lease) {
                    const bool local = lease.stage == LeaseStage::kGrantWait || lease.stage == LeaseStage::kGrantWorker;
                    return !local || s.raylet(lease.node).drain == Drain::kNone;
                  },
                  [&](LeaseId id, const Lease& lease) { return lines_of(model, s, id, lease.node); });
            },
    },
    {
        .id = "D5.preemption_is_not_charged",
        .kind = kInvariant,
        .claim = "a task does not pay a retry for a node that was preempted",
        .source = "protocol dossier, 1.2 and 9 F14 (the race of O12 and O13)",
        .mutant = "node_death_is_confirmed_first",
        .applies = kWithDrain,
        .premise = premises::a_raylet_is_dead,
        .holds =
            [](const RayModel& model, const State& s) {
              // A task without retries fails whatever its node died of.
              return every_task(
                  model, s,
                  [&](TaskId id, const Task&) {
                    const bool retried = model.config().shape.tasks[id.value].max_retries > 0;
                    return !retried || !has_bit(s.ghost.charged_preemptions, id.value);
                  },
                  [&](TaskId id, const Task& task) {
                    return label_of(model, id) + " paid a retry for a node that was preempted: it has " +
                           std::to_string(task.retries_left) + " left of " +
                           std::to_string(model.config().shape.tasks[id.value].max_retries);
                  });
            },
    },
    {
        .id = "L5.drained_raylet_terminates",
        .kind = kQuiescent,
        .claim =
            "when nothing is left to do, a raylet that drains is gone, or a live owner still holds a lease of it or "
            "needs a value that it keeps",
        .source = "protocol dossier, 10.4 L5",
        .mutant = "grant_checks_worker",
        .applies = kWithDrain,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_raylet(model, s, [&](NodeId node, const Raylet& raylet) {
                if (raylet.drain == Drain::kNone || keeps_needed_value(model, s, node)) return true;
                return some_lease(s, [&](const Lease& lease) {
                  const bool held = lease.stage == LeaseStage::kLeased && lease.at_owner != OwnerLease::kNone;
                  return lease.node == node && held && s.owner(model.config().owner_of(lease.key)).alive;
                });
              });
            },
    },
};

}  // namespace

std::span<const Property> draining_properties() {
  return kFamily;
}

}  // namespace raymc
