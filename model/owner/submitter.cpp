// The owner's NormalTaskSubmitter: rows S2 to S19 of section 8.2.
// S1 has no row: its guard (a lease that is not busy outside the submitter's lock) is never true.
#include <algorithm>

#include "model/log/ids.hpp"
#include "model/network.hpp"
#include "model/objects/objects.hpp"
#include "model/owner/nested.hpp"
#include "model/owner/owner.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kFile = "src/ray/core_worker/task_submission/normal_task_submitter.cc";

Action about(LeaseId lease) {
  Action binding;
  binding.lease = lease;
  return binding;
}

/// Takes the reply or error of a lease request off the network and the request off the pending ones.
Lease end_pending(Step& step, const Action& a) {
  take(step, a.call);
  Lease& lease = step.s.lease(a.lease);
  lease.at_owner = OwnerLease::kNone;
  return lease;
}

/// The answer is for a request that its owner still waits for.
bool lease_reply(const Action& a, Reply reply) {
  return a.call.reply == reply;
}

bool asked_local_raylet(const View& view, const Action& a) {
  return view.s.lease(a.lease).node == home_of(view, a.owner);
}

bool is_worker(const View& view, OwnerId owner) {
  return view.config.shape.owners[owner.value].kind != OwnerKind::kDriver;
}

std::size_t pending_requests(const View& view, KeyId key) {
  std::size_t pending = 0;
  for (const Lease& lease : view.s.leases) {
    if (lease.used && lease.key == key && lease.at_owner == OwnerLease::kPending) ++pending;
  }
  return pending;
}

bool another_worker_request_is_needed(const View& view, KeyId key) {
  return view.s.queues[key.value].size() > pending_requests(view, key);
}

LeaseId fresh_lease(const View& view) {
  const std::uint8_t leases = view.config.room().leases;
  for (std::uint8_t l = 0; l < leases; ++l) {
    if (!view.s.leases[l].used) return LeaseId{l};
  }
  throw mc::CapacityExceeded("lease ids: " + std::to_string(leases));
}

/// GetBestNodeForLease: the node of a node affinity, or the one that holds most argument bytes, while the owner's cache
/// has it alive; else the local raylet (section 2.2).
NodeId lease_policy(const View& view, KeyId key, ObjectSet arguments) {
  const OwnerId owner = view.config.owner_of(key);
  const NodeId target = view.config.affinity_of(key);
  if (target.exists() && owner_knows_alive(view, owner, target)) return target;
  const NodeId fixed = view.config.locality_of(key);
  const NodeId preferred = fixed.exists() ? fixed : node_with_argument(view, arguments);
  if (preferred.exists() && !has_bit(view.s.owner(owner).dead_nodes, preferred.value)) return preferred;
  return home_of(view, owner);
}

/// S2; `a.lease` names the key by its slot's content, `a.target` is the spillback target or none.
constexpr Transition kRequestWorker{
    .row = Row::kS2,
    .id = "owner.S2.request_worker_lease",
    .doc = "the owner asks a raylet for a worker under a fresh LeaseID",
    .source = {kFile, "RequestNewWorkerIfNeeded"},
    .logs = says(LogKind::kRequest, log_ids::request),
    .trigger = inside(),
    .effect =
        [](Step& step, const Action& a) {
          Lease& lease = step.s.lease(a.lease);
          // The lease spec is that of the key's first task; all tasks of a key take the same plasma arguments.
          lease.arguments = step.s.task(step.s.queues[lease.key.value].front()).by_ref;
          lease.node = a.target.exists() ? a.target : lease_policy(step.view(), lease.key, lease.arguments);
          lease.by_locality = !a.target.exists() && node_with_argument(step.view(), lease.arguments) == lease.node;
          lease.spilled = a.target.exists();
          if (!step.config.has(Safeguard::kTablesAreKeyedByLease)) {
            lease.asked_for = step.s.queues[lease.key.value][pending_requests(step.view(), lease.key)];
          }
          lease.at_owner = OwnerLease::kPending;
          Call call;
          call.rpc = Rpc::kRequestWorkerLease;
          call.owner = step.config.owner_of(lease.key);
          call.node = lease.node;
          call.lease = a.lease;
          send(step, call);
        },
};

