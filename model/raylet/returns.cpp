// What ends a lease at its raylet: rows R28 to R35 and R38 of section 8.3, and the local driver's disconnect (R54).
#include <algorithm>

#include "model/log/ids.hpp"
#include "model/network.hpp"
#include "model/objects/objects.hpp"
#include "model/owner/nested.hpp"
#include "model/owner/owner.hpp"
#include "model/raylet/drain.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"
#include "model/scheduler/view.hpp"
#include "model/worker/worker.hpp"

namespace raymc {
namespace {

constexpr std::string_view kFile = "src/ray/raylet/node_manager.cc";

const Worker* leased_worker(const View& view, const Action& a) {
  const Lease& lease = view.s.lease(a.lease);
  return lease.stage == LeaseStage::kLeased ? &view.s.worker(lease.worker) : nullptr;
}

void report_failure(Step& step, NodeId node, OwnerId owner) {
  Call call;
  call.rpc = Rpc::kReportWorkerFailure;
  call.node = node;
  call.owner = owner;
  send(step, call);
}

/// AsyncMarkFinished, when a driver's connection has closed.
void report_end_of_job(Step& step, NodeId node) {
  Call call;
  call.rpc = Rpc::kMarkJobFinished;
  call.node = node;
  send(step, call);
}

/// DisconnectClient for an owner: its failure is reported and its queued requests are cancelled.
void disconnect_owner(Step& step, OwnerId owner) {
  const NodeId node = step.config.shape.owners[owner.value].node;
  step.s.owner(owner).registered = false;
  report_failure(step, node, owner);
  if (step.config.tells_end_of_job(owner)) report_end_of_job(step, node);
  look_whether_drained(step, node);
  cancel_work_of(step, node, owner);
}

/// The raylet remembers that the request was cancelled, so that it can refuse one that is still on its way.
void bury(Step& step, LeaseId id) {
  Lease& lease = step.s.lease(id);
  if (lease.stage == LeaseStage::kNone) lease.tombstone = true;
}

/// What the raylet knows of why the worker of the lease failed: only kills for want of memory are recorded.
Reply cause_of(const State& s, LeaseId id) {
  switch (s.lease(id).cause) {
    case FailureCause::kNone: return Reply::kOk;
    case FailureCause::kMemory: return Reply::kOutOfMemory;
    case FailureCause::kMemoryFinal: return Reply::kOutOfMemoryFinal;
  }
  MC_ASSERT(false, "every cause is answered");
}

/// R35. Reports of workers that own no task and will own none are left out: nobody reacts to them (ADR-0005).
constexpr Transition kWorkerGone{
    .row = Row::kR35,
    .id = "raylet.R35.worker_disconnected",
    .doc = "the raylet sees the worker's connection close; it erases the worker's lease and frees its resources",
    .source = {kFile, "DisconnectClient"},
    .logs = says(LogKind::kDisconnect),
    .component = Component::kRaylet,
    .trigger = each(Moment::kWorker),
    .guard =
        [](const View& view, const Action& a) {
          const Worker& worker = view.s.worker(a.worker);
          return worker.process == ProcessState::kDead && worker.registered && view.s.raylet(a.node).alive;
        },
    .effect =
        [](Step& step, const Action& a) {
          Worker& worker = step.s.worker(a.worker);
          worker.registered = false;
          const std::uint8_t owners = disconnect_owners_in(step, a.worker);
          for (std::uint8_t o = 0; o < step.config.owners(); ++o) {
            if (has_bit(owners, o)) report_failure(step, a.node, OwnerId{o});
          }
          // DisconnectClient cleans up the lease of a worker that nobody killed; for a killed one it takes the killer
          // to have done so, but KillAsync does not (C2).
          const bool has_lease = worker.place == PoolPlace::kLeased || worker.place == PoolPlace::kExiting;
          if (has_lease && (!worker.killed || step.config.has(Safeguard::kKilledWorkerReleasesLease))) {
            close_account(step, a.node, worker.lease);
          }
          // Without request identity the lease may have gone to another worker meanwhile.
          if (worker.place == PoolPlace::kLeased && step.s.lease(worker.lease).worker == a.worker) {
            const KeyId key = step.s.lease(worker.lease).key;
            erase_lease(step, worker.lease);
            if (step.config.has(Safeguard::kDisconnectFreesResources)) free_what_is_held(step, a.worker, key);
          }
          // A reserved worker stays in its posted callback, which nobody recalls (C1), and one that was asked to exit
          // in the list of those whose answer is awaited.
          if (worker.place != PoolPlace::kReserved && worker.place != PoolPlace::kAskedToExit) {
            worker.place = PoolPlace::kNowhere;
            worker.lease = LeaseId::none();
          }
          worker.blocked = false;
          grant_pass(step, a.node);
          for (std::uint8_t o = 0; o < step.config.owners(); ++o) {
            if (has_bit(owners, o)) cancel_work_of(step, a.node, OwnerId{o});
          }
        },
};

constexpr Transition kRows[] = {
    {
        .row = Row::kR28,
        .id = "raylet.R28.cancel_queued_request",
        .doc = "the request to cancel is queued; the raylet removes it, frees what it holds and answers it canceled",
        .source = {kFile, "HandleCancelWorkerLease"},
        .logs = says(LogKind::kCancelQueued),
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kCancelWorkerLease),
        .guard = [](const View& view, const Action& a) { return queued(view.s.lease(a.lease)); },
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              cancel_work(step, a.lease);
              if (step.config.tombstones()) bury(step, a.lease);
              answer(step, call, Reply::kOk);
            },
    },
    {
        .row = Row::kR29,
        .id = "raylet.R29.cancel_unknown_request",
        .doc = "the request to cancel is not queued here; the raylet answers that it cancelled nothing",
        .source = {kFile, "HandleCancelWorkerLease"},
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kCancelWorkerLease),
        .guard = [](const View& view, const Action& a) { return !queued(view.s.lease(a.lease)); },
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              if (step.config.tombstones()) bury(step, a.lease);
              answer(step, call, step.config.tombstones() ? Reply::kOk : Reply::kUnsuccessful);
            },
    },
    {
        .row = Row::kR30,
        .id = "raylet.R30.return_unknown_lease",
        .doc = "the returned lease is not in the table; nothing happens",
        .source = {kFile, "HandleReturnWorkerLease"},
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kReturnWorkerLease),
        .guard = [](const View& view, const Action& a) { return leased_worker(view, a) == nullptr; },
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              // The old protocol named the worker: whatever lease it holds now is taken from its new owner.
              if (!step.config.has(Safeguard::kReturnByLeaseId) && call.worker.exists() &&
                  step.s.worker(call.worker).place == PoolPlace::kLeased) {
                const LeaseId taken = step.s.worker(call.worker).lease;
                const KeyId key = step.s.lease(taken).key;
                erase_lease(step, taken);
                free_returned(step, call.worker, key);
                push_worker(step, call.worker);
                grant_pass(step, call.node);
              }
              answer(step, call, Reply::kOk);
            },
    },
    {
        .row = Row::kR31,
        .id = "raylet.R31.return_lease",
        .doc = "the owner gives a lease back; its resources are free and its worker goes back to the pool",
        .source = {kFile, "HandleReturnWorkerLease"},
        .logs = says(LogKind::kReturned),
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kReturnWorkerLease),
        .guard =
            [](const View& view, const Action& a) {
              const Worker* worker = leased_worker(view, a);
              return worker != nullptr && worker->registered && !a.call.disconnect && !a.call.exiting;
            },
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              const WorkerId worker = step.s.lease(a.lease).worker;
              erase_lease(step, a.lease);
              free_returned(step, worker, step.s.lease(a.lease).key);
              close_account(step, a.node, a.lease);
              if (!step.config.has(Safeguard::kIdleWorkerHasNoLease)) step.s.worker(worker).lease = a.lease;
              push_worker(step, worker);
              grant_pass(step, a.node);
              answer(step, call, Reply::kOk);
            },
    },
    {
        .row = Row::kR32,
        .id = "raylet.R32.return_exiting_worker",
        .doc = "the owner gives a lease back whose worker is exiting; the worker is not used again",
        .source = {kFile, "HandleReturnWorkerLease"},
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kReturnWorkerLease),
        .guard = [](const View& view, const Action& a) { return leased_worker(view, a) != nullptr && a.call.exiting; },
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              const WorkerId worker = step.s.lease(a.lease).worker;
              erase_lease(step, a.lease);
              free_returned(step, worker, step.s.lease(a.lease).key);
              step.s.worker(worker).place = PoolPlace::kExiting;
              // CleanupLease has to wait for the worker's disconnect, which needs to know the lease.
              if (step.config.has(Safeguard::kExitingReturnReleasesPins)) close_account(step, a.node, a.lease);
              if (step.config.on(Feature::kArguments)) step.s.worker(worker).lease = a.lease;
              answer(step, call, Reply::kOk);
            },
    },
    {
        .row = Row::kR33,
        .id = "raylet.R33.return_and_disconnect",
        .doc = "the owner's push failed; the raylet closes the worker's connection but does not kill its process",
        .source = {kFile, "HandleReturnWorkerLease"},
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kReturnWorkerLease),
        .guard =
            [](const View& view, const Action& a) {
              const Worker* worker = leased_worker(view, a);
              return worker != nullptr && worker->registered && a.call.disconnect;
            },
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              const WorkerId worker = step.s.lease(a.lease).worker;
              disconnect_worker(step, worker);
              const bool lives = step.s.worker(worker).process == ProcessState::kRunning;
              if (lives && step.config.has(Safeguard::kDisconnectedWorkerIsKilled)) worker_dies(step, worker);
              answer(step, call, Reply::kOk);
            },
    },
    {
        .row = Row::kR34,
        .id = "raylet.R34.return_of_unregistered_worker",
        .doc = "the failed worker is not registered any more; its lease is erased but its resources stay allocated",
        .source = {kFile, "DisconnectClient"},
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kReturnWorkerLease),
        .guard =
            [](const View& view, const Action& a) {
              const Worker* worker = leased_worker(view, a);
              return worker != nullptr && !worker->registered && a.call.disconnect;
            },
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              erase_lease(step, a.lease);
              answer(step, call, Reply::kOk);
            },
    },
    {
        .row = Row::kR34b,
        .id = "raylet.R34b.return_dead_worker_to_pool",
        .doc = "the unused lease of a worker that is gone is returned; the dead worker goes back to the pool",
        .source = {kFile, "HandleWorkerAvailable"},
        .logs = says(LogKind::kReturned),
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kReturnWorkerLease),
        .guard =
            [](const View& view, const Action& a) {
              const Worker* worker = leased_worker(view, a);
              return worker != nullptr && !worker->registered && !a.call.disconnect && !a.call.exiting;
            },
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              const WorkerId worker = step.s.lease(a.lease).worker;
              erase_lease(step, a.lease);
              free_returned(step, worker, step.s.lease(a.lease).key);
              close_account(step, a.node, a.lease);
              push_worker(step, worker);
              grant_pass(step, a.node);
              answer(step, call, Reply::kOk);
            },
    },
    kWorkerGone,
    {
        .row = Row::kR38,
        .id = "raylet.R38.failure_cause",
        .doc = "the raylet is asked why a worker failed; it answers at once with what it knows",
        .source = {kFile, "HandleGetWorkerFailureCause"},
        .logs = says(LogKind::kCauseAsked),
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kGetWorkerFailureCause),
        .effect = [](Step& step, const Action& a) { answer(step, take(step, a.call), cause_of(step.s, a.lease)); },
    },
    {
        .row = Row::kR54,
        .id = "raylet.R54.owner_disconnected",
        .doc = "the raylet sees the connection of a local owner close; it reports the failure and cancels its requests",
        .source = {kFile, "DisconnectClient"},
        .logs = says(LogKind::kOwnerGone, log_ids::local_owner),
        .component = Component::kRaylet,
        .trigger = each(Moment::kOwner),
        .guard =
            [](const View& view, const Action& a) {
              const Owner& owner = view.s.owner(a.owner);
              const bool is_worker_slot = view.config.shape.owners[a.owner.value].kind == OwnerKind::kTask;  // R35
              return !owner.alive && owner.registered && !is_worker_slot &&
                     view.s.raylet(view.config.shape.owners[a.owner.value].node).alive;
            },
        .effect = [](Step& step, const Action& a) { disconnect_owner(step, a.owner); },
    },
    {
        .row = Row::kR33Owner,
        .id = "raylet.R33.live_owner_disconnected",
        .doc = "a push to a worker that owns tasks failed although it lives; its raylet closes its connection and "
               "reports it dead",
        .source = {kFile, "HandleReturnWorkerLease"},
        .origin = Origin::kEnvironment,
        .fault = Fault::kOwnerDropped,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kOwner),
        .guard =
            [](const View& view, const Action& a) {
              const Owner& owner = view.s.owner(a.owner);
              const OwnerShape& shape = view.config.shape.owners[a.owner.value];
              return owner.alive && owner.registered && shape.kind == OwnerKind::kWorker &&
                     loop_runs(view.s, shape.node) && view.s.budget[Fault::kOwnerDropped] > 0;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kOwnerDropped];
              disconnect_owner(step, a.owner);
              if (step.config.has(Safeguard::kDisconnectedWorkerIsKilled)) owner_dies(step, a.owner);
            },
    },
};

}  // namespace

