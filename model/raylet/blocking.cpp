// Workers that block in ray.get lend their CPU: rows R36 and R37 of section 8.3. What a worker says comes through its
// socket, one way and in order, so that a raylet may read it long after the worker has gone on, or has got another
// lease.
#include "model/log/ids.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"
#include "model/scheduler/scheduler.hpp"
#include "model/scheduler/view.hpp"

namespace raymc {
namespace {

constexpr std::string_view kFile = "src/ray/raylet/node_manager.cc";

/// Blocked and unblocked messages alternate, so that the newest and the number tell the oldest.
bool oldest_says_blocked(const Worker& worker) {
  return (worker.unread % 2 == 1) == worker.told_blocked;
}

bool something_is_unread(const View& view, const Action& a) {
  return view.s.worker(a.worker).unread > 0 && view.s.raylet(a.node).alive;
}

/// The message means something: the worker has a lease, and is not in the state that the message tells.
bool has_effect(const Worker& worker) {
  return worker.place == PoolPlace::kLeased && !worker.killed && oldest_says_blocked(worker) != worker.blocked;
}

KeyId key_of_lease(const State& s, const Worker& worker) {
  return s.lease(worker.lease).key;
}

/// Takes the oldest message; with the proposed safeguard an unblocked message is a call, and this answers it.
/// Abstraction: the answer and the worker's resumption are one step; they are apart only by a local socket.
void read_message(Step& step, WorkerId id) {
  Worker& worker = step.s.worker(id);
  const bool unblocked = !oldest_says_blocked(worker);
  --worker.unread;
  if (unblocked && worker.get == Get::kAsking) worker.get = Get::kDone;
}

constexpr Transition kRows[] = {
    {
        .row = Row::kR36,
        .id = "raylet.R36.worker_blocked",
        .doc = "the raylet reads that a leased worker is blocked in ray.get; it lends the worker's CPU to others",
        .source = {kFile, "HandleNotifyWorkerBlocked"},
        .logs = says(LogKind::kBlocked),
        .feature = Feature::kBlocking,
        .component = Component::kRaylet,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              const Worker& worker = view.s.worker(a.worker);
              return something_is_unread(view, a) && has_effect(worker) && oldest_says_blocked(worker);
            },
        .effect =
            [](Step& step, const Action& a) {
              read_message(step, a.worker);
              Worker& worker = step.s.worker(a.worker);
              free_resources(step, a.node, key_of_lease(step.s, worker));
              worker.blocked = true;
              grant_pass(step, a.node);
            },
    },
    {
        .row = Row::kR37,
        .id = "raylet.R37.worker_unblocked",
        .doc = "the raylet reads that a blocked worker goes on; it takes the worker's CPU back, even if it is in use",
        .source = {kFile, "HandleNotifyWorkerUnblocked"},
        .logs = says(LogKind::kUnblocked),
        .feature = Feature::kBlocking,
        .component = Component::kRaylet,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              const Worker& worker = view.s.worker(a.worker);
              if (!something_is_unread(view, a) || !has_effect(worker) || oldest_says_blocked(worker)) return false;
              return !view.config.has(Safeguard::kUnblockWaitsForCpu) ||
                     available_at(view, a.node, key_of_lease(view.s, worker));
            },
        .effect =
            [](Step& step, const Action& a) {
              read_message(step, a.worker);
              take_cpus_back(step, a.worker, key_of_lease(step.s, step.s.worker(a.worker)));
              grant_pass(step, a.node);
            },
    },
    {
        .row = Row::kR37Ignored,
        .id = "raylet.R37.message_without_effect",
        .doc = "the raylet reads that a worker is blocked or goes on, but it has no lease, or that is known already",
        .source = {kFile, "HandleNotifyWorkerUnblocked"},
        .logs = says(LogKind::kBlocked, log_ids::says_blocked).with({LogKind::kUnblocked, log_ids::says_unblocked}),
        .feature = Feature::kBlocking,
        .component = Component::kRaylet,
        .trigger = each(Moment::kWorker),
        .guard = [](const View& view,
                    const Action& a) { return something_is_unread(view, a) && !has_effect(view.s.worker(a.worker)); },
        .effect = [](Step& step, const Action& a) { read_message(step, a.worker); },
    },
};

}  // namespace

std::span<const Transition> blocking_rows() {
  return kRows;
}

void take_cpus_back(Step& step, WorkerId id, KeyId key) {
  const NodeId node = step.config.node_of(id);
  Raylet& raylet = step.s.raylet(node);
  raylet.available = static_cast<std::int8_t>(raylet.available - step.config.cpus_of(key));
  step.s.worker(id).blocked = false;
  resources_changed(step, node);
}

void free_returned(Step& step, WorkerId id, KeyId key) {
  if (step.s.worker(id).blocked) take_cpus_back(step, id, key);
  free_resources(step, step.config.node_of(id), key);
}

void free_what_is_held(Step& step, WorkerId id, KeyId key) {
  Worker& worker = step.s.worker(id);
  const bool lent = worker.blocked && step.config.has(Safeguard::kReleaseOnlyWhatIsHeld);
  worker.blocked = false;
  if (!lent) free_resources(step, step.config.node_of(id), key);
}

}  // namespace raymc
