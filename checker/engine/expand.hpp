// How a state is explored: decoded once, judged by every property that is still open, and expanded into its
// successors, which go to the visited set in batches. One Expander per thread; all its buffers are reused.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "checker/core/fingerprint.hpp"
#include "checker/core/model.hpp"
#include "checker/core/property.hpp"
#include "checker/engine/canonicalizer.hpp"
#include "checker/engine/graph_log.hpp"
#include "checker/engine/stats.hpp"
#include "checker/store/frontier.hpp"
#include "checker/store/visited_set.hpp"

namespace mc {

/// A state that was new, or got a smaller link, when it was inserted with this link. At the end of the level it counts
/// only if the state still has this link.
struct Discovery {
  Link link;
  OpenHandle handle;
};

/// One level as the expanders see it.
struct LevelTask {
  const Frontier& frontier;
  const std::vector<char>& open;  ///< per property: whether it is still judged
  bool expand = true;             ///< false: judge only
  bool graph = false;             ///< whether edges and marks are logged, for properties of liveness
};

/// Not thread-safe: one per thread. The visited set is shared.
template <Model M>
class Expander {
 public:
  Expander(const M& model, const Canonicalizer<M>& canonical, std::span<const Property<M>> properties,
           std::size_t rules, VisitedSet& visited, ComponentNumbers& components)
      : model_(model),
        canonical_(canonical),
        properties_(properties),
        rules_(rules),
        visited_(visited),
        components_(components),
        tally_(properties.size(), rules) {}

  /// Explores the states with ranks in [begin, end). Appends to `found` in the order of links, and to `graph` if the
  /// task asks for it.
  void explore(const LevelTask& task, std::uint64_t begin, std::uint64_t end, std::vector<Discovery>& found,
               GraphChunk& graph) {
    graph_ = task.graph ? &graph : nullptr;
    for (std::uint64_t rank = begin; rank < end; ++rank) {
      if (rank + 1 < end) __builtin_prefetch(task.frontier.records[rank + 1]);
      const std::span<const std::byte> stored = bytes_of(task.frontier.records[rank]);
      ByteSource source(stored);
      const State state = model_.decode(source);
      orbit_ = canonical_.orbit_of(stored);
      tally_.states += orbit_;
      actions_.clear();
      model_.enabled(state, actions_);
      judge(task, state, rank);
      if (task.expand) {
        expand(state, StateId{task.frontier.first.value + rank}, found);
      } else {
        tally_.cut = tally_.cut || !actions_.empty();
      }
    }
    insert_pending(found);
  }

  [[nodiscard]] const Tally& tally() const { return tally_; }
  void begin_level() { tally_ = Tally(properties_.size(), rules_); }

 private:
  using State = typename M::State;
  using Action = typename M::Action;
  struct Pending {
    Fingerprint fingerprint = 0;
    Link link;
    std::size_t offset = 0;  // in bytes_
    std::size_t length = 0;
    ComponentNumber component = kEnvironmentComponent;
  };
  // Long enough to overlap the cache misses of a batch, short enough that what was prefetched is still there.
  static constexpr std::size_t kBatch = 64;

  [[nodiscard]] bool is_quiescent() const {
    if constexpr (Environmental<M>) {
      return std::all_of(actions_.begin(), actions_.end(),
                         [&](Action action) { return model_.is_environment(action); });
    } else {
      return actions_.empty();
    }
  }

  void judge(const LevelTask& task, const State& state, std::uint64_t rank) {
    const bool quiescent = is_quiescent();
    if (quiescent) tally_.quiescent += orbit_;
    if (graph_ != nullptr) mark(state);
    for (std::size_t i = 0; i < properties_.size(); ++i) {
      if (task.open[i] == 0 || tally_.first_rank[i] <= rank) continue;
      const Property<M>& property = properties_[i];
      if (is_liveness(property.kind) || (property.kind == PropertyKind::kQuiescent && !quiescent)) continue;
      const bool noted_when = property.kind == PropertyKind::kReachable;
      if (property.holds(model_, state) == noted_when) tally_.first_rank[i] = rank;
    }
  }

  void mark(const State& state) {
    for (const Property<M>& property : properties_) {
      if (!is_liveness(property.kind)) continue;
      std::uint8_t marks = property.holds(model_, state) ? kMarkGoal : 0;
      if (property.when != nullptr && property.when(model_, state)) marks |= kMarkWhen;
      graph_->marks.push_back(marks);
    }
  }

  [[nodiscard]] ComponentNumber component_of(Action action) {
    if constexpr (Environmental<M>) {
      if (model_.is_environment(action)) return kEnvironmentComponent;
    }
    std::uint32_t component = 0;
    if constexpr (Fair<M>) component = model_.component(action);
    const auto known = known_components_.find(component);
    if (known != known_components_.end()) return known->second;
    return known_components_[component] = components_.number_of(component);
  }

  void expand(const State& state, StateId id, std::vector<Discovery>& found) {
    tally_.transitions += std::uint64_t{orbit_} * actions_.size();
    MC_ASSERT(actions_.size() <= Link::kActionsMax, "a state has at most 2^24 enabled actions");
    std::uint32_t degree = 0;
    for (std::uint32_t i = 0; i < actions_.size(); ++i) {
      if (take(state, actions_[i], Link(id, ActionIndex{i}))) ++degree;
      if (pending_.size() >= kBatch) insert_pending(found);
    }
    if (graph_ != nullptr) graph_->degrees.push_back(degree);
  }

  /// False if the action overflowed a container.
  bool take(const State& state, Action action, Link link) {
    sink_.clear();
    try {
      if constexpr (Instrumented<M>) {
        RuleSet fired;
        canonical_.encode(model_.apply(state, action, fired), sink_);
        tally_.note_fired(fired, orbit_);
      } else {
        canonical_.encode(model_.apply(state, action), sink_);
      }
    } catch (const CapacityExceeded& full) {
      tally_.note_overflow(link, full.what());
      return false;
    }
    const std::span<const std::byte> bytes = sink_.view();
    const Fingerprint hash = fingerprint(bytes);
    visited_.prefetch(hash);
    pending_.push_back({hash, link, bytes_.size(), bytes.size()});
    if (graph_ != nullptr) pending_.back().component = component_of(action);
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return true;
  }

  void insert_pending(std::vector<Discovery>& found) {
    const std::span<const std::byte> bytes(bytes_);
    for (const Pending& next : pending_) {
      const Insertion done = visited_.insert(next.fingerprint, bytes.subspan(next.offset, next.length), next.link);
      if (done.kind != Insertion::Kind::kKnown) found.push_back({next.link, done.handle});
      if (graph_ != nullptr) graph_->edges.emplace_back(done.record, next.component);
    }
    pending_.clear();
    bytes_.clear();
  }

  const M& model_;
  Canonicalizer<M> canonical_;
  std::uint32_t orbit_ = 1;  // for how many states the one at hand stands
  std::span<const Property<M>> properties_;
  std::size_t rules_;
  VisitedSet& visited_;
  ComponentNumbers& components_;
  std::unordered_map<std::uint32_t, ComponentNumber> known_components_;
  GraphChunk* graph_ = nullptr;  // of the run of ranks at hand; null if no graph is logged
  Tally tally_;
  std::vector<Action> actions_;
  ByteSink sink_;
  std::vector<Pending> pending_;
  std::vector<std::byte> bytes_;  // of the pending successors, one after the other
};

}  // namespace mc
