// The code of a task blocks in ray.get: row W14 of section 8.4, and what W13 says about a worker whose raylet has
// closed its connection. What the raylet makes of the messages is in model/raylet/blocking.cpp.
#include "model/owner/nested.hpp"
#include "model/rows.hpp"
#include "model/worker/worker.hpp"

namespace raymc {
namespace {

constexpr std::string_view kStore = "src/ray/core_worker/store_provider/memory_store/memory_store.cc";
constexpr std::string_view kClient = "src/ray/raylet_ipc_client/raylet_ipc_client.cc";

/// Messages that may lie unread in a worker's socket before its code blocks again; more would tell the raylet nothing.
constexpr std::uint8_t kUnreadMax = 2;

bool would_block(const View& view, const Action& a) {
  const Worker& worker = view.s.worker(a.worker);
  if (worker.execution != Execution::kRunning || worker.unread > kUnreadMax) return false;
  const OwnerId parent = parent_in(view, a.worker);
  const bool again = parent.exists() && view.config.shape.owners[parent.value].gets_one_by_one;
  if (worker.get != Get::kNone && !(again && worker.get == Get::kDone)) return false;
  return parent.exists() ? !children_ended(view, parent) : view.config.shape.tasks[worker.task.value].blocks;
}

bool would_go_on(const View& view, const Action& a) {
  const Worker& worker = view.s.worker(a.worker);
  if (worker.execution != Execution::kRunning || worker.get != Get::kWaiting) return false;
  const OwnerId parent = parent_in(view, a.worker);
  return !parent.exists() || view.config.shape.owners[parent.value].gets_one_by_one || children_ended(view, parent);
}

bool is_connected(const View& view, const Action& a) {
  return view.s.worker(a.worker).registered && view.s.raylet(a.node).alive;
}

constexpr Transition kRows[] = {
    {
        .row = Row::kW13Notice,
        .id = "worker.W13.message_fails",
        .doc =
            "a worker whose raylet closed its connection enters or leaves a ray.get and aborts, for it cannot say so",
        .source = {kClient, "NotifyWorkerBlocked"},
        .feature = Feature::kBlocking,
        .component = Component::kWorker,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              return !view.s.worker(a.worker).registered && view.s.raylet(a.node).alive &&
                     (would_block(view, a) || would_go_on(view, a) || view.s.worker(a.worker).get == Get::kAsking);
            },
        .effect = [](Step& step, const Action& a) { worker_dies(step, a.worker); },
    },
    {
        .row = Row::kW14Block,
        .id = "worker.W14.block",
        .doc = "the task's code waits in ray.get for an object that is missing; the worker tells its raylet",
        .source = {kStore, "GetImpl"},
        .feature = Feature::kBlocking,
        .component = Component::kWorker,
        .trigger = each(Moment::kWorker),
        .guard = [](const View& view, const Action& a) { return is_connected(view, a) && would_block(view, a); },
        .effect =
            [](Step& step, const Action& a) {
              step.s.worker(a.worker).get = Get::kWaiting;
              tell_raylet(step, a.worker, true);
            },
    },
    {
        .row = Row::kW14Unblock,
        .id = "worker.W14.unblock",
        .doc = "the object is there; the worker tells its raylet and the task's code goes on at once",
        .source = {kClient, "NotifyWorkerUnblocked"},
        .feature = Feature::kBlocking,
        .component = Component::kWorker,
        .trigger = each(Moment::kWorker),
        .guard = [](const View& view, const Action& a) { return is_connected(view, a) && would_go_on(view, a); },
        .effect =
            [](Step& step, const Action& a) {
              const bool asks = step.config.has(Safeguard::kUnblockWaitsForCpu);
              step.s.worker(a.worker).get = asks ? Get::kAsking : Get::kDone;
              tell_raylet(step, a.worker, false);
            },
    },
};

}  // namespace

std::span<const Transition> ray_get_rows() {
  return kRows;
}

void tell_raylet(Step& step, WorkerId id, bool blocked) {
  Worker& worker = step.s.worker(id);
  ++worker.unread;
  worker.told_blocked = blocked;
}

void stop_executor(Step& step, WorkerId id) {
  step.s.worker(id).stopped = true;
  if (step.config.on(Feature::kBlocking)) tell_raylet(step, id, true);
}

}  // namespace raymc
