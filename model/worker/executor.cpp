// The executor of a worker: rows W3, W5, W7, W8 and W15 of section 8.4, and R52, R53, which forward a cancellation to
// it.
#include <algorithm>
#include <optional>

#include "model/log/ids.hpp"
#include "model/network.hpp"
#include "model/objects/objects.hpp"
#include "model/owner/nested.hpp"
#include "model/rows.hpp"
#include "model/worker/worker.hpp"

namespace raymc {
namespace {

constexpr std::string_view kReceiver = "src/ray/core_worker/task_execution/task_receiver.cc";
constexpr std::string_view kQueue = "src/ray/core_worker/task_execution/normal_task_execution_queue.cc";
constexpr std::string_view kCoreWorker = "src/ray/core_worker/core_worker.cc";
constexpr std::string_view kNodeManager = "src/ray/raylet/node_manager.cc";

/// Ends the worker's execution; the push it came from, if its caller still waits.
std::optional<Call> take_execution(Step& step, WorkerId id) {
  Worker& worker = step.s.worker(id);
  const TaskId task = worker.task;
  const std::uint8_t attempt = worker.attempt;
  worker.execution = Execution::kNone;
  worker.task = TaskId::none();
  worker.attempt = 0;
  if (worker.get == Get::kWaiting) tell_raylet(step, id, false);
  worker.get = Get::kNone;
  const auto push = std::find_if(step.s.calls.begin(), step.s.calls.end(), [&](const Call& call) {
    return call.rpc == Rpc::kPushTask && call.stage == Stage::kAtServer && call.worker == id && call.task == task &&
           call.attempt == attempt;
  });
  if (push == step.s.calls.end()) return std::nullopt;
  return take(step, Call(*push));
}

/// A caller that has given up is answered all the same: the network keeps nothing of that, a wire sees it.
void note_unheard_answer(Step& step, WorkerId id, const Worker& executed, Reply reply) {
  if (!executed.task.exists()) return;
  Call answered;
  answered.rpc = Rpc::kPushTask;
  answered.stage = Stage::kReply;
  answered.owner = step.config.shape.tasks[executed.task.value].owner;
  answered.worker = id;
  answered.task = executed.task;
  answered.reply = reply;
  note_message(step, answered);
}

/// The execution is over, with a value or an exception; the worker exits after it if that was its last.
void finish(Step& step, WorkerId worker, Reply reply) {
  const bool exiting = is_last_execution(step.view(), worker);
  if (step.config.shape.tasks_per_worker() > 1) ++step.s.worker(worker).ran;
  if (exiting) begin_exit(step, worker);
  end_execution(step, worker, reply, exiting);
}

/// The worker's code may end: it runs and does not wait in ray.get, and a parent has got its children's values.
bool code_runs(const View& view, const Action& a) {
  const Worker& worker = view.s.worker(a.worker);
  const OwnerId parent = parent_in(view, a.worker);
  return worker.execution == Execution::kRunning && worker.get != Get::kWaiting && worker.get != Get::kAsking &&
         (!parent.exists() || children_ended(view, parent));
}

/// The task's code runs from now on.
void start_code(Step& step, WorkerId id) {
  Worker& worker = step.s.worker(id);
  worker.execution = Execution::kRunning;
  Ghost& ghost = step.s.ghost;
  std::uint8_t& started = ghost.started[worker.task.value];
  if (has_bit(started, worker.attempt)) ghost.started_twice |= bit(worker.task.value);
  started |= bit(worker.attempt);
  bear_owner(step, id);
}

bool executes(const View& view, const Action& a, Execution execution) {
  return view.s.worker(a.worker).execution == execution;
}

constexpr Transition kInterrupt{
    .row = Row::kW15,
    .id = "worker.W15.cancel_task",
    .doc = "the worker drops a task that has not started, or interrupts the one that runs",
    .source = {kCoreWorker, "CancelTaskOnExecutor"},
    .logs = says(LogKind::kCancelRunning, log_ids::interrupted)
                .with({LogKind::kCancelQueuedTask, log_ids::not_running})
                .with({LogKind::kDone, log_ids::interrupted}),
    .feature = Feature::kCancellation,
    .component = Component::kWorker,
    .trigger = inside(),
    .guard =
        [](const View& view, const Action& a) {
          const Worker& worker = view.s.worker(a.worker);
          return worker.execution != Execution::kNone && worker.task == a.task;
        },
    .effect =
        [](Step& step, const Action& a) {
          const bool started = step.s.worker(a.worker).execution == Execution::kRunning;
          end_execution(step, a.worker, started ? Reply::kAppError : Reply::kNotRun);
        },
};

bool has_bad_argument(const View& view, TaskId id) {
  const Task& task = view.s.task(id);
  bool bad = task.bad_argument;
  for (std::uint8_t v = 0; v < kObjectsMax; ++v) bad |= has_object(task.by_ref, ObjectId{v}) && view.s.objects[v].error;
  return bad;
}

/// The task's code comes to its end, with a value that goes there.
bool may_return(const View& view, const Action& a, Result where) {
  if (!code_runs(view, a)) return false;
  const Result result = view.config.shape.tasks[a.task.value].result;
  if (view.config.shape.tasks[a.task.value].endless) return false;
  return (result == where || result == Result::kEither) && !has_bad_argument(view, a.task);
}

bool reachable(const View& view, const Action& a) {
  const Worker& worker = view.s.worker(a.worker);
  const bool runs = worker.process == ProcessState::kRunning || view.config.on(Feature::kCancelPath);
  return worker.registered && !worker.killed && runs;
}

constexpr Transition kRows[] = {
    {
        .row = Row::kW3,
        .id = "worker.W3.accept_task",
        .doc = "the worker accepts the pushed task and posts its execution",
        .source = {kReceiver, "QueueTaskForExecution"},
        .logs = says(LogKind::kAccept),
        .component = Component::kWorker,
        .trigger = on_request(Rpc::kPushTask),
        .guard =
            [](const View& view, const Action& a) {
              const Worker& worker = view.s.worker(a.worker);
              return worker.process == ProcessState::kRunning && !worker.stopped &&
                     worker.execution == Execution::kNone;
            },
        .effect =
            [](Step& step, const Action& a) {
              if (step.s.lease(a.lease).no_devices) step.s.ghost.lacked_devices |= bit(a.task.value);
              hold(step, take(step, a.call));
              Worker& worker = step.s.worker(a.worker);
              worker.execution = Execution::kQueued;
              worker.task = a.task;
              worker.attempt = a.call.attempt;
            },
    },
    {
        .row = Row::kW5,
        .id = "worker.W5.push_to_stopped_executor",
        .doc = "the worker's executor has stopped; it answers that the task was cancelled before running",
        .source = {kReceiver, "QueueTaskForExecution"},
        .logs = says(LogKind::kAccept),
        .component = Component::kWorker,
        .trigger = on_request(Rpc::kPushTask),
        .guard =
            [](const View& view, const Action& a) {
              const Worker& worker = view.s.worker(a.worker);
              return worker.process == ProcessState::kRunning && worker.stopped;
            },
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              if (step.config.has(Safeguard::kExitingWorkerIsFlagged)) {
                fail(step, call);
              } else {
                answer(step, call, Reply::kNotRun);
              }
            },
    },
    {
        .row = Row::kW7,
        .id = "worker.W7.start_task",
        .doc = "the worker takes the task off its queue and starts to execute it",
        .source = {kQueue, "ExecuteQueuedTasks"},
        .logs = says(LogKind::kExecute, log_ids::runs),
        .component = Component::kWorker,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              return executes(view, a, Execution::kQueued) && !view.s.worker(a.worker).exiting;
            },
        .effect =
            [](Step& step, const Action& a) {
              // Only a cancel tells the parts of a start from each other.
              if (step.config.on(Feature::kCancelPath)) {
                step.s.worker(a.worker).execution = Execution::kStarting;
              } else {
                start_code(step, a.worker);
              }
            },
    },
    {
        .row = Row::kW7Current,
        .id = "worker.W7.task_is_current",
        .doc = "the worker has fetched the task's arguments and notes it as the one that runs",
        .source = {kCoreWorker, "SetCurrentTaskId"},
        .feature = Feature::kCancelPath,
        .component = Component::kWorker,
        .trigger = each(Moment::kWorker),
        .guard = [](const View& view, const Action& a) { return executes(view, a, Execution::kStarting); },
        .effect = [](Step& step, const Action& a) { step.s.worker(a.worker).execution = Execution::kPreparing; },
    },
    {
        .row = Row::kW7Code,
        .id = "worker.W7.code_runs",
        .doc = "the task's code runs and can be interrupted from now on",
        .source = {"python/ray/_raylet.pyx", "execute_task_with_cancellation_handler"},
        .feature = Feature::kCancelPath,
        .component = Component::kWorker,
        .trigger = each(Moment::kWorker),
        .guard = [](const View& view, const Action& a) { return executes(view, a, Execution::kPreparing); },
        .effect = [](Step& step, const Action& a) { start_code(step, a.worker); },
    },
    {
        .row = Row::kW8,
        .id = "worker.W8.finish_task",
        .doc = "the task's code returns; the worker sends its value to the owner, and says so if it exits after it",
        .source = {kReceiver, "HandleTaskExecutionResult"},
        .logs = says(LogKind::kDone, log_ids::done),
        .component = Component::kWorker,
        .trigger = each(Moment::kWorker),
        .guard = [](const View& view, const Action& a) { return may_return(view, a, Result::kInline); },
        .effect = [](Step& step, const Action& a) { finish(step, a.worker, Reply::kOk); },
    },
    {
        .row = Row::kW8Raises,
        .id = "worker.W8.task_raises",
        .doc = "the task's code raises; the worker sends the exception to the owner, and whether it may be retried",
        .source = {kReceiver, "HandleTaskExecutionResult"},
        .logs = says(LogKind::kDone, log_ids::done),
        .feature = Feature::kApplicationErrors,
        .origin = Origin::kEnvironment,
        .fault = Fault::kTaskRaises,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kWorker),
        .guard = [](const View& view,
                    const Action& a) { return code_runs(view, a) && view.s.budget[Fault::kTaskRaises] > 0; },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kTaskRaises];
              const bool retryable = step.config.shape.tasks[a.task.value].retry_exceptions;
              finish(step, a.worker, retryable ? Reply::kRetryableError : Reply::kAppError);
            },
    },
    {
        .row = Row::kW8Plasma,
        .id = "worker.W8.finish_task_in_plasma",
        .doc = "the task's code returns a large value; the worker stores it, asks to have it pinned, and answers",
        .source = {kCoreWorker, "SealReturnObject"},
        .logs = says(LogKind::kDone, log_ids::done),
        .feature = Feature::kResults,
        .component = Component::kWorker,
        .trigger = each(Moment::kWorker),
        // Without its raylet, and the store in it, the worker dies instead (W11).
        .guard = [](const View& view,
                    const Action& a) { return may_return(view, a, Result::kPlasma) && view.s.raylet(a.node).alive; },
        .effect =
            [](Step& step, const Action& a) {
              object_is_local(step, a.node, return_of(a.task));
              ask_for_pin(step, a.worker, return_of(a.task));
              finish(step, a.worker, Reply::kOkInPlasma);
            },
    },
    {
        .row = Row::kW8BadArgument,
        .id = "worker.W8.argument_is_an_error",
        .doc = "an argument of the task is an error object; the worker raises it instead of running the code",
        .source = {kCoreWorker, "GetAndPinArgsForExecutor"},
        .logs = says(LogKind::kDone, log_ids::done),
        .feature = Feature::kArguments,
        .component = Component::kWorker,
        .trigger = each(Moment::kWorker),
        .guard = [](const View& view, const Action& a) { return code_runs(view, a) && has_bad_argument(view, a.task); },
        .effect =
            [](Step& step, const Action& a) {
              const bool retryable = step.config.shape.tasks[a.task.value].retry_exceptions;
              finish(step, a.worker, retryable ? Reply::kRetryableError : Reply::kAppError);
            },
    },
    kInterrupt,
    {
        .row = Row::kR52,
        .id = "raylet.R52.forward_cancellation",
        .doc = "the raylet forwards the cancellation to the worker",
        .source = {kNodeManager, "HandleCancelLocalTask"},
        .feature = Feature::kCancellation,
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kCancelLocalTask),
        .guard = [](const View& view,
                    const Action& a) { return reachable(view, a) && !view.config.on(Feature::kCancelPath); },
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              perform_if(step, kInterrupt, a);
              answer(step, call, Reply::kOk);
            },
    },
    {
        .row = Row::kR53,
        .id = "raylet.R53.cancellation_of_unknown_worker",
        .doc = "the raylet does not know the worker, or has killed it; it answers that the cancellation succeeded",
        .source = {kNodeManager, "HandleCancelLocalTask"},
        .feature = Feature::kCancellation,
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kCancelLocalTask),
        .guard = [](const View& view, const Action& a) { return !reachable(view, a); },
        .effect = [](Step& step, const Action& a) { answer(step, take(step, a.call), Reply::kOk); },
    },
};

}  // namespace

bool is_last_execution(const View& view, WorkerId worker) {
  return view.s.worker(worker).ran + 1 == view.config.shape.tasks_per_worker();
}

std::span<const Transition> executor_rows() {
  return kRows;
}

void end_execution(Step& step, WorkerId id, Reply reply, bool exiting) {
  const Worker before = step.s.worker(id);
  std::optional<Call> call = take_execution(step, id);
  const bool is_answered = reply != Reply::kNotRun || step.config.has(Safeguard::kDroppedTaskIsAnswered);
  if (!call) {
    if (is_answered) note_unheard_answer(step, id, before, reply);
    return;
  }
  if (!is_answered) {
    hold(step, *call);  // and nobody will ever answer it
    return;
  }
  call->exiting = exiting;
  answer(step, *call, reply);
}

void fail_execution(Step& step, WorkerId id) {
  if (const std::optional<Call> call = take_execution(step, id)) fail(step, *call);
}

}  // namespace raymc
