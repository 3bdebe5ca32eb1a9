// Small questions about a state that several families of properties ask.
#pragma once

#include <cstdint>

#include "model/owner/nested.hpp"
#include "model/ray_model.hpp"

namespace raymc {

/// `holds(task id, task)` for every task of a live owner.
bool every_live_task(const RayModel& model, const State& s, const auto& holds) {
  for (std::uint8_t t = 0; t < model.config().tasks(); ++t) {
    if (s.owner(model.config().shape.tasks[t].owner).alive && !holds(TaskId{t}, s.tasks[t])) return false;
  }
  return true;
}

/// `holds(lease id, lease)` for every lease id that is in use.
bool every_lease(const State& s, const auto& holds) {
  for (std::uint8_t l = 0; l < kLeasesMax; ++l) {
    if (s.leases[l].used && !holds(LeaseId{l}, s.leases[l])) return false;
  }
  return true;
}

/// `holds(node id, raylet)` for every raylet that is alive.
bool every_live_raylet(const RayModel& model, const State& s, const auto& holds) {
  for (std::uint8_t n = 0; n < model.config().nodes(); ++n) {
    if (s.raylets[n].alive && !holds(NodeId{n}, s.raylets[n])) return false;
  }
  return true;
}

/// Some raylet that is alive has enough CPUs for `key`, free or not.
inline bool some_live_node_fits(const RayModel& model, const State& s, KeyId key) {
  return !every_live_raylet(model, s, [&](NodeId node, const Raylet&) { return !model.config().feasible(node, key); });
}

/// The task waits for a node: none that lives can ever run it, and there is a live raylet to hold its request
/// meanwhile. Without any, its owner has nobody to ask and has to fail it.
/// A GCS that forgot the cluster ends it, and nobody is there to be asked, either.
inline bool waits_for_a_node(const RayModel& model, const State& s, TaskId task) {
  const bool some_raylet_lives = !every_live_raylet(model, s, [](NodeId, const Raylet&) { return false; });
  return (some_raylet_lives || s.gcs.new_cluster) &&
         !some_live_node_fits(model, s, model.config().shape.tasks[task.value].key);
}

/// A worker executes the task for an owner that waits for it.
bool some_worker_runs(const State& s, TaskId task, const auto& matches) {
  for (std::uint8_t w = 0; w < kWorkersMax; ++w) {
    const Worker& worker = s.workers[w];
    if (worker.execution != Execution::kRunning || worker.task != task || !matches(worker)) continue;
    for (const Call& call : s.calls) {
      const bool waits = call.rpc == Rpc::kPushTask && call.stage == Stage::kAtServer && !call.detached;
      if (waits && call.worker == WorkerId{w} && call.task == task) return true;
    }
  }
  return false;
}

/// The task runs and never ends by itself, as its code wants it.
inline bool runs_for_ever(const RayModel& model, const State& s, TaskId task) {
  return model.config().shape.tasks[task.value].endless &&
         some_worker_runs(s, task, [](const Worker&) { return true; });
}

/// How many calls `matches`.
std::size_t count_calls(const State& s, const auto& matches) {
  std::size_t count = 0;
  for (const Call& call : s.calls) count += matches(call) ? 1 : 0;
  return count;
}

/// No raylet queues a request that its live owner has no task for.
inline bool no_request_is_unneeded(const RayModel& model, const State& s) {
  return every_lease(s, [&](LeaseId, const Lease& lease) {
    const bool queued = lease.stage != LeaseStage::kNone && lease.stage != LeaseStage::kLeased;
    // A raylet whose loop has stopped keeps what it has.
    if (!queued || s.raylet(lease.node).hung) return true;
    return !s.owner(model.config().owner_of(lease.key)).alive || !s.queues[lease.key.value].empty();
  });
}

/// No worker process runs whose raylet is dead.
inline bool no_worker_is_orphaned(const RayModel& model, const State& s) {
  for (std::uint8_t w = 0; w < model.config().workers(); ++w) {
    const bool runs = s.workers[w].process == ProcessState::kRunning;
    if (runs && !s.raylet(model.config().node_of(WorkerId{w})).alive) return false;
  }
  return true;
}

/// The raylet `node` holds the owner of `key`, or that owner's node, dead.
inline bool believes_owner_dead(const RayModel& model, const State& s, NodeId node, KeyId key) {
  const OwnerId owner = model.config().owner_of(key);
  const Raylet& raylet = s.raylet(node);
  return has_bit(raylet.failed_owners, owner.value) ||
         has_bit(raylet.dead_nodes, home_of({model.config(), s}, owner).value);
}

}  // namespace raymc
