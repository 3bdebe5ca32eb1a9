#include "model/footprint.hpp"

#include <algorithm>
#include <cstddef>

#include "model/network.hpp"
#include "model/reach.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::size_t kOwnerNodes = std::size_t{kOwnersMax} * kNodesMax;
constexpr std::size_t kNodeNodes = std::size_t{kNodesMax} * kNodesMax;

constexpr std::size_t kOwnerAt = 0;
constexpr std::size_t kRayletAt = kOwnerAt + kOwnersMax;
constexpr std::size_t kAliveAt = kRayletAt + kNodesMax;  // whether a raylet's process lives
constexpr std::size_t kWorkerAt = kAliveAt + kNodesMax;
constexpr std::size_t kRunsAt = kWorkerAt + kWorkersMax;  // whether a worker's process runs
constexpr std::size_t kMailboxAt = kRunsAt + kWorkersMax;
constexpr std::size_t kTaskAt = kMailboxAt + kSubscribersMax;  // which attempts of a task may start again
constexpr std::size_t kGcsAt = kTaskAt + kTasksMax;
constexpr std::size_t kLeaseIdsAt = kGcsAt + 1;  // which ids are in use
constexpr std::size_t kLinksAt = kLeaseIdsAt + 1;
constexpr std::size_t kBudgetAt = kLinksAt + 1;
constexpr std::size_t kKnowsDeadAt = kBudgetAt + 1;           // owner and node: what the one knows of the other
constexpr std::size_t kSendsAt = kKnowsDeadAt + kOwnerNodes;  // owner and node: order of requests
constexpr std::size_t kCacheAt = kSendsAt + kOwnerNodes;      // raylet and node: what the one knows of the other
constexpr std::size_t kCancelsAt = kCacheAt + kNodeNodes;     // owner: cancellations under way
constexpr std::size_t kLoopAt = kCancelsAt + kOwnersMax;  // owner: whether its loop is between the halves of an event
constexpr std::size_t kSlotsAt = kLoopAt + kOwnersMax;    // raylet: which slots of workers are in use
static_assert(kSlotsAt + kNodesMax <= mc::kPlacesMax);

/// The place of a pair among those of all nodes with one another, or of all owners with nodes.
constexpr std::size_t pair(std::size_t first, std::size_t node) {
  return first * kNodesMax + node;
}

class Sketch {
 public:
  Sketch(const Config& config, const State& s, const Action& a) : config_(config), s_(s), a_(a) {}

  [[nodiscard]] mc::Footprint of(Reach reach) {
    if (reach == Reach::kEverything) return mc::Footprint::everything();
    // What these let several processes share has not been told apart.
    if (config_.on(Feature::kNestedTasks) || config_.objects() || config_.on(Feature::kPortReuse)) {
      return mc::Footprint::everything();
    }
    if (may_abort()) return mc::Footprint::everything();
    if (config_.on(Feature::kPartitions)) print_.reads.add(kLinksAt);
    if (a_.notice != Notice{} || reach == Reach::kRayletDies) mailbox_of_subject();
    switch (reach) {
      case Reach::kEverything: break;
      case Reach::kOwner: owner(); break;
      case Reach::kOwnerLearns: owner_learns(); break;
      case Reach::kIgnored: print_.reads.add(kAliveAt + a_.node.value); break;
      case Reach::kRaylet: raylet(); break;
      case Reach::kRayletKills: kills(); break;
      case Reach::kRayletDies: raylet_dies(); break;
      case Reach::kWorker: worker(); break;
      case Reach::kWorkerEnds: worker_ends(); break;
      case Reach::kGcs: gcs(); break;
      case Reach::kRefetch: refetch(); break;
      case Reach::kView: view(); break;
      case Reach::kClient: client(); break;
    }
    if (transition_of(a_.row).origin == Origin::kEnvironment) print_.touch(kBudgetAt);
    return print_;
  }

