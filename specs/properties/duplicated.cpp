// No task runs more often than its budget allows: D1 to D4 of section 10.1, and invariant 8.
#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/premises.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

std::uint8_t max_retries(const RayModel& model, TaskId task) {
  return model.config().shape.tasks[task.value].max_retries;
}

/// "1 max_retries, 0 forgiven, 0 for want of memory".
std::string retries_words(const RayModel& model, TaskId id, const Task& task) {
  return std::to_string(max_retries(model, id)) + " max_retries, " + std::to_string(task.forgiven) + " forgiven, " +
         std::to_string(task.memory_retries) + " for want of memory";
}

constexpr Property kFamily[] = {
    {
        .id = "D1.attempt_starts_once",
        .kind = kInvariant,
        .claim = "no attempt of a task starts twice",
        .source = "protocol dossier, 10.1 D1",
        .mutant = "push_is_single_shot",
        .premise = premises::a_task_runs,
        .holds =
            [](const RayModel& model, const State& s) {
              return none_of<TaskId>(model, s, s.ghost.started_twice, "started an attempt a second time");
            },
    },
    {
        .id = "D2.executions_within_budget",
        .kind = kInvariant,
        .claim = "a task is attempted at most once more than its max_retries, not counting retries that were forgiven "
                 "because their node was preempted or ran out of memory (with D1: it runs at most so often)",
        .source = "protocol dossier, 10.1 D2",
        .mutant = "retry_is_charged",
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_task(
                  model, s,
                  [&](TaskId id, const Task& task) {
                    return task.attempt <= max_retries(model, id) + task.forgiven + task.memory_retries;
                  },
                  [&](TaskId id, const Task& task) {
                    return label_of(model, id) + " was tried again " + counted_words(task.attempt, "time") +
                           ": it had " + retries_words(model, id, task);
                  });
            },
    },
    {
        .id = "D3.ends_once",
        .kind = kInvariant,
        .claim = "a task takes at most one terminal transition",
        .source = "protocol dossier, 10.1 D3",
        .mutant = "first_value_wins",
        .premise = premises::a_task_has_ended,
        .holds =
            [](const RayModel& model, const State& s) {
              return none_of<TaskId>(model, s, s.ghost.ended_twice, "took a second terminal transition");
            },
    },
    {
        .id = "D4.no_retry_without_budget",
        .kind = kInvariant,
        .claim = "a task with max_retries = 0 is attempted once, and a cancelled task is not retried, unless the "
                 "submitter still remembers to stop it",
        .source = "protocol dossier, 10.1 D4",
        .mutant = "retry_checks_budget",
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_task(model, s, [&](TaskId id, const Task& task) {
                return !(max_retries(model, id) == 0 && task.attempt > 0) &&
                       !(task.canceled && !task.in_cancel_set && task.pending() && task.place == TaskPlace::kRetryHeap);
              });
            },
    },
    {
        .id = "I8.attempts_and_retries_balance",
        .kind = kInvariant,
        .claim = "attempts that were charged and retries left add up to the task's max_retries until it is cancelled",
        .source = "protocol dossier, 10.2 invariant 8",
        .mutant = "retry_is_charged",
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_task(
                  model, s,
                  [&](TaskId id, const Task& task) {
                    return !task.pending() || task.canceled ||
                           task.attempt + task.retries_left ==
                               max_retries(model, id) + task.forgiven + task.memory_retries;
                  },
                  [&](TaskId id, const Task& task) {
                    return label_of(model, id) + " was tried again " + counted_words(task.attempt, "time") +
                           " and has " + counted_words(task.retries_left, "retry", "retries") + " left: it had " +
                           retries_words(model, id, task);
                  });
            },
    },
    {
        .id = "D6.ended_task_does_not_run",
        .kind = kInvariant,
        .claim = "no worker runs, for an owner that waits for it, a task that has ended already (it was cancelled)",
        .source = "#54260",
        .mutant = "resubmission_checks_cancel",
        .applies = kWithCancellation,
        .premise = premises::a_task_is_cancelled,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_task(
                  model, s,
                  [&](TaskId id, const Task& task) {
                    return task.pending() || !some_worker_runs(s, id, [](const Worker&) { return true; });
                  },
                  [&](TaskId id, const Task&) {
                    const auto worker = std::ranges::find_if(s.workers, [id](const Worker& one) {
                      return one.execution == Execution::kRunning && one.task == id;
                    });
                    return lines_of(model, s, id, WorkerId{static_cast<std::uint8_t>(worker - s.workers.begin())});
                  });
            },
    },
};

}  // namespace

std::span<const Property> duplicated_properties() {
  return kFamily;
}

}  // namespace raymc