void return_lease(Step& step, LeaseId id, bool disconnect, bool exiting) {
  Lease& lease = step.s.lease(id);
  Call call;
  call.rpc = Rpc::kReturnWorkerLease;
  call.owner = step.config.owner_of(lease.key);
  call.node = lease.node;
  call.lease = id;
  call.disconnect = disconnect;
  call.exiting = exiting;
  // Only the old protocol, in which a return names the worker, needs the worker here.
  if (!step.config.has(Safeguard::kReturnByLeaseId)) call.worker = lease.owner_worker;
  lease.at_owner = OwnerLease::kNone;
  lease.owner_worker = WorkerId::none();
  send(step, call);
}

constexpr Transition kPushNextTask{
    .row = Row::kS11,
    .id = "owner.S11.push_next_task",
    .doc = "the owner pushes the next task of the key to the leased worker",
    .source = {kFile, "OnWorkerIdle"},
    .logs = says(LogKind::kPush, log_ids::push),
    .trigger = inside(),
    .guard = [](const View& view,
                const Action& a) { return !a.expired && !view.s.queues[view.s.lease(a.lease).key.value].empty(); },
    .effect =
        [](Step& step, const Action& a) {
          Lease& lease = step.s.lease(a.lease);
          auto& queue = step.s.queues[lease.key.value];
          const TaskId id = queue.front();
          queue.erase(queue.begin());
          lease.at_owner = OwnerLease::kBusy;
          Task& task = step.s.task(id);
          if (task.status == TaskStatus::kNode) task.status = TaskStatus::kSubmitted;
          task.place = TaskPlace::kPushed;
          Call call;
          call.rpc = Rpc::kPushTask;
          call.owner = step.config.owner_of(lease.key);
          call.worker = lease.owner_worker;
          call.lease = a.lease;
          call.task = id;
          call.attempt = task.attempt;
          const KeyId key = lease.key;
          send(step, call);
          if (queue.empty()) cancel_surplus_requests(step, key);
        },
};

constexpr Transition kReturnLease{
    .row = Row::kS12,
    .id = "owner.S12.return_lease",
    .doc = "the owner has no task for the leased worker, or the lease expired, and gives the lease back",
    .source = {kFile, "ReturnWorkerLease"},
    .logs = says(LogKind::kReturn, log_ids::return_lease),
    .trigger = inside(),
    .effect = [](Step& step, const Action& a) { return_lease(step, a.lease, false, a.call.exiting); },
};

constexpr Transition kReturnAfterFailure{
    .row = Row::kS13,
    .id = "owner.S13.return_after_failure",
    .doc = "the push failed; the owner gives the lease back and asks the raylet to disconnect the worker",
    .source = {kFile, "ReturnWorkerLease"},
    .logs = says(LogKind::kReturn, log_ids::return_lease),
    .trigger = inside(),
    .effect = [](Step& step, const Action& a) { return_lease(step, a.lease, true, false); },
};

constexpr Transition kCancelSurplus{
    .row = Row::kS17,
    .id = "owner.S17.cancel_surplus_requests",
    .doc = "the key's queue became empty; the owner asks to cancel its pending lease requests",
    .source = {kFile, "CancelWorkerLeaseIfNeeded"},
    .logs = says(LogKind::kCancelRequest),
    .trigger = inside(),
    .guard =
        [](const View& view, const Action& a) {
          const Lease& lease = view.s.lease(a.lease);
          if (!lease.used || lease.at_owner != OwnerLease::kPending) return false;
          if (lease.cancels > 0 && view.config.tombstones()) return false;
          // Abstraction: one cancellation of an id at a time; a second one in flight would find what the first one
          // finds.
          return std::none_of(view.s.calls.begin(), view.s.calls.end(), [&a](const Call& call) {
            return call.rpc == Rpc::kCancelWorkerLease && call.lease == a.lease && !call.detached;
          });
        },
    .effect =
        [](Step& step, const Action& a) {
          Lease& lease = step.s.lease(a.lease);
          if (step.config.on(Feature::kLeaseCancels) && lease.cancels < Lease::kCancelsMax) ++lease.cancels;
          Call call;
          call.rpc = Rpc::kCancelWorkerLease;
          call.owner = step.config.owner_of(lease.key);
          call.node = lease.node;
          call.lease = a.lease;
          send(step, call);
        },
};

