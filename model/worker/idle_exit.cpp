// The worker's half of row W16: it answers its raylet's request to exit, and exits after it has answered. Ray looks
// whether the worker is idle twice, before it answers and when the answer has been sent.
#include "model/log/ids.hpp"
#include "model/network.hpp"
#include "model/objects/objects.hpp"
#include "model/rows.hpp"
#include "model/worker/worker.hpp"

namespace raymc {
namespace {

constexpr std::string_view kCoreWorker = "src/ray/core_worker/core_worker.cc";
constexpr std::string_view kShutdown = "src/ray/core_worker/core_worker_shutdown_executor.cc";

bool may_exit(const View& view, const Action& a) {
  const Worker& worker = view.s.worker(a.worker);
  return worker.process == ProcessState::kRunning && worker.exit_promised && worker.execution == Execution::kNone &&
         worker_may_exit(view, a.worker);
}

/// Beside the answer after which the worker goes on to own its value, the one after which it does not.
void add_last_time(const Action& base, std::vector<Action>& out) {
  out.push_back(base);
  out.back().expired = true;
}

constexpr Transition kRows[] = {
    {
        .row = Row::kW16Promise,
        .id = "worker.W16.agree_to_exit",
        .doc = "the worker holds nothing that others need; it answers that it will exit",
        .source = {kCoreWorker, "HandleExit"},
        .logs = says(LogKind::kExitAsked, log_ids::is_idle),
        .feature = Feature::kIdleExit,
        .component = Component::kWorker,
        .trigger = on_request(Rpc::kExit),
        .guard =
            [](const View& view, const Action& a) {
              return worker_may_exit(view, a.worker) && !view.s.worker(a.worker).holds_value && !a.call.force;
            },
        .effect =
            [](Step& step, const Action& a) {
              answer(step, take(step, a.call), Reply::kOk);
              Worker& worker = step.s.worker(a.worker);
              worker.exit_promised =
                  !worker.stopped && !worker.exiting;  // a second request to shut down changes nothing
            },
    },
    {
        .row = Row::kW16Busy,
        .id = "worker.W16.refuse_while_pinning",
        .doc = "the worker still waits for a pin of an object that it stored, or still owns the value for which it has "
               "refused before; it answers that it will not exit",
        .source = {"src/ray/raylet_rpc_client/raylet_client.h", "GetPinsInFlight"},
        .logs = says(LogKind::kExitAsked, log_ids::is_not_idle),
        .feature = Feature::kIdleExit,
        .component = Component::kWorker,
        .trigger = on_request(Rpc::kExit),
        .bindings =
            [](const View& view, const Action& base, std::vector<Action>& out) {
              out.push_back(base);
              if (view.s.worker(base.worker).holds_value) add_last_time(base, out);
            },
        .guard =
            [](const View& view, const Action& a) {
              return (!worker_may_exit(view, a.worker) || view.s.worker(a.worker).holds_value) && !a.call.force;
            },
        .effect =
            [](Step& step, const Action& a) {
              if (a.expired) step.s.worker(a.worker).holds_value = false;
              answer(step, take(step, a.call), Reply::kUnsuccessful);
            },
    },
    {
        .row = Row::kW16Refuse,
        .id = "worker.W16.refuse_to_exit",
        .doc = "the worker still holds an object reference; it answers that it will not exit",
        .source = {kCoreWorker, "HandleExit"},
        .logs = says(LogKind::kExitAsked, log_ids::is_not_idle),
        .feature = Feature::kIdleExit,
        .origin = Origin::kEnvironment,
        .fault = Fault::kNotIdle,
        .component = Component::kEnvironment,
        .trigger = on_request(Rpc::kExit),
        .bindings =
            [](const View&, const Action& base, std::vector<Action>& out) {
              out.push_back(base);
              add_last_time(base, out);
            },
        .guard =
            [](const View& view, const Action& a) {
              return view.s.budget[Fault::kNotIdle] > 0 && !view.s.worker(a.worker).holds_value && !a.call.force;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kNotIdle];
              step.s.worker(a.worker).holds_value = !a.expired;
              answer(step, take(step, a.call), Reply::kUnsuccessful);
            },
    },
    {
        .row = Row::kW16Exit,
        .id = "worker.W16.exit_after_answer",
        .doc = "the worker has answered, is still idle, and begins to exit",
        .source = {kShutdown, "ExecuteExitIfIdle"},
        .logs = says(LogKind::kExitBegins),
        .feature = Feature::kIdleExit,
        .component = Component::kWorker,
        .trigger = each(Moment::kWorker),
        .guard = may_exit,
        .effect =
            [](Step& step, const Action& a) {
              step.s.worker(a.worker).exit_promised = false;
              begin_exit(step, a.worker);
            },
    },
    {
        .row = Row::kW16Ignore,
        .id = "worker.W16.exit_ignored",
        .doc = "the worker has answered that it will exit, but got an object reference meanwhile, and goes on",
        .source = {kShutdown, "ExecuteExitIfIdle"},
        .logs = says(LogKind::kExitIgnored),
        .feature = Feature::kIdleExit,
        .origin = Origin::kEnvironment,
        .fault = Fault::kNotIdle,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              return may_exit(view, a) && !view.config.has(Safeguard::kExitIsDecidedOnce) &&
                     view.s.budget[Fault::kNotIdle] > 0;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kNotIdle];
              step.s.worker(a.worker).exit_promised = false;
            },
    },
};

}  // namespace

std::span<const Transition> promise_rows() {
  return kRows;
}

bool worker_may_exit(const View& view, WorkerId worker) {
  return !view.config.has(Safeguard::kPinningWorkerIsBusy) || !pins_in_flight(view, worker);
}

}  // namespace raymc
