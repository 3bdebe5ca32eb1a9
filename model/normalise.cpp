#include "model/normalise.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>

#include "model/network.hpp"
#include "model/owner/owner.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/scheduler/view.hpp"
#include "model/worker/worker.hpp"

namespace raymc {
namespace {

/// What is mentioned somewhere, and therefore keeps its id: bit per id, the last for "none".
struct Mentions {
  std::uint32_t leases = 0;
  std::uint32_t workers = 0;
  std::uint32_t used = 0;  // the leases that are

  void add(LeaseId lease) { leases |= 1U << lease.value; }
  void add(WorkerId worker) { workers |= 1U << worker.value; }
};
static_assert(LeaseId::kNoneValue < 32 && kLeasesMax <= LeaseId::kNoneValue && kWorkersMax <= WorkerId::kNoneValue);

Mentions mentions_of(const Config& config, const State& s) {
  Mentions mentioned;
  for (const Call& call : s.calls) {
    mentioned.add(call.lease);
    mentioned.add(call.worker);
    mentioned.add(call.granted);
  }
  const std::uint8_t leases = config.room().leases;
  for (std::uint8_t l = 0; l < leases; ++l) {
    const Lease& lease = s.leases[l];
    if (!lease.used) continue;
    mentioned.used |= 1U << l;
    if (lease.at_owner != OwnerLease::kNone || lease.stage != LeaseStage::kNone) mentioned.add(LeaseId{l});
    mentioned.add(lease.owner_worker);
    mentioned.add(lease.worker);
  }
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    for (const LeaseId lease : s.raylets[n].waiting) mentioned.add(lease);
    mentioned.leases |= s.raylets[n].accounts;
  }
  const std::uint8_t workers = config.workers();
  for (std::uint8_t w = 0; w < workers; ++w) mentioned.add(s.workers[w].lease);
  for (std::uint8_t o = 0; o < config.owners(); ++o) mentioned.add(s.owners[o].worker);
  return mentioned;
}

/// A worker that can never act again is forgotten, so that its slot stands for a new process.
bool worker_is_forgotten(const Config& config, const State& s, std::uint8_t index) {
  const Worker& worker = s.workers[index];
  if (worker.registered || worker.place != PoolPlace::kNowhere) return false;
  if (worker.process == ProcessState::kDead) return true;
  // orderly_kills: how it ends when its raylet does it says in its log.
  if (config.on(Feature::kOrderlyKills)) return false;
  // Of one that has got a dead worker's port, pushes to that one are still heard.
  if (is_left_behind({config, s}, WorkerId{index}) && !worker.port_of.exists()) return true;
  // An idle worker of a dead raylet waits only for its own end, which must come.
  return config.has(Safeguard::kWorkersWatchRaylet) && worker.process == ProcessState::kRunning &&
         worker.execution == Execution::kNone && !s.raylet(config.node_of(WorkerId{index})).alive;
}

/// An attempt that no push and no worker carries any more cannot start again.
void forget_started_attempts(const Config& config, State& s) {
  std::array<std::uint8_t, kTasksMax> carried{};
  for (const Call& call : s.calls) {
    if (call.rpc == Rpc::kPushTask) carried[call.task.value] |= bit(call.attempt);
  }
  const std::uint8_t workers = config.workers();
  for (std::uint8_t w = 0; w < workers; ++w) {
    const Worker& worker = s.workers[w];
    const bool started = worker.execution == Execution::kNone || worker.execution == Execution::kRunning;
    if (!started) carried[worker.task.value] |= bit(worker.attempt);
  }
  for (std::uint8_t t = 0; t < config.tasks(); ++t) s.ghost.started[t] &= carried[t];
}

/// The submitter's note that a task was cancelled is read only while the task is still to be resolved or retried.
void forget_cancellations(const Config& config, State& s) {
  for (std::uint8_t t = 0; t < config.tasks(); ++t) {
    Task& task = s.tasks[t];
    const bool noted = task.pending() || task.place == TaskPlace::kResolver || task.place == TaskPlace::kRetryHeap ||
                       task.place == TaskPlace::kWaitsForArguments || task.place == TaskPlace::kResolutionFailed;
    if (!noted) task.in_cancel_set = false;
  }
}

/// What a raylet knows of the starts for a request goes with its work item.
void forget_starts(State& s) {
  for (Lease& lease : s.leases) {
    if (lease.stage != LeaseStage::kGrantWorker) lease.start_overdue = false;
    if (lease.stage == LeaseStage::kNone || lease.stage == LeaseStage::kLeased) lease.failed_starts = 0;
  }
}

/// Who has got a process, or does not wait for one any more, does not stand in line.
void forget_pops(const Config& config, State& s) {
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    auto& pops = s.raylets[n].pops;
    const auto served = [&](LeaseId id) { return !waits_for_process({config, s}, NodeId{n}, id); };
    pops.erase(std::remove_if(pops.begin(), pops.end(), served), pops.end());
  }
}

