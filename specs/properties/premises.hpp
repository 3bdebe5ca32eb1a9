// What properties are about: the states without which a property that holds has not been asked anything. Each family
// names them beside its properties (`.premise`); a report warns of a property whose premise never occurs.
#pragma once

#include <algorithm>

#include "specs/properties/questions.hpp"

namespace raymc::premises {

/// `matches(worker)` for some worker of the scenario.
bool some_worker(const RayModel& model, const State& s, const auto& matches) {
  return std::any_of(s.workers.begin(), s.workers.begin() + model.config().workers(), matches);
}

/// `matches(task)` for some task of the scenario.
bool some_task(const RayModel& model, const State& s, const auto& matches) {
  return std::any_of(s.tasks.begin(), s.tasks.begin() + model.config().tasks(), matches);
}

inline bool a_raylet_is_dead(const RayModel& model, const State& s) {
  return std::any_of(s.raylets.begin(), s.raylets.begin() + model.config().nodes(),
                     [](const Raylet& raylet) { return !raylet.alive; });
}

inline bool a_node_is_recorded_dead(const RayModel& model, const State& s) {
  return std::any_of(s.gcs.nodes.begin(), s.gcs.nodes.begin() + model.config().nodes(),
                     [](NodeRecord record) { return record == NodeRecord::kDead || record == NodeRecord::kDying; });
}

inline bool somebody_holds_a_node_dead(const RayModel& model, const State& s) {
  const auto holds = [](const auto& process) { return process.alive && process.dead_nodes != 0; };
  return std::any_of(s.raylets.begin(), s.raylets.begin() + model.config().nodes(), holds) ||
         std::any_of(s.owners.begin(), s.owners.begin() + model.config().owners(), holds);
}

inline bool an_owner_holds_a_node_dead(const RayModel& model, const State& s) {
  return std::any_of(s.owners.begin(), s.owners.begin() + model.config().owners(),
                     [](const Owner& owner) { return owner.alive && owner.dead_nodes != 0; });
}

inline bool a_raylet_holds_an_owner_dead(const RayModel& model, const State& s) {
  for (std::uint8_t k = 0; k < model.config().keys(); ++k) {
    for (std::uint8_t n = 0; n < model.config().nodes(); ++n) {
      if (s.raylets[n].alive && believes_owner_dead(model, s, NodeId{n}, KeyId{k})) return true;
    }
  }
  return false;
}

inline bool a_raylet_shuts_down(const RayModel& model, const State& s) {
  return some_live_raylet(model, s, [](NodeId, const Raylet& raylet) { return raylet.shutting_down; });
}

inline bool a_raylet_drains(const RayModel& model, const State& s) {
  return some_live_raylet(model, s, [](NodeId, const Raylet& raylet) { return raylet.drain != Drain::kNone; });
}

inline bool a_raylet_hangs(const RayModel& model, const State& s) {
  return some_live_raylet(model, s, [](NodeId, const Raylet& raylet) { return raylet.hung; });
}

inline bool a_node_is_silent(const RayModel&, const State& s) {
  return s.links.silent != 0;
}

inline bool a_notice_of_death_waits(const RayModel&, const State& s) {
  const auto is_death = [](const Notice& notice) { return notice.kind == NoticeKind::kNodeDead; };
  const auto has_one = [&](const Mailbox& mailbox) { return std::any_of(mailbox.begin(), mailbox.end(), is_death); };
  return std::any_of(s.gcs.mailboxes.begin(), s.gcs.mailboxes.end(), has_one) ||
         std::any_of(s.polls.begin(), s.polls.end(), [&](const Poll& poll) { return has_one(poll.inbox); });
}

inline bool a_task_runs(const RayModel& model, const State& s) {
  return some_worker(model, s, [](const Worker& worker) { return worker.execution == Execution::kRunning; });
}

inline bool a_task_has_ended(const RayModel& model, const State& s) {
  return some_task(model, s, [](const Task& task) { return !task.pending(); });
}

inline bool a_task_is_cancelled(const RayModel& model, const State& s) {
  return some_task(model, s, [](const Task& task) { return task.canceled; });
}

inline bool a_worker_blocks(const RayModel& model, const State& s) {
  return some_worker(model, s, [](const Worker& worker) { return worker.blocked; });
}

inline bool a_worker_leaves_the_pool(const RayModel& model, const State& s) {
  return some_worker(model, s, [](const Worker& worker) {
    return worker.place == PoolPlace::kExiting || worker.place == PoolPlace::kAskedToExit;
  });
}

inline bool a_start_has_failed(const RayModel&, const State& s) {
  return some_lease(s, [](const Lease& lease) { return lease.failed_starts != 0; });
}

inline bool a_request_is_cancelled(const RayModel&, const State& s) {
  return some_lease(s, [](const Lease& lease) { return lease.cancels != 0; });
}

inline bool a_request_waits(const RayModel&, const State& s) {
  return some_lease(s, [](const Lease& lease) {
    return lease.stage == LeaseStage::kGrantWait || lease.stage == LeaseStage::kInfeasible;
  });
}

inline bool a_cause_is_asked_for(const RayModel&, const State& s) {
  return count_calls(s, [](const Call& call) { return call.rpc == Rpc::kGetWorkerFailureCause; }) > 0;
}

inline bool a_lease_has_pins(const RayModel&, const State& s) {
  return std::any_of(s.raylets.begin(), s.raylets.end(),
                     [](const Raylet& raylet) { return raylet.alive && raylet.accounts != 0; });
}

inline bool a_value_is_in_plasma(const RayModel&, const State& s) {
  return std::any_of(s.objects.begin(), s.objects.end(), [](const Object& object) {
    return object.value == Value::kInPlasma && object.pinned_at.exists();
  });
}

inline bool a_job_has_ended(const RayModel&, const State& s) {
  return s.gcs.job != JobRecord::kRunning || !s.owners[0].alive;
}

inline bool a_worker_is_killed_for_memory(const RayModel&, const State& s) {
  return some_lease(s, [](const Lease& lease) { return lease.cause != FailureCause::kNone; });
}

}  // namespace raymc::premises
