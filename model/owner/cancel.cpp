// ray.cancel by the owner's program: rows O17 to O22 of section 8.1. The call runs on a user thread, so it may come
// between the halves of a reply, which nothing on the owner's event loop can.
#include <algorithm>

#include "model/network.hpp"
#include "model/owner/owner.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kFile = "src/ray/core_worker/task_submission/normal_task_submitter.cc";

/// Which branch of CancelTask finds the task.
enum class Way : std::uint8_t {
  kNone,  ///< it has ended, or a cancel of it is under way
  kQueued,
  kPushed,
  kWaitsForCause,
  kInResolver,
  kBetween,  ///< no structure of the submitter holds it
};

Way way_of(const View& view, TaskId id) {
  const Task& task = view.s.task(id);
  if (!task.pending() || task.in_cancel_set) return Way::kNone;
  switch (task.place) {
    case TaskPlace::kQueue: return Way::kQueued;
    case TaskPlace::kPushed: return Way::kPushed;
    case TaskPlace::kWaitCause:
      return view.config.has(Safeguard::kCancelKnowsWaitCause) ? Way::kWaitsForCause : Way::kBetween;
    case TaskPlace::kReplyHalf2:
      return view.config.has(Safeguard::kCancelKnowsReplyHalves) ? Way::kNone : Way::kBetween;
    case TaskPlace::kWaitsForArguments: return Way::kInResolver;
    case TaskPlace::kResolutionFailed:
    case TaskPlace::kResolver:
    case TaskPlace::kRetryHeap: return Way::kBetween;
    case TaskPlace::kNowhere:
    case TaskPlace::kProgram: break;
  }
  return Way::kNone;
}

bool may_cancel(const View& view, const Action& a, Way way) {
  return view.s.budget[Fault::kCancel] > 0 && way_of(view, a.task) == way;
}

void mark_canceled(Step& step, TaskId id) {
  step.s.task(id).canceled = true;
  step.s.task(id).retries_left = 0;
}

void cancel_queued(Step& step, TaskId id) {
  mark_canceled(step, id);
  const KeyId key = step.config.shape.tasks[id.value].key;
  auto& queue = step.s.queues[key.value];
  queue.erase(std::find(queue.begin(), queue.end(), id));
  step.s.task(id).place = TaskPlace::kNowhere;
  if (queue.empty()) cancel_surplus_requests(step, key);
  fail_pending(step, id);
}

void cancel_pushed(Step& step, TaskId id) {
  mark_canceled(step, id);
  Call call;
  call.rpc = Rpc::kCancelLocalTask;
  call.owner = step.config.shape.tasks[id.value].owner;
  call.task = id;
  for (const Lease& lease : step.s.leases) {
    if (!lease.used || lease.at_owner != OwnerLease::kBusy) continue;
    for (const Call& push : step.s.calls) {
      if (push.rpc == Rpc::kPushTask && !push.detached && push.task == id && push.worker == lease.owner_worker) {
        call.node = lease.node;
        call.worker = lease.owner_worker;
      }
    }
  }
  if (!call.node.exists() || has_bit(step.s.owner(call.owner).dead_nodes, call.node.value)) return;
  step.s.task(id).in_cancel_set = true;
  send(step, call);
}

void cancel_waiting_for_cause(Step& step, TaskId id) {
  mark_canceled(step, id);
  step.s.task(id).in_cancel_set = true;
}

/// The callback of the resolution will never be called, so that the task leaves the cancel set at once.
void cancel_in_resolver(Step& step, TaskId id) {
  mark_canceled(step, id);
  step.s.task(id).place = TaskPlace::kNowhere;
  fail_pending(step, id);
}

void cancel_between(Step& step, TaskId id) {
  mark_canceled(step, id);
  step.s.task(id).in_cancel_set = true;
  fail_pending(step, id);
}

/// CancelTask, whatever holds the task.
void cancel(Step& step, TaskId id) {
  switch (way_of(step.view(), id)) {
    case Way::kNone: break;
    case Way::kQueued: cancel_queued(step, id); break;
    case Way::kPushed: cancel_pushed(step, id); break;
    case Way::kWaitsForCause: cancel_waiting_for_cause(step, id); break;
    case Way::kInResolver: cancel_in_resolver(step, id); break;
    case Way::kBetween: cancel_between(step, id); break;
  }
}

/// One ray.cancel of the program.
void cancel_by_program(Step& step, const Action& a) {
  --step.s.budget[Fault::kCancel];
  cancel(step, a.task);
}

