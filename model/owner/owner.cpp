#include "model/owner/owner.hpp"

#include <algorithm>

#include "model/network.hpp"
#include "model/objects/objects.hpp"

namespace raymc {

bool loop_is_free(const View& view, OwnerId owner) {
  return view.s.owner(owner).alive && !task_between_halves(view, owner).exists();
}

bool owner_knows_alive(const View& view, OwnerId id, NodeId node) {
  const Owner& owner = view.s.owner(id);
  return has_bit(owner.known_nodes, node.value) && !has_bit(owner.dead_nodes, node.value);
}

TaskId task_between_halves(const View& view, OwnerId owner) {
  for (std::uint8_t t = 0; t < view.config.tasks(); ++t) {
    const TaskPlace place = view.s.tasks[t].place;
    const bool between = place == TaskPlace::kReplyHalf2 || place == TaskPlace::kResolutionFailed;
    if (between && view.config.shape.tasks[t].owner == owner) return TaskId{t};
  }
  return TaskId::none();
}

namespace {

/// The submitter may still hold a task whose entry has ended: a cancelled one in the resolver or the retry heap.
bool is_held_after_its_end(TaskPlace place) {
  return place == TaskPlace::kResolver || place == TaskPlace::kWaitsForArguments ||
         place == TaskPlace::kResolutionFailed || place == TaskPlace::kRetryHeap || place == TaskPlace::kReplyHalf2;
}

}  // namespace

void end_task(Step& step, TaskId id, TaskStatus status) {
  Task& task = step.s.task(id);
  if (!task.pending()) step.s.ghost.ended_twice |= bit(id.value);
  const bool in_cancel_set = task.in_cancel_set;
  const Task before = task;
  task = Task{};
  task.status = status;
  task.place = TaskPlace::kNowhere;
  task.in_cancel_set = in_cancel_set;
  if (!is_held_after_its_end(before.place)) return;
  task.place = before.place;
  task.half2 = before.half2;
  task.half2_node = before.half2_node;
  task.by_ref = before.by_ref;
  task.actor_known = before.actor_known;
  task.actor_failed = before.actor_failed;
}

void owner_dies(Step& step, OwnerId id) {
  const Config& config = step.config;
  Owner& owner = step.s.owner(id);
  note_end(step, id);
  owner.alive = false;
  owner.exiting = false;
  owner.dead_nodes = 0;
  owner.preempted_nodes = 0;
  owner.known_nodes = 0;
  for (std::uint8_t t = 0; t < config.tasks(); ++t) {
    if (config.shape.tasks[t].owner != id) continue;
    step.s.tasks[t] = Task{};
    step.s.tasks[t].place = TaskPlace::kNowhere;
  }
  for (std::uint8_t k = 0; k < config.keys(); ++k) {
    if (config.owner_of(KeyId{k}) == id) step.s.queues[k].clear();
  }
  for (Lease& lease : step.s.leases) {
    if (!lease.used || config.owner_of(lease.key) != id) continue;
    lease.at_owner = OwnerLease::kNone;
    lease.owner_worker = WorkerId::none();
  }
  // Calls about this owner, or to it, have another caller.
  const auto is_to_owner = [](Rpc rpc) { return rpc == Rpc::kPollOwner || rpc == Rpc::kNotifyOwnerRestart; };
  orphan_calls(step, [&](const Call& call) {
    return call.owner == id && call.rpc != Rpc::kReportWorkerFailure && !is_to_owner(call.rpc);
  });
  fail_calls(step, [&](const Call& call) { return call.owner == id && is_to_owner(call.rpc); });
  forget_objects_of(step, id);
  step.s.gcs.subscribed &= static_cast<std::uint8_t>(~bit(subscriber(id)));
  step.s.gcs.mailboxes[subscriber(id)].clear();
  step.s.polls[subscriber(id)] = Poll{};
}

void fail_queue(Step& step, KeyId key) {
  auto& queue = step.s.queues[key.value];
  const auto taken = queue;
  if (step.config.has(Safeguard::kFailedQueueIsTaken)) queue.clear();
  for (const TaskId task : taken) {
    step.s.task(task).place = TaskPlace::kNowhere;
    fail_pending(step, task);
  }
}

}  // namespace raymc
