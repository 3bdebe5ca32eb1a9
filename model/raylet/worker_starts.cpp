// Worker processes that never register, and what their raylet does about it: rows W2, R24, R25 and R26. Both timers,
// that of the process and that of the request which it was started for, take 60 s, so that their order is free.
// Abstraction: a request waits for as many processes as there are, not for one of its own; if one goes short, it may be
// any that waits. A runtime environment fails while its process would be starting.
#include "model/network.hpp"
#include "model/objects/objects.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kPool = "src/ray/raylet/worker_pool.cc";
constexpr std::string_view kLeases = "src/ray/raylet/scheduling/local_lease_manager.cc";
constexpr std::string_view kManager = "src/ray/raylet/node_manager.cc";

bool is_starting(const View& view, const Action& a) {
  const Worker& worker = view.s.worker(a.worker);
  return worker.process == ProcessState::kStarting && !worker.stuck;
}

/// Appends an action for each request that waits for a process and whose timer is not due yet: the process that failed
/// may have been started for any of them.
void append_waiting(const View& view, const Action& base, std::vector<Action>& out) {
  for (std::uint8_t l = 0; l < view.config.room().leases; ++l) {
    if (!waits_for_process(view, base.node, LeaseId{l}) || view.s.leases[l].start_overdue) continue;
    out.push_back(base);
    out.back().lease = LeaseId{l};
  }
}

/// The processes that may fail, each with the request that then goes short of one.
void append_failing(const View& view, const Action& base, std::vector<Action>& out) {
  if (!is_starting(view, base)) return;
  if (goes_short_of_processes(view, base.node, 1)) {
    append_waiting(view, base, out);
  } else {
    out.push_back(base);
  }
}

bool start_may_fail(const View& view, const Action&) {
  return view.s.budget[Fault::kStartFails] > 0;
}

bool timer_is_due(const View& view, const Action& a) {
  return view.s.lease(a.lease).start_overdue && waits_for_process(view, a.node, a.lease);
}

/// pop_worker_max_retries would be exceeded with one more failure.
bool is_last_failure(const View& view, const Action& a) {
  return view.s.lease(a.lease).failed_starts >= view.config.shape.start_retries &&
         view.config.has(Safeguard::kFailedStartsAreCounted);
}

constexpr Transition kRows[] = {
    {
        .row = Row::kW2Fails,
        .id = "worker.W2.start_fails",
        .doc = "a worker process that was started crashes or hangs before it registers; only timers will tell",
        .source = {kPool, "MonitorStartingWorkerProcess"},
        .feature = Feature::kWorkerStarts,
        .origin = Origin::kEnvironment,
        .fault = Fault::kStartFails,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kWorker),
        .bindings = append_failing,
        .guard = start_may_fail,
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kStartFails];
              step.s.worker(a.worker).stuck = true;
              if (a.lease.exists()) step.s.lease(a.lease).start_overdue = true;
            },
    },
    {
        // Nobody but its raylet knows the process, so that its end and the raylet's notice of it are one step.
        .row = Row::kW2Registered,
        .id = "worker.W2.registered_start_fails",
        .doc = "a worker process crashes that has registered and not announced its port; the raylet sees its "
               "connection close, forgets it and looks at its queue",
        .source = {kManager, "DisconnectClient"},
        .logs = says(LogKind::kDisconnect),
        .feature = Feature::kWorkerStarts,
        .origin = Origin::kEnvironment,
        .fault = Fault::kStartFails,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kWorker),
        .bindings = append_failing,
        .guard = [](const View& view,
                    const Action& a) { return start_may_fail(view, a) && view.s.raylet(a.node).alive; },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kStartFails];
              step.s.worker(a.worker) = Worker{};
              if (a.lease.exists()) step.s.lease(a.lease).start_overdue = true;
              grant_pass(step, a.node);
            },
    },
    {
        .row = Row::kW2,
        .id = "raylet.W2.start_is_given_up",
        .doc = "a worker process has not registered in time; the raylet kills and forgets it and looks at its queue",
        .source = {kPool, "MonitorStartingWorkerProcess"},
        .logs = says(LogKind::kStartGivenUp),
        .feature = Feature::kWorkerStarts,
        .component = Component::kRaylet,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              const Worker& worker = view.s.worker(a.worker);
              return worker.process == ProcessState::kStarting && worker.stuck && view.s.raylet(a.node).alive &&
                     view.config.has(Safeguard::kStartIsWatched);
            },
        .effect =
            [](Step& step, const Action& a) {
              step.s.worker(a.worker) = Worker{};
              grant_pass(step, a.node);
            },
    },
    {
        .row = Row::kR24,
        .id = "raylet.R24.start_timed_out",
        .doc = "the process that the request waits for has not registered in time; its resources are free and it waits "
               "again",
        .source = {kLeases, "PoppedWorkerHandler"},
        .feature = Feature::kWorkerStarts,
        .component = Component::kRaylet,
        .trigger = each(Moment::kLease),
        .guard =
            [](const View& view, const Action& a) {
              return timer_is_due(view, a) && !is_last_failure(view, a) && view.config.has(Safeguard::kStartIsWatched);
            },
        .effect =
            [](Step& step, const Action& a) {
              Lease& lease = step.s.lease(a.lease);
              if (lease.failed_starts < Lease::kFailedStartsMax) ++lease.failed_starts;
              pop_has_failed(step, a.lease);
            },
    },
    {
        .row = Row::kR25,
        .id = "raylet.R25.too_many_failed_starts",
        .doc = "processes for the request have failed to start too often; it is answered canceled, for good",
        .source = {kLeases, "PoppedWorkerHandler"},
        .feature = Feature::kWorkerStarts,
        .component = Component::kRaylet,
        .trigger = each(Moment::kLease),
        .guard =
            [](const View& view, const Action& a) {
              return timer_is_due(view, a) && is_last_failure(view, a) && view.config.has(Safeguard::kStartIsWatched);
            },
        .effect = [](Step& step, const Action& a) { cancel_work(step, a.lease, Reply::kStartupFailed); },
    },
    {
        .row = Row::kR26,
        .id = "raylet.R26.runtime_env_fails",
        .doc = "the runtime environment of a request that waits for a process cannot be made; it is answered canceled, "
               "for good",
        .source = {kPool, "StartNewWorker"},
        .feature = Feature::kWorkerStarts,
        .origin = Origin::kEnvironment,
        .fault = Fault::kRuntimeEnvFails,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kWorker),
        .bindings =
            [](const View& view, const Action& base, std::vector<Action>& out) {
              if (is_starting(view, base)) append_waiting(view, base, out);
            },
        .guard = [](const View& view, const Action&) { return view.s.budget[Fault::kRuntimeEnvFails] > 0; },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kRuntimeEnvFails];
              step.s.worker(a.worker) = Worker{};
              cancel_work(step, a.lease, Reply::kStartupFailed);
            },
    },
};

}  // namespace

std::span<const Transition> worker_start_rows() {
  return kRows;
}

}  // namespace raymc