std::span<const Transition> return_rows() {
  return kRows;
}

bool queued(const Lease& lease) {
  return lease.stage != LeaseStage::kNone && lease.stage != LeaseStage::kLeased;
}

void free_resources(Step& step, NodeId node, KeyId key) {
  Raylet& raylet = step.s.raylet(node);
  const int available = raylet.available + step.config.cpus_of(key);
  if (!step.ray_check(available <= step.config.total_cpus(node), RayCheck::kAvailableWithinTotal, node)) return;
  raylet.available = static_cast<std::int8_t>(available);
  resources_changed(step, node);
  look_whether_drained(step, node);
}

void erase_lease(Step& step, LeaseId id) {
  Lease& lease = step.s.lease(id);
  Worker& worker = step.s.worker(lease.worker);
  if (worker.place == PoolPlace::kLeased && worker.lease == id) {
    worker.place = PoolPlace::kNowhere;
    worker.lease = LeaseId::none();
  }
  lease.stage = LeaseStage::kNone;
  lease.worker = WorkerId::none();
  lease_has_ended(step, id);
  promote_second_copy(step, id);
}

void lease_has_ended(Step& step, LeaseId lease) {
  step.s.lease(lease).ended =
      step.config.on(Feature::kDuplicates) && step.config.has(Safeguard::kEndedLeaseIsRemembered);
}