 private:
  /// A RAY_CHECK might fail: the end of a process reaches far.
  [[nodiscard]] bool may_abort() const {
    const Reach reach = reach_of(a_.row);
    const bool of_raylet = reach == Reach::kRaylet || reach == Reach::kRayletKills;
    // A worker that keeps its lease, or a lease that is known by its task, may fail a check wherever a raylet grants.
    if (of_raylet && !config_.has(Safeguard::kIdleWorkerHasNoLease)) return true;
    if (of_raylet && !config_.has(Safeguard::kTablesAreKeyedByLease)) return true;
    switch (a_.row) {
      case Row::kO5:
      case Row::kO7:
      case Row::kO8:
      case Row::kO9:
      case Row::kO16: return !s_.task(a_.task).pending();
      case Row::kO2:
      case Row::kO2Ready: return s_.task(a_.task).status != TaskStatus::kArgs;
      case Row::kS14:
      case Row::kS15: return s_.lease(a_.lease).at_owner != OwnerLease::kBusy || !s_.task(a_.call.task).pending();
      case Row::kS4: return s_.lease(a_.lease).spilled;
      case Row::kS5: return !s_.lease(a_.lease).spilled;
      case Row::kS3:
        for (const Lease& other : s_.leases) {
          const bool active =
              other.used && (other.at_owner == OwnerLease::kIdle || other.at_owner == OwnerLease::kBusy);
          if (active && other.owner_worker == a_.call.granted) return true;
        }
        return false;
      case Row::kR22: return s_.lease(a_.lease).stage == LeaseStage::kLeased;
      case Row::kR31:
      case Row::kR32:
      case Row::kR33:
      case Row::kR35: {
        if (!a_.lease.exists() || !s_.lease(a_.lease).key.exists()) return false;
        const int cpus = config_.cpus_of(s_.lease(a_.lease).key);
        return s_.raylet(node()).available + cpus > config_.total_cpus(node());
      }
      case Row::kR4:
      case Row::kR10:
      case Row::kR15: {
        if (a_.choice != Choice::kRedirect) return false;
        const Raylet& raylet = s_.raylet(node());
        return !has_bit(raylet.known_nodes, a_.target.value) || has_bit(raylet.dead_nodes, a_.target.value);
      }
      default: return false;
    }
  }
  void mailbox_of_subject() {
    if (a_.node.exists()) print_.touch(kMailboxAt + subscriber(a_.node));
    if (!a_.node.exists() && a_.owner.exists()) print_.touch(kMailboxAt + subscriber(a_.owner));
  }
  void all_alive() {
    for (std::size_t n = 0; n < config_.nodes(); ++n) print_.reads.add(kAliveAt + n);
  }
  void runs(WorkerId w) {
    if (w.exists()) print_.reads.add(kRunsAt + w.value);
  }
  void task(TaskId t) {
    if (t.exists()) print_.touch(kTaskAt + t.value);
  }
  /// What remains of a worker is that somebody mentions it.
  void mention(WorkerId w) {
    if (!w.exists()) return;
    const Worker& it = s_.worker(w);
    if (it.registered || it.place != PoolPlace::kNowhere) return;
    print_.touch(kWorkerAt + w.value);
    print_.reads.add(kSlotsAt + config_.node_of(w).value);
  }
  void owner_loses_mentions() {
    mention(a_.worker);
    mention(a_.call.worker);
    mention(a_.call.granted);
    if (a_.lease.exists()) mention(s_.lease(a_.lease).owner_worker);
  }
  void knows(OwnerId o, NodeId n) {
    if (o.exists() && n.exists()) print_.reads.add(kKnowsDeadAt + pair(o.value, n.value));
  }
  void sends(OwnerId o, NodeId n) {
    if (!n.exists()) return;
    print_.reads.add(kAliveAt + n.value);
    print_.touch(kSendsAt + pair(o.value, n.value));
    if (config_.has(Safeguard::kLivenessAtCreation) || !s_.raylet(n).alive) knows(o, n);
  }
  [[nodiscard]] bool queues_are_empty(OwnerId o) const {
    for (std::uint8_t k = 0; k < config_.keys(); ++k) {
      if (config_.owner_of(KeyId{k}) == o && !s_.queues[k].empty()) return false;
    }
    return true;
  }
  [[nodiscard]] bool waits_for_nothing(OwnerId o) const {
    for (const Lease& lease : s_.leases) {
      if (lease.used && lease.at_owner == OwnerLease::kPending && config_.owner_of(lease.key) == o) return false;
    }
    return queues_are_empty(o);
  }
  /// The event ends where it began: nothing is sent.
  [[nodiscard]] bool is_silent() const {
    switch (a_.row) {
      case Row::kO1:
      case Row::kO4:
      case Row::kO5:
      case Row::kO7:
      case Row::kO8:
      case Row::kO9:
      case Row::kS7:
      case Row::kS16:
      case Row::kS19: return true;
      case Row::kS10: return config_.has(Safeguard::kLocalDeathEndsQueue);
      default: return false;
    }
  }
  /// The owner's lease goes from task to task, if there is another one.
  [[nodiscard]] bool keeps_lease() const {
    return (a_.row == Row::kS3 || a_.row == Row::kS14) && !a_.expired && !a_.call.exiting;
  }
  /// The owner may ask for another worker. It has as many requests under way as tasks in the queue, or is about to.
  [[nodiscard]] bool may_ask() const {
    switch (a_.row) {
      case Row::kS18: return false;
      case Row::kS3:
      case Row::kS14: return !keeps_lease() && !queues_are_empty(a_.owner);
      case Row::kS4:
      case Row::kS5:
      case Row::kS6:
      case Row::kS8:
      case Row::kS15: return !queues_are_empty(a_.owner);
      default: return !is_silent();
    }
  }
  void owner() {
    const OwnerId o = a_.owner;
    print_.reads.add(kLoopAt + o.value);
    print_.reads.add(kLeaseIdsAt);
    if (a_.row == Row::kS18 && waits_for_nothing(o)) return;
    print_.touch(kOwnerAt + o.value);
    // While something can come between the halves of a reply, they are two steps.
    const bool halves = s_.budget[Fault::kCancel] > 0 || s_.budget[Fault::kPlasmaFull] > 0;
    if (halves && a_.row == Row::kS14) print_.touch(kLoopAt + o.value);
    if (config_.on(Feature::kDrain) && (a_.row == Row::kO8 || a_.row == Row::kO9)) {
      print_ = mc::Footprint::everything();  // whether the node was preempted
      return;
    }
    for (const WorkerId w : {a_.worker, a_.call.granted}) {
      runs(w);
      if (w.exists() && config_.has(Safeguard::kLivenessAtCreation)) knows(o, config_.node_of(w));
    }
    if (a_.lease.exists()) runs(s_.lease(a_.lease).owner_worker);
    task(a_.task);
    owner_loses_mentions();
    if (may_ask()) print_.writes.add(kLeaseIdsAt);
    if (a_.row == Row::kO8 || a_.row == Row::kO9) {
      for (std::uint8_t n = 0; n < config_.nodes(); ++n) knows(o, NodeId{n});
    }
    if (!is_silent()) owner_sends();
  }
  void owner_sends() {
    const OwnerId o = a_.owner;
    // A cancellation goes to the raylet of the worker that the task was pushed to, if its node is not known dead.
    if (config_.on(Feature::kAffinity) || a_.row == Row::kO18) {
      print_.reads.add(kCancelsAt + o.value);
      for (std::uint8_t n = 0; n < config_.nodes(); ++n) {
        sends(o, NodeId{n});
        knows(o, NodeId{n});
      }
      return;
    }
    if (may_ask()) sends(o, config_.shape.owners[o.value].node);
    const bool has_key = a_.lease.exists() && s_.lease(a_.lease).key.exists();
    const std::size_t queued = has_key ? s_.queues[s_.lease(a_.lease).key.value].size() : 0;
    if (!keeps_lease() || queued == 0) {
      sends(o, a_.call.node);
      sends(o, a_.call.redirect);
      if (a_.worker.exists()) sends(o, config_.node_of(a_.worker));
      if (a_.lease.exists()) sends(o, s_.lease(a_.lease).node);
    }
    if (!keeps_lease() || queued <= 1) {  // the queue may become empty, and requests be cancelled
      print_.reads.add(kCancelsAt + o.value);
      for (const Lease& lease : s_.leases) {
        const bool pending = lease.used && lease.at_owner == OwnerLease::kPending;
        if (pending && config_.owner_of(lease.key) == o) sends(o, lease.node);
      }
    }
    for (std::uint8_t k = 0; k < config_.keys(); ++k) {
      sends(o, config_.locality_of(KeyId{k}));
      knows(o, config_.locality_of(KeyId{k}));
    }
  }
  /// True if an owner's calls to a node end when it learns that the node is dead.
  [[nodiscard]] bool gives_up_calls(bool fixed) const {
    for (const Call& call : s_.calls) {
      if (call.owner != a_.owner || is_for_gcs(call)) continue;
      if (call.node == a_.notice.node && (fixed || call.stage == Stage::kResend)) return true;
      if (fixed && call.worker.exists() && config_.node_of(call.worker) == a_.notice.node) return true;
    }
    return false;
  }
  void owner_learns() {
    const bool fixed = config_.has(Safeguard::kNodeDeathFailsCalls);
    if (fixed && gives_up_calls(true)) {
      print_ = mc::Footprint::everything();
      return;
    }
    // With the fix, what the owner sends before it learns of the death fails, too.
    if (fixed || gives_up_calls(false)) {
      print_.touch(kOwnerAt + a_.owner.value);
      print_.touch(kSendsAt + pair(a_.owner.value, a_.notice.node.value));
      print_.touch(kCancelsAt + a_.owner.value);
      print_.touch(kLeaseIdsAt);
    }
    print_.touch(kKnowsDeadAt + pair(a_.owner.value, a_.notice.node.value));
    print_.reads.add(kLoopAt + a_.owner.value);
  }

