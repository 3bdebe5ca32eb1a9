// LocalLeaseManager and WorkerPool: rows R14 to R16 and R20 to R23 of section 8.3.
#include <algorithm>

#include "model/log/ids.hpp"
#include "model/network.hpp"
#include "model/objects/objects.hpp"
#include "model/owner/nested.hpp"
#include "model/raylet/drain.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"
#include "model/scheduler/scheduler.hpp"
#include "model/scheduler/view.hpp"

namespace raymc {
namespace {

constexpr std::string_view kManager = "src/ray/raylet/scheduling/local_lease_manager.cc";
constexpr std::string_view kPool = "src/ray/raylet/worker_pool.cc";

Action at(NodeId node, LeaseId lease) {
  Action binding;
  binding.node = node;
  binding.lease = lease;
  return binding;
}

/// A worker slot of `node` in this state, or none. Slots stand for the pool's order (ADR-0006).
template <class Matches>
WorkerId find_worker(const View& view, NodeId node, Matches matches) {
  const std::uint8_t end = view.config.first_worker(static_cast<std::uint8_t>(node.value + 1));
  for (std::uint8_t w = view.config.first_worker(node.value); w < end; ++w) {
    if (matches(view.s.workers[w])) return WorkerId{w};
  }
  return WorkerId::none();
}

/// A worker runs tasks of one job only; one that has run none yet may run any.
bool is_of_job(const View& view, const Worker& worker, OwnerId job) {
  return !view.config.several_jobs() || !worker.job.exists() || worker.job == job;
}

OwnerId job_of(const View& view, LeaseId lease) {
  return view.config.driver_of(view.config.owner_of(view.s.lease(lease).key));
}

/// An idle worker that PopWorker may take for the request. One that was marked killed does not fit.
WorkerId idle_worker(const View& view, NodeId node, LeaseId lease) {
  return find_worker(view, node, [&](const Worker& w) {
    return w.place == PoolPlace::kIdle && !w.killed && is_of_job(view, w, job_of(view, lease));
  });
}

WorkerId empty_slot(const View& view, NodeId node) {
  return find_worker(view, node, [](const Worker& w) { return w == Worker{}; });
}

/// Somebody else than the pool refers to the worker: a call, an owner that has leased it or lives in it.
bool is_referred_to(const View& view, WorkerId id) {
  const State& s = view.s;
  return owners_in(view, id) != 0 || s.worker(id).holds_value ||
         std::any_of(s.calls.begin(), s.calls.end(),
                     [id](const Call& call) { return call.worker == id || call.granted == id; }) ||
         std::any_of(s.leases.begin(), s.leases.end(),
                     [id](const Lease& lease) { return lease.used && lease.owner_worker == id; });
}

/// The slot of a process that is started for a request of `job`. Ray starts one whatever else there is: processes that
/// start count, idle ones of other jobs do not (StartWorkerProcess). Abstraction: the slots bound the processes of a
/// node that are kept in mind at a time. Where none is empty, an idle worker of another job leaves in silence, as idle
/// workers may at any time (TryKillingIdleWorkers).
WorkerId slot_for_start(const View& view, NodeId node, OwnerId job) {
  const WorkerId empty = empty_slot(view, node);
  if (empty.exists() || !view.config.several_jobs()) return empty;
  const std::uint8_t end = view.config.first_worker(static_cast<std::uint8_t>(node.value + 1));
  for (std::uint8_t w = view.config.first_worker(node.value); w < end; ++w) {
    const Worker& worker = view.s.workers[w];
    const bool is_of_another = worker.place == PoolPlace::kIdle && worker.job.exists() && worker.job != job;
    if (is_of_another && !is_referred_to(view, WorkerId{w})) return WorkerId{w};
  }
  return WorkerId::none();
}

/// Of one job, or of all: none.
std::size_t waiting_pops(const View& view, NodeId node, OwnerId job) {
  std::size_t count = 0;
  for (std::uint8_t l = 0; l < view.config.room().leases; ++l) {
    if (!waits_for_process(view, node, LeaseId{l}) || view.s.leases[l].start_overdue) continue;
    count += !job.exists() || job_of(view, LeaseId{l}) == job ? 1 : 0;
  }
  return count;
}

std::size_t starting_processes(const View& view, NodeId node, bool that_will_register, OwnerId job = OwnerId::none()) {
  std::size_t count = 0;
  find_worker(view, node, [&](const Worker& w) {
    const bool counts = w.process == ProcessState::kStarting && !(that_will_register && w.stuck);
    count += counts && (!job.exists() || w.job == job) ? 1 : 0;
    return false;
  });
  return count;
}

bool job_goes_short(const View& view, NodeId node, OwnerId job, std::size_t failing) {
  return waiting_pops(view, node, job) + failing > starting_processes(view, node, true, job);
}

/// The job for which a process is to be started next; none: there is one job only.
OwnerId job_short_of_processes(const View& view, NodeId node) {
  if (!view.config.several_jobs()) return OwnerId::none();
  OwnerId job{0};
  while (!job_goes_short(view, node, job, 0)) ++job.value;
  return job;
}

void start_process(Step& step, WorkerId slot, OwnerId job) {
  Worker& worker = step.s.worker(slot);
  worker = Worker{};
  worker.process = ProcessState::kStarting;
  worker.job = job;
}

/// Ray starts no further process while maximum_startup_concurrency of them start (TooManyStartingWorkerProcesses).
bool start_is_throttled(const View& view, NodeId node) {
  const std::uint8_t limit = view.config.shape.startup_concurrency;
  const std::uint8_t most = limit == kStartsAsCpus ? view.config.total_cpus(node) : limit;
  return most > 0 && starting_processes(view, node, false) >= most;
}

constexpr Transition kReserveIdleWorker{
    .row = Row::kR20,
    .id = "raylet.R20.pop_idle_worker",
    .doc = "the pool takes an idle worker for the request and posts the callback",
    .source = {kPool, "FindAndPopIdleWorker"},
    .component = Component::kRaylet,
    .trigger = inside(),
    .guard = [](const View& view, const Action& a) { return idle_worker(view, a.node, a.lease).exists(); },
    .effect =
        [](Step& step, const Action& a) {
          Worker& worker = step.s.worker(idle_worker(step.view(), a.node, a.lease));
          if (step.config.several_jobs()) worker.job = job_of(step.view(), a.lease);
          worker.place = PoolPlace::kReserved;
          worker.lease = a.lease;
        },
};

/// Inside R14, and by itself once a slot is free again (a throttled start).
constexpr Transition kStartWorker{
    .row = Row::kR21,
    .id = "raylet.R21.start_worker",
    .doc = "no worker is idle; the raylet starts a worker process for the waiting request",
    .source = {kPool, "StartNewWorker"},
    .logs = says(LogKind::kStart, log_ids::start),
    .component = Component::kRaylet,
    .trigger = each(Moment::kNode),
    .guard =
        [](const View& view, const Action& a) {
          const Raylet& raylet = view.s.raylet(a.node);
          return raylet.alive && !raylet.job_unknown && goes_short_of_processes(view, a.node) &&
                 !start_is_throttled(view, a.node) &&
                 slot_for_start(view, a.node, job_short_of_processes(view, a.node)).exists();
        },
    .effect =
        [](Step& step, const Action& a) {
          const OwnerId job = job_short_of_processes(step.view(), a.node);
          start_process(step, slot_for_start(step.view(), a.node, job), job);
        },
};

/// The second copy of a request asks the pool only when a worker is idle and the first copy has one: to start a process
/// for it would only delay it.
bool second_copy_may_go(const View& view, NodeId node, LeaseId id) {
  return idle_worker(view, node, id).exists() && !waits_for_process(view, node, id);
}

/// A pass looks at the oldest waiting request of a key first and leaves the key alone when that one stays. In the free
/// view the answer may differ from request to request, so that any of them may be spilled.
bool spill_is_tried(const View& view, LeaseId id) {
  const Lease& lease = view.s.lease(id);
  if (lease.stage != LeaseStage::kGrantWait || lease.second != SecondCopy::kNone) return false;
  if (!view.config.has(Safeguard::kQueuedLeasesAreSpilled)) return false;
  const bool fits = available_at(view, lease.node, lease.key) || looks_available_here(view, lease.node, lease.key);
  if (fits && takes_work(view, lease.node) && !at_cap(view, lease.node, lease.key)) return false;
  if (!view.config.tracked()) return true;
  const auto& waiting = view.s.raylet(lease.node).waiting;
  const auto oldest = std::find_if(waiting.begin(), waiting.end(),
                                   [&](const LeaseId other) { return view.s.lease(other).key == lease.key; });
  return *oldest == id;
}

/// Inside every handler that runs a pass, and by itself through the pass that runs each second.
constexpr Transition kAllocate{
    .row = Row::kR14,
    .id = "raylet.R14.allocate",
    .doc = "the raylet allocates the request's resources and asks its pool for a worker",
    .source = {kManager, "GrantScheduledLeasesToWorkers"},
    .logs = says(LogKind::kLookedAt, log_ids::allocated),
    .component = Component::kRaylet,
    .trigger = each(Moment::kNode),
    .guard =
        [](const View& view, const Action& a) {
          return view.s.raylet(a.node).alive && takes_work(view, a.node) && examine_queue(view, a.node).grant.exists();
        },
    .effect =
        [](Step& step, const Action& a) {
          Raylet& raylet = step.s.raylet(a.node);
          const LeaseId id = a.lease.exists() ? a.lease : examine_queue(step.view(), a.node).grant;
          Lease& lease = step.s.lease(id);
          raylet.waiting.erase(std::find(raylet.waiting.begin(), raylet.waiting.end(), id));
          raylet.available = static_cast<std::int8_t>(raylet.available - step.config.cpus_of(lease.key));
          resources_changed(step, a.node);
          if (is_second_copy(lease)) {
            lease.second = SecondCopy::kPopped;
          } else {
            lease.stage = LeaseStage::kGrantWorker;
          }
          if (step.config.on(Feature::kArguments)) raylet.accounts |= static_cast<std::uint16_t>(1U << id.value);
          if (perform_if(step, kReserveIdleWorker, at(a.node, id))) return;
          if (step.config.on(Feature::kPoolOrder)) raylet.pops.add(id, "lease requests waiting for a worker process");
          perform_if(step, kStartWorker, at(a.node, id));
        },
};

constexpr Transition kStayWaiting{
    .row = Row::kR16,
    .id = "raylet.R16.keep_waiting",
    .doc = "resources are missing; the request stays in the local queue",
    .source = {kManager, "GrantScheduledLeasesToWorkers"},
    .logs = says(LogKind::kLookedAt, log_ids::still_waiting),
    .component = Component::kRaylet,
    .trigger = inside(),
    .guard = [](const View& view, const Action& a) { return !view.s.raylet(a.node).waiting.empty(); },
    .effect = [](Step&, const Action&) {},
};

/// The request that the free worker serves: the first that asked (pool_order), or the one in the lowest slot.
LeaseId next_pop(const View& view, NodeId node, const Worker& worker) {
  const auto fits = [&](LeaseId lease) {
    return waits_for_process(view, node, lease) && is_of_job(view, worker, job_of(view, lease));
  };
  if (view.config.on(Feature::kPoolOrder)) {
    for (const LeaseId lease : view.s.raylet(node).pops) {
      if (fits(lease)) return lease;
    }
    return LeaseId::none();
  }
  for (std::uint8_t l = 0; l < view.config.room().leases; ++l) {
    if (fits(LeaseId{l})) return LeaseId{l};
  }
  return LeaseId::none();
}

/// With tables that name the task: another lease at the same raylet was asked for and granted for the task of `id`.
bool task_is_in_work(const View& view, LeaseId id) {
  const Lease& lease = view.s.lease(id);
  return lease.asked_for.exists() && std::any_of(view.s.leases.begin(), view.s.leases.end(), [&](const Lease& other) {
           return &other != &lease && other.used && other.node == lease.node && other.stage == LeaseStage::kLeased &&
                  other.asked_for == lease.asked_for;
         });
}

/// PoppedWorkerHandler and Grant for a request that is still wanted. Neither looks at whether the worker is alive.
void grant(Step& step, NodeId node, WorkerId id) {
  Worker& worker = step.s.worker(id);
  Lease& lease = step.s.lease(worker.lease);
  if (step.config.has(Safeguard::kGrantChecksWorker) && !worker.registered) {
    // The proposed fix: treat the pop as failed, as R24 does, and try again.
    const LeaseId lease_id = worker.lease;
    worker.place = PoolPlace::kNowhere;
    worker.lease = LeaseId::none();
    pop_has_failed(step, lease_id);
    grant_pass(step, node);
    return;
  }
  if (!step.ray_check(!task_is_in_work(step.view(), worker.lease), RayCheck::kTaskNotInWork, node)) return;
  if (!step.ray_check(lease.stage != LeaseStage::kLeased, RayCheck::kLeaseNotGranted, node)) return;
  lease.stage = LeaseStage::kLeased;
  lease.worker = id;
  worker.place = PoolPlace::kLeased;
  if (lease.second != SecondCopy::kNone && lease.second_answers) return;  // nobody waits for this copy
  answer_held(step, worker.lease, [&](const Call& call) { answer_granted(step, call, id); });
}

constexpr Transition kGrant{
    .row = Row::kR22,
    .id = "raylet.R22.grant",
    .doc = "the raylet grants the lease of the popped worker and answers the owner",
    .source = {kManager, "PoppedWorkerHandler"},
    .logs = says(LogKind::kGrant, log_ids::popped),
    .component = Component::kRaylet,
    .trigger = each(Moment::kWorker),
    .guard =
        [](const View& view, const Action& a) {
          return has_popped(view, a) && !is_of_ended_job(view, view.s.worker(a.worker).lease);
        },
    .effect = [](Step& step, const Action& a) { grant(step, a.node, a.worker); },
};

/// The pool keeps as many processes ready as the node has CPUs (PrestartWorkers), whoever asks for them.
/// Abstraction: how many the backlog calls for, and when, is a free choice within that bound.
constexpr Transition kPrestart{
    .row = Row::kR21Prestart,
    .id = "raylet.R21.prestart_worker",
    .doc = "the raylet starts a worker process before a request waits for it",
    .source = {kPool, "PrestartWorkers"},
    .logs = says(LogKind::kStart, log_ids::start),
    .feature = Feature::kPrestart,
    .component = Component::kRaylet,
    .trigger = each(Moment::kNode),
    .bindings =
        [](const View& view, const Action& base, std::vector<Action>& out) {
          if (!view.config.several_jobs()) out.push_back(base);
          for (std::uint8_t o = 0; o < view.config.owners() && view.config.several_jobs(); ++o) {
            if (view.config.driver_of(OwnerId{o}) != OwnerId{o}) continue;
            out.push_back(base);
            out.back().owner = OwnerId{o};
          }
        },
    .guard =
        [](const View& view, const Action& a) {
          const Raylet& raylet = view.s.raylet(a.node);
          return raylet.alive && !raylet.job_unknown && empty_slot(view, a.node).exists() &&
                 !start_is_throttled(view, a.node);
        },
    .effect = [](Step& step, const Action& a) { start_process(step, empty_slot(step.view(), a.node), a.owner); },
};

constexpr Transition kRows[] = {
    kAllocate,
    kPrestart,
    {
        .row = Row::kR15,
        .id = "raylet.R15.spill_waiting",
        .doc = "resources are still missing in a later pass; the waiting request is spilled or rejected",
        .source = {kManager, "TrySpillback"},
        .component = Component::kRaylet,
        .trigger = each(Moment::kLease),
        .bindings =
            [](const View& view, const Action& base, std::vector<Action>& out) {
              if (spill_is_tried(view, base.lease)) spill_decisions(view, base, out);
            },
        .effect =
            [](Step& step, const Action& a) {
              auto& waiting = step.s.raylet(a.node).waiting;
              waiting.erase(std::find(waiting.begin(), waiting.end(), a.lease));
              carry_out(step, a);
            },
    },
    kStayWaiting,
    kReserveIdleWorker,
    kStartWorker,
    kGrant,
    {
        .row = Row::kR23,
        .id = "raylet.R23.popped_for_cancelled_work",
        .doc = "the request was cancelled meanwhile; the popped worker goes back to the pool, alive or not",
        .source = {kPool, "PopWorkerCallbackInternal"},
        .logs = says(LogKind::kPoppedForCancelled, log_ids::popped),
        .component = Component::kRaylet,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              return view.s.worker(a.worker).place == PoolPlace::kReserved && view.s.raylet(a.node).alive &&
                     !has_popped(view, a);
            },
        .effect =
            [](Step& step, const Action& a) {
              Worker& worker = step.s.worker(a.worker);
              worker.lease = LeaseId::none();
              push_worker(step, a.worker);
            },
    },
};

}  // namespace

