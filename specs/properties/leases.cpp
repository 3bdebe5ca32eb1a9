// Leases and pushes are accounted for: invariants 1, 2, 4 to 7, 11 and 12 of section 10.2.
#include <algorithm>

#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/premises.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

bool waits_for(const Call& call, Rpc rpc) {
  return call.rpc == rpc && !call.detached;
}

/// Unanswered calls about the task.
std::size_t calls_for(const State& s, Rpc rpc, TaskId task) {
  return count_calls(s, [&](const Call& call) { return waits_for(call, rpc) && call.task == task; });
}

std::size_t half_done(const Task& task) {
  return task.place == TaskPlace::kReplyHalf2 ? 1 : 0;
}

std::size_t pushes_on(const State& s, LeaseId lease) {
  return count_calls(s, [&](const Call& call) { return waits_for(call, Rpc::kPushTask) && call.lease == lease; });
}

/// Pushes that the worker runs or may still run, whoever waits for them.
std::size_t pushes_at(const State& s, WorkerId worker) {
  return count_calls(s, [&](const Call& call) {
    const bool may_run = call.stage == Stage::kRequest || call.stage == Stage::kAtServer;
    return call.rpc == Rpc::kPushTask && call.worker == worker && may_run;
  });
}

std::size_t leases_of(const State& s, WorkerId worker) {
  const auto is_its = [worker](const Lease& lease) { return lease.used && lease.worker == worker; };
  return static_cast<std::size_t>(std::count_if(s.leases.begin(), s.leases.end(), is_its));
}