  void whole_worker(std::size_t w) {
    print_.touch(kWorkerAt + w);
    print_.touch(kRunsAt + w);
  }
  [[nodiscard]] NodeId node() const { return a_.node.exists() ? a_.node : config_.node_of(a_.worker); }
  void raylet_itself(NodeId n) {
    print_.touch(kRayletAt + n.value);
    print_.touch(kSlotsAt + n.value);
    const std::uint8_t first = config_.first_worker(n.value);
    const std::uint8_t end = config_.first_worker(static_cast<std::uint8_t>(n.value + 1));
    const WorkerId meant = a_.lease.exists() ? s_.lease(a_.lease).worker : WorkerId::none();
    for (std::uint8_t w = first; w < end; ++w) {
      const bool busy = s_.workers[w].place == PoolPlace::kLeased && a_.worker != WorkerId{w} &&
                        a_.call.worker != WorkerId{w} && meant != WorkerId{w};
      if (busy) continue;
      print_.touch(kWorkerAt + w);
      (s_.workers[w].process == ProcessState::kRunning ? print_.reads : print_.writes).add(kRunsAt + w);
    }
  }
  void caches(NodeId of) {
    if (of.exists()) print_.reads.add(kCacheAt + pair(node().value, of.value));
  }
  void looks_into_cache() {
    bool all = config_.tracked();
    switch (a_.row) {
      case Row::kR1:
      case Row::kR2:
      case Row::kR2Ended:
      case Row::kR3:
      case Row::kR4:
      case Row::kR4Again:
      case Row::kR2Tombstone:
      case Row::kR15:
      case Row::kR10: {
        if (a_.choice != Choice::kNone && a_.choice != Choice::kLocal && a_.choice != Choice::kRedirect) all = true;
        if (a_.owner.exists()) caches(config_.shape.owners[a_.owner.value].node);
        caches(a_.target);
        // Whether others are avoided because they drain, or cannot be had at all, depends on all of them.
        if (all || config_.on(Feature::kDrain) || config_.on(Feature::kAffinity)) all_alive();
        break;
      }
      default: break;
    }
    for (std::uint8_t n = 0; n < config_.nodes() && all; ++n) caches(NodeId{n});
  }
  void frees(LeaseId l) {
    if (s_.lease(l).at_owner == OwnerLease::kNone) print_.reads.add(kLeaseIdsAt);
  }
  void raylet() {
    raylet_itself(node());
    if (a_.lease.exists()) frees(a_.lease);
    task(a_.call.task);
    looks_into_cache();
    if (a_.row == Row::kR48) print_.reads.add(kGcsAt);
    if (a_.row == Row::kR28 && a_.owner.exists()) print_.touch(kCancelsAt + a_.owner.value);
  }
  [[nodiscard]] bool concerns(OwnerId o) const {
    if (a_.notice.kind == NoticeKind::kWorkerFailed) return o == a_.notice.owner;
    return config_.shape.owners[o.value].node == a_.notice.node;
  }
  void kills() {
    print_.touch(kCacheAt + pair(a_.node.value, a_.notice.node.value % kNodesMax));
    bool some = a_.notice.kind == NoticeKind::kWorkerFailed || config_.tracked();
    for (std::uint8_t o = 0; o < config_.owners(); ++o) some = some || concerns(OwnerId{o});
    if (!some) return;
    raylet();
    for (std::uint8_t l = 0; l < kLeasesMax; ++l) {
      const Lease& lease = s_.leases[l];
      if (!lease.used || lease.node != a_.node) continue;
      frees(LeaseId{l});
      if (lease.worker.exists()) whole_worker(lease.worker.value);
    }
  }
  void raylet_dies() {
    const NodeId n = a_.node;
    if (config_.on(Feature::kDrain)) all_alive();  // where what a drain took out of the queue may go
    print_.touch(kRayletAt + n.value);
    print_.touch(kSlotsAt + n.value);
    print_.touch(kAliveAt + n.value);
    for (std::size_t other = 0; other < kNodesMax; ++other) print_.touch(kCacheAt + pair(n.value, other));
    for (std::size_t w = config_.first_worker(n.value);
         w < config_.first_worker(static_cast<std::uint8_t>(n.value + 1)); ++w)
      whole_worker(w);
    for (const Call& call : s_.calls) {
      if (call.rpc == Rpc::kCancelWorkerLease && call.node == n) print_.touch(kCancelsAt + call.owner.value);
    }
    for (std::uint8_t o = 0; o < config_.owners(); ++o) {
      knows(OwnerId{o}, n);
      const OwnerShape& owner = config_.shape.owners[o];
      if (owner.kind == OwnerKind::kTask || (owner.kind != OwnerKind::kDriver && owner.node == n))
        print_.touch(kOwnerAt + o);
    }
    print_.touch(kGcsAt);
    for (std::uint8_t l = 0; l < kLeasesMax; ++l) {
      if (s_.leases[l].used && s_.leases[l].node == n) frees(LeaseId{l});
    }
  }

