// What the owner makes of a worker that was killed for want of memory: rows O7 and O14 of section 8.1.
// Abstraction: the delay before the next attempt, which grows, is the retry heap's free wait.
#include <algorithm>

#include "model/network.hpp"
#include "model/owner/owner.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

/// `num_oom_retries_left_` is not used up: it starts with task_oom_retries if the task may be retried at all, and a
/// cancellation sets it to 0.
bool has_memory_retry(const View& view, TaskId id) {
  const Task& task = view.s.task(id);
  const std::uint8_t allowed = view.config.shape.memory_retries;
  const bool left = allowed == kMemoryRetriesUnlimited || task.memory_retries < allowed ||
                    !view.config.has(Safeguard::kMemoryRetriesAreCounted);
  return left && !task.canceled && view.config.shape.tasks[id.value].max_retries > 0;
}

constexpr Transition kRetryForMemory{
    .row = Row::kO14,
    .id = "owner.O14.retry_for_memory",
    .doc = "the task has a retry for want of memory left; the next attempt goes on the retry heap",
    .source = {"src/ray/core_worker/task_manager.cc", "RetryTaskIfPossible"},
    .logs = says(LogKind::kRetry),
    .feature = Feature::kMemoryPressure,
    .trigger = inside(),
    .guard = [](const View& view,
                const Action& a) { return view.s.task(a.task).pending() && has_memory_retry(view, a.task); },
    .effect =
        [](Step& step, const Action& a) {
          Task& task = step.s.task(a.task);
          task.status = TaskStatus::kArgs;
          task.place = TaskPlace::kRetryHeap;
          if (task.attempt < Task::kAttemptMax) ++task.attempt;
          if (task.memory_retries < Task::kAttemptMax) ++task.memory_retries;
        },
};

/// FailPendingTask without a look at any budget, or because there is none left.
void end_for_memory(Step& step, const Action& a) {
  if (has_memory_retry(step.view(), a.task)) step.s.ghost.forfeited_retries |= bit(a.task.value);
  Task& task = step.s.task(a.task);
  task.place = TaskPlace::kNowhere;
  task.in_cancel_set = false;
  fail_pending(step, a.task);
}

constexpr Transition kRows[] = {
    {
        .row = Row::kO7,
        .id = "owner.O7.killed_for_memory",
        .doc = "the raylet says that it killed the worker for want of memory, and whether the task is to fail at once",
        .source = {"src/ray/core_worker/task_submission/normal_task_submitter.cc", "HandleGetWorkerFailureCause"},
        .logs = says(LogKind::kCause),
        .feature = Feature::kMemoryPressure,
        .trigger = on_reply(Rpc::kGetWorkerFailureCause),
        .guard =
            [](const View&, const Action& a) {
              return a.call.reply == Reply::kOutOfMemory || a.call.reply == Reply::kOutOfMemoryFinal;
            },
        .effect =
            [](Step& step, const Action& a) {
              take(step, a.call);
              const bool at_once = a.call.reply == Reply::kOutOfMemoryFinal;
              if (at_once && !step.config.has(Safeguard::kMemoryRetryAsksTheTask)) {
                end_for_memory(step, a);
                return;
              }
              if (!step.config.has(Safeguard::kMemoryKillHasOwnBudget)) {
                note_charged_kill(step, a.task, a.lease);
                fail_or_retry(step, a.task);
                return;
              }
              const OwnerId owner = step.config.shape.tasks[a.task.value].owner;
              if (!step.ray_check(step.s.task(a.task).pending(), RayCheck::kPendingAtRetry, owner)) return;
              if (!perform_if(step, kRetryForMemory, a)) end_for_memory(step, a);
            },
    },
    kRetryForMemory,
};

}  // namespace

std::span<const Transition> memory_retry_rows() {
  return kRows;
}

bool key_has_entry(const View& view, KeyId key) {
  return !view.s.queues[key.value].empty() ||
         std::any_of(view.s.leases.begin(), view.s.leases.end(), [key](const Lease& lease) {
           return lease.used && lease.key == key && lease.at_owner != OwnerLease::kNone;
         });
}

void note_lease_spec(Step& step, TaskId id) {
  if (!step.config.on(Feature::kMemoryPressure)) return;
  const TaskShape& task = step.config.shape.tasks[id.value];
  if (key_has_entry(step.view(), task.key)) return;
  const auto others = static_cast<std::uint8_t>(step.s.retriable_keys & ~bit(task.key.value));
  step.s.retriable_keys = task.max_retries > 0 ? others | bit(task.key.value) : others;
}

void note_charged_kill(Step& step, TaskId id, LeaseId lease) {
  if (!step.config.on(Feature::kMemoryPressure)) return;
  const Task& task = step.s.task(id);
  if (task.pending() && step.s.lease(lease).cause != FailureCause::kNone && has_memory_retry(step.view(), id)) {
    step.s.ghost.charged_kills |= bit(id.value);
  }
}

}  // namespace raymc
