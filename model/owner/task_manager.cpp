// The owner's TaskManager: rows O1 to O24 of section 8.1, without cancellation (cancel.cpp).
#include "model/log/ids.hpp"
#include "model/network.hpp"
#include "model/objects/objects.hpp"
#include "model/owner/nested.hpp"
#include "model/owner/owner.hpp"
#include "model/rows.hpp"
#include "model/rpc/retry.hpp"

namespace raymc {
namespace {

constexpr std::string_view kCoreWorker = "src/ray/core_worker/core_worker.cc";
constexpr std::string_view kTaskManager = "src/ray/core_worker/task_manager.cc";
constexpr std::string_view kSubmitter = "src/ray/core_worker/task_submission/normal_task_submitter.cc";

OwnerId owner_of(const View& view, TaskId task) {
  return view.config.shape.tasks[task.value].owner;
}

/// Tasks of one owner are submitted, and their first resolutions run, in the order of the scenario.
bool first_of_its_owner_at(const View& view, TaskId task, TaskPlace place) {
  for (std::uint8_t t = 0; t < task.value; ++t) {
    if (owner_of(view, TaskId{t}) == owner_of(view, task) && view.s.tasks[t].place == place) return false;
  }
  return view.s.task(task).place == place;
}

/// The owner's node has registered, so that its workers can run.
bool node_has_joined(const View& view, OwnerId owner) {
  return view.s.gcs.nodes[home_of(view, owner).value] != NodeRecord::kUnknown;
}

/// The spec stays in the table as lineage; what a later attempt needs stays with it.
void retain_spec(Step& step, TaskId id, const Task& entry) {
  Task& task = step.s.task(id);
  task.retained = true;
  task.ran_before = true;
  task.attempt = entry.attempt;
  task.retries_left = entry.retries_left;
  task.by_ref = entry.by_ref;
  task.bad_argument = entry.bad_argument;
  task.actor_known = entry.actor_known;
}

bool half_done(const View& view, const Action& a) {
  return view.s.task(a.task).place == TaskPlace::kReplyHalf2;
}

/// The entry is pending, and its budget allows one more attempt.
bool budget_allows_retry(const View& view, const Action& a) {
  const Task& task = view.s.task(a.task);
  return task.pending() &&
         (task.retries_left > 0 || (!view.config.has(Safeguard::kRetryChecksBudget) && !task.canceled));
}

constexpr Transition kRetry{
    .row = Row::kO12,
    .id = "owner.O12.retry",
    .doc = "the owner takes one retry off the task's budget and puts the next attempt on the retry heap",
    .source = {kTaskManager, "RetryTaskIfPossible"},
    .logs = says(LogKind::kRetry),
    .trigger = inside(),
    .guard = budget_allows_retry,
    .effect =
        [](Step& step, const Action& a) {
          Task& task = step.s.task(a.task);
          if (task.retries_left > 0 && step.config.has(Safeguard::kRetryIsCharged)) --task.retries_left;
          task.status = TaskStatus::kArgs;
          task.place = TaskPlace::kRetryHeap;
          if (task.attempt < Task::kAttemptMax) ++task.attempt;
        },
};

constexpr Transition kFail{
    .row = Row::kO15,
    .id = "owner.O15.fail_task",
    .doc = "the owner stores an error object for the task and erases its entry",
    .source = {kTaskManager, "FailPendingTask"},
    .logs = says(LogKind::kFailed),
    .trigger = inside(),
    .guard =
        [](const View& view, const Action& a) {
          return view.s.task(a.task).pending() || !view.config.has(Safeguard::kFirstValueWins);
        },
    .effect =
        [](Step& step, const Action& a) {
          if (step.s.task(a.task).pending()) release_arguments(step, a.task);
          record_error(step, a.task);
          end_task(step, a.task, TaskStatus::kFailed);
        },
};

/// The reply carries an exception that is to be retried. The budget is looked at behind a check that the entry is
/// there.
bool exception_is_retried(const View& view, const Action& a) {
  const Task& task = view.s.task(a.task);
  return task.half2 == Reply::kRetryableError && (!task.pending() || budget_allows_retry(view, a));
}

constexpr Transition kRetryException{
    .row = Row::kO6,
    .id = "owner.O6.retry_exception",
    .doc = "the task's code raised and the task asks to be retried for it; its retry budget decides",
    .source = {kTaskManager, "RetryTaskIfPossible"},
    .feature = Feature::kApplicationErrors,
    .component = Component::kOwnerReply,
    .trigger = each(Moment::kTask),
    .guard = [](const View& view, const Action& a) { return half_done(view, a) && exception_is_retried(view, a); },
    .effect =
        [](Step& step, const Action& a) {
          end_reply(step, a.task);
          const OwnerId owner = step.config.shape.tasks[a.task.value].owner;
          if (step.ray_check(step.s.task(a.task).pending(), RayCheck::kPendingAtRetry, owner)) perform(step, kRetry, a);
        },
};

constexpr Transition kComplete{
    .row = Row::kO5,
    .id = "owner.O5.complete_task",
    .doc = "the owner stores the returned value and ends the task",
    .source = {kTaskManager, "CompletePendingTask"},
    .logs = says(LogKind::kComplete),
    .component = Component::kOwnerReply,
    .trigger = each(Moment::kTask),
    .guard =
        [](const View& view, const Action& a) {
          return half_done(view, a) && view.s.task(a.task).half2 != Reply::kNotRun && !exception_is_retried(view, a);
        },
    .effect =
        [](Step& step, const Action& a) {
          const NodeId node = step.s.task(a.task).half2_node;
          const Reply reply = end_reply(step, a.task);
          record_value(step, a.task, reply, node);
          const bool may_be_gone = !step.config.has(Safeguard::kFirstValueWins);
          const OwnerId owner = step.config.shape.tasks[a.task.value].owner;
          if (!step.ray_check(may_be_gone || step.s.task(a.task).pending(), RayCheck::kEntryExists, owner)) return;
          const Task entry = step.s.task(a.task);
          const bool retained = keeps_lineage(step.view(), a.task);
          release_arguments(step, a.task);
          const bool ok = reply == Reply::kOk || reply == Reply::kOkInPlasma;
          end_task(step, a.task, ok ? TaskStatus::kFinished : TaskStatus::kFailed);
          if (retained) retain_spec(step, a.task, entry);
        },
};

/// O23. Ray tries three times; a broken connection to the store would end the process instead.
constexpr Transition kValueDoesNotFit{
    .row = Row::kO23,
    .id = "owner.O23.value_does_not_fit",
    .doc = "the owner's store has no room for the value that came in the reply; the task fails without a retry",
    .source = {kTaskManager, "MapPlasmaPutStatusToErrorType"},
    .feature = Feature::kResults,
    .origin = Origin::kEnvironment,
    .fault = Fault::kPlasmaFull,
    .component = Component::kEnvironment,
    .trigger = each(Moment::kTask),
    .guard =
        [](const View& view, const Action& a) {
          const Reply reply = view.s.task(a.task).half2;
          const bool inline_value = reply == Reply::kOk || reply == Reply::kAppError;
          return half_done(view, a) && inline_value && value_goes_to_plasma(view, a.task) &&
                 view.s.budget[Fault::kPlasmaFull] > 0;
        },
    .effect =
        [](Step& step, const Action& a) {
          --step.s.budget[Fault::kPlasmaFull];
          end_reply(step, a.task);
          fail_pending(step, a.task);
        },
};

/// Abstraction: a task without arguments is resolved and queued in one event (DependencyResolver calls back inline).
constexpr Transition kRows[] = {
    {
        .row = Row::kO1,
        .id = "owner.O1.submit",
        .doc = "the owner's program submits the task; its resolution is posted",
        .source = {kTaskManager, "AddPendingTask"},
        .logs = says(LogKind::kSubmit),
        .component = Component::kUserProgram,
        .trigger = each(Moment::kTask),
        .guard =
            [](const View& view, const Action& a) {
              const OwnerId owner = owner_of(view, a.task);
              // A program can name only a node that has registered.
              const NodeId target = view.config.shape.tasks[a.task.value].affinity;
              return view.s.owner(owner).alive && !view.s.owner(owner).exiting && node_has_joined(view, owner) &&
                     (!target.exists() || view.s.gcs.nodes[target.value] != NodeRecord::kUnknown) &&
                     first_of_its_owner_at(view, a.task, TaskPlace::kProgram);
            },
        .effect = [](Step& step, const Action& a) { submit_task(step, a.task); },
    },
    {
        .row = Row::kO2,
        .id = "owner.O2.dependencies_resolved",
        .doc = "the task's arguments are known; it is queued under its key and a worker is asked for",
        .source = {kSubmitter, "SubmitTask"},
        .logs = says(LogKind::kResolved, log_ids::resolved),
        .trigger = each(Moment::kTask),
        .guard =
            [](const View& view, const Action& a) {
              return resolution_is_next(view, a.task) && !view.s.task(a.task).in_cancel_set &&
                     arguments_known(view, a.task);
            },
        .effect = [](Step& step, const Action& a) { resolve(step, a.task); },
    },
    {
        .row = Row::kO4,
        .id = "owner.O4.cancelled_while_resolving",
        .doc = "the task's arguments are known, but it was cancelled meanwhile; it fails",
        .source = {kSubmitter, "SubmitTask"},
        .logs = says(LogKind::kResolved, log_ids::resolved_in_vain),
        .feature = Feature::kCancellation,
        .trigger = each(Moment::kTask),
        .guard =
            [](const View& view, const Action& a) {
              return resolution_is_next(view, a.task) && view.s.task(a.task).in_cancel_set &&
                     (arguments_known(view, a.task) || view.config.has(Safeguard::kCancelWithdrawsResolution));
            },
        .effect =
            [](Step& step, const Action& a) {
              // Nobody has told the posted resolution that the task is cancelled: values are inlined, and their
              // references released, a second time.
              if (!step.config.has(Safeguard::kCancelWithdrawsResolution)) inline_arguments(step, a.task);
              Task& task = step.s.task(a.task);
              task.place = TaskPlace::kNowhere;
              task.in_cancel_set = false;
              fail_pending(step, a.task);
            },
    },
    kRetryException,
    kComplete,
    kValueDoesNotFit,
    {
        .row = Row::kO8,
        .id = "owner.O8.failure_without_cause",
        .doc = "the raylet knows no cause of the worker's failure; the attempt failed with WORKER_DIED",
        .source = {kSubmitter, "HandleGetWorkerFailureCause"},
        .logs = says(LogKind::kCause),
        .trigger = on_reply(Rpc::kGetWorkerFailureCause),
        .guard = [](const View&, const Action& a) { return a.call.reply == Reply::kOk; },
        .effect =
            [](Step& step, const Action& a) {
              take(step, a.call);
              fail_or_retry(step, a.task);
            },
    },
    {
        .row = Row::kO9,
        .id = "owner.O9.failure_cause_unknown",
        .doc = "the raylet cannot be asked for the cause; the attempt failed with NODE_DIED",
        .source = {kSubmitter, "HandleGetWorkerFailureCause"},
        .logs = says(LogKind::kCauseUnknown, log_ids::failed_call),
        .trigger = on_error(Rpc::kGetWorkerFailureCause),
        .guard = [](const View& view, const Action& a) { return node_death_is_decided(view, a.owner, a.node); },
        .effect =
            [](Step& step, const Action& a) {
              take(step, a.call);
              if (retry_for_free(step, a.task, a.node)) return;
              note_charged_preemption(step, a.task, a.node);
              note_charged_kill(step, a.task, a.lease);
              fail_or_retry(step, a.task);
            },
    },
    kRetry,
    kFail,
    {
        .row = Row::kO16,
        .id = "owner.O16.retry_is_due",
        .doc = "the owner's heartbeat finds the retry due and submits the next attempt",
        .source = {kCoreWorker, "InternalHeartbeat"},
        .logs = says(LogKind::kResolved, log_ids::resolved),
        .trigger = each(Moment::kTask),
        .guard =
            [](const View& view, const Action& a) {
              return view.s.task(a.task).place == TaskPlace::kRetryHeap && loop_is_free(view, owner_of(view, a.task));
            },
        .effect =
            [](Step& step, const Action& a) {
              Task& task = step.s.task(a.task);
              if (!task.in_cancel_set || !step.config.has(Safeguard::kResubmissionChecksCancel)) {
                resolve(step, a.task);
              } else if (arguments_known(step.view(), a.task) ||
                         step.config.has(Safeguard::kCancelWithdrawsResolution)) {
                task.place = TaskPlace::kResolver;
                perform(step, transition_of(Row::kO4), a);
              } else {
                task.place = TaskPlace::kWaitsForArguments;  // nobody told the resolver; O4 follows
              }
            },
    },
    {
        .row = Row::kO24,
        .id = "owner.O24.node_is_dead",
        .doc = "the owner learns that a node died and drops its clients of it; queued requests to it fail",
        .source = {kCoreWorker, "SubscribeToNodeChanges"},
        .logs = says(LogKind::kOwnerNodeDead, log_ids::notice_node),
        .trigger = on_notice(NoticeKind::kNodeDead),
        .guard = [](const View&, const Action& a) { return a.owner.exists(); },
        .effect =
            [](Step& step, const Action& a) {
              step.s.owner(a.owner).dead_nodes |= bit(a.notice.node.value);
              if (a.notice.preempted) step.s.owner(a.owner).preempted_nodes |= bit(a.notice.node.value);
              destroy_client(step, a.owner, a.notice.node);
              if (step.config.has(Safeguard::kNodeDeathFailsCalls)) abandon_dead_nodes_calls(step, a.owner);
              reset_objects_at(step, a.owner, a.notice.node);
            },
    },
    {
        .row = Row::kO24Alive,
        .id = "owner.O24.node_is_alive",
        .doc = "the owner learns of a new node, at which it may ask for workers from now on",
        .source = {kCoreWorker, "SubscribeToNodeChanges"},
        .logs = says(LogKind::kOwnerNodeAlive, log_ids::notice_node),
        .feature = Feature::kAffinity,
        .trigger = on_notice(NoticeKind::kNodeAlive),
        .guard = [](const View&, const Action& a) { return a.owner.exists(); },
        .effect =
            [](Step& step, const Action& a) {
              Owner& owner = step.s.owner(a.owner);
              if (has_bit(owner.dead_nodes, a.notice.node.value)) return;  // ALIVE after DEAD is dropped
              owner.known_nodes |= bit(a.notice.node.value);
            },
    },
};

}  // namespace

std::span<const Transition> task_manager_rows() {
  return kRows;
}

bool resolution_is_next(const View& view, TaskId task) {
  return first_of_its_owner_at(view, task, TaskPlace::kResolver) && loop_is_free(view, owner_of(view, task));
}

void submit_task(Step& step, TaskId id) {
  Task& task = step.s.task(id);
  task.status = TaskStatus::kArgs;
  task.place = TaskPlace::kResolver;
  task.retries_left = step.config.shape.tasks[id.value].max_retries;
  refer_to_arguments(step.config, step.s, id);
}

void queue_resolved_task(Step& step, TaskId id) {
  Task& task = step.s.task(id);
  if (task.pending()) {
    step.ray_check(task.status == TaskStatus::kArgs, RayCheck::kStatusIsArgs, step.config.shape.tasks[id.value].owner);
    task.status = TaskStatus::kNode;
  }
  const KeyId key = step.config.shape.tasks[id.value].key;
  note_lease_spec(step, id);
  task.place = TaskPlace::kQueue;
  step.s.queues[key.value].add(id, "queue of a key");
  request_new_workers(step, key, NodeId::none());
}

void fail_or_retry(Step& step, TaskId id) {
  if (!step.config.has(Safeguard::kFailureEndsTask)) {
    step.s.task(id).place = TaskPlace::kNowhere;
    return;
  }
  Action binding;
  binding.task = id;
  step.s.task(id).place = TaskPlace::kNowhere;
  const OwnerId owner = step.config.shape.tasks[id.value].owner;
  if (!step.ray_check(step.s.task(id).pending(), RayCheck::kPendingAtRetry, owner)) return;
  if (perform_if(step, kRetry, binding)) return;
  step.s.task(id).in_cancel_set = false;
  fail_pending(step, id);
}

void fail_pending(Step& step, TaskId id) {
  Action binding;
  binding.task = id;
  perform_if(step, kFail, binding);
}

Reply end_reply(Step& step, TaskId id) {
  Task& task = step.s.task(id);
  const Reply reply = task.half2;
  task.half2_node = NodeId::none();
  task.place = TaskPlace::kNowhere;
  task.half2 = Reply::kNone;
  return reply;
}

void finish_reply(Step& step, TaskId id) {
  Action binding;
  binding.task = id;
  if (perform_if(step, kRetryException, binding)) return;
  perform(step, step.s.task(id).half2 == Reply::kNotRun ? transition_of(Row::kS16) : kComplete, binding);
}

}  // namespace raymc