  void worker() {
    const WorkerId w = a_.worker.exists() ? a_.worker : a_.call.worker;
    print_.touch(kWorkerAt + w.value);
    task(a_.task);
    task(s_.worker(w).task);
    if (a_.lease.exists() && a_.call.detached) print_.reads.add(kLeaseIdsAt);
  }
  void worker_ends() {
    worker();
    const WorkerId w = a_.worker.exists() ? a_.worker : a_.call.worker;
    whole_worker(w.value);
    print_.reads.add(kSlotsAt + config_.node_of(w).value);
    print_.reads.add(kAliveAt + config_.node_of(w).value);
    if (s_.worker(w).lease.exists()) frees(s_.worker(w).lease);
    for (const Call& call : s_.calls) {
      if (call.worker == w && call.lease.exists()) frees(call.lease);
    }
  }
  void gcs() {
    print_.touch(kGcsAt);
    all_alive();
    for (std::size_t i = 0; i < kSubscribersMax; ++i) {
      const Mailbox& mailbox = s_.gcs.mailboxes[i];
      const bool told = std::any_of(mailbox.begin(), mailbox.end(), [this](const Notice& notice) {
        return (notice.node.exists() && notice.node == a_.node) || (notice.owner.exists() && notice.owner == a_.owner);
      });
      if (told || config_.on(Feature::kPubsub)) print_.touch(kMailboxAt + i);
    }
  }
  void refetch() {
    gcs();
    mailbox_of_subject();
    for (std::uint8_t n = 0; n < config_.nodes(); ++n) {
      if (a_.owner.exists()) knows(a_.owner, NodeId{n});
      if (a_.node.exists()) caches(NodeId{n});
    }
  }
  void view() {
    all_alive();
    const bool alone = a_.row == Row::kV1 || a_.row == Row::kV4;  // what others hold does not change
    for (std::size_t n = 0; n < config_.nodes(); ++n) {
      if (!alone || n == a_.node.value) print_.touch(kRayletAt + n);
    }
    if (a_.row != Row::kV4) print_.touch(kGcsAt);
  }
  void client() {
    const Call& call = a_.call;
    print_.reads.add(kLeaseIdsAt);
    const bool of_owner = call.owner.exists() && !is_for_gcs(call) && call.node.exists() &&
                          call.rpc != Rpc::kPollOwner && call.rpc != Rpc::kNotifyOwnerRestart;
    if (of_owner) {
      sends(call.owner, call.node);
      knows(call.owner, call.node);  // a call that fails is queued, unless its client is gone
      print_.touch(kCancelsAt + call.owner.value);
    } else {
      all_alive();
      if (call.owner.exists()) print_.touch(kOwnerAt + call.owner.value);
      if (call.node.exists()) print_.touch(kRayletAt + call.node.value);
      print_.touch(kGcsAt);
    }
    task(call.task);
    mention(call.granted);
    if (call.worker.exists()) whole_worker(call.worker.value);
    if (transition_of(a_.row).origin != Origin::kEnvironment) return;
    if (call.node.exists()) print_.touch(kRayletAt + call.node.value);
    print_.touch(kGcsAt);
  }

