// Recovery does end: section 10.4 as liveness, under the fairness of ADR-0009. What the Quiescent properties of the
// other families say of the states in which nothing is left to do, these say of every run, those included that go round
// for ever. The twins of kind Possible tell a trap from a wait that only bad luck prolongs.
#include <algorithm>

#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

bool always(const RayModel&, const State&) {
  return true;
}

bool all_tasks_ended(const RayModel& model, const State& s) {
  return every_live_task(model, s, [&](TaskId id, const Task& task) {
    return !task.pending() || runs_for_ever(model, s, id) || waits_for_a_node(model, s, id);
  });
}

/// No live owner waits for an answer of a live raylet to a lease request that some live node can serve.
bool all_requests_answered(const RayModel& model, const State& s) {
  return no_call(model, s, [&](const Call& call) {
    return call.rpc == Rpc::kRequestWorkerLease && !call.detached && s.owner(call.owner).alive &&
           s.raylet(call.node).alive && some_live_node_fits(model, s, s.lease(call.lease).key);
  });
}

/// The GCS and every live raylet and owner know of each dead raylet, and nobody holds anything for an owner on it.
bool all_deaths_known(const RayModel& model, const State& s) {
  return every_raylet(
      model, s,
      [&](NodeId id, const Raylet& dead) {
        const std::uint8_t n = id.value;
        if (dead.alive || s.gcs.nodes[n] == NodeRecord::kUnknown) return true;
        return s.gcs.nodes[n] == NodeRecord::kDead &&
               every_live_raylet(model, s,
                                 [n](NodeId, const Raylet& raylet) { return has_bit(raylet.dead_nodes, n); }) &&
               every_owner(model, s,
                           [n](OwnerId, const Owner& owner) { return !owner.alive || has_bit(owner.dead_nodes, n); });
      },
      [&](NodeId id, const Raylet&) {
        return label_of(model, id) + " is dead, which not all know; " + line_of(model, s, "GCS");
      });
}

bool dead_owners_hold_nothing(const RayModel& model, const State& s) {
  return every_lease(model, s, [&](LeaseId, const Lease& lease) {
    const bool held = lease.stage != LeaseStage::kNone && s.raylet(lease.node).alive;
    return !held || s.owner(model.config().owner_of(lease.key)).alive;
  });
}

bool leavers_are_gone(const RayModel& model, const State& s) {
  return every_live_raylet(model, s, [&](NodeId node, const Raylet& raylet) {
    const bool leased = std::any_of(s.leases.begin(), s.leases.end(), [node](const Lease& lease) {
      return lease.used && lease.node == node && lease.stage == LeaseStage::kLeased;
    });
    const bool idle = !leased && raylet.available == static_cast<int>(model.config().total_cpus(node));
    return !raylet.shutting_down && !(raylet.drain != Drain::kNone && idle);
  });
}

constexpr Property kFamily[] = {
    {
        .id = "L1.every_task_ends",
        .kind = kLeadsTo,
        .claim =
            "at any time, every task of a live owner that some live node can run will end, unless its code never does",
        .source = "protocol dossier, 10.4 L1",
        .mutant = "queued_requests_fail",
        .applies = kNothingIsStuck,
        .holds = all_tasks_ended,
        .when = always,
    },
    {
        .id = "L1.every_task_can_end",
        .kind = kPossible,
        .claim = "at any time, the protocol can still bring every task of a live owner to its end",
        .source = "protocol dossier, 10.4 L1",
        .mutant = "queued_requests_fail",
        .applies = kNothingIsStuck,
        .holds = all_tasks_ended,
    },
    {
        .id = "L2.every_request_is_answered",
        .kind = kLeadsTo,
        .claim = "at any time, every lease request that some live node can serve will be answered, or its owner or "
                 "raylet dies",
        .source = "protocol dossier, 10.4 L2",
        .mutant = "disconnect_frees_resources",
        .applies = kNothingIsStuck,
        .holds = all_requests_answered,
        .when = always,
    },
    {
        .id = "L2.unneeded_request_goes",
        .kind = kLeadsTo,
        .claim = "at any time, a queued request that its owner has no task for any more will leave the raylet",
        .source = "known bugs, 4 and 16: #65420, #7887, #7929",
        .mutant = "surplus_requests_are_cancelled",
        .applies = kNothingIsStuck,
        .holds = no_request_is_unneeded,
        .when = always,
    },
    {
        .id = "L3.every_death_becomes_known",
        .kind = kLeadsTo,
        .claim = "at any time, the death of every registered raylet will be in the GCS's table and in every live cache",
        .source = "protocol dossier, 10.4 L3",
        .mutant = "resubscribe_refetches_nodes",
        .applies = kDeathIsWritten,
        .holds = all_deaths_known,
        .when = always,
    },
    {
        .id = "L3.swept_subscriber_hears_of_deaths",
        .kind = kLeadsTo,
        .claim = "whenever the sweep has erased a new subscription, every death will nevertheless become known",
        .source = "known bugs, 51: #66251",
        .mutant = "registration_is_activity",
        .applies = kWithPubsub,
        .holds = all_deaths_known,
        .when = [](const RayModel&, const State& s) { return s.ghost.fresh_swept; },
    },
    {
        .id = "L4.dead_owner_loses_its_leases",
        .kind = kLeadsTo,
        .claim = "at any time, the leases and queued requests of dead owners will disappear from all live raylets",
        .source = "protocol dossier, 10.4 L4",
        .mutant = "kill_dead_owners_workers",
        .applies = kOwnerMayDie,
        .holds = dead_owners_hold_nothing,
        .when = always,
    },
    {
        .id = "L4.orphaned_worker_exits",
        .kind = kLeadsTo,
        .claim = "at any time, every worker process whose raylet has died will end",
        .source = "known bugs, 46: #20706, #20777",
        .mutant = "workers_watch_raylet",
        .applies = kNodeMayDie,
        .holds = no_worker_is_orphaned,
        .when = always,
    },
    {
        .id = "L5.leaving_raylet_is_gone_at_last",
        .kind = kLeadsTo,
        .claim = "at any time, a raylet that shuts down, or that drains and is idle, will terminate",
        .source = "protocol dossier, 10.4 L5",
        .mutant = "fence_dead_node",
        .applies = kNodeMayDie,
        .holds = leavers_are_gone,
        .when = always,
    },
    {
        .id = "L6.capacity_returns",
        .kind = kLeadsTo,
        .claim =
            "whenever every task of a live owner has ended, every live raylet whose loop runs will have all of its "
            "CPUs free",
        .source = "protocol dossier, 10.4 L6",
        .mutant = "disconnect_frees_resources",
        .applies = kNothingIsStuck,
        .holds = every_cpu_is_back,
        .when = all_tasks_ended,
    },
    {
        .id = "L6.capacity_can_return",
        .kind = kPossible,
        .claim = "at any time, the protocol can still free all CPUs of every live raylet whose loop runs",
        .source = "protocol dossier, 10.4 L6",
        .mutant = "disconnect_frees_resources",
        .applies = kNothingIsStuck,
        .holds = every_cpu_is_back,
    },
};

}  // namespace

std::span<const Property> recovery_properties() {
  return kFamily;
}

}  // namespace raymc
