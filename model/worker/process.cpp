// The life of a worker process: rows W1 and W10 to W12 of section 8.4, also for owners (W11).
#include <algorithm>

#include "model/log/ids.hpp"
#include "model/network.hpp"
#include "model/objects/objects.hpp"
#include "model/owner/nested.hpp"
#include "model/owner/owner.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"
#include "model/worker/worker.hpp"

namespace raymc {
namespace {

constexpr std::string_view kPool = "src/ray/raylet/worker_pool.cc";
constexpr std::string_view kCoreWorker = "src/ray/core_worker/core_worker.cc";
constexpr std::string_view kShutdown = "src/ray/core_worker/core_worker_shutdown_executor.cc";

bool running(const View& view, const Action& a) {
  return view.s.worker(a.worker).process == ProcessState::kRunning;
}

/// A pin that the exit waits for. In Ray only the exit of an idle worker looks for one.
bool waits_for_pin(const View& view, WorkerId worker) {
  return view.config.has(Safeguard::kExitWaitsForPins) && pins_in_flight(view, worker);
}

bool stopping(const Worker& worker) {
  return worker.stopped && !worker.stuck;
}

bool raylet_of_owner_is_dead(const View& view, const Action& a) {
  return view.s.owner(a.owner).alive && !view.s.raylet(home_of(view, a.owner)).alive;
}

OwnerKind kind(const View& view, const Action& a) {
  return view.config.shape.owners[a.owner.value].kind;
}

constexpr Transition kRows[] = {
    {
        .row = Row::kW1,
        .id = "worker.W1.register",
        .doc = "the worker process registers with its raylet and serves a waiting request or becomes idle",
        .source = {kPool, "OnWorkerStarted"},
        .logs = says(LogKind::kAnnounced),
        .component = Component::kRaylet,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              const Worker& worker = view.s.worker(a.worker);
              return worker.process == ProcessState::kStarting && !worker.stuck;
            },
        .effect =
            [](Step& step, const Action& a) {
              Worker& worker = step.s.worker(a.worker);
              worker.process = ProcessState::kRunning;
              worker.registered = true;
              push_worker(step, a.worker);
            },
    },
    {
        .row = Row::kW10,
        .id = "worker.W10.crash",
        .doc = "the worker's process crashes",
        .source = {"", "SIGKILL, SIGSEGV"},
        .logs = may_say(LogKind::kDone, log_ids::done_unsent),
        .origin = Origin::kEnvironment,
        .fault = Fault::kWorkerCrash,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kWorker),
        .guard = [](const View& view,
                    const Action& a) { return running(view, a) && view.s.budget[Fault::kWorkerCrash] > 0; },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kWorkerCrash];
              worker_dies(step, a.worker);
            },
    },
    {
        .row = Row::kW10Killed,
        .id = "worker.W10.killed",
        .doc = "the signal that the raylet sent ends the worker's process",
        .source = {"src/ray/raylet/worker.cc", "KillAsync"},
        .logs = may_say(LogKind::kDone, log_ids::done_unsent),
        .component = Component::kWorker,
        .trigger = each(Moment::kWorker),
        .guard = [](const View& view, const Action& a) { return running(view, a) && view.s.worker(a.worker).killed; },
        .effect = [](Step& step, const Action& a) { worker_dies(step, a.worker); },
    },
    {
        .row = Row::kW11,
        .id = "worker.W11.raylet_is_gone",
        .doc = "the worker notices that its raylet is gone and exits",
        .source = {kCoreWorker, "ExitIfParentRayletDies"},
        .logs = says(LogKind::kRayletGone, log_ids::raylet_gone).with({LogKind::kDone, log_ids::done_unsent, true}),
        .component = Component::kWorker,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              return running(view, a) && !view.s.raylet(a.node).alive &&
                     view.config.has(Safeguard::kWorkersWatchRaylet);
            },
        .effect = [](Step& step, const Action& a) { worker_dies(step, a.worker); },
    },
    {
        .row = Row::kW11Owner,
        .id = "worker.W11.owner_worker_exits",
        .doc = "an owner that is a worker notices that its raylet is gone and exits",
        .source = {kCoreWorker, "ExitIfParentRayletDies"},
        .component = Component::kWorker,
        .trigger = each(Moment::kOwner),
        .guard =
            [](const View& view, const Action& a) {
              return raylet_of_owner_is_dead(view, a) && kind(view, a) == OwnerKind::kWorker &&
                     view.config.has(Safeguard::kWorkersWatchRaylet);
            },
        .effect = [](Step& step, const Action& a) { owner_dies(step, a.owner); },
    },
    {
        .row = Row::kW11Driver,
        .id = "worker.W11.driver_touches_plasma",
        .doc = "the driver uses its plasma store after its raylet died, and exits",
        .source = {"src/ray/object_manager/plasma/connection.cc", "ExitIfErrorStatus"},
        .origin = Origin::kEnvironment,
        .fault = Fault::kDriverPlasma,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kOwner),
        .guard =
            [](const View& view, const Action& a) {
              return raylet_of_owner_is_dead(view, a) && kind(view, a) == OwnerKind::kDriver &&
                     view.s.budget[Fault::kDriverPlasma] > 0;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kDriverPlasma];
              owner_dies(step, a.owner);
            },
    },
    {
        .row = Row::kW12,
        .id = "worker.W12.graceful_stop",
        .doc = "a SIGTERM makes the worker exit gracefully: its executor stops, its references are still drained",
        .source = {kShutdown, "ExecuteExit"},
        .logs = says(LogKind::kExitBegins),
        .origin = Origin::kEnvironment,
        .fault = Fault::kWorkerSigterm,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              const Worker& worker = view.s.worker(a.worker);
              // In steps of its own where the feature is on (graceful_exit.cpp).
              return !view.config.on(Feature::kGracefulExit) && running(view, a) && !worker.stopped &&
                     worker.execution == Execution::kNone && view.s.budget[Fault::kWorkerSigterm] > 0;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kWorkerSigterm];
              stop_executor(step, a.worker);
            },
    },
    {
        .row = Row::kW12Exit,
        .id = "worker.W12.graceful_exit",
        .doc = "the stopped worker has drained its references, disconnects and exits",
        .source = {kShutdown, "ExecuteExit"},
        .logs = says(LogKind::kLeaves),
        .component = Component::kWorker,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              return running(view, a) && stopping(view.s.worker(a.worker)) && !waits_for_pin(view, a.worker);
            },
        .effect = [](Step& step, const Action& a) { worker_dies(step, a.worker); },
    },
    {
        .row = Row::kW12Stuck,
        .id = "worker.W12.stuck_in_exit",
        .doc = "the stopped worker waits for references to be drained that somebody keeps; its exit never ends",
        .source = {kShutdown, "ExecuteExit"},
        .feature = Feature::kArguments,
        .origin = Origin::kEnvironment,
        .fault = Fault::kStuckExit,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              return running(view, a) && stopping(view.s.worker(a.worker)) && view.s.budget[Fault::kStuckExit] > 0;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kStuckExit];
              step.s.worker(a.worker).stuck = true;
            },
    },
};

