// Resources are conserved and come back: invariants 3 and 13 of section 10.2.
#include <cstdlib>

#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/premises.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

/// CPUs of `node` that its granted requests hold; those of a blocked worker are lent and do not count.
int cpus_in_use(const RayModel& model, const State& s, NodeId node) {
  int cpus = 0;
  for (const Lease& lease : s.leases) {
    if (!lease.used || lease.node != node) continue;
    const bool leased = lease.stage == LeaseStage::kLeased && !s.worker(lease.worker).blocked;
    if (leased || lease.stage == LeaseStage::kGrantWorker) cpus += model.config().cpus_of(lease.key);
  }
  return cpus;
}

std::size_t cpus_of_running_tasks(const RayModel& model, const State& s, NodeId node) {
  std::size_t cpus = 0;
  for (std::uint8_t w = 0; w < model.config().workers(); ++w) {
    const Worker& worker = s.workers[w];
    const bool runs = worker.execution != Execution::kNone && worker.execution != Execution::kQueued;
    if (!runs || worker.blocked || model.config().node_of(WorkerId{w}) != node) continue;
    cpus += model.config().cpus_of(model.config().shape.tasks[worker.task.value].key);
  }
  return cpus;
}

constexpr Property kFamily[] = {
    {
        .id = "I3.resources_conserved",
        .kind = kInvariant,
        .claim =
            "at each live raylet the free CPUs and those that its granted requests hold add up to the node's total",
        .source = "protocol dossier, 10.2 invariant 3",
        .mutant = "disconnect_frees_resources",
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_raylet(
                  model, s,
                  [&](NodeId node, const Raylet& raylet) {
                    return raylet.available + cpus_in_use(model, s, node) == model.config().total_cpus(node);
                  },
                  [&](NodeId node, const Raylet& raylet) {
                    const int held = cpus_in_use(model, s, node);
                    const int total = static_cast<int>(model.config().total_cpus(node));
                    const int missing = total - raylet.available - held;
                    return node.name() + (missing > 0 ? " leaks " : " has freed twice ") +
                           counted_words(std::abs(missing), "CPU") + ": " + std::to_string(raylet.available) +
                           " free + " + std::to_string(held) + " held by leases, of " + std::to_string(total);
                  });
            },
    },
    {
        .id = "I3.cpus_in_use_within_total",
        .kind = kInvariant,
        .claim = "the CPUs that the granted requests of a live raylet hold never exceed the node's total",
        .source = "protocol dossier, 10.2 invariant 3 and 3.3",
        .mutant = "unblock_waits_for_cpu",
        .applies = kUnblockedWorkersWait,
        .premise = premises::a_worker_blocks,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_raylet(
                  model, s,
                  [&](NodeId node, const Raylet&) {
                    return cpus_in_use(model, s, node) <= model.config().total_cpus(node);
                  },
                  [&](NodeId node, const Raylet&) {
                    return node.name() + " has lent " + counted_words(cpus_in_use(model, s, node), "CPU") +
                           " to leases, of " + std::to_string(model.config().total_cpus(node));
                  });
            },
    },
    {
        .id = "I13.resources_return",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, every live raylet whose loop runs has all of its CPUs free again",
        .source = "protocol dossier, 10.2 invariant 13",
        .mutant = "disconnect_frees_resources",
        .applies = kNothingIsStuck,
        .holds = every_cpu_is_back,
    },
    {
        .id = "I3.running_tasks_fit",
        .kind = kInvariant,
        .claim = "the tasks that run on a node of a live raylet take no more CPUs than it has; one that is blocked in "
                 "ray.get has lent its own",
        .source =
            "#53660; not promised after an early error (R33), a forced cancellation (R52) or an unblocked worker (R37)",
        .mutant = "release_after_stop",
        .applies = kTasksKeepTheirCpus,
        .premise = premises::a_task_runs,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_raylet(
                  model, s,
                  [&](NodeId node, const Raylet&) {
                    return cpus_of_running_tasks(model, s, node) <= model.config().total_cpus(node);
                  },
                  [&](NodeId node, const Raylet&) {
                    return "tasks that run on " + node.name() + " take " +
                           counted_words(static_cast<long>(cpus_of_running_tasks(model, s, node)), "CPU") + " of " +
                           std::to_string(model.config().total_cpus(node));
                  });
            },
    },
};

}  // namespace

std::span<const Property> resource_properties() {
  return kFamily;
}

}  // namespace raymc