/// Nobody asks why the worker of a lease failed that its owner has given up, once it has asked.
bool cause_may_be_asked(const State& s, LeaseId id) {
  if (s.lease(id).at_owner != OwnerLease::kNone) return true;
  return std::any_of(s.calls.begin(), s.calls.end(), [id](const Call& call) {
    return call.rpc == Rpc::kGetWorkerFailureCause && call.lease == id && !call.detached;
  });
}

void forget_causes(const Config& config, State& s) {
  for (std::uint8_t l = 0; l < config.room().leases; ++l) {
    if (!cause_may_be_asked(s, LeaseId{l})) s.leases[l].cause = FailureCause::kNone;
  }
  for (std::uint8_t k = 0; k < config.keys(); ++k) {
    if (!key_has_entry({config, s}, KeyId{k})) s.retriable_keys &= static_cast<std::uint8_t>(~bit(k));
  }
}

/// A raylet reads nothing more from a connection that it has closed, and ignores what a worker sends that it has
/// killed.
/// orderly_kills: it still reads what it ignores, and says so in its log.
void forget_unread_messages(const Config& config, Worker& worker) {
  if (!worker.registered || (worker.killed && !config.on(Feature::kOrderlyKills))) worker.unread = 0;
  if (worker.unread == 0) worker.told_blocked = false;
}

/// A raylet ends its poll of an owner when it pins nothing for it any more; whatever becomes of it changes nothing.
bool poll_is_unneeded(const Config& config, const State& s, const Call& call) {
  if (call.rpc != Rpc::kPollOwner) return false;
  for (std::uint8_t v = 0; v < kObjectsMax; ++v) {
    const bool pinned = has_bit(s.objects[v].pinned, call.node.value);
    if (pinned && config.owner_of(ObjectId{v}) == call.owner) return call.detached;
  }
  return true;
}

/// Numbers are only compared with those of the same GCS: what both ends have behind them is taken off both.
void forget_numbers(const Config& config, State& s) {
  if (!config.has(Safeguard::kPublisherIdTellsRestart)) return;
  for (Poll& poll : s.polls) {
    const std::uint8_t behind = std::min(poll.acked, poll.processed);
    poll.acked = static_cast<std::uint8_t>(poll.acked - behind);
    poll.processed = static_cast<std::uint8_t>(poll.processed - behind);
  }
}

}  // namespace

void normalise(const Config& config, State& s) {
  if (s.budget[Fault::kReplyLost] == 0) {
    s.calls.erase(std::remove_if(s.calls.begin(), s.calls.end(),
                                 [](const Call& call) { return call.stage == Stage::kReply && ignorable_reply(call); }),
                  s.calls.end());
  }
  if (config.objects()) {
    s.calls.erase(std::remove_if(s.calls.begin(), s.calls.end(),
                                 [&](const Call& call) { return poll_is_unneeded(config, s, call); }),
                  s.calls.end());
  }
  const std::size_t calls_max = config.room().calls;
  if (s.calls.size() > calls_max) throw mc::CapacityExceeded("network: calls: " + std::to_string(calls_max));
  sort_calls(config, s.calls);
  if (config.on(Feature::kPubsub)) forget_numbers(config, s);
  if (config.on(Feature::kMemoryPressure)) forget_causes(config, s);
  if (config.on(Feature::kWorkerStarts)) forget_starts(s);
  if (config.on(Feature::kPoolOrder)) forget_pops(config, s);
  forget_started_attempts(config, s);
  forget_cancellations(config, s);
  normalise_view(config, s);
  for (std::uint8_t o = 0; o < config.owners(); ++o) {
    Owner& owner = s.owners[o];
    if (!owner.alive && !owner.registered) owner.worker = WorkerId::none();
  }
  const Mentions mentioned = mentions_of(config, s);
  const std::uint8_t workers = config.workers();
  for (std::uint8_t w = 0; w < workers; ++w) {
    forget_unread_messages(config, s.workers[w]);
    const bool named = ((mentioned.workers >> w) & 1U) != 0;
    if (named || !worker_is_forgotten(config, s, w)) continue;
    if (is_left_behind({config, s}, WorkerId{w})) s.ghost.left_behind |= bit(config.node_of(WorkerId{w}).value);
    s.workers[w] = Worker{};
  }
  if (config.on(Feature::kPortReuse)) {
    for (Worker& worker : s.workers) {
      if (worker.port_of.exists() && s.worker(worker.port_of) == Worker{}) worker.port_of = WorkerId::none();
    }
  }
  for (unsigned forgotten = mentioned.used & ~mentioned.leases; forgotten != 0; forgotten &= forgotten - 1) {
    s.leases[static_cast<std::size_t>(std::countr_zero(forgotten))] = Lease{};
  }
}

}  // namespace raymc