constexpr Transition kRows[] = {
    {
        .row = Row::kO17,
        .id = "owner.O17.cancel_queued",
        .doc = "the program cancels a task that is queued under its key; it fails at once",
        .source = {kFile, "CancelTask"},
        .logs = says(LogKind::kCancelTask),
        .feature = Feature::kCancellation,
        .origin = Origin::kEnvironment,
        .fault = Fault::kCancel,
        .component = Component::kUserProgram,
        .trigger = each(Moment::kTask),
        .guard = [](const View& view, const Action& a) { return may_cancel(view, a, Way::kQueued); },
        .effect = cancel_by_program,
    },
    {
        .row = Row::kO18,
        .id = "owner.O18.cancel_pushed",
        .doc = "the program cancels a task that was pushed; the raylet of its worker is told if its node is alive",
        .source = {"src/ray/core_worker/task_submission/task_submission_util.h", "SendCancelLocalTask"},
        .logs = says(LogKind::kCancelTask),
        .feature = Feature::kCancellation,
        .origin = Origin::kEnvironment,
        .fault = Fault::kCancel,
        .component = Component::kUserProgram,
        .trigger = each(Moment::kTask),
        .guard = [](const View& view, const Action& a) { return may_cancel(view, a, Way::kPushed); },
        .effect = cancel_by_program,
    },
    {
        .row = Row::kO19,
        .id = "owner.O19.cancel_waiting_for_cause",
        .doc = "the program cancels a task whose failure cause is being asked for; the answer will end it",
        .source = {kFile, "CancelTask"},
        .logs = says(LogKind::kCancelTask),
        .feature = Feature::kCancellation,
        .origin = Origin::kEnvironment,
        .fault = Fault::kCancel,
        .component = Component::kUserProgram,
        .trigger = each(Moment::kTask),
        .guard = [](const View& view, const Action& a) { return may_cancel(view, a, Way::kWaitsForCause); },
        .effect = cancel_by_program,
    },
    {
        .row = Row::kO20,
        .id = "owner.O20.cancel_waiting_for_arguments",
        .doc =
            "the program cancels a task that waits for its arguments; the resolution is withdrawn and the task fails",
        .source = {"src/ray/core_worker/task_submission/dependency_resolver.cc", "CancelDependencyResolution"},
        .logs = says(LogKind::kCancelTask),
        .feature = Feature::kCancellation,
        .origin = Origin::kEnvironment,
        .fault = Fault::kCancel,
        .component = Component::kUserProgram,
        .trigger = each(Moment::kTask),
        .guard = [](const View& view, const Action& a) { return may_cancel(view, a, Way::kInResolver); },
        .effect = cancel_by_program,
    },
    {
        .row = Row::kO21,
        .id = "owner.O21.cancel_between_structures",
        .doc = "the program cancels a task that no structure of the submitter holds; its entry is erased at once",
        .source = {kFile, "CancelTask"},
        .logs = says(LogKind::kCancelTask),
        .feature = Feature::kCancellation,
        .origin = Origin::kEnvironment,
        .fault = Fault::kCancel,
        .component = Component::kUserProgram,
        .trigger = each(Moment::kTask),
        .guard = [](const View& view, const Action& a) { return may_cancel(view, a, Way::kBetween); },
        .effect = cancel_by_program,
    },
    {
        .row = Row::kO22,
        .id = "owner.O22.cancel_answered",
        .doc = "the cancellation of a pushed task was answered, or failed; the owner forgets that it asked",
        .source = {kFile, "CancelTask"},
        .logs = says(LogKind::kCancelAnswered),
        .feature = Feature::kCancellation,
        .trigger = on_answer(Rpc::kCancelLocalTask),
        .effect =
            [](Step& step, const Action& a) {
              take(step, a.call);
              Task& task = step.s.task(a.task);
              task.in_cancel_set = false;
              const bool in_vain =
                  a.call.reply == Reply::kUnsuccessful && step.config.has(Safeguard::kCancelInVainIsRepeated);
              if (a.call.stage != Stage::kReply) return;
              if (a.call.reply == Reply::kNotNow || in_vain) task.cancel_again = task.pending();
            },
    },
    {
        .row = Row::kO22Again,
        .id = "owner.O22.cancel_again",
        .doc = "the cancellation came before the task's code ran; the owner cancels again after 2 s",
        .source = {kFile, "CancelTask"},
        .logs = says(LogKind::kCancelAgain),
        .feature = Feature::kCancelPath,
        .trigger = each(Moment::kTask),
        .guard = [](const View& view, const Action& a) { return view.s.task(a.task).cancel_again; },
        .effect =
            [](Step& step, const Action& a) {
              step.s.task(a.task).cancel_again = false;
              cancel(step, a.task);
            },
    },
};

}  // namespace

std::span<const Transition> cancel_rows() {
  return kRows;
}

}  // namespace raymc