std::span<const Transition> grant_rows() {
  return kRows;
}

ExaminedQueue examine_queue(const View& view, NodeId node) {
  ExaminedQueue found;
  std::array<bool, kKeysMax> blocked = skipped_classes(view, node);
  for (const LeaseId id : view.s.raylet(node).waiting) {
    const Lease& lease = view.s.lease(id);
    if (blocked[lease.key.value]) continue;
    if (is_second_copy(lease) && !second_copy_may_go(view, node, id)) continue;
    if (!all_local(view, node, lease.arguments)) {
      if (!found.lacks_argument.exists()) found.lacks_argument = id;
    } else if (!may_pin(view, node, lease.arguments)) {
      found.no_room_to_pin = true;
    } else if (available_at(view, node, lease.key)) {
      found.grant = id;
      return found;
    } else {
      blocked[lease.key.value] = true;
    }
  }
  return found;
}

bool is_of_ended_job(const View& view, LeaseId id) {
  const Lease& lease = view.s.lease(id);
  return view.s.raylet(lease.node).job_ended &&
         (!view.config.several_jobs() || view.config.tells_end_of_job(job_of(view, id)));
}

bool is_of_ended_job(const View& view, WorkerId id) {
  return view.s.raylet(view.config.node_of(id)).job_ended &&
         (!view.config.several_jobs() || view.config.tells_end_of_job(view.s.worker(id).job));
}

