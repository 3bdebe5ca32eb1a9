#include "model/encode.hpp"

#include <bit>
#include <type_traits>

namespace raymc {
namespace {

/// One description of the layout serves both directions: `Writer` and `Reader` offer the same fields.
class Writer {
 public:
  explicit Writer(mc::ByteSink& out) : out_(out) {}
  template <class T>
  void field(const T& value, unsigned width) {
    out_.bits(static_cast<std::uint32_t>(value), width);
  }
  template <char P>
  void field(const Id<P>& id, unsigned width) {
    out_.bits(id.value, width);
  }
  /// A number from -2^(width-1) to 2^(width-1) - 1.
  void signed_field(const std::int8_t& value, unsigned width) {
    out_.bits(static_cast<std::uint32_t>(value + (1 << (width - 1))), width);
  }
  void flag(const bool& value) { out_.flag(value); }
  template <class List, class Each>
  void list(const List& items, unsigned width, Each each) {
    out_.bits(static_cast<std::uint32_t>(items.size()), width);
    for (const auto& item : items) each(item);
  }

 private:
  mc::ByteSink& out_;
};

class Reader {
 public:
  explicit Reader(mc::ByteSource& in) : in_(in) {}
  template <class T>
  void field(T& value, unsigned width) {
    value = static_cast<T>(in_.bits(width));
  }
  template <char P>
  void field(Id<P>& id, unsigned width) {
    id.value = static_cast<std::uint8_t>(in_.bits(width));
  }
  void signed_field(std::int8_t& value, unsigned width) {
    value = static_cast<std::int8_t>(static_cast<int>(in_.bits(width)) - (1 << (width - 1)));
  }
  void flag(bool& value) { value = in_.flag(); }
  template <class List, class Each>
  void list(List& items, unsigned width, Each each) {
    items.resize(in_.bits(width));
    for (auto& item : items) each(item);
  }

