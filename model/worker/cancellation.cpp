// The way of a cancellation from the raylet into the executor, step by step: R52, W15 and what may come between
// (feature cancel_path; without it R52 and W15 are one step, in model/worker/executor.cpp). Abstraction: what the
// raylet holds for an owner that has died is forgotten, with its kill timer; the owner's death kills the worker too
// (R40).
#include <algorithm>

#include "model/network.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"
#include "model/worker/worker.hpp"

namespace raymc {
namespace {

constexpr std::string_view kCoreWorker = "src/ray/core_worker/core_worker.cc";
constexpr std::string_view kNodeManager = "src/ray/raylet/node_manager.cc";

/// The owner's CancelLocalTask that the raylet holds until the worker has answered.
Calls::const_iterator held_for(const State& s, const Call& cancel) {
  return std::find_if(s.calls.begin(), s.calls.end(), [&cancel](const Call& call) {
    return call.rpc == Rpc::kCancelLocalTask && call.stage == Stage::kAtServer && call.node == cancel.node &&
           call.worker == cancel.worker && call.task == cancel.task;
  });
}

/// Answers the owner, unless the kill timer was faster.
void answer_owner(Step& step, const Call& cancel, Reply reply) {
  const auto held = held_for(step.s, cancel);
  if (held != step.s.calls.end()) answer(step, take(step, Call(*held)), reply);
}

/// DestroyWorker by force: the raylet disconnects the worker and sends SIGKILL in the same turn of its loop, before
/// anybody else is granted what the worker held.
void destroy_worker(Step& step, WorkerId id) {
  if (!step.s.worker(id).registered) return;
  disconnect_worker(step, id);
  worker_dies(step, id);
}

bool holds(const View& view, const Action& a, Execution execution) {
  const Worker& worker = view.s.worker(a.worker);
  return worker.execution == execution && worker.task == a.task;
}

bool is_current(const View& view, const Action& a) {
  return holds(view, a, Execution::kPreparing) || holds(view, a, Execution::kRunning);
}

/// The executor can still take the task back: it waits in the queue, or the fix remembers it until it is current.
bool can_be_dropped(const View& view, const Action& a) {
  return holds(view, a, Execution::kQueued) ||
         (holds(view, a, Execution::kStarting) && view.config.has(Safeguard::kStartedTaskStaysPending));
}

constexpr Transition from_raylet(Row row, std::string_view id, std::string_view doc, std::string_view symbol, Logs logs,
                                 bool (*guard)(const View&, const Action&), void (*effect)(Step&, const Action&)) {
  return {.row = row,
          .id = id,
          .doc = doc,
          .source = {kCoreWorker, symbol},
          .logs = logs,
          .feature = Feature::kCancelPath,
          .component = Component::kWorker,
          .trigger = on_request(Rpc::kCancelTask),
          .guard = guard,
          .effect = effect};
}

constexpr Transition kRows[] = {
    {
        .row = Row::kR52Send,
        .id = "raylet.R52.send_cancel_task",
        .doc = "the raylet asks the worker to cancel the task; with force it will kill the worker after 5 s",
        .source = {kNodeManager, "HandleCancelLocalTask"},
        .feature = Feature::kCancelPath,
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kCancelLocalTask),
        .guard = [](const View& view,
                    const Action& a) { return view.s.worker(a.worker).registered && !view.s.worker(a.worker).killed; },
        .effect =
            [](Step& step, const Action& a) {
              hold(step, take(step, a.call));
              Call call;
              call.rpc = Rpc::kCancelTask;
              call.node = a.node;
              call.worker = a.worker;
              call.task = a.task;
              send(step, call);
            },
    },
    {
        .row = Row::kR52Answered,
        .id = "raylet.R52.cancel_task_answered",
        .doc = "the worker has answered; the raylet passes the answer on to the owner",
        .source = {kNodeManager, "HandleCancelLocalTask"},
        .feature = Feature::kCancelPath,
        .component = Component::kRaylet,
        .trigger = on_reply(Rpc::kCancelTask),
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              answer_owner(step, call, call.reply);
            },
    },
    {
        .row = Row::kR52Failed,
        .id = "raylet.R52.cancel_task_failed",
        .doc = "the worker could not be asked; the owner is told, but with force the kill timer goes on",
        .source = {kNodeManager, "HandleCancelLocalTask"},
        .feature = Feature::kCancelPath,
        .component = Component::kRaylet,
        .trigger = on_error(Rpc::kCancelTask),
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              const auto held = held_for(step.s, call);
              if (held == step.s.calls.end() || step.config.shape.force_cancel) return;
              post_error(step, take(step, Call(*held)));
            },
    },
    {
        .row = Row::kR52ForceKill,
        .id = "raylet.R52.force_kill",
        .doc = "the worker has not answered a forced cancellation for 5 s; the raylet destroys it",
        .source = {kNodeManager, "HandleCancelLocalTask"},
        .logs = says(LogKind::kEscalated),
        .feature = Feature::kCancelPath,
        .component = Component::kRaylet,
        .trigger = each(Moment::kAnyCall),
        .guard =
            [](const View& view, const Action& a) {
              return a.call.rpc == Rpc::kCancelLocalTask && a.call.stage == Stage::kAtServer &&
                     view.config.shape.force_cancel;
            },
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              destroy_worker(step, a.worker);
              answer(step, call, Reply::kOk);
            },
    },
    from_raylet(Row::kW15Drop, "worker.W15.drop_task",
                "the task has not started; the worker drops it and answers its push", "CancelTaskOnExecutor",
                says(LogKind::kCancelQueuedTask), can_be_dropped,
                [](Step& step, const Action& a) {
                  const Call call = take(step, a.call);
                  end_execution(step, a.worker, Reply::kNotRun);
                  answer(step, call, Reply::kOk);
                }),
    from_raylet(
        Row::kW15Interrupt, "worker.W15.interrupt_code", "the task's code runs; the worker interrupts it",
        "CancelTaskOnExecutor", says(LogKind::kCancelRunning).with({LogKind::kDone}),
        [](const View& view, const Action& a) {
          return holds(view, a, Execution::kRunning) && !view.config.shape.force_cancel;
        },
        [](Step& step, const Action& a) {
          const Call call = take(step, a.call);
          end_execution(step, a.worker, Reply::kAppError);
          answer(step, call, Reply::kOk);
        }),
    from_raylet(
        Row::kW15NotNow, "worker.W15.code_not_started",
        "the task is the current one, but its code does not run yet; it cannot be interrupted now",
        "CancelTaskOnExecutor", says(LogKind::kCancelRunning),
        [](const View& view, const Action& a) {
          return holds(view, a, Execution::kPreparing) && !view.config.shape.force_cancel;
        },
        [](Step& step, const Action& a) { answer(step, take(step, a.call), Reply::kNotNow); }),
    from_raylet(
        Row::kW15Exit, "worker.W15.exit", "the cancellation is forced; the worker answers it and exits with its task",
        "HandleCancelTask", Logs{},
        [](const View& view, const Action& a) { return is_current(view, a) && view.config.shape.force_cancel; },
        [](Step& step, const Action& a) {
          answer(step, take(step, a.call), Reply::kOk);
          worker_dies(step, a.worker);
        }),
    from_raylet(
        Row::kW15Missed, "worker.W15.task_is_between",
        "the task has left the queue and is not yet the current one; the worker finds nothing to cancel",
        "CancelTaskOnExecutor", says(LogKind::kCancelQueuedTask),
        [](const View& view, const Action& a) {
          return holds(view, a, Execution::kStarting) && !can_be_dropped(view, a);
        },
        [](Step& step, const Action& a) {
          step.s.ghost.cancel_missed = true;
          answer(step, take(step, a.call), Reply::kUnsuccessful);
        }),
    from_raylet(
        Row::kW15Unknown, "worker.W15.task_is_not_here", "the worker does not have the task, or no longer",
        "CancelTaskOnExecutor", says(LogKind::kCancelQueuedTask),
        [](const View& view, const Action& a) {
          const Worker& worker = view.s.worker(a.worker);
          return worker.execution == Execution::kNone || worker.task != a.task;
        },
        [](Step& step, const Action& a) { answer(step, take(step, a.call), Reply::kUnsuccessful); }),
};

}  // namespace

std::span<const Transition> cancel_path_rows() {
  return kRows;
}

}  // namespace raymc