  const Config& config_;
  const State& s_;
  const Action& a_;
  mc::Footprint print_;
};

}  // namespace

mc::Footprint footprint_of(const Config& config, const State& s, const Action& action) {
  return Sketch(config, s, action).of(reach_of(action.row));
}

std::uint64_t label_of(const Action& a) {
  const Call& c = a.call;
  std::uint64_t label = static_cast<std::uint64_t>(a.row);
  const auto add = [&label](std::uint64_t value, unsigned width) {
    label = (label << width) ^ value ^ (label >> (64 - width));
  };
  for (const std::uint8_t id :
       {a.node.value, a.owner.value, a.worker.value, a.lease.value, a.task.value, a.object.value, a.target.value,
        c.worker.value, c.lease.value, c.granted.value, c.redirect.value})
    add(id, 4);
  add(static_cast<std::uint64_t>(a.choice) | static_cast<std::uint64_t>(c.rpc) << 3U |
          static_cast<std::uint64_t>(c.stage) << 8U | static_cast<std::uint64_t>(c.attempt) << 11U |
          static_cast<std::uint64_t>(c.reply) << 14U | static_cast<std::uint64_t>(a.notice.kind) << 20U |
          static_cast<std::uint64_t>(a.notice.node.value) << 23U | static_cast<std::uint64_t>(a.expired) << 27U,
      29);
  return label * 0xff51'afd7'ed55'8ccdULL;
}

}  // namespace raymc
