// How a raylet shrinks its worker pool: the sweep that asks idle workers to exit, and what it does with their answers
// (WorkerPool::TryKillingIdleWorkers, KillIdleWorker). The worker's half of W16 is in model/worker/idle_exit.cpp.
#include "model/network.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kPool = "src/ray/raylet/worker_pool.cc";

/// The worker is in the pool's list of idle workers. It leaves the list when it is asked; the old pool left it there.
bool listed(const View& view, const Worker& worker) {
  if (worker.killed) return false;
  return worker.place == PoolPlace::kIdle ||
         (worker.place == PoolPlace::kAskedToExit && !view.config.has(Safeguard::kOneExitRequest));
}

/// How many idle workers the sweep leaves alone.
int idle_workers_kept(const View& view, const Raylet& raylet) {
  const int limit = view.config.shape.idle_workers_kept;
  return limit == kIdleWorkersAsCpus ? raylet.available : limit;
}

int listed_workers(const View& view, NodeId node) {
  const std::uint8_t end = view.config.first_worker(static_cast<std::uint8_t>(node.value + 1));
  int count = 0;
  for (std::uint8_t w = view.config.first_worker(node.value); w < end; ++w) {
    count += listed(view, view.s.workers[w]) ? 1 : 0;
  }
  return count;
}

/// Requests to exit that `worker` has not answered. Two show all that more could.
std::size_t unanswered_requests(const State& s, WorkerId worker) {
  std::size_t count = 0;
  for (const Call& call : s.calls) count += call.rpc == Rpc::kExit && !call.detached && call.worker == worker ? 1 : 0;
  return count;
}

/// Takes the answer to Exit off the network and the worker off those that are asked; false if it was not one of them.
bool end_exit_request(Step& step, const Action& a) {
  take(step, a.call);
  const bool pending = step.s.worker(a.worker).place == PoolPlace::kAskedToExit;
  return step.ray_check(pending, RayCheck::kExitIsPending, a.node);
}

/// The pool drops the worker and marks it dead, so that nobody uses it again; its process is left to itself.
void drop_worker(Step& step, WorkerId id) {
  Worker& worker = step.s.worker(id);
  worker.place = worker.registered ? PoolPlace::kExiting : PoolPlace::kNowhere;
}

/// Abstraction: which idle worker is asked is a free choice; keep-alive times and the order of the list narrow it.
constexpr Transition kRows[] = {
    {
        .row = Row::kW16Ask,
        .id = "raylet.W16.ask_idle_worker_to_exit",
        .doc = "the raylet's sweep finds more idle workers than free CPUs and asks one to exit",
        .source = {kPool, "TryKillingIdleWorkers"},
        .logs = says(LogKind::kAskExit),
        .feature = Feature::kIdleExit,
        .component = Component::kRaylet,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              const Raylet& raylet = view.s.raylet(a.node);
              const int kept = idle_workers_kept(view, raylet);
              const bool unwanted = listed_workers(view, a.node) > kept || is_of_ended_job(view, a.worker);
              return raylet.alive && listed(view, view.s.worker(a.worker)) && unwanted &&
                     unanswered_requests(view.s, a.worker) < 2;
            },
        .effect =
            [](Step& step, const Action& a) {
              step.s.worker(a.worker).place = PoolPlace::kAskedToExit;
              Call call;
              call.rpc = Rpc::kExit;
              call.node = a.node;
              call.worker = a.worker;
              call.force = is_of_ended_job(step.view(), a.worker);
              send(step, call);
            },
    },
    {
        .row = Row::kW16Leaves,
        .id = "raylet.W16.worker_leaves_pool",
        .doc = "the worker agreed to exit; the raylet drops it from its pool",
        .source = {kPool, "KillIdleWorker"},
        .logs = says(LogKind::kWorkerRemoved),
        .feature = Feature::kIdleExit,
        .component = Component::kRaylet,
        .trigger = on_reply(Rpc::kExit),
        .guard = [](const View&, const Action& a) { return a.call.reply == Reply::kOk && !a.call.leased; },
        .effect =
            [](Step& step, const Action& a) {
              if (end_exit_request(step, a)) drop_worker(step, a.worker);
            },
    },
    {
        .row = Row::kW16Stays,
        .id = "raylet.W16.worker_stays_in_pool",
        .doc = "the worker is not idle after all; the raylet puts it back into its pool without looking whether it "
               "lives",
        .source = {kPool, "KillIdleWorker"},
        .logs = says(LogKind::kWorkerStays),
        .feature = Feature::kIdleExit,
        .component = Component::kRaylet,
        .trigger = on_reply(Rpc::kExit),
        .guard = [](const View&, const Action& a) { return a.call.reply == Reply::kUnsuccessful && !a.call.leased; },
        .effect =
            [](Step& step, const Action& a) {
              if (!end_exit_request(step, a)) return;
              Worker& worker = step.s.worker(a.worker);
              const bool gone = step.config.has(Safeguard::kGrantChecksWorker) && !worker.registered;
              worker.place = gone ? PoolPlace::kNowhere : PoolPlace::kIdle;
            },
    },
    {
        .row = Row::kW16Failed,
        .id = "raylet.W16.exit_request_failed",
        .doc = "the request to exit failed; the raylet drops the worker from its pool all the same",
        .source = {kPool, "KillIdleWorker"},
        .logs = says(LogKind::kExitRequestFailed),
        .feature = Feature::kIdleExit,
        .component = Component::kRaylet,
        .trigger = on_error(Rpc::kExit),
        .guard = [](const View&, const Action& a) { return !a.call.leased; },
        .effect =
            [](Step& step, const Action& a) {
              if (end_exit_request(step, a)) drop_worker(step, a.worker);
            },
    },
};

}  // namespace

std::span<const Transition> idle_exit_rows() {
  return kRows;
}

}  // namespace raymc
