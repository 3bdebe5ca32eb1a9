#include "model/foresight.hpp"

#include <algorithm>

#include "model/network.hpp"
#include "model/reach.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

// Processes: first everybody of whom nothing is foreseen, the environment among them, then each worker, then the GCS.
constexpr std::size_t kOthers = 0;
constexpr std::size_t kFirstWorker = 1;
constexpr std::size_t kGcs = kFirstWorker + kWorkersMax;
static_assert(kGcs < mc::kProcessesMax);

/// What can still happen to a process from a state on.
class Foresight {
 public:
  Foresight(const Config& config, const State& s) : config_(config), s_(s) {}

  /// Until the worker has acted, nobody stops it, tells it anything, or does to its task what depends on it.
  [[nodiscard]] bool leaves_alone(WorkerId w) const {
    const Worker& worker = s_.worker(w);
    const NodeId node = config_.node_of(w);
    if (worker.process != ProcessState::kRunning || !worker.registered || worker.killed || worker.stopped) return false;
    if (worker.exiting || worker.exit_promised || worker.place != PoolPlace::kLeased || !worker.lease.exists()) {
      return false;
    }
    const Lease& lease = s_.lease(worker.lease);
    if (lease.stage != LeaseStage::kLeased || lease.at_owner != OwnerLease::kBusy || lease.owner_worker != w) {
      return false;
    }
    const OwnerId owner = config_.owner_of(lease.key);
    return !workers_are_entangled() && links_are_whole() && stays_alive(node) && owner_stays(owner) &&
           hold_each_other_alive(owner, node) && only_its_push_is_under_way(w, worker.lease);
  }

  /// Until the GCS has acted, nobody dies, says farewell, or asks it anything.
  [[nodiscard]] bool leaves_gcs_alone() const {
    if (!links_are_whole() || config_.on(Feature::kPubsub) || config_.on(Feature::kDrain)) return false;
    if (s_.budget != Budget{} || std::any_of(s_.calls.begin(), s_.calls.end(), is_for_gcs)) return false;
    if (some_death_is_told_early()) return false;
    for (std::uint8_t o = 0; o < config_.owners(); ++o) {
      if (!owner_stays(OwnerId{o}) || !has_bit(s_.gcs.subscribed, subscriber(OwnerId{o}))) return false;
    }
    for (std::uint8_t n = 0; n < config_.nodes(); ++n) {
      if (!s_.raylets[n].alive) continue;
      if (!stays_alive(NodeId{n}) || !has_bit(s_.gcs.subscribed, subscriber(NodeId{n}))) return false;
    }
    return true;
  }

 private:
  /// Workers that block, own tasks, are asked to exit or take another one's port have more to do with others than the
  /// task that they run.
  [[nodiscard]] bool workers_are_entangled() const {
    return config_.on(Feature::kBlocking) || config_.on(Feature::kNestedTasks) || config_.on(Feature::kIdleExit) ||
           config_.on(Feature::kPortReuse) || config_.objects();
  }
  [[nodiscard]] bool links_are_whole() const {
    return s_.links == Links{} && s_.gcs.up && !s_.gcs.opening && !s_.gcs.new_cluster;
  }
  /// No fault can strike the node any more, and nobody holds it dead.
  [[nodiscard]] bool stays_alive(NodeId node) const {
    const Raylet& raylet = s_.raylet(node);
    return raylet.alive && !raylet.shutting_down && s_.gcs.nodes[node.value] == NodeRecord::kAlive &&
           only_crashes_of_others(node) && !is_told_dead(node);
  }
  [[nodiscard]] bool only_crashes_of_others(NodeId node) const {
    for (std::uint8_t fault = 0; fault < kFaultCount; ++fault) {
      if (s_.budget.left[fault] == 0) continue;
      if (static_cast<Fault>(fault) != Fault::kRayletCrash || config_.shape.nodes[node.value].may_crash) return false;
    }
    return true;
  }
  /// A death of which somebody is told is not written yet.
  [[nodiscard]] bool some_death_is_told_early() const {
    for (std::uint8_t n = 0; n < config_.nodes(); ++n) {
      if (s_.gcs.nodes[n] != NodeRecord::kDead && is_told_dead(NodeId{n})) return true;
    }
    return false;
  }
  [[nodiscard]] bool is_told_dead(NodeId node) const {
    const auto tells = [node](const Mailbox& mailbox) {
      return std::any_of(mailbox.begin(), mailbox.end(), [node](const Notice& notice) {
        return notice.kind == NoticeKind::kNodeDead && notice.node == node;
      });
    };
    return std::any_of(s_.gcs.mailboxes.begin(), s_.gcs.mailboxes.end(), tells) ||
           std::any_of(s_.polls.begin(), s_.polls.end(), [&](const Poll& poll) { return tells(poll.inbox); });
  }
  [[nodiscard]] bool owner_stays(OwnerId owner) const {
    const OwnerShape& shape = config_.shape.owners[owner.value];
    return shape.kind == OwnerKind::kDriver && s_.owner(owner).alive && s_.owner(owner).registered &&
           !s_.owner(owner).exiting && stays_alive(shape.node) && !has_bit(s_.gcs.failed_owners, owner.value);
  }
  /// Neither the owner nor the worker's raylet holds the other dead.
  [[nodiscard]] bool hold_each_other_alive(OwnerId owner, NodeId node) const {
    const Raylet& raylet = s_.raylet(node);
    return !has_bit(s_.owner(owner).dead_nodes, node.value) && !has_bit(raylet.failed_owners, owner.value) &&
           !has_bit(raylet.dead_nodes, config_.shape.owners[owner.value].node.value);
  }
  /// Of all calls one concerns the worker, its lease or its task: the push, whose caller waits. A push that has failed
  /// at its caller may go on at the worker, whose lease is then returned.
  [[nodiscard]] bool only_its_push_is_under_way(WorkerId w, LeaseId lease) const {
    const auto push = std::find_if(s_.calls.begin(), s_.calls.end(), [w](const Call& call) {
      const bool unanswered = call.stage == Stage::kRequest || call.stage == Stage::kAtServer;
      return call.rpc == Rpc::kPushTask && call.worker == w && !call.detached && !call.stray && unanswered;
    });
    if (push == s_.calls.end() || s_.task(push->task).canceled || s_.task(push->task).cancel_again) return false;
    const auto concerns_it = [&](const Call& call) {
      return call.worker == w || call.granted == w || call.lease == lease || call.task == push->task;
    };
    return std::count_if(s_.calls.begin(), s_.calls.end(), concerns_it) == 1;
  }

  const Config& config_;
  const State& s_;
};

}  // namespace

std::size_t process_of(const Action& a) {
  switch (reach_of(a.row)) {
    case Reach::kWorker:
    case Reach::kWorkerEnds: return kFirstWorker + (a.worker.exists() ? a.worker : a.call.worker).value;
    case Reach::kGcs: return kGcs;
    default: return kOthers;
  }
}

mc::ProcessSet interfering_with(const Config& config, const State& s, std::size_t process) {
  const Foresight foresight(config, s);
  if (process >= kFirstWorker && process < kGcs) {
    const WorkerId worker{static_cast<std::uint8_t>(process - kFirstWorker)};
    if (worker.value < config.workers() && foresight.leaves_alone(worker)) return {};
  }
  if (process == kGcs && foresight.leaves_gcs_alone()) return {};
  return mc::ProcessSet().set();
}

}  // namespace raymc