bool waits_for_process(const View& view, NodeId node, LeaseId id) {
  const Lease& lease = view.s.lease(id);
  if (!lease.used || lease.node != node || lease.stage != LeaseStage::kGrantWorker) return false;
  return !find_worker(view, node, [id](const Worker& w) {
            return w.place == PoolPlace::kReserved && w.lease == id;
          }).exists();
}

bool has_popped(const View& view, const Action& a) {
  const Worker& worker = view.s.worker(a.worker);
  if (worker.place != PoolPlace::kReserved || !view.s.raylet(a.node).alive) return false;
  const Lease& lease = view.s.lease(worker.lease);
  return lease.stage == LeaseStage::kGrantWorker || lease.second == SecondCopy::kPopped;
}

bool goes_short_of_processes(const View& view, NodeId node, std::size_t failing) {
  if (!view.config.several_jobs()) return job_goes_short(view, node, OwnerId::none(), failing);
  for (std::uint8_t o = 0; o < view.config.owners(); ++o) {
    if (job_goes_short(view, node, OwnerId{o}, failing)) return true;
  }
  return false;
}

void pop_has_failed(Step& step, LeaseId id) {
  Lease& lease = step.s.lease(id);
  lease.start_overdue = false;
  free_resources(step, lease.node, lease.key);
  close_account(step, lease.node, id);
  lease.stage = LeaseStage::kGrantWait;
  step.s.raylet(lease.node).waiting.add(id, "lease requests waiting at a raylet");
}

