// A raylet kills workers because its node runs out of memory: row R39 of section 8.3, fault F16.
// Abstraction: which workers its policy picks is a free choice. Ray prefers large idle ones, then leases that may be
// retried, then the newest; it may kill several in one turn, here in several.
#include <algorithm>

#include "model/links.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"
#include "model/worker/worker.hpp"

namespace raymc {
namespace {

/// GetAllRegisteredWorkers without dead ones. A worker without a lease is picked if it is large.
bool may_be_picked(const View& view, const Action& a) {
  const Worker& worker = view.s.worker(a.worker);
  return worker.process == ProcessState::kRunning && worker.registered && !worker.killed && loop_runs(view.s, a.node);
}

/// The policy by owner: the lease is the only one of its owner here.
bool is_last_of_its_owner(const View& view, const Lease& lease) {
  const OwnerId owner = view.config.owner_of(lease.key);
  return std::none_of(view.s.leases.begin(), view.s.leases.end(), [&](const Lease& other) {
    return &other != &lease && other.used && other.node == lease.node && other.stage == LeaseStage::kLeased &&
           view.config.owner_of(other.key) == owner;
  });
}

/// SetWorkerFailureReason; the first reason of a lease stays. Whether to retry is read in the lease spec.
void record_cause(Step& step, LeaseId id) {
  Lease& lease = step.s.lease(id);
  if (lease.cause != FailureCause::kNone) return;
  const bool spared =
      step.config.shape.memory_policy == MemoryPolicy::kByTime || !is_last_of_its_owner(step.view(), lease);
  const bool retriable = spared && has_bit(step.s.retriable_keys, lease.key.value);
  lease.cause = retriable ? FailureCause::kMemory : FailureCause::kMemoryFinal;
}

constexpr Transition kRows[] = {
    {
        .row = Row::kR39,
        .id = "raylet.R39.kill_for_memory",
        .doc = "the node runs out of memory; the raylet notes why, disconnects a worker and kills it at once",
        .source = {"src/ray/raylet/node_manager.cc", "CreateKillWorkersCallback"},
        .logs = says(LogKind::kKilledForMemory),
        .feature = Feature::kMemoryPressure,
        .origin = Origin::kEnvironment,
        .fault = Fault::kMemoryKill,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kWorker),
        .guard = [](const View& view,
                    const Action& a) { return may_be_picked(view, a) && view.s.budget[Fault::kMemoryKill] > 0; },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kMemoryKill];
              const Worker& worker = step.s.worker(a.worker);
              if (worker.place == PoolPlace::kLeased) record_cause(step, worker.lease);
              disconnect_worker(step, a.worker);
              worker_dies(step, a.worker);
            },
    },
};

}  // namespace

std::span<const Transition> memory_kill_rows() {
  return kRows;
}

}  // namespace raymc
