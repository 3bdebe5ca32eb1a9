// Twins of the other families that guard against vacuity: situations that a scenario must be able to reach.
#include <algorithm>

#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

bool all_finished(const RayModel& model, const State& s) {
  for (std::uint8_t t = 0; t < model.config().tasks(); ++t) {
    if (s.tasks[t].status != TaskStatus::kFinished) return false;
  }
  return true;
}

bool some_raylet_is_dead(const RayModel& model, const State& s) {
  return std::any_of(s.raylets.begin(), s.raylets.begin() + model.config().nodes(),
                     [](const Raylet& r) { return !r.alive; });
}

constexpr Property kFamily[] = {
    {
        .id = "X1.every_task_finishes",
        .kind = kReachable,
        .claim = "all tasks can end with their values",
        .source = "twin of L1",
        .applies = kTasksShouldFinish,
        .holds = all_finished,
    },
    {
        .id = "X2.finished_after_raylet_death",
        .kind = kReachable,
        .claim = "all tasks can end with their values although a raylet died",
        .source = "twin of L1.task_finishes",
        .applies = kNodeMayDie,
        .holds = [](const RayModel& model,
                    const State& s) { return some_raylet_is_dead(model, s) && all_finished(model, s); },
    },
    {
        .id = "X3.second_attempt_runs",
        .kind = kReachable,
        .claim = "a second attempt of a task can run",
        .source = "twin of D1 and D2",
        .applies = kTasksRetry,
        .holds =
            [](const RayModel&, const State& s) {
              return std::any_of(s.workers.begin(), s.workers.end(), [](const Worker& worker) {
                return worker.execution == Execution::kRunning && worker.attempt > 0;
              });
            },
    },
    {
        .id = "X4.attempts_overlap",
        .kind = kReachable,
        .claim = "an abandoned attempt of a task can still run while the next one does",
        .source = "twin of I5",
        .applies = kTasksRetry,
        .holds =
            [](const RayModel&, const State& s) {
              for (const Worker& a : s.workers) {
                for (const Worker& b : s.workers) {
                  if (a.execution == Execution::kRunning && b.execution == Execution::kRunning && a.task == b.task &&
                      a.attempt < b.attempt) {
                    return true;
                  }
                }
              }
              return false;
            },
    },
    {
        .id = "X5.spilled_request_is_granted",
        .kind = kReachable,
        .claim = "a request that was sent on by another raylet can be granted",
        .source = "twin of K1",
        .applies = kSeveralNodes,
        .holds =
            [](const RayModel&, const State& s) {
              return some_lease(s,
                                [](const Lease& lease) { return lease.spilled && lease.stage == LeaseStage::kLeased; });
            },
    },
    {
        .id = "X6.request_waits_for_resources",
        .kind = kReachable,
        .claim = "a lease request can wait for resources",
        .source = "twin of I2 and I3",
        .holds =
            [](const RayModel&, const State& s) {
              return some_lease(s, [](const Lease& lease) { return lease.stage == LeaseStage::kGrantWait; });
            },
    },
    {
        .id = "X7.dead_owners_worker_is_killed",
        .kind = kReachable,
        .claim = "a raylet can kill a worker because its owner died",
        .source = "twin of I7",
        .applies = kOwnerMayDie,
        .holds =
            [](const RayModel&, const State& s) {
              return std::any_of(s.workers.begin(), s.workers.end(),
                                 [](const Worker& worker) { return worker.killed; });
            },
    },
    {
        .id = "X8.live_raylet_is_declared_dead",
        .kind = kReachable,
        .claim = "the GCS can declare a raylet dead that runs",
        .source = "twin of M2",
        .applies = kNodeMayDie,
        .holds =
            [](const RayModel& model, const State& s) {
              return some_live_raylet(
                  model, s, [&](NodeId node, const Raylet&) { return s.gcs.nodes[node.value] == NodeRecord::kDead; });
            },
    },
    {
        .id = "X10.drained_raylet_ends",
        .kind = kReachable,
        .claim = "a raylet that drains can become idle and say farewell",
        .source = "twin of L5",
        .applies = kWithDrain,
        .holds =
            [](const RayModel& model, const State& s) {
              return some_live_raylet(model, s, [](NodeId, const Raylet& raylet) {
                return raylet.drain != Drain::kNone && raylet.shutting_down;
              });
            },
    },
    {
        .id = "X11.retry_is_forgiven",
        .kind = kReachable,
        .claim = "a retry can be forgiven because its node was preempted",
        .source = "twin of D5",
        .applies = kWithDrain,
        .holds =
            [](const RayModel& model, const State& s) {
              return !every_live_task(model, s, [](TaskId, const Task& task) { return task.forgiven == 0; });
            },
    },
    {
        .id = "X9.request_is_infeasible",
        .kind = kReachable,
        .claim = "a lease request can wait because no known node can ever run it",
        .source = "twin of L1",
        .applies = kNodesDiffer,
        .holds =
            [](const RayModel&, const State& s) {
              return some_lease(s, [](const Lease& lease) { return lease.stage == LeaseStage::kInfeasible; });
            },
    },
};

}  // namespace

std::span<const Property> reachable_properties() {
  return kFamily;
}

}  // namespace raymc