void grant_pass(Step& step, NodeId node) {
  const Action binding = at(node, LeaseId::none());
  const auto move_back = [&] { return perform_if(step, transition_of(Row::kR12), binding); };
  if (step.config.on(Feature::kFairShare)) {
    while (step.config.objects() && move_back()) {
    }
    class_pass(step, node);
  } else {
    while ((step.config.objects() && move_back()) || perform_if(step, kAllocate, binding)) {
    }
  }
  if (step.config.objects()) perform_if(step, transition_of(Row::kR13), binding);
  perform_if(step, kStayWaiting, binding);
}

void push_worker(Step& step, WorkerId id) {
  Worker& worker = step.s.worker(id);
  const NodeId node = step.config.node_of(id);
  step.ray_check(!worker.lease.exists(), RayCheck::kIdleWorkerHasNoLease, node);
  if (step.config.has(Safeguard::kGrantChecksWorker) && !worker.registered) {
    worker.place = PoolPlace::kNowhere;
    return;
  }
  const LeaseId lease = worker.killed ? LeaseId::none() : next_pop(step.view(), node, worker);
  if (!lease.exists()) {
    worker.place = PoolPlace::kIdle;
    return;
  }
  worker.place = PoolPlace::kReserved;
  worker.lease = lease;
  if (step.config.several_jobs()) worker.job = job_of(step.view(), lease);
  Action binding = at(node, lease);
  binding.worker = id;
  perform(step, is_of_ended_job(step.view(), lease) ? transition_of(Row::kR27) : kGrant, binding);
}

}  // namespace raymc
