#include "model/sentences.hpp"

#include <algorithm>
#include <array>

#include "model/rows.hpp"

namespace raymc {
namespace {

struct Between {
  const Config& config;
  const State& before;
  const State& after;
  const Action& action;
};

bool is_granted_cpus(const Lease& lease) {
  return lease.used && (lease.stage == LeaseStage::kGrantWorker || lease.stage == LeaseStage::kLeased);
}

/// CPUs that came free at the node, those included that another request got in the same step.
int freed_cpus(const Between& step, NodeId node) {
  int cpus = step.after.raylet(node).available - step.before.raylet(node).available;
  for (std::uint8_t l = 0; l < kLeasesMax; ++l) {
    const Lease& lease = step.after.leases[l];
    if (lease.node == node && is_granted_cpus(lease) && !is_granted_cpus(step.before.leases[l]))
      cpus += step.config.cpus_of(lease.key);
  }
  return cpus;
}

std::string resources(const Between& step, NodeId node) {
  return freed_cpus(step, node) > 0 ? "its resources are free" : "no resources come free";
}

/// Where the pool has the worker now.
std::string pool_place(const Between& step, WorkerId id, const std::string& worker) {
  const Worker& now = step.after.worker(id);
  switch (now.place) {
    case PoolPlace::kIdle: return worker + " goes back to the pool";
    case PoolPlace::kReserved: return worker + " takes the next request";
    default: return worker + " does not go back to the pool";
  }
}

std::string worker_disconnected(const Between& step) {
  const std::string sees = "the raylet sees the worker's connection close; ";
  if (!step.after.raylet(step.action.node).alive) return sees + "a RAY_CHECK fails";
  const bool erased = std::ranges::any_of(step.before.leases, [&](const Lease& lease) {
    const auto l = static_cast<std::size_t>(&lease - step.before.leases.data());
    return lease.used && lease.stage == LeaseStage::kLeased && lease.worker == step.action.worker &&
           step.after.leases[l].stage != LeaseStage::kLeased;
  });
  if (!erased) return sees + "the worker has no lease, and nothing is freed";
  return sees + (freed_cpus(step, step.action.node) > 0 ? "it erases the worker's lease and frees its resources"
                                                        : "it erases the worker's lease, and no resources come free");
}

std::string lease_returned(const Between& step) {
  const WorkerId worker = step.before.lease(step.action.lease).worker;
  return "the owner gives a lease back; " + resources(step, step.action.node) + " and " +
         pool_place(step, worker, "its worker");
}

std::string dead_worker_returned(const Between& step) {
  const WorkerId worker = step.before.lease(step.action.lease).worker;
  return "the unused lease of a worker that is gone is returned; " + pool_place(step, worker, "the dead worker");
}

/// A reply to a request for this lease is on the wire that was not there before.
bool is_answered(const Between& step, LeaseId lease) {
  return std::ranges::any_of(step.after.calls, [&](const Call& call) {
    return call.rpc == Rpc::kRequestWorkerLease && call.lease == lease && call.stage == Stage::kReply &&
           std::ranges::find(step.before.calls, call) == step.before.calls.end();
  });
}

std::string granted(const Between& step) {
  const LeaseId lease = step.before.worker(step.action.worker).lease;
  const std::string grants = "the raylet grants the lease of the popped worker";
  const bool leased =
      lease.exists() && step.after.lease(lease).used && step.after.lease(lease).stage == LeaseStage::kLeased;
  if (!leased) return "the raylet does not grant the lease of the popped worker";
  return is_answered(step, lease) ? grants + " and answers the owner" : grants + "; the owner gets no answer";
}

/// "it cancels its queued requests and kills the workers leased to it": what the raylet dropped of an owner.
std::string dropped(const Between& step, NodeId node, const std::string& nothing) {
  bool cancels = false;
  for (std::uint8_t l = 0; l < kLeasesMax; ++l) {
    const Lease& was = step.before.leases[l];
    const LeaseStage stage = step.after.leases[l].stage;
    const bool queued =
        was.used && was.node == node && was.stage != LeaseStage::kNone && was.stage != LeaseStage::kLeased;
    cancels = cancels || (queued && stage == LeaseStage::kNone);
  }
  bool kills = false;
  for (std::uint8_t w = 0; w < step.config.workers(); ++w) {
    kills = kills || (step.after.workers[w].killed && !step.before.workers[w].killed);
  }
  if (cancels && kills) return "it cancels queued requests and kills leased workers";
  if (cancels) return "it cancels queued requests";
  return kills ? "it kills leased workers" : nothing;
}

std::string owner_failed(const Between& step) {
  return "the raylet learns that an owner died; " + dropped(step, step.action.node, "it has nothing to drop for it");
}

std::string node_is_dead(const Between& step) {
  return "the raylet learns that a node died; " +
         dropped(step, step.action.node, "it has nothing to drop for owners there");
}

std::string owner_disconnected(const Between& step) {
  const NodeId node = step.config.shape.owners[step.action.owner.value].node;
  return "the raylet sees the connection of a local owner close and reports the failure; " +
         dropped(step, node, "it has nothing to cancel for it");
}

std::size_t lease_requests(const State& s) {
  return static_cast<std::size_t>(
      std::ranges::count_if(s.calls, [](const Call& call) { return call.rpc == Rpc::kRequestWorkerLease; }));
}

std::string dependencies_resolved(const Between& step) {
  const std::string queued = "the task's arguments are known; it is queued under its key and ";
  return queued + (lease_requests(step.after) > lease_requests(step.before) ? "a worker is asked for"
                                                                            : "no other worker is asked for");
}

struct Saying {
  Row row;
  std::string (*says)(const Between&);
};

constexpr std::array kSayings{
    Saying{Row::kR35, worker_disconnected},   Saying{Row::kR31, lease_returned},
    Saying{Row::kR34b, dead_worker_returned}, Saying{Row::kR22, granted},
    Saying{Row::kR40, owner_failed},          Saying{Row::kR41, node_is_dead},
    Saying{Row::kR54, owner_disconnected},    Saying{Row::kO2, dependencies_resolved},
};

}  // namespace

std::string sentence_between(const Config& config, const State& before, const State& after, const Action& action) {
  const auto saying = std::ranges::find(kSayings, action.row, &Saying::row);
  if (saying == kSayings.end()) return std::string(transition_of(action.row).doc);
  return saying->says({config, before, after, action});
}

}  // namespace raymc