void push_reply(Step& step, const Action& a) {
  take(step, a.call);
  Lease& lease = step.s.lease(a.lease);
  step.ray_check(lease.at_owner == OwnerLease::kBusy, RayCheck::kLeaseBusyAtReply, a.owner);
  lease.at_owner = OwnerLease::kIdle;
}

void retry_request(Step& step, const Action& a) {
  const Lease lease = end_pending(step, a);
  request_new_workers(step, lease.key, NodeId::none());
}

/// Marks the requests that S6 has just sent because of a refusal: an observation for the properties.
void mark_new_requests(State& s, const std::array<Lease, kLeasesMax>& before) {
  for (std::size_t l = 0; l < kLeasesMax; ++l) {
    if (s.leases[l].used && !before[l].used) s.leases[l].after_refusal = true;
  }
}

constexpr Transition kRows[] = {
    kRequestWorker,
    {
        .row = Row::kS3,
        .id = "owner.S3.lease_granted",
        .doc = "the owner records the granted worker and uses it",
        .source = {kFile, "AddWorkerLeaseClient"},
        .logs = says(LogKind::kGranted, log_ids::granted),
        .trigger = on_reply(Rpc::kRequestWorkerLease),
        .guard = [](const View&, const Action& a) { return lease_reply(a, Reply::kGranted); },
        .effect =
            [](Step& step, const Action& a) {
              Lease& lease = step.s.lease(a.lease);
              const WorkerId worker = a.call.granted;
              end_pending(step, a);
              for (const Lease& other : step.s.leases) {
                const bool active = other.used && other.at_owner != OwnerLease::kNone && other.owner_worker == worker;
                step.ray_check(!active || other.key != lease.key, RayCheck::kWorkerNotActiveForKey, a.owner);
              }
              lease.at_owner = OwnerLease::kIdle;
              lease.owner_worker = worker;
              worker_is_idle(step, a.lease, false, false, false);
            },
    },
    {
        .row = Row::kS4,
        .id = "owner.S4.lease_redirected",
        .doc = "the raylet sends the owner to another raylet; the owner asks that one under a fresh LeaseID",
        .source = {kFile, "RequestNewWorkerIfNeeded"},
        .logs = says(LogKind::kRedirected, log_ids::redirected),
        .trigger = on_reply(Rpc::kRequestWorkerLease),
        .guard = [](const View&, const Action& a) { return lease_reply(a, Reply::kRedirect); },
        .effect =
            [](Step& step, const Action& a) {
              step.ray_check(!step.s.lease(a.lease).spilled, RayCheck::kRedirectOfSpillback, a.owner);
              const Lease lease = end_pending(step, a);
              request_new_workers(step, lease.key, a.call.redirect);
            },
    },
    {
        .row = Row::kS5,
        .id = "owner.S5.lease_rejected",
        .doc = "the raylet rejects the spilled request; the owner starts again from its lease policy",
        .source = {kFile, "RequestNewWorkerIfNeeded"},
        .logs = says(LogKind::kRejected),
        .trigger = on_reply(Rpc::kRequestWorkerLease),
        .guard = [](const View&, const Action& a) { return lease_reply(a, Reply::kRejected); },
        .effect =
            [](Step& step, const Action& a) {
              step.ray_check(step.s.lease(a.lease).spilled, RayCheck::kRejectOfNonSpillback, a.owner);
              retry_request(step, a);
            },
    },
    {
        .row = Row::kS6,
        .id = "owner.S6.lease_canceled",
        .doc = "the lease request was canceled; the owner asks again at once if it still needs a worker",
        .source = {kFile, "RequestNewWorkerIfNeeded"},
        .logs = says(LogKind::kCanceled, log_ids::canceled),
        .trigger = on_reply(Rpc::kRequestWorkerLease),
        .guard = [](const View&,
                    const Action& a) { return lease_reply(a, Reply::kCanceled) || lease_reply(a, Reply::kRefused); },
        .effect =
            [](Step& step, const Action& a) {
              const bool refused = a.call.reply == Reply::kRefused;
              if (refused && step.config.has(Safeguard::kRefusalEndsKey)) {
                fail_queue(step, end_pending(step, a).key);
              } else {
                const auto before = step.s.leases;
                retry_request(step, a);
                if (refused) mark_new_requests(step.s, before);
              }
            },
    },
    {
        .row = Row::kS8,
        .id = "owner.S8.remote_request_failed",
        .doc = "the lease request to a remote raylet failed; the owner asks again",
        .source = {kFile, "RequestNewWorkerIfNeeded"},
        .logs = says(LogKind::kRequestFailed),
        .trigger = on_error(Rpc::kRequestWorkerLease),
        .guard = [](const View& view, const Action& a) { return !asked_local_raylet(view, a); },
        .effect = [](Step& step, const Action& a) { retry_request(step, a); },
    },
    {
        .row = Row::kS9,
        .id = "owner.S9.local_raylet_is_dead_worker",
        .doc = "the lease request to the local raylet failed; the owner is a worker and exits",
        .source = {kFile, "RequestNewWorkerIfNeeded"},
        .logs = says(LogKind::kLocalRayletDead),
        .trigger = on_error(Rpc::kRequestWorkerLease),
        .guard = [](const View& view,
                    const Action& a) { return asked_local_raylet(view, a) && is_worker(view, a.owner); },
        .effect =
            [](Step& step, const Action& a) {
              take(step, a.call);
              owner_exits(step, a.owner);
            },
    },
    {
        .row = Row::kS10,
        .id = "owner.S10.local_raylet_is_dead_driver",
        .doc = "the lease request to the local raylet failed; the driver fails every queued task of the key",
        .source = {kFile, "RequestNewWorkerIfNeeded"},
        .logs = says(LogKind::kLocalRayletDead),
        .trigger = on_error(Rpc::kRequestWorkerLease),
        .guard = [](const View& view,
                    const Action& a) { return asked_local_raylet(view, a) && !is_worker(view, a.owner); },
        .effect =
            [](Step& step, const Action& a) {
              const Lease lease = end_pending(step, a);
              if (step.config.has(Safeguard::kLocalDeathEndsQueue)) {
                fail_queue(step, lease.key);
                return;
              }
              // The old protocol took this error for a passing one. A mark tells that it has met it before.
              if (lease.after_refusal) step.s.ghost.asked_dead_raylet |= bit(a.owner.value);
              const auto before = step.s.leases;
              request_new_workers(step, lease.key, NodeId::none());
              mark_new_requests(step.s, before);
            },
    },
    {
        .row = Row::kS7,
        .id = "owner.S7.lease_unschedulable",
        .doc = "the request can never be served; the owner takes the key's whole queue and fails each task, no retries "
               "used",
        .source = {kFile, "RequestNewWorkerIfNeeded"},
        .logs = says(LogKind::kCanceled, log_ids::canceled),
        .trigger = on_reply(Rpc::kRequestWorkerLease),
        .guard =
            [](const View&, const Action& a) {
              return lease_reply(a, Reply::kUnschedulable) || lease_reply(a, Reply::kStartupFailed);
            },
        .effect = [](Step& step, const Action& a) { fail_queue(step, end_pending(step, a).key); },
    },
    kPushNextTask,
    kReturnLease,
    kReturnAfterFailure,
    {
        .row = Row::kS14,
        .id = "owner.S14.push_answered",
        .doc = "the worker answered the push; the lease is free for the next task",
        .source = {kFile, "PushNormalTask"},
        .logs = says(LogKind::kAnswered, log_ids::pushed_worker),
        .trigger = on_reply(Rpc::kPushTask),
        .bindings =
            [](const View& view, const Action& base, std::vector<Action>& out) {
              out.push_back(base);
              if (!view.config.shape.lease_expiry || view.s.queues[view.s.lease(base.lease).key.value].empty()) return;
              Action expired = base;
              expired.expired = true;
              out.push_back(expired);
            },
        .effect =
            [](Step& step, const Action& a) {
              push_reply(step, a);
              Task& task = step.s.task(a.task);
              task.place = TaskPlace::kReplyHalf2;
              task.half2 = a.call.reply;
              if (a.call.reply == Reply::kOkInPlasma) task.half2_node = a.node;
              worker_is_idle(step, a.lease, false, a.call.exiting, a.expired);
              // Nothing but ray.cancel on another thread can come between the halves, and a full store fails the
              // second; without them they are one step.
              const bool may_be_full =
                  step.s.budget[Fault::kPlasmaFull] > 0 && value_goes_to_plasma(step.view(), a.task);
              if (step.s.budget[Fault::kCancel] == 0 && !may_be_full) finish_reply(step, a.task);
            },
    },
    {
        .row = Row::kS15,
        .id = "owner.S15.push_failed",
        .doc = "the push failed; the owner asks the raylet for the cause and gives the lease back",
        .source = {kFile, "PushNormalTask"},
        .logs = says(LogKind::kAnswered, log_ids::pushed_worker).with({LogKind::kAskCause}),
        .trigger = on_error(Rpc::kPushTask),
        .effect =
            [](Step& step, const Action& a) {
              push_reply(step, a);
              step.s.task(a.task).place = TaskPlace::kWaitCause;
              Call call;
              call.rpc = Rpc::kGetWorkerFailureCause;
              call.owner = a.owner;
              call.node = step.s.lease(a.lease).node;
              call.lease = a.lease;
              call.task = a.task;
              send(step, call);
              worker_is_idle(step, a.lease, true, false, false);
            },
    },
    {
        .row = Row::kS16,
        .id = "owner.S16.push_not_run",
        .doc = "the worker says that the task was cancelled before it ran; the task fails without a retry",
        .source = {kFile, "PushNormalTask"},
        .logs = says(LogKind::kNotRun),
        .component = Component::kOwnerReply,
        .trigger = each(Moment::kTask),
        .guard =
            [](const View& view, const Action& a) {
              const Task& task = view.s.task(a.task);
              return task.place == TaskPlace::kReplyHalf2 && task.half2 == Reply::kNotRun;
            },
        .effect =
            [](Step& step, const Action& a) {
              end_reply(step, a.task);
              fail_pending(step, a.task);
            },
    },
    kCancelSurplus,
    {
        .row = Row::kS18,
        .id = "owner.S18.cancel_found_nothing",
        .doc = "the raylet found nothing to cancel; the owner asks again while the request is pending and unneeded",
        .source = {kFile, "CancelWorkerLeaseIfNeeded"},
        .trigger = on_reply(Rpc::kCancelWorkerLease),
        .guard = [](const View&, const Action& a) { return a.call.reply == Reply::kUnsuccessful; },
        .effect =
            [](Step& step, const Action& a) {
              take(step, a.call);
              if (!step.config.has(Safeguard::kCancelIsRepeated)) return;
              const KeyId key = step.s.lease(a.lease).key;
              if (step.s.queues[key.value].empty()) cancel_surplus_requests(step, key);
            },
    },
    {
        .row = Row::kS19,
        .id = "owner.S19.cancel_succeeded",
        .doc = "the cancellation succeeded or failed; the lease reply does the work",
        .source = {kFile, "CancelWorkerLeaseIfNeeded"},
        .trigger = on_reply(Rpc::kCancelWorkerLease),
        .guard = [](const View&, const Action& a) { return a.call.reply == Reply::kOk; },
        .effect = [](Step& step, const Action& a) { take(step, a.call); },
    },
};

}  // namespace

