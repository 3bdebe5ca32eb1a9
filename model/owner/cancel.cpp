// ray.cancel by the owner's program: rows O17 to O22 of section 8.1. The call runs on a user thread, so it may come
// between the halves of a reply, which nothing on the owner's event loop can.
// O20 has no row: without task arguments the resolver never holds a task outside the posted resolution (O21).
#include <algorithm>

#include "model/network.hpp"
#include "model/owner/owner.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kFile = "src/ray/core_worker/task_submission/normal_task_submitter.cc";

bool may_cancel(const View& view, const Action& a, TaskPlace place) {
  const Task& task = view.s.task(a.task);
  return view.s.budget[Fault::kCancel] > 0 && task.pending() && !task.in_cancel_set && task.place == place;
}

void mark_canceled(Step& step, TaskId id) {
  --step.s.budget[Fault::kCancel];
  step.s.task(id).canceled = true;
  step.s.task(id).retries_left = 0;
}

constexpr Transition kRows[] = {
    {
        .row = Row::kO17,
        .id = "owner.O17.cancel_queued",
        .doc = "the program cancels a task that is queued under its key; it fails at once",
        .source = {kFile, "CancelTask"},
        .feature = Feature::kCancellation,
        .origin = Origin::kEnvironment,
        .fault = Fault::kCancel,
        .component = Component::kUserProgram,
        .trigger = each(Moment::kTask),
        .guard = [](const View& view, const Action& a) { return may_cancel(view, a, TaskPlace::kQueue); },
        .effect =
            [](Step& step, const Action& a) {
              mark_canceled(step, a.task);
              const KeyId key = step.config.shape.tasks[a.task.value].key;
              auto& queue = step.s.queues[key.value];
              queue.erase(std::find(queue.begin(), queue.end(), a.task));
              step.s.task(a.task).place = TaskPlace::kNowhere;
              if (queue.empty()) cancel_surplus_requests(step, key);
              fail_pending(step, a.task);
            },
    },
    {
        .row = Row::kO18,
        .id = "owner.O18.cancel_pushed",
        .doc = "the program cancels a task that was pushed; the raylet of its worker is told if its node is alive",
        .source = {"src/ray/core_worker/task_submission/task_submission_util.h", "SendCancelLocalTask"},
        .feature = Feature::kCancellation,
        .origin = Origin::kEnvironment,
        .fault = Fault::kCancel,
        .component = Component::kUserProgram,
        .trigger = each(Moment::kTask),
        .guard = [](const View& view, const Action& a) { return may_cancel(view, a, TaskPlace::kPushed); },
        .effect =
            [](Step& step, const Action& a) {
              mark_canceled(step, a.task);
              Call call;
              call.rpc = Rpc::kCancelLocalTask;
              call.owner = step.config.shape.tasks[a.task.value].owner;
              call.task = a.task;
              for (const Lease& lease : step.s.leases) {
                if (!lease.used || lease.at_owner != OwnerLease::kBusy) continue;
                for (const Call& push : step.s.calls) {
                  if (push.rpc == Rpc::kPushTask && !push.detached && push.task == a.task &&
                      push.worker == lease.owner_worker) {
                    call.node = lease.node;
                    call.worker = lease.owner_worker;
                  }
                }
              }
              if (!call.node.exists() || has_bit(step.s.owner(call.owner).dead_nodes, call.node.value)) return;
              step.s.task(a.task).in_cancel_set = true;
              send(step, call);
            },
    },
    {
        .row = Row::kO19,
        .id = "owner.O19.cancel_waiting_for_cause",
        .doc = "the program cancels a task whose failure cause is being asked for; the answer will end it",
        .source = {kFile, "CancelTask"},
        .feature = Feature::kCancellation,
        .origin = Origin::kEnvironment,
        .fault = Fault::kCancel,
        .component = Component::kUserProgram,
        .trigger = each(Moment::kTask),
        .guard = [](const View& view, const Action& a) { return may_cancel(view, a, TaskPlace::kWaitCause); },
        .effect =
            [](Step& step, const Action& a) {
              mark_canceled(step, a.task);
              step.s.task(a.task).in_cancel_set = true;
            },
    },
    {
        .row = Row::kO21,
        .id = "owner.O21.cancel_between_structures",
        .doc = "the program cancels a task that no structure of the submitter holds; its entry is erased at once",
        .source = {kFile, "CancelTask"},
        .feature = Feature::kCancellation,
        .origin = Origin::kEnvironment,
        .fault = Fault::kCancel,
        .component = Component::kUserProgram,
        .trigger = each(Moment::kTask),
        .guard =
            [](const View& view, const Action& a) {
              return may_cancel(view, a, TaskPlace::kResolver) || may_cancel(view, a, TaskPlace::kRetryHeap) ||
                     (may_cancel(view, a, TaskPlace::kReplyHalf2) &&
                      !view.config.has(Safeguard::kCancelKnowsReplyHalves));
            },
        .effect =
            [](Step& step, const Action& a) {
              mark_canceled(step, a.task);
              step.s.task(a.task).in_cancel_set = true;
              fail_pending(step, a.task);
            },
    },
    {
        .row = Row::kO22,
        .id = "owner.O22.cancel_answered",
        .doc = "the cancellation of a pushed task was answered, or failed; the owner forgets that it asked",
        .source = {kFile, "CancelTask"},
        .feature = Feature::kCancellation,
        .trigger = on_answer(Rpc::kCancelLocalTask),
        .effect =
            [](Step& step, const Action& a) {
              take(step, a.call);
              step.s.task(a.task).in_cancel_set = false;
            },
    },
};

}  // namespace

std::span<const Transition> cancel_rows() {
  return kRows;
}

}  // namespace raymc
