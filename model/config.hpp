// Everything about a run that is constant while it is searched: shape, initial fault budget, safeguards, and the
// questions about them that rows ask all the time (which node a worker is on, who owns a key, ...).
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "model/budget.hpp"
#include "model/feature.hpp"
#include "model/object.hpp"
#include "model/room.hpp"
#include "model/safeguards.hpp"
#include "model/shape.hpp"

namespace raymc {

/// What follows from a shape and is asked at every step.
struct ShapeCounts {
  explicit ShapeCounts(const Shape& shape);

  std::uint8_t nodes = 0;
  std::uint8_t owners = 0;
  std::uint8_t tasks = 0;
  std::uint8_t keys = 0;
  std::array<std::uint8_t, kNodesMax + 1> first_worker{};  ///< of each node, and behind the last
  std::array<NodeId, kWorkersMax> node_of{};               ///< each worker
  std::array<OwnerId, kKeysMax> owner_of{};                ///< each key
  bool several_jobs = false;
  const Room* room = &kSmallRoom;
};

struct Situation;

struct Config {
  Shape shape;
  Budget budget;  ///< what the initial state starts with
  SafeguardSet safeguards = SafeguardSet::pinned();
  FeatureSet features;  ///< those that are named; see `with_implied_features`
  /// What the scenario wants to be reachable, in words of its own (specs/situations.hpp); no row asks it.
  std::shared_ptr<const std::vector<Situation>> situations;
  std::optional<ShapeCounts> counts;  ///< of `shape`, once that is settled; without them each question counts anew

  [[nodiscard]] bool has(Safeguard safeguard) const { return safeguards.has(safeguard); }
  [[nodiscard]] bool on(Feature feature) const { return features.has(feature); }

  [[nodiscard]] std::uint8_t nodes() const {
    return counts ? counts->nodes : static_cast<std::uint8_t>(shape.nodes.size());
  }
  [[nodiscard]] std::uint8_t owners() const {
    return counts ? counts->owners : static_cast<std::uint8_t>(shape.owners.size());
  }
  [[nodiscard]] std::uint8_t tasks() const {
    return counts ? counts->tasks : static_cast<std::uint8_t>(shape.tasks.size());
  }
  [[nodiscard]] std::uint8_t workers() const { return first_worker(nodes()); }
  [[nodiscard]] std::uint8_t keys() const { return counts ? counts->keys : ShapeCounts(shape).keys; }
  /// How much of a state the scenario uses.
  [[nodiscard]] const Room& room() const { return counts ? *counts->room : *ShapeCounts(shape).room; }

  /// The number of the first worker slot of a node; slots of one node are adjacent.
  [[nodiscard]] std::uint8_t first_worker(std::uint8_t node) const {
    return counts ? counts->first_worker[node] : ShapeCounts(shape).first_worker[node];
  }
  [[nodiscard]] NodeId node_of(WorkerId worker) const {
    if (worker.value >= kWorkersMax) return NodeId::none();
    return counts ? counts->node_of[worker.value] : ShapeCounts(shape).node_of[worker.value];
  }
  [[nodiscard]] OwnerId owner_of(KeyId key) const {
    return counts ? counts->owner_of[key.value] : ShapeCounts(shape).owner_of[key.value];
  }
  /// Several drivers, each with a job of its own: a worker serves one of them.
  [[nodiscard]] bool several_jobs() const { return counts ? counts->several_jobs : ShapeCounts(shape).several_jobs; }
  /// The driver in whose job the owner's tasks run: itself, or that of its parent task.
  [[nodiscard]] OwnerId driver_of(OwnerId owner) const;
  /// jobs: the end of this driver's job is told. Of several drivers it is the first one's alone.
  [[nodiscard]] bool tells_end_of_job(OwnerId driver) const { return on(Feature::kJobs) && driver == OwnerId{0}; }
  /// CPUs that one lease of `key` takes.
  [[nodiscard]] std::uint8_t cpus_of(KeyId key) const { return shape.key_cpus[key.value]; }
  [[nodiscard]] std::uint8_t total_cpus(NodeId node) const { return shape.nodes[node.value].cpus; }
  /// The only node that may run tasks of `key` (hard NodeAffinity), or none.
  [[nodiscard]] NodeId affinity_of(KeyId key) const;
  /// The node that the lease policy prefers for `key` because of locality, or none.
  [[nodiscard]] NodeId locality_of(KeyId key) const;
  /// Values in plasma are part of the question.
  [[nodiscard]] bool objects() const { return on(Feature::kArguments); }
  [[nodiscard]] bool has_object(ObjectId object) const;
  [[nodiscard]] OwnerId owner_of(ObjectId object) const;
  /// The node that holds the primary copy of the argument of `key` at the start, or none.
  [[nodiscard]] NodeId argument_at(KeyId key) const;
  /// What `task` takes by reference when it is submitted.
  [[nodiscard]] ObjectSet arguments_of(TaskId task) const;
  [[nodiscard]] bool feasible(NodeId node, KeyId key) const { return cpus_of(key) <= total_cpus(node); }
  /// Cancelled requests leave a tombstone at their raylet.
  [[nodiscard]] bool tombstones() const {
    return on(Feature::kLeaseCancels) && has(Safeguard::kCancelledRequestsAreTombstoned);
  }
  [[nodiscard]] bool tracked() const { return shape.view == ResourceView::kTracked; }
  /// Some node registers during the run, so that its registration may arrive again.
  [[nodiscard]] bool registers_late() const {
    return std::any_of(shape.nodes.begin(), shape.nodes.end(), [](const NodeShape& node) { return node.joins_late; });
  }
  /// A stream of the resource view may break and be opened again while its raylet lives, so that rows have an age.
  [[nodiscard]] bool streams_may_break() const;
  /// A stream of the resource view may be opened during the run.
  [[nodiscard]] bool streams_may_open() const;
  /// The budget allows `fault` at all.
  [[nodiscard]] bool allows(Fault fault) const { return budget[fault] > 0; }
};

/// `config` with every feature on that its faults and its shape need, and its shape counted.
[[nodiscard]] Config with_implied_features(Config config);

}  // namespace raymc