std::span<const Transition> submitter_rows() {
  return kRows;
}

void request_new_workers(Step& step, KeyId key, NodeId target) {
  while (another_worker_request_is_needed(step.view(), key)) {
    Action binding = about(fresh_lease(step.view()));
    Lease& lease = step.s.lease(binding.lease);
    lease.used = true;
    lease.key = key;
    binding.target = target;
    perform(step, kRequestWorker, binding);
    target = NodeId::none();  // only the first request of the loop goes to the spillback target
  }
}

void cancel_surplus_requests(Step& step, KeyId key) {
  if (!step.config.has(Safeguard::kSurplusRequestsAreCancelled)) return;
  for (std::uint8_t l = 0; l < step.config.room().leases; ++l) {
    if (step.s.leases[l].used && step.s.leases[l].key == key) perform_if(step, kCancelSurplus, about(LeaseId{l}));
  }
}

void worker_is_idle(Step& step, LeaseId id, bool failed, bool exiting, bool expired) {
  const KeyId key = step.s.lease(id).key;
  Action binding = about(id);
  binding.expired = expired;
  binding.call.exiting = exiting;
  if (failed) {
    perform(step, kReturnAfterFailure, binding);
  } else if (exiting || !perform_if(step, kPushNextTask, binding)) {
    perform(step, kReturnLease, binding);
  }
  request_new_workers(step, key, NodeId::none());
}

}  // namespace raymc
