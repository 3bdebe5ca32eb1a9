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

constexpr Property kFamily[] = {
    {
        .id = "D1.attempt_starts_once",
        .kind = kInvariant,
        .claim = "no attempt of a task starts twice",
        .source = "protocol dossier, 10.1 D1",
        .mutant = "push_is_single_shot",
        .premise = premises::a_task_runs,
        .holds = [](const RayModel&, const State& s) { return s.ghost.started_twice == 0; },
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
              return every_live_task(model, s, [&](TaskId id, const Task& task) {
                return task.attempt <= max_retries(model, id) + task.forgiven + task.memory_retries;
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
        .holds = [](const RayModel&, const State& s) { return s.ghost.ended_twice == 0; },
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
              return every_live_task(model, s, [&](TaskId id, const Task& task) {
                return !task.pending() || task.canceled ||
                       task.attempt + task.retries_left == max_retries(model, id) + task.forgiven + task.memory_retries;
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
              return every_live_task(model, s, [&](TaskId id, const Task& task) {
                return task.pending() || !some_worker_runs(s, id, [](const Worker&) { return true; });
              });
            },
    },
};

}  // namespace

std::span<const Property> duplicated_properties() {
  return kFamily;
}

}  // namespace raymc