 private:
  mc::ByteSource& in_;
};

/// Bits that hold every value of an enumeration up to `last`.
template <class Enum>
constexpr unsigned up_to(Enum last) {
  return static_cast<unsigned>(std::bit_width(static_cast<unsigned>(last)));
}

constexpr unsigned kNode = 2;  // an existing node
constexpr unsigned kTask = 2;  // an existing task
constexpr unsigned kId = 4;    // a worker or lease, or none
constexpr unsigned kAttempt = 3;

/// Few scenarios ask for the last replies.
unsigned reply_width(const Config& config) {
  return up_to(config.on(Feature::kWorkerStarts) ? kReplyLast : Reply::kOutOfMemoryFinal);
}

template <class Io, class T>
void budget(const Config& config, Io& io, T& b) {
  for (std::size_t f = 0; f < kFaultCount; ++f) {
    if (config.budget.left[f] > 0) io.field(b.left[f], 2);
  }
}

template <class Io, class T>
void task_with_arguments(Io& io, T& t) {
  io.field(t.by_ref, kObjectsMax);
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
void object(Io& io, T& o) {
  io.field(o.value, up_to(Value::kInPlasma));
  io.flag(o.error);
  io.field(o.pinned_at, kId);
  io.field(o.submitted, 2);
  io.flag(o.dropped);
  io.flag(o.to_recover);
  io.flag(o.recovering);
  io.field(o.copies, kNodesMax);
  io.field(o.pinned, kNodesMax);
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
    if (config.on(Feature::kResults)) io.field(t.half2_node, kId);
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
    io.field(o.worker, kId);
    io.field(o.home, kId);
  }
  if (!o.alive) return;
  io.field(o.dead_nodes, kNodesMax);
  if (config.on(Feature::kDrain)) io.field(o.preempted_nodes, kNodesMax);
  if (config.on(Feature::kAffinity)) io.field(o.known_nodes, kNodesMax);
}

/// A raylet may queue a request that it holds already.
bool may_be_doubled(const Config& config) {
  return !config.has(Safeguard::kQueuedRequestsAreRecognised) || !config.has(Safeguard::kWaitingRequestsAreRecognised);
}

template <class Io, class T>
void lease(const Config& config, Io& io, T& l) {
  io.flag(l.used);
  if (!l.used) return;
  io.field(l.key, 1);
  io.field(l.node, kNode);
  io.flag(l.spilled);
  io.flag(l.after_refusal);
  io.field(l.at_owner, up_to(OwnerLease::kBusy));
  if (l.at_owner == OwnerLease::kIdle || l.at_owner == OwnerLease::kBusy) io.field(l.owner_worker, kId);
  if (config.on(Feature::kDuplicates)) io.flag(l.ended);
  io.field(l.stage, up_to(LeaseStage::kLeased));
  if (l.stage == LeaseStage::kLeased) io.field(l.worker, kId);
  if (may_be_doubled(config)) {
    io.field(l.second, up_to(SecondCopy::kPopped));
    io.flag(l.second_answers);
  }
  if (!config.has(Safeguard::kTablesAreKeyedByLease)) io.field(l.asked_for, kId);
  if (config.on(Feature::kArguments)) {
    io.field(l.arguments, kObjectsMax);
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
  if (config.on(Feature::kGracefulExit)) io.flag(w.exiting);
  if (config.allows(Fault::kStuckExit) || config.on(Feature::kWorkerStarts)) io.flag(w.stuck);
  if (config.on(Feature::kPortReuse)) io.field(w.port_of, kId);
  io.field(w.place, up_to(PoolPlace::kExiting));
  io.field(w.lease, kId);
  io.field(w.execution, up_to(Execution::kRunning));
  if (config.on(Feature::kBlocking)) {
    io.field(w.get, up_to(Get::kDone));
    io.flag(w.blocked);
    io.field(w.unread, 3);
    io.flag(w.told_blocked);
  }
  if (w.execution == Execution::kNone) return;
  io.field(w.task, kTask);
  io.field(w.attempt, kAttempt);
}

template <class Io, class T>
void view_rows(const Config& config, Io& io, T& rows) {
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    io.field(rows[n].cpus, 3);
    if (config.streams_may_break()) io.field(rows[n].version, 4);
    if (config.on(Feature::kDrain)) io.flag(rows[n].drains);
  }
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
  io.field(r.dead_nodes, kNodesMax);
  io.field(r.known_nodes, kNodesMax);
  io.field(r.failed_owners, kOwnersMax);
  io.list(r.waiting, 4, [&io](auto& id) { io.field(id, kId); });
  if (config.on(Feature::kDrain)) io.field(r.drain, up_to(Drain::kPreemption));
  if (config.on(Feature::kArguments)) io.field(r.accounts, kLeasesMax);
  if (config.on(Feature::kJobs)) {
    io.flag(r.job_ended);
    io.flag(r.job_unknown);
  }
  if (!config.tracked()) return;
  if (config.on(Feature::kDrain)) io.field(r.draining_nodes, kNodesMax);
  view_rows(config, io, r.view.stored);
  for (std::uint8_t n = 0; n < config.nodes(); ++n) io.field(r.view.rows[n], 3);
  io.flag(r.view.sample_due);
}

template <class Io, class T>
void notice(const Config& config, Io& io, T& n) {
  io.field(n.kind, up_to(NoticeKind::kJobFinished));
  io.field(n.node, kId);
  io.field(n.owner, kId);
  if (config.on(Feature::kDrain)) io.flag(n.preempted);
}

template <class Io, class T>
void gcs_view(const Config& config, Io& io, T& view) {
  view_rows(config, io, view.stored);
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    io.field(view.streams[n], up_to(Stream::kLost));
    view_rows(config, io, view.up[n]);
    view_rows(config, io, view.down[n]);
  }
}

template <class Io, class T>
void gcs(const Config& config, Io& io, T& g) {
  io.flag(g.up);
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    io.field(g.nodes[n], up_to(NodeRecord::kDead));
    if (config.shape.health_check_failures > 1) io.field(g.failed_probes[n], 3);
  }
  io.field(g.failed_owners, kOwnersMax);
  io.field(g.subscribed, kSubscribersMax);
  for (auto& mailbox : g.mailboxes) io.list(mailbox, 3, [&](auto& n) { notice(config, io, n); });
  if (config.allows(Fault::kStoreStall)) io.field(g.hung_writes, kNodesMax);
  if (!config.has(Safeguard::kRestartWatchesLoadedNodes)) io.field(g.unwatched, kNodesMax);
  if (!config.has(Safeguard::kDetectorStartsAfterService)) io.flag(g.opening);
  if (config.on(Feature::kInMemoryGcs)) io.flag(g.new_cluster);
  if (config.on(Feature::kJobs)) io.field(g.job, up_to(JobRecord::kFinished));
  if (config.tracked()) gcs_view(config, io, g.view);
  if (!config.on(Feature::kDrain)) return;
  io.field(g.preemptions, kNodesMax);
  io.field(g.acknowledged, kNodesMax);
  io.field(g.preempted, kNodesMax);
  io.field(g.past_deadline, kNodesMax);
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
  io.field(c.owner, kId);
  io.field(c.node, kId);
  switch (c.rpc) {
    case Rpc::kRequestWorkerLease:
      io.field(c.lease, kId);
      if (c.stage != Stage::kReply) return;
      io.field(c.reply, reply_width(config));
      if (c.reply == Reply::kGranted) io.field(c.granted, kId);
      if (c.reply == Reply::kRedirect) io.field(c.redirect, kNode);
      return;
    case Rpc::kReturnWorkerLease:
      io.field(c.lease, kId);
      io.flag(c.disconnect);
      io.flag(c.exiting);
      io.field(c.worker, kId);
      break;
    case Rpc::kCancelWorkerLease: io.field(c.lease, kId); break;
    case Rpc::kGetWorkerFailureCause:
      io.field(c.lease, kId);
      io.field(c.task, kTask);
      break;
    case Rpc::kPinObjectIds:
      io.field(c.worker, kId);
      io.field(c.object, kId);
      break;
    case Rpc::kPushTask:
      io.field(c.lease, kId);
      io.field(c.worker, kId);
      io.field(c.task, kTask);
      io.field(c.attempt, kAttempt);
      break;
    case Rpc::kExit:
      io.field(c.worker, kId);
      if (config.on(Feature::kJobs)) {
        io.flag(c.force);
        io.flag(c.leased);
      }
      break;
    case Rpc::kCancelTask:
    case Rpc::kCancelLocalTask:
      io.field(c.worker, kId);
      io.field(c.task, kTask);
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
  io.field(l.gcs_cut, kNodesMax);
  for (auto& cut : l.cut) io.field(cut, kNodesMax);
  io.field(l.silent, kNodesMax);
}

template <class Io, class T>
void ghost(const Config& config, Io& io, T& g) {
  if (config.on(Feature::kGracefulExit)) io.field(g.abandoned, kOwnersMax);
  for (auto& started : g.started) io.field(started, 8);
  io.field(g.started_twice, kTasksMax);
  io.field(g.ended_twice, kTasksMax);
  io.field(g.refused_again, kOwnersMax);
  if (config.on(Feature::kDrain)) io.field(g.charged_preemptions, kTasksMax);
  if (!config.has(Safeguard::kLocalDeathEndsQueue)) io.field(g.asked_dead_raylet, kOwnersMax);
  if (config.on(Feature::kCancelPath)) io.flag(g.cancel_missed);
  if (config.on(Feature::kMemoryPressure)) {
    io.field(g.charged_kills, kTasksMax);
    io.field(g.forfeited_retries, kTasksMax);
  }
  if (config.on(Feature::kPortReuse)) io.flag(g.wrong_recipient);
  if (config.on(Feature::kDevices)) io.field(g.lacked_devices, kTasksMax);
  if (config.on(Feature::kPubsub)) io.flag(g.fresh_swept);
  io.field(g.aborted, up_to(RayCheck::kIdleWorkerHasNoLease));
}

template <class Io, class T>
void state(const Config& config, Io& io, T& s) {
  budget(config, io, s.budget);
  for (std::uint8_t t = 0; t < config.tasks(); ++t) task(config, io, s.tasks[t]);
  for (std::uint8_t k = 0; k < config.keys(); ++k) io.list(s.queues[k], 3, [&io](auto& id) { io.field(id, kTask); });
  if (config.on(Feature::kMemoryPressure)) io.field(s.retriable_keys, kKeysMax);
  for (std::uint8_t o = 0; o < config.owners(); ++o) owner(config, io, s.owners[o]);
  for (auto& l : s.leases) lease(config, io, l);
  for (std::uint8_t w = 0; w < config.workers(); ++w) worker(config, io, s.workers[w]);
  for (std::uint8_t v = 0; v < kObjectsMax; ++v) {
    if (config.has_object(ObjectId{v})) object(io, s.objects[v]);
  }
  for (std::uint8_t n = 0; n < config.nodes(); ++n) raylet(config, io, s.raylets[n]);
  gcs(config, io, s.gcs);
  if (config.on(Feature::kPubsub)) {
    for (auto& p : s.polls) poll(config, io, p);
  }
  io.list(s.calls, 5, [&](auto& c) { call(config, io, c); });
  links(config, io, s.links);
  ghost(config, io, s.ghost);
}

/// What `initial_states` leaves at rest and no row touches: ids beyond the shape.
State beyond_the_shape(const Config& config) {
  State s;
  for (std::uint8_t n = config.nodes(); n < kNodesMax; ++n) s.raylets[n].alive = false;
  for (std::uint8_t o = config.owners(); o < kOwnersMax; ++o) s.owners[o].alive = false;
  return s;
}

}  // namespace

void encode(const Config& config, const State& s, mc::ByteSink& out) {
  Writer writer(out);
  state(config, writer, s);
  out.finish();
}

State decode(const Config& config, mc::ByteSource& in) {
  State s = beyond_the_shape(config);
  Reader reader(in);
  state(config, reader, s);
  return s;
}

}  // namespace raymc