void drop_work(Step& step, LeaseId id) {
  Lease& lease = step.s.lease(id);
  if (lease.stage == LeaseStage::kGrantWorker) {
    free_resources(step, lease.node, lease.key);
    close_account(step, lease.node, id);
  }
  if (lease.second == SecondCopy::kPopped) free_resources(step, lease.node, lease.key);
  lease.second = SecondCopy::kNone;
  lease.second_answers = false;
  auto& waiting = step.s.raylet(lease.node).waiting;
  waiting.erase(std::remove(waiting.begin(), waiting.end(), id), waiting.end());
  lease.stage = LeaseStage::kNone;
  lease_has_ended(step, id);
}

void cancel_work(Step& step, LeaseId id, Reply reply) {
  drop_work(step, id);
  answer_held(step, id, [&](const Call& call) {
    if (step.config.has(Safeguard::kCanceledRequestIsAnswered)) answer(step, call, reply);
  });
}

void cancel_work_of(Step& step, NodeId node, OwnerId owner) {
  if (!step.config.has(Safeguard::kCancelDeadOwnersWork)) return;
  for (std::uint8_t l = 0; l < step.config.room().leases; ++l) {
    const Lease& lease = step.s.leases[l];
    const bool owned = lease.used && lease.node == node && step.config.owner_of(lease.key) == owner;
    if (owned && queued(lease)) cancel_work(step, LeaseId{l});
  }
}

void kill_workers_of(Step& step, NodeId node, OwnerId owner) {
  if (!step.config.has(Safeguard::kKillDeadOwnersWorkers)) return;
  for (const Lease& lease : step.s.leases) {
    if (!lease.used || lease.node != node || lease.stage != LeaseStage::kLeased) continue;
    if (step.config.owner_of(lease.key) != owner) continue;
    const WorkerId worker = lease.worker;
    step.s.worker(worker).killed = true;
    // The old order frees what the worker holds before it has stopped.
    if (!step.config.has(Safeguard::kReleaseAfterStop)) disconnect_worker(step, worker);
  }
}

void disconnect_worker(Step& step, WorkerId worker) {
  Action binding;
  binding.worker = worker;
  binding.node = step.config.node_of(worker);
  perform(step, kWorkerGone, binding);
}

}  // namespace raymc
