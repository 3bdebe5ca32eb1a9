// A process that exits gracefully does so in steps: its shutdown begins, its executor stops, it disconnects. Rows W6,
// W9 and the parts of W12 before the end, and O25, by which an owner first waits for its own tasks.
#include "model/log/ids.hpp"
#include "model/network.hpp"
#include "model/owner/nested.hpp"
#include "model/owner/owner.hpp"
#include "model/rows.hpp"
#include "model/worker/worker.hpp"

namespace raymc {
namespace {

constexpr std::string_view kCoreWorker = "src/ray/core_worker/core_worker.cc";
constexpr std::string_view kShutdown = "src/ray/core_worker/core_worker_shutdown_executor.cc";

bool running(const View& view, const Action& a) {
  return view.s.worker(a.worker).process == ProcessState::kRunning;
}

bool executes(const View& view, const Action& a) {
  return view.s.worker(a.worker).execution == Execution::kRunning;
}

/// The user's code ends with SystemExit: no value is stored, so that the push fails, and the worker begins to exit.
void user_code_exits(Step& step, const Action& a) {
  begin_exit(step, a.worker);
  fail_execution(step, a.worker);
}

bool has_pending_tasks(const View& view, OwnerId owner) {
  for (std::uint8_t t = 0; t < view.config.tasks(); ++t) {
    if (view.config.shape.tasks[t].owner == owner && view.s.tasks[t].pending()) return true;
  }
  return false;
}

/// Inside W12: the posted execution found the worker exiting and left the task in the queue.
constexpr Transition kQueuedTaskIsCancelled{
    .row = Row::kW6,
    .id = "worker.W6.queued_task_not_started",
    .doc = "a task that was queued when the shutdown began was not started; its push fails when the queue is stopped",
    .source = {"src/ray/core_worker/task_execution/normal_task_execution_queue.cc", "CancelAllQueuedTasks"},
    .feature = Feature::kGracefulExit,
    .component = Component::kWorker,
    .trigger = inside(),
    .guard = [](const View& view, const Action& a) { return view.s.worker(a.worker).execution == Execution::kQueued; },
    .effect = [](Step& step, const Action& a) { fail_execution(step, a.worker); },
};

constexpr Transition kRows[] = {
    kQueuedTaskIsCancelled,
    {
        .row = Row::kW6Late,
        .id = "worker.W6.queued_behind_stop",
        .doc = "a push that was being accepted while the queue was stopped stays in it until the process ends",
        .source = {"src/ray/core_worker/task_execution/normal_task_execution_queue.cc", "EnqueueTask"},
        .feature = Feature::kGracefulExit,
        .component = Component::kWorker,
        .trigger = on_request(Rpc::kPushTask),
        .guard =
            [](const View& view, const Action& a) {
              const Worker& worker = view.s.worker(a.worker);
              return running(view, a) && worker.stopped && worker.execution == Execution::kNone;
            },
        .effect =
            [](Step& step, const Action& a) {
              hold(step, take(step, a.call));
              Worker& worker = step.s.worker(a.worker);
              worker.execution = Execution::kQueued;
              worker.task = a.task;
              worker.attempt = a.call.attempt;
            },
    },
    {
        .row = Row::kW9,
        .id = "worker.W9.user_code_exits",
        .doc = "the task's code ends the process in an orderly way before there is a value; the push fails",
        .source = {kCoreWorker, "ExecuteTask"},
        .logs = says(LogKind::kDone, log_ids::done_badly),
        .feature = Feature::kGracefulExit,
        .origin = Origin::kEnvironment,
        .fault = Fault::kUserExit,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kWorker),
        .guard = [](const View& view,
                    const Action& a) { return executes(view, a) && view.s.budget[Fault::kUserExit] > 0; },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kUserExit];
              user_code_exits(step, a);
            },
    },
    {
        .row = Row::kW12Begin,
        .id = "worker.W12.sigterm_between_tasks",
        .doc = "a SIGTERM reaches a worker that executes nothing; it begins to exit and starts no task any more",
        .source = {kCoreWorker, "RunTaskExecutionLoop"},
        .logs = says(LogKind::kExitBegins),
        .feature = Feature::kGracefulExit,
        .origin = Origin::kEnvironment,
        .fault = Fault::kWorkerSigterm,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              const Worker& worker = view.s.worker(a.worker);
              return running(view, a) && !executes(view, a) && !worker.exiting && !worker.stopped &&
                     view.s.budget[Fault::kWorkerSigterm] > 0;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kWorkerSigterm];
              begin_exit(step, a.worker);
            },
    },
    {
        .row = Row::kW12Interrupt,
        .id = "worker.W12.sigterm_ends_user_code",
        .doc = "a SIGTERM reaches a worker that executes a task and ends the task's code as that code itself could",
        .source = {"python/ray/_private/worker.py", "Worker::main_loop::sigterm_handler"},
        .logs = says(LogKind::kDone, log_ids::done_badly),
        .feature = Feature::kGracefulExit,
        .origin = Origin::kEnvironment,
        .fault = Fault::kWorkerSigterm,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kWorker),
        .guard = [](const View& view,
                    const Action& a) { return executes(view, a) && view.s.budget[Fault::kWorkerSigterm] > 0; },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kWorkerSigterm];
              user_code_exits(step, a);
            },
    },
    {
        .row = Row::kW12KilledIdle,
        .id = "worker.W12.killed_between_tasks",
        .doc = "the SIGTERM that the raylet kills with reaches a worker that executes nothing; it begins to exit",
        .source = {"src/ray/raylet/worker.cc", "KillAsync"},
        .logs = says(LogKind::kExitBegins),
        .feature = Feature::kOrderlyKills,
        .component = Component::kWorker,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              const Worker& worker = view.s.worker(a.worker);
              return running(view, a) && worker.killed && !executes(view, a) && !worker.exiting && !worker.stopped;
            },
        .effect = [](Step& step, const Action& a) { begin_exit(step, a.worker); },
    },
    {
        .row = Row::kW12KilledCode,
        .id = "worker.W12.kill_ends_user_code",
        .doc = "the SIGTERM that the raylet kills with ends the task's code; the worker leaves in order",
        .source = {"src/ray/raylet/worker.cc", "KillAsync"},
        .logs = says(LogKind::kDone, log_ids::done_badly),
        .feature = Feature::kOrderlyKills,
        .component = Component::kWorker,
        .trigger = each(Moment::kWorker),
        .guard = [](const View& view, const Action& a) { return executes(view, a) && view.s.worker(a.worker).killed; },
        .effect = [](Step& step, const Action& a) { user_code_exits(step, a); },
    },
    {
        .row = Row::kW12Stop,
        .id = "worker.W12.stop_executor",
        .doc = "the shutdown reaches the executor, which stops; what is queued in it is cancelled",
        .source = {kShutdown, "ExecuteExit"},
        .logs = says(LogKind::kStopsTasks),
        .feature = Feature::kGracefulExit,
        .component = Component::kWorker,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              const Worker& worker = view.s.worker(a.worker);
              const std::uint8_t owners = owners_in(view, a.worker);
              bool drains = false;  // O25
              for (std::uint8_t o = 0; o < view.config.owners(); ++o) {
                drains |= has_bit(owners, o) && has_pending_tasks(view, OwnerId{o});
              }
              return running(view, a) && worker.exiting && !worker.stopped && !executes(view, a) &&
                     (!drains || !view.config.has(Safeguard::kExitWaitsForTasks));
            },
        .effect =
            [](Step& step, const Action& a) {
              stop_executor(step, a.worker);
              perform_if(step, kQueuedTaskIsCancelled, a);
            },
    },
    {
        .row = Row::kO25,
        .id = "owner.O25.exit_requested",
        .doc = "an owner that is a worker is to exit gracefully; it submits nothing more and waits for its tasks",
        .source = {kShutdown, "ExecuteExit"},
        .feature = Feature::kGracefulExit,
        .origin = Origin::kEnvironment,
        .fault = Fault::kOwnerExit,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kOwner),
        .guard =
            [](const View& view, const Action& a) {
              const Owner& owner = view.s.owner(a.owner);
              return owner.alive && !owner.exiting && view.s.budget[Fault::kOwnerExit] > 0 &&
                     view.config.shape.owners[a.owner.value].kind == OwnerKind::kWorker;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kOwnerExit];
              step.s.owner(a.owner).exiting = true;
            },
    },
    {
        .row = Row::kO25Exit,
        .id = "owner.O25.exit_when_drained",
        .doc = "the exiting owner has no pending task any more, disconnects and exits",
        .source = {"src/ray/core_worker/task_manager.cc", "ShutdownIfNeeded"},
        .feature = Feature::kGracefulExit,
        .component = Component::kOwner,
        .trigger = each(Moment::kOwner),
        .guard =
            [](const View& view, const Action& a) {
              const Owner& owner = view.s.owner(a.owner);
              return owner.alive && owner.exiting &&
                     (!has_pending_tasks(view, a.owner) || !view.config.has(Safeguard::kExitWaitsForTasks));
            },
        .effect =
            [](Step& step, const Action& a) {
              if (has_pending_tasks(step.view(), a.owner)) step.s.ghost.abandoned |= bit(a.owner.value);
              owner_dies(step, a.owner);
            },
    },
};

}  // namespace

std::span<const Transition> graceful_exit_rows() {
  return kRows;
}

void begin_exit(Step& step, WorkerId id) {
  if (step.config.on(Feature::kGracefulExit)) {
    step.s.worker(id).exiting = true;
  } else {
    stop_executor(step, id);
  }
}

}  // namespace raymc