constexpr Property kFamily[] = {
    {
        .id = "I1.submitted_task_is_in_one_place",
        .kind = kInvariant,
        .claim =
            "a task that was submitted to a worker has one unanswered push, or a reply half done, or one cause query",
        .source = "protocol dossier, 10.2 invariant 1",
        .mutant = "failure_ends_task",
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_task(
                  model, s,
                  [&](TaskId id, const Task& task) {
                    if (task.status != TaskStatus::kSubmitted) return true;
                    return calls_for(s, Rpc::kPushTask, id) + calls_for(s, Rpc::kGetWorkerFailureCause, id) +
                               half_done(task) ==
                           1;
                  },
                  [&](TaskId id, const Task& task) {
                    return lines_of(model, s, id) + " (" +
                           counted_words(calls_for(s, Rpc::kPushTask, id), "push", "pushes") + ", " +
                           counted_words(calls_for(s, Rpc::kGetWorkerFailureCause, id), "cause query",
                                         "cause queries") +
                           ", " + counted_words(half_done(task), "reply", "replies") + " half done)";
                  });
            },
    },
    {
        .id = "I2.request_is_queued_once",
        .kind = kInvariant,
        .claim = "a lease request waits in its raylet's queue exactly while it is in that stage, and once",
        .source = "protocol dossier, 10.2 invariant 2",
        .mutant = "lease_request_identity",
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_raylet(model, s, [&](NodeId node, const Raylet& raylet) {
                const auto times = [&raylet](LeaseId id) {
                  return std::count(raylet.waiting.begin(), raylet.waiting.end(), id);
                };
                return every_lease(
                    model, s,
                    [&](LeaseId id, const Lease& lease) {
                      return lease.node != node || times(id) == (lease.stage == LeaseStage::kGrantWait ? 1 : 0);
                    },
                    [&](LeaseId id, const Lease&) {
                      return lines_of(model, s, id) + " (" + counted_words(times(id), "time") + " in the queue)";
                    });
              });
            },
    },
    {
        .id = "I4.worker_has_one_lease",
        .kind = kInvariant,
        .claim = "a leased worker is the worker of exactly one lease, and an idle worker of none",
        .source = "protocol dossier, 10.2 invariant 4",
        .mutant = "lease_request_identity",
        .holds =
            [](const RayModel& model, const State& s) {
              return every_worker(
                  model, s,
                  [&](WorkerId id, const Worker& worker) {
                    return leases_of(s, id) == (worker.place == PoolPlace::kLeased ? 1U : 0U) &&
                           !(worker.place == PoolPlace::kIdle && worker.lease.exists());
                  },
                  [&](WorkerId id, const Worker&) {
                    std::string text =
                        lines_of(model, s, id) + " (worker of " + counted_words(leases_of(s, id), "lease");
                    for (std::uint8_t l = 0; l < kLeasesMax; ++l) {
                      if (s.leases[l].used && s.leases[l].worker == id) text += ", " + LeaseId{l}.name();
                    }
                    return text + ")";
                  });
            },
    },
    {
        .id = "I4.pooled_worker_is_registered",
        .kind = kInvariant,
        .claim = "a worker in the idle pool is one whose connection its raylet still holds",
        .source = "protocol dossier, 8.3 R23 and R34b",
        .mutant = "grant_checks_worker",
        .holds =
            [](const RayModel& model, const State& s) {
              return every_worker(model, s, [](WorkerId, const Worker& worker) {
                return worker.place != PoolPlace::kIdle || worker.registered;
              });
            },
    },
    {
        .id = "I5.one_push_per_lease",
        .kind = kInvariant,
        .claim = "a lease carries at most one unanswered push, and only while its owner holds it busy",
        .source = "protocol dossier, 10.2 invariant 5",
        .mutant = "return_by_lease_id",
        .holds =
            [](const RayModel& model, const State& s) {
              const bool pushes_are_held = every_lease(
                  model, s,
                  [&](LeaseId id, const Lease& lease) {
                    return pushes_on(s, id) == (lease.at_owner == OwnerLease::kBusy ? 1U : 0U);
                  },
                  [&](LeaseId id, const Lease&) {
                    return lines_of(model, s, id) + " (" +
                           counted_words(pushes_on(s, id), "unanswered push", "unanswered pushes") + ")";
                  });
              // A worker that still runs the task of an abandoned push is not leased again.
              return pushes_are_held &&
                     every_worker(
                         model, s,
                         [&](WorkerId id, const Worker& worker) {
                           return worker.place != PoolPlace::kLeased || pushes_at(s, id) <= 1;
                         },
                         [&](WorkerId id, const Worker&) {
                           return lines_of(model, s, id) + " (" + std::to_string(pushes_at(s, id)) + " pushes at it)";
                         });
            },
    },
    {
        .id = "I6.request_is_not_forgotten",
        .kind = kInvariant,
        .claim = "every lease request that an owner waits for is on the wire, held, answered or queued for a resend",
        .source = "protocol dossier, 10.2 invariant 6",
        .mutant = "canceled_request_is_answered",
        .holds =
            [](const RayModel& model, const State& s) {
              return every_lease(model, s, [&](LeaseId id, const Lease& lease) {
                if (lease.at_owner != OwnerLease::kPending) return true;
                return count_calls(s, [&](const Call& call) {
                         return waits_for(call, Rpc::kRequestWorkerLease) && call.lease == id;
                       }) == 1;
              });
            },
    },
    {
        .id = "I7.no_work_for_dead_owner",
        .kind = kInvariant,
        .claim = "a raylet queues no request of an owner that it holds dead",
        .source = "protocol dossier, 10.2 invariant 7",
        .mutant = "refuse_dead_owner",
        .applies = kOwnerMayDie,
        .premise = premises::a_raylet_holds_an_owner_dead,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_lease(
                  model, s,
                  [&](LeaseId, const Lease& lease) {
                    const bool queued = lease.stage != LeaseStage::kNone && lease.stage != LeaseStage::kLeased;
                    return !queued || !believes_owner_dead(model, s, lease.node, lease.key);
                  },
                  [&](LeaseId id, const Lease& lease) {
                    return lines_of(model, s, id, model.config().owner_of(lease.key), lease.node);
                  });
            },
    },
    {
        .id = "I7.dead_owners_workers_are_killed",
        .kind = kInvariant,
        .claim = "a worker that is leased to an owner whom its raylet holds dead has been killed, or is dead",
        .source = "protocol dossier, 10.2 invariant 7",
        .mutant = "kill_dead_owners_workers",
        .applies = kOwnerMayDie,
        .premise = premises::a_raylet_holds_an_owner_dead,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_lease(
                  model, s,
                  [&](LeaseId, const Lease& lease) {
                    if (lease.stage != LeaseStage::kLeased || !believes_owner_dead(model, s, lease.node, lease.key))
                      return true;
                    return s.worker(lease.worker).killed || s.worker(lease.worker).process == ProcessState::kDead;
                  },
                  [&](LeaseId id, const Lease& lease) {
                    return lines_of(model, s, id, lease.worker, model.config().owner_of(lease.key), lease.node);
                  });
            },
    },
    {
        .id = "I16.failed_starts_are_bounded",
        .kind = kInvariant,
        .claim = "a request waits again after a failed start of a worker process at most pop_worker_max_retries times",
        .source = "protocol dossier, 0.4 and 8.3 R25",
        .mutant = "failed_starts_are_counted",
        .applies = kWithWorkerStarts,
        .premise = premises::a_start_has_failed,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_lease(
                  model, s,
                  [&](LeaseId, const Lease& lease) {
                    return lease.failed_starts <= model.config().shape.start_retries;
                  },
                  [&](LeaseId id, const Lease&) {
                    return lines_of(model, s, id) + " (start_retries " +
                           std::to_string(model.config().shape.start_retries) + ")";
                  });
            },
    },
    {
        .id = "I11.queued_task_is_pending",
        .kind = kInvariant,
        .claim = "a task that waits in a key's queue has not ended: tasks that fail together leave the queue together",
        .source = "protocol dossier, 10.2 invariant 11",
        .mutant = "failed_queue_is_taken",
        .holds =
            [](const RayModel& model, const State& s) {
              return every_task(model, s, [&](TaskId id, const Task& task) {
                return task.pending() || std::ranges::none_of(s.queues, [id](const auto& queue) {
                         return std::find(queue.begin(), queue.end(), id) != queue.end();
                       });
              });
            },
    },
    {
        .id = "I12.no_leaked_lease",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, every lease at a live raylet whose loop runs is held by a live owner",
        .source = "protocol dossier, 10.2 invariant 12",
        .mutant = "kill_dead_owners_workers",
        .holds =
            [](const RayModel& model, const State& s) {
              return every_lease(
                  model, s,
                  [&](LeaseId, const Lease& lease) {
                    if (lease.stage != LeaseStage::kLeased || s.raylet(lease.node).hung) return true;
                    return s.owner(model.config().owner_of(lease.key)).alive && lease.at_owner != OwnerLease::kNone;
                  },
                  [&](LeaseId id, const Lease& lease) {
                    return lines_of(model, s, id, model.config().owner_of(lease.key), lease.worker);
                  });
            },
    },
    {
        .id = "I12.no_unneeded_request",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, no raylet queues a request that its owner has no task for",
        .source = "#7887, #7929",
        .mutant = "surplus_requests_are_cancelled",
        .holds = no_request_is_unneeded,
    },
    {
        .id = "I12.request_is_cancelled_once",
        .kind = kInvariant,
        .claim = "an owner asks at most once to cancel one lease request",
        .source = "#65420, #65613",
        .mutant = "cancelled_requests_are_tombstoned",
        .applies = kWithLeaseCancels,
        .premise = premises::a_request_is_cancelled,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_lease(model, s,
                                 [](LeaseId, const Lease& lease) { return lease.cancels < Lease::kCancelsMax; });
            },
    },
};

}  // namespace

std::span<const Property> lease_properties() {
  return kFamily;
}

}  // namespace raymc
