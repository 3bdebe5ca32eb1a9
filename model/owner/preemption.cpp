// What the owner makes of a preempted node: row O13 of section 8.1.
#include "model/owner/owner.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr Transition kRows[] = {
    {
        .row = Row::kO13,
        .id = "owner.O13.retry_for_free",
        .doc = "the owner knows that the node was preempted; the next attempt goes on the retry heap without a charge",
        .source = {"src/ray/core_worker/task_manager.cc", "RetryTaskIfPossible"},
        .logs = says(LogKind::kRetry),
        .feature = Feature::kDrain,
        .trigger = inside(),
        .guard =
            [](const View& view, const Action& a) {
              const Task& task = view.s.task(a.task);
              const TaskShape& shape = view.config.shape.tasks[a.task.value];
              const bool checked = view.config.has(Safeguard::kPreemptionRetryChecksCancel);
              return task.pending() && shape.max_retries > 0 &&
                     has_bit(view.s.owner(shape.owner).preempted_nodes, a.node.value) && !(checked && task.canceled);
            },
        .effect =
            [](Step& step, const Action& a) {
              Task& task = step.s.task(a.task);
              task.status = TaskStatus::kArgs;
              task.place = TaskPlace::kRetryHeap;
              if (task.attempt < Task::kAttemptMax) ++task.attempt;
              if (task.forgiven < Task::kAttemptMax) ++task.forgiven;
            },
    },
};

}  // namespace

std::span<const Transition> preemption_rows() {
  return kRows;
}

bool retry_for_free(Step& step, TaskId task, NodeId node) {
  Action binding;
  binding.task = task;
  binding.node = node;
  return perform_if(step, transition_of(Row::kO13), binding);
}

bool node_death_is_decided(const View& view, OwnerId owner, NodeId node) {
  if (!view.config.on(Feature::kDrain) || !view.config.has(Safeguard::kNodeDeathIsConfirmedFirst)) return true;
  return view.s.raylet(node).alive || has_bit(view.s.owner(owner).dead_nodes, node.value);
}

void note_charged_preemption(Step& step, TaskId task, NodeId node) {
  const Gcs& gcs = step.s.gcs;
  const bool preempted = has_bit(gcs.past_deadline, node.value) || has_bit(gcs.preempted, node.value);
  if (preempted && !step.s.raylet(node).alive) step.s.ghost.charged_preemptions |= bit(task.value);
}

}  // namespace raymc
