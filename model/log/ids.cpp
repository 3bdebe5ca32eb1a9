#include "model/log/ids.hpp"

#include <algorithm>

#include "model/objects/objects.hpp"
#include "model/scheduler/scheduler.hpp"
#include "model/transition.hpp"
#include "model/worker/worker.hpp"

namespace raymc::log_ids {
namespace {

std::string_view word(Rpc rpc) {
  switch (rpc) {
    case Rpc::kRequestWorkerLease: return "RequestWorkerLease";
    case Rpc::kReturnWorkerLease: return "ReturnWorkerLease";
    case Rpc::kCancelWorkerLease: return "CancelWorkerLease";
    case Rpc::kGetWorkerFailureCause: return "GetWorkerFailureCause";
    case Rpc::kPushTask: return "PushTask";
    case Rpc::kCancelLocalTask: return "CancelLocalTask";
    case Rpc::kPinObjectIds: return "PinObjectIDs";
    default: return "other";
  }
}

bool chaos(const LogScene& scene, LogIds& ids, std::string_view how) {
  ids.how = how;
  ids.call = word(scene.binding.call.rpc);
  // Ray's fault injection is set up for calls of owners; a raylet or the GCS writes elsewhere.
  return scene.binding.call.owner.exists() && ids.call != "other";
}

void put_worker(const LogScene& scene, LogIds& ids, WorkerId worker) {
  ids.worker = worker;
  ids.node = worker.exists() ? scene.before.config.node_of(worker) : NodeId::none();
}

/// The lease that the raylet gives back to its cluster lease manager, after `skipped` others.
bool rescheduled_lease(const LogScene& scene, LogIds& ids, int skipped) {
  for (std::uint8_t l = 0; l < scene.before.config.room().leases; ++l) {
    const Lease& before = scene.before.s.leases[l];
    const bool given_back = before.used && before.node == ids.node && before.stage != LeaseStage::kInfeasible &&
                            scene.after.s.leases[l].stage == LeaseStage::kInfeasible;
    if (!given_back || skipped-- > 0) continue;
    ids.lease = LeaseId{l};
    return true;
  }
  return false;
}

bool oldest_is_blocked(const LogScene& scene) {
  const Worker& worker = scene.before.s.worker(scene.binding.worker);
  return (worker.unread % 2 == 1) == worker.told_blocked;
}

}  // namespace

bool resolved(const LogScene& scene, LogIds& ids) {
  return scene.after.s.task(ids.task).place == TaskPlace::kQueue;
}

bool resolved_in_vain(const LogScene& scene, LogIds&) {
  return !scene.before.config.has(Safeguard::kCancelWithdrawsResolution);
}

bool of_lease(const LogScene& scene, LogIds& ids) {
  ids.node = scene.before.s.lease(ids.lease).node;
  return true;
}

bool request(const LogScene& scene, LogIds& ids) {
  ids.node = scene.after.s.lease(ids.lease).node;
  return true;
}

bool canceled(const LogScene& scene, LogIds& ids) {
  switch (scene.binding.call.reply) {
    case Reply::kUnschedulable: ids.how = "SCHEDULING_CANCELLED_UNSCHEDULABLE"; break;
    case Reply::kStartupFailed: break;  // of a process, or of its environment
    default: ids.how = "SCHEDULING_CANCELLED_INTENDED"; break;
  }
  return true;
}

bool granted(const LogScene& scene, LogIds& ids) {
  ids.worker = scene.binding.call.granted;
  return of_lease(scene, ids);
}

bool redirected(const LogScene& scene, LogIds& ids) {
  ids.target = scene.binding.call.redirect;
  return of_lease(scene, ids);
}

bool push(const LogScene& scene, LogIds& ids) {
  const Lease& lease = scene.before.s.lease(ids.lease);
  ids.task = scene.before.s.queues[lease.key.value].front();
  put_worker(scene, ids, lease.owner_worker);
  return true;
}

bool return_lease(const LogScene& scene, LogIds& ids) {
  put_worker(scene, ids, scene.before.s.lease(ids.lease).owner_worker);
  return true;
}

bool pushed_worker(const LogScene& scene, LogIds& ids) {
  put_worker(scene, ids, scene.binding.call.worker);
  return true;
}

bool failed_call(const LogScene& scene, LogIds& ids) {
  ids.worker = scene.binding.call.worker;
  ids.node = scene.binding.call.node;
  return true;
}

bool notice_node(const LogScene& scene, LogIds& ids) {
  ids.node = scene.binding.notice.node;
  return true;
}

bool at_owner(const LogScene& scene, LogIds&) {
  return scene.binding.owner.exists();
}

bool at_raylet(const LogScene& scene, LogIds&) {
  return !scene.binding.owner.exists() && scene.binding.node.exists();
}

bool subscribing_owner(const LogScene& scene, LogIds& ids) {
  ids.at_owner = scene.binding.call.owner;
  return ids.at_owner.exists();
}

bool new_node(const LogScene& scene, LogIds& ids) {
  ids.target = scene.binding.notice.node;
  return true;
}

bool recovery(const LogScene& scene, LogIds& ids) {
  const Object& object = scene.before.s.object(ids.object);
  return !object.pinned_at.exists() && object.recovery == Recovery::kNone;
}

bool reconstruct(const LogScene& scene, LogIds& ids) {
  return !is_put(ids.object) && scene.before.config.shape.tasks[ids.object.value].max_retries > 0;
}

bool of_object(const LogScene&, LogIds& ids) {
  ids.task = is_put(ids.object) ? TaskId::none() : TaskId{ids.object.value};
  return true;
}

bool request_lost(const LogScene& scene, LogIds& ids) {
  return chaos(scene, ids, "request");
}

bool reply_lost(const LogScene& scene, LogIds& ids) {
  return chaos(scene, ids, "reply");
}

bool early_error(const LogScene& scene, LogIds& ids) {
  return chaos(scene, ids, "early");
}

bool already_leased(const LogScene& scene, LogIds& ids) {
  ids.worker = scene.before.s.lease(ids.lease).worker;
  return true;
}

bool allocated(const LogScene& scene, LogIds& ids) {
  const auto& left = scene.after.s.raylet(ids.node).waiting;
  for (const LeaseId lease : scene.before.s.raylet(ids.node).waiting) {
    if (std::find(left.begin(), left.end(), lease) == left.end()) ids.lease = lease;
  }
  return ids.lease.exists();
}

bool still_waiting(const LogScene& scene, LogIds& ids) {
  for (const LeaseId id : scene.after.s.raylet(ids.node).waiting) {
    const Lease& lease = scene.after.s.lease(id);
    if (!all_local(scene.after, ids.node, lease.arguments) || available_at(scene.after, ids.node, lease.key)) continue;
    ids.lease = id;
    return true;
  }
  return false;
}

bool start(const LogScene& scene, LogIds& ids) {
  ids.worker = WorkerId::none();
  for (std::uint8_t w = 0; w < kWorkersMax; ++w) {
    const auto starts = [w](const View& view) { return view.s.workers[w].process == ProcessState::kStarting; };
    if (starts(scene.after) && !starts(scene.before)) ids.worker = WorkerId{w};
  }
  return ids.worker.exists();
}

bool popped(const LogScene& scene, LogIds& ids) {
  ids.lease = scene.before.s.worker(ids.worker).lease;
  return true;
}

bool rescheduled(const LogScene& scene, LogIds& ids) {
  return rescheduled_lease(scene, ids, 0);
}

bool rescheduled_too(const LogScene& scene, LogIds& ids) {
  return rescheduled_lease(scene, ids, 1);
}

bool says_blocked(const LogScene& scene, LogIds&) {
  return oldest_is_blocked(scene);
}

bool says_unblocked(const LogScene& scene, LogIds&) {
  return !oldest_is_blocked(scene);
}

bool failed_owner(const LogScene& scene, LogIds& ids) {
  ids.owner = scene.binding.notice.owner.exists() ? scene.binding.notice.owner : scene.binding.call.owner;
  return true;
}

bool local_owner(const LogScene& scene, LogIds& ids) {
  ids.owner = scene.binding.owner;
  ids.at_node = scene.before.config.shape.owners[ids.owner.value].node;
  return true;
}

bool runs(const LogScene& scene, LogIds& ids) {
  ids.task = scene.before.s.worker(ids.worker).task;
  return true;
}

bool done(const LogScene& scene, LogIds& ids) {
  ids.how = is_last_execution(scene.before, ids.worker) ? "IntentionalSystemExit" : "OK";
  return runs(scene, ids);
}

bool done_badly(const LogScene& scene, LogIds& ids) {
  ids.how = "UnexpectedSystemExit";
  return runs(scene, ids);
}

bool done_unsent(const LogScene& scene, LogIds& ids) {
  return scene.before.s.worker(ids.worker).execution == Execution::kRunning && done(scene, ids);
}

bool interrupted(const LogScene& scene, LogIds&) {
  return scene.before.s.worker(scene.binding.worker).execution == Execution::kRunning;
}

bool not_running(const LogScene& scene, LogIds& ids) {
  return !interrupted(scene, ids);
}

bool is_idle(const LogScene&, LogIds& ids) {
  ids.how = "1";
  return true;
}

bool is_not_idle(const LogScene&, LogIds& ids) {
  ids.how = "0";
  return true;
}

bool raylet_gone(const LogScene& scene, LogIds&) {
  return scene.before.s.worker(scene.binding.worker).process == ProcessState::kRunning;
}

}  // namespace raymc::log_ids