/// The raylet drops its client of a worker that is gone: what it would send again fails.
void fail_calls_to_resend(Step& step, WorkerId id) {
  Calls queued;
  for (const Call& call : step.s.calls) {
    const bool is_its_raylets = call.rpc == Rpc::kExit || call.rpc == Rpc::kCancelTask;
    if (is_its_raylets && call.stage == Stage::kResend && call.worker == id) queued.add(call, "network: calls");
  }
  for (const Call& call : queued) post_error(step, take(step, call));
}

}  // namespace

std::span<const Transition> process_rows() {
  return kRows;
}

bool is_left_behind(const View& view, WorkerId id) {
  const Worker& worker = view.s.worker(id);
  const bool exits = !worker.stuck && (worker.stopped || worker.exiting || worker.exit_promised);
  return worker.process == ProcessState::kRunning && !worker.registered && worker.place == PoolPlace::kNowhere &&
         worker.execution == Execution::kNone && !worker.killed && !exits &&
         view.s.raylet(view.config.node_of(id)).alive;
}

void worker_dies(Step& step, WorkerId id) {
  Worker& worker = step.s.worker(id);
  note_end(step, id);
  worker.process = ProcessState::kDead;
  worker.stopped = false;
  worker.stuck = false;
  worker.exit_promised = false;
  worker.holds_value = false;
  worker.exiting = false;
  worker.execution = Execution::kNone;
  worker.task = TaskId::none();
  worker.attempt = 0;
  worker.ran = 0;
  worker.get = Get::kNone;
  const std::uint8_t owners = owners_in(step.view(), id);
  for (std::uint8_t o = 0; o < step.config.owners(); ++o) {
    if (has_bit(owners, o)) owner_dies(step, OwnerId{o});
  }
  const WorkerId heir_to = worker.port_of;
  worker.port_of = WorkerId::none();
  fail_calls(step, [id, heir_to](const Call& call) {
    if (heir_to.exists() && call.rpc == Rpc::kPushTask && call.worker == heir_to) return true;
    return (call.rpc == Rpc::kPushTask || call.rpc == Rpc::kExit || call.rpc == Rpc::kCancelTask) && call.worker == id;
  });
  fail_calls_to_resend(step, id);
  orphan_calls(step, [id](const Call& call) { return call.rpc == Rpc::kPinObjectIds && call.worker == id; });
}

}  // namespace raymc
