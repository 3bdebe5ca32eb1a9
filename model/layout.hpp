// The one description of what a state consists of: which fields are kept under which config, in how many bits, and what
// each names. It serves every direction: writing, reading and renaming offer it the same functions as `Io`.
//   field, flag, signed_field, list    a value; a field that is an Id names one thing of that kind
//   id, key                            one thing of a kind, or none; the key of a lease
//   nodes, owners, tasks, leases, ...  a set of such things, bit per thing
//   by_node, by_task, by_worker, ...   an array with an element per thing of the shape; calls, in canonical order
//   seam                               a writer gathers up to 64 bits from one to the next; the elements of arrays and
//                                      lists have one behind them
// A new field of the state gets its line here. What names things must be said as such, or renaming would miss it
// (tests/model/symmetry_test.cpp notices).
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "model/config.hpp"
#include "model/state.hpp"

namespace raymc::layout {

/// Bits that hold every value of an enumeration up to `last`.
template <class Enum>
constexpr unsigned up_to(Enum last) {
  return static_cast<unsigned>(std::bit_width(static_cast<unsigned>(last)));
}

inline constexpr unsigned kNode = 2;  // an existing node
inline constexpr unsigned kAttempt = 3;

/// Few scenarios ask for the last replies.
inline unsigned reply_width(const Config& config) {
  return up_to(config.on(Feature::kWorkerStarts) ? kReplyLast : Reply::kOutOfMemoryFinal);
}

template <class Io, class T>
void budget(const Config& config, Io& io, T& b) {
  for (std::size_t first = 0; first < kFaultCount; first += 8) {
    // Most of a budget is nothing at all; eight faults are seen at one glance.
    std::uint64_t some = 0;
    const std::size_t last = std::min(first + 8, std::size_t{kFaultCount});
    std::memcpy(&some, config.budget.left.data() + first, last - first);
    while (some != 0) {
      const auto place = static_cast<unsigned>(std::countr_zero(some)) / 8;
      io.field(b.left[first + place], 2);
      io.seam();
      some &= ~(std::uint64_t{0xff} << (8 * place));
    }
  }
}

template <class Io, class T>
void task_with_arguments(Io& io, T& t) {
  io.objects(t.by_ref);
  io.flag(t.bad_argument);
  io.flag(t.actor_known);
  io.flag(t.actor_failed);
  io.flag(t.ran_before);
  io.flag(t.retained);
  if (!t.retained) return;
  io.field(t.attempt, kAttempt);
  io.field(t.retries_left, 2);
}

template <class Io, class T>
void object(const Config& config, Io& io, T& o) {
  io.field(o.value, up_to(Value::kInPlasma));
  io.flag(o.error);
  io.id(o.pinned_at);
  io.field(o.submitted, 2);
  io.flag(o.dropped);
  io.flag(o.to_recover);
  io.field(o.recovery, up_to(Recovery::kEnded));
  io.nodes(o.copies);
  io.nodes(o.pinned);
  if (config.allows(Fault::kValueSpilled)) io.nodes(o.spilled);
}

template <class Io, class T>
void task(const Config& config, Io& io, T& t) {
  io.field(t.status, up_to(TaskStatus::kFailed));
  io.field(t.place, up_to(TaskPlace::kRetryHeap));
  if (t.status == TaskStatus::kArgs || t.status == TaskStatus::kNode || t.status == TaskStatus::kSubmitted) {
    io.field(t.attempt, kAttempt);
    io.field(t.retries_left, 2);
    if (config.on(Feature::kDrain)) io.field(t.forgiven, kAttempt);
    if (config.on(Feature::kMemoryPressure)) io.field(t.memory_retries, kAttempt);
  }
  if (config.on(Feature::kArguments)) task_with_arguments(io, t);
  if (t.place == TaskPlace::kReplyHalf2) {
    io.field(t.half2, reply_width(config));
    if (config.on(Feature::kResults)) io.id(t.half2_node);
  }
  if (!config.allows(Fault::kCancel)) return;
  io.flag(t.canceled);
  io.flag(t.in_cancel_set);
  if (config.on(Feature::kCancelPath)) io.flag(t.cancel_again);
}

template <class Io, class T>
void owner(const Config& config, Io& io, T& o) {
  io.flag(o.alive);
  if (config.on(Feature::kGracefulExit)) io.flag(o.exiting);
  io.flag(o.registered);
  if (config.on(Feature::kNestedTasks)) {
    io.id(o.worker);
    io.id(o.home);
  }
  if (!o.alive) return;
  io.nodes(o.dead_nodes);
  if (config.on(Feature::kDrain)) io.nodes(o.preempted_nodes);
  if (config.on(Feature::kAffinity)) io.nodes(o.known_nodes);
}

/// A raylet may queue a request that it holds already.
inline bool may_be_doubled(const Config& config) {
  return !config.has(Safeguard::kQueuedRequestsAreRecognised) || !config.has(Safeguard::kWaitingRequestsAreRecognised);
}

template <class Io, class T>
void lease(const Config& config, Io& io, T& l) {
  io.flag(l.used);
  if (!l.used) return;
  io.key(l.key);
  io.field(l.node, kNode);
  io.flag(l.spilled);
  io.flag(l.after_refusal);
  io.field(l.at_owner, up_to(OwnerLease::kBusy));
  if (l.at_owner == OwnerLease::kIdle || l.at_owner == OwnerLease::kBusy) io.id(l.owner_worker);
  if (config.on(Feature::kDuplicates)) io.flag(l.ended);
  io.field(l.stage, up_to(LeaseStage::kLeased));
  if (l.stage == LeaseStage::kLeased) io.id(l.worker);
  if (may_be_doubled(config)) {
    io.field(l.second, up_to(SecondCopy::kPopped));
    io.flag(l.second_answers);
  }
  if (!config.has(Safeguard::kTablesAreKeyedByLease)) io.id(l.asked_for);
  if (config.on(Feature::kArguments)) {
    io.objects(l.arguments);
    io.flag(l.by_locality);
  }
  if (config.on(Feature::kMemoryPressure)) io.field(l.cause, up_to(FailureCause::kMemoryFinal));
  if (config.on(Feature::kDevices)) io.flag(l.no_devices);
  if (config.on(Feature::kWorkerStarts)) {
    io.flag(l.start_overdue);
    io.field(l.failed_starts, 3);
  }
  if (!config.on(Feature::kLeaseCancels)) return;
  io.field(l.cancels, 2);
  io.flag(l.tombstone);
}

template <class Io, class T>
void worker(const Config& config, Io& io, T& w) {
  io.field(w.process, up_to(ProcessState::kDead));
  io.flag(w.registered);
  io.flag(w.killed);
  io.flag(w.stopped);
  if (config.on(Feature::kIdleExit)) io.flag(w.exit_promised);
  if (config.allows(Fault::kNotIdle)) io.flag(w.holds_value);
  if (config.on(Feature::kGracefulExit)) io.flag(w.exiting);
  if (config.allows(Fault::kStuckExit) || config.on(Feature::kWorkerStarts)) io.flag(w.stuck);
  if (config.on(Feature::kPortReuse)) io.id(w.port_of);
  if (config.several_jobs()) io.id(w.job);
  if (config.shape.tasks_per_worker() > 1) io.field(w.ran, 3);
  io.field(w.place, up_to(PoolPlace::kExiting));
  io.id(w.lease);
  io.field(w.execution, up_to(Execution::kRunning));
  if (config.on(Feature::kBlocking)) {
    io.field(w.get, up_to(Get::kDone));
    io.flag(w.blocked);
    io.field(w.unread, 3);
    io.flag(w.told_blocked);
  }
  if (w.execution == Execution::kNone) return;
  io.field(w.task, config.room().task_bits);
  io.field(w.attempt, kAttempt);
}

template <class Io, class T>
void view_rows(const Config& config, Io& io, T& rows) {
  io.by_node(rows, [&](auto& row) {
    io.field(row.cpus, 3);
    if (config.streams_may_break()) io.field(row.version, 4);
    if (config.on(Feature::kDrain)) io.flag(row.drains);
  });
}

template <class Io, class T>
void raylet(const Config& config, Io& io, T& r) {
  io.flag(r.alive);
  if (!r.alive) return;
  io.flag(r.shutting_down);
  if (config.on(Feature::kHangs)) io.flag(r.hung);
  if (config.on(Feature::kBlocking)) {
    io.signed_field(r.available, 5);
  } else {
    io.field(r.available, 3);
  }
  io.nodes(r.dead_nodes);
  io.nodes(r.known_nodes);
  io.owners(r.failed_owners);
  io.list(r.waiting, config.room().lease_bits, [&io](auto& id) { io.id(id); });
  if (config.on(Feature::kPoolOrder)) io.list(r.pops, config.room().lease_bits, [&io](auto& id) { io.id(id); });
  if (config.on(Feature::kDrain)) io.field(r.drain, up_to(Drain::kPreemption));
  if (config.on(Feature::kArguments)) io.leases(r.accounts);
  if (config.on(Feature::kJobs)) {
    io.flag(r.job_ended);
    io.flag(r.job_unknown);
  }
  if (!config.tracked()) return;
  if (config.on(Feature::kDrain)) io.nodes(r.draining_nodes);
  view_rows(config, io, r.view.stored);
  io.by_node(r.view.rows, [&](auto& cpus) { io.field(cpus, 3); });
  io.flag(r.view.sample_due);
}

template <class Io, class T>
void notice(const Config& config, Io& io, T& n) {
  io.field(n.kind, up_to(NoticeKind::kJobFinished));
  io.id(n.node);
  io.id(n.owner);
  if (config.on(Feature::kDrain)) io.flag(n.preempted);
}

template <class Io, class T>
void gcs_view(const Config& config, Io& io, T& view) {
  view_rows(config, io, view.stored);
  io.by_node(view.streams, [&](auto& stream) { io.field(stream, up_to(Stream::kLost)); });
  io.by_node(view.up, [&](auto& rows) { view_rows(config, io, rows); });
  io.by_node(view.down, [&](auto& rows) { view_rows(config, io, rows); });
}

template <class Io, class T>
void gcs(const Config& config, Io& io, T& g) {
  io.flag(g.up);
  io.by_node(g.nodes, [&](auto& record) { io.field(record, up_to(NodeRecord::kDead)); });
  if (config.shape.health_check_failures > 1 || config.on(Feature::kPostedDeaths)) {
    io.by_node(g.failed_probes, [&](auto& probes) { io.field(probes, 3); });
  }
  io.owners(g.failed_owners);
  io.subscribers(g.subscribed);
  io.by_subscriber(g.mailboxes, [&](auto& mailbox) { io.list(mailbox, 3, [&](auto& n) { notice(config, io, n); }); });
  if (config.registers_late()) io.nodes(g.dead_rows);
  if (config.allows(Fault::kStoreStall)) io.nodes(g.hung_writes);
  if (!config.has(Safeguard::kRestartWatchesLoadedNodes)) io.nodes(g.unwatched);
  if (!config.has(Safeguard::kDetectorStartsAfterService)) io.flag(g.opening);
  if (config.on(Feature::kInMemoryGcs)) io.flag(g.new_cluster);
  if (config.on(Feature::kJobs)) io.field(g.job, up_to(JobRecord::kFinished));
  if (config.tracked()) gcs_view(config, io, g.view);
  if (!config.on(Feature::kDrain)) return;
  io.nodes(g.preemptions);
  io.nodes(g.acknowledged);
  io.nodes(g.preempted);
  io.nodes(g.past_deadline);
}

template <class Io, class T>
void poll(const Config& config, Io& io, T& p) {
  constexpr unsigned kNumber = 4;
  io.field(p.stage, up_to(PollStage::kReply));
  io.field(p.record, up_to(SubscriberRecord::kRenewed));
  if (p.stage == PollStage::kReply) io.field(p.batch, 3);
  io.field(p.acked, kNumber);
  io.field(p.processed, kNumber);
  io.list(p.inbox, 3, [&](auto& n) { notice(config, io, n); });
}

template <class Io, class T>
void call(const Config& config, Io& io, T& c) {
  io.field(c.rpc, up_to(Rpc::kNotifyGcsRestart));
  io.field(c.stage, up_to(Stage::kResend));
  io.flag(c.detached);
  if (config.on(Feature::kDuplicates)) io.flag(c.stray);
  io.id(c.owner);
  io.id(c.node);
  switch (c.rpc) {
    case Rpc::kRequestWorkerLease:
      io.id(c.lease);
      if (c.stage != Stage::kReply) return;
      io.field(c.reply, reply_width(config));
      if (c.reply == Reply::kGranted) io.id(c.granted);
      if (c.reply == Reply::kRedirect) io.field(c.redirect, kNode);
      return;
    case Rpc::kReturnWorkerLease:
      io.id(c.lease);
      io.flag(c.disconnect);
      io.flag(c.exiting);
      io.id(c.worker);
      break;
    case Rpc::kCancelWorkerLease: io.id(c.lease); break;
    case Rpc::kGetWorkerFailureCause:
      io.id(c.lease);
      io.field(c.task, config.room().task_bits);
      break;
    case Rpc::kPinObjectIds:
      io.id(c.worker);
      io.id(c.object);
      break;
    case Rpc::kPushTask:
      io.id(c.lease);
      io.id(c.worker);
      io.field(c.task, config.room().task_bits);
      io.field(c.attempt, kAttempt);
      break;
    case Rpc::kExit:
      io.id(c.worker);
      if (config.on(Feature::kJobs)) {
        io.flag(c.force);
        io.flag(c.leased);
      }
      break;
    case Rpc::kCancelTask:
    case Rpc::kCancelLocalTask:
      io.id(c.worker);
      io.field(c.task, config.room().task_bits);
      break;
    case Rpc::kDrainRaylet:
    case Rpc::kUnregisterNode:
      if (config.on(Feature::kDrain)) io.flag(c.preemption);
      break;
    default: break;
  }
  if (c.stage != Stage::kReply) return;
  io.field(c.reply, reply_width(config));
  if (c.rpc == Rpc::kPushTask) io.flag(c.exiting);
}

template <class Io, class T>
void links(const Config& config, Io& io, T& l) {
  if (!config.on(Feature::kPartitions)) return;
  io.nodes(l.gcs_cut);
  io.by_node(l.cut, [&](auto& cut) { io.nodes(cut); });
  io.nodes(l.silent);
}

template <class Io, class T>
void ghost(const Config& config, Io& io, T& g) {
  if (config.on(Feature::kGracefulExit)) io.owners(g.abandoned);
  io.seam();
  io.by_task(g.started, [&](auto& attempts) { io.field(attempts, 8); });
  io.tasks(g.started_twice);
  io.tasks(g.ended_twice);
  io.owners(g.refused_again);
  io.nodes(g.left_behind);
  if (config.on(Feature::kDrain)) io.tasks(g.charged_preemptions);
  if (!config.has(Safeguard::kLocalDeathEndsQueue)) io.owners(g.asked_dead_raylet);
  if (config.on(Feature::kCancelPath)) io.flag(g.cancel_missed);
  if (config.on(Feature::kMemoryPressure)) {
    io.tasks(g.charged_kills);
    io.tasks(g.forfeited_retries);
  }
  if (config.on(Feature::kPortReuse)) io.flag(g.wrong_recipient);
  if (config.on(Feature::kDevices)) io.tasks(g.lacked_devices);
  if (config.on(Feature::kPubsub)) io.flag(g.fresh_swept);
  io.field(g.aborted, up_to(RayCheck::kIdleWorkerHasNoLease));
}

template <class Io, class T>
void state(const Config& config, Io& io, T& s) {
  budget(config, io, s.budget);
  io.by_task(s.tasks, [&](auto& t) { task(config, io, t); });
  io.by_key(s.queues, [&](auto& queue) {
    io.list(queue, config.room().queue_bits, [&](auto& id) { io.field(id, config.room().task_bits); });
  });
  if (config.on(Feature::kMemoryPressure)) io.keys(s.retriable_keys);
  io.by_owner(s.owners, [&](auto& o) { owner(config, io, o); });
  const std::uint8_t leases = config.room().leases;
  for (std::uint8_t l = 0; l < leases; ++l) {
    lease(config, io, s.leases[l]);
    io.seam();
  }
  io.by_worker(s.workers, [&](auto& w) { worker(config, io, w); });
  io.by_object(s.objects, [&](auto& o) { object(config, io, o); });
  io.by_node(s.raylets, [&](auto& r) { raylet(config, io, r); });
  gcs(config, io, s.gcs);
  io.seam();
  if (config.on(Feature::kPubsub)) {
    io.by_subscriber(s.polls, [&](auto& p) { poll(config, io, p); });
  }
  io.calls(s.calls, [&](auto& c) { call(config, io, c); });
  links(config, io, s.links);
  io.seam();
  ghost(config, io, s.ghost);
}

}  // namespace raymc::layout
