// How a state is explored: decoded once, judged by every property that is still open, and expanded into its
// successors, which go to the visited set in batches. One Expander per thread; all its buffers are reused.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "checker/core/fingerprint.hpp"
#include "checker/core/model.hpp"
#include "checker/core/property.hpp"
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
};

/// Not thread-safe: one per thread. The visited set is shared.
template <Model M>
class Expander {
 public:
  Expander(const M& model, std::span<const Property<M>> properties, std::size_t rules, VisitedSet& visited)
      : model_(model), properties_(properties), rules_(rules), visited_(visited), tally_(properties.size(), rules) {}

  /// Explores the states with ranks in [begin, end). Appends to `found` in the order of links.
  void explore(const LevelTask& task, std::uint64_t begin, std::uint64_t end, std::vector<Discovery>& found) {
    for (std::uint64_t rank = begin; rank < end; ++rank) {
      if (rank + 1 < end) __builtin_prefetch(task.frontier.records[rank + 1]);
      ByteSource source(bytes_of(task.frontier.records[rank]));
      const State state = model_.decode(source);
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
    if (quiescent) ++tally_.quiescent;
    for (std::size_t i = 0; i < properties_.size(); ++i) {
      if (task.open[i] == 0 || tally_.first_rank[i] <= rank) continue;
      const Property<M>& property = properties_[i];
      if (property.kind == PropertyKind::kQuiescent && !quiescent) continue;
      const bool noted_when = property.kind == PropertyKind::kReachable;
      if (property.holds(model_, state) == noted_when) tally_.first_rank[i] = rank;
    }
  }

  void expand(const State& state, StateId id, std::vector<Discovery>& found) {
    tally_.transitions += actions_.size();
    MC_ASSERT(actions_.size() <= Link::kActionsMax, "a state has at most 2^24 enabled actions");
    for (std::uint32_t i = 0; i < actions_.size(); ++i) {
      take(state, actions_[i], Link(id, ActionIndex{i}));
      if (pending_.size() >= kBatch) insert_pending(found);
    }
  }

  void take(const State& state, Action action, Link link) {
    sink_.clear();
    try {
      if constexpr (Instrumented<M>) {
        RuleSet fired;
        model_.encode(model_.apply(state, action, fired), sink_);
        tally_.note_fired(fired);
      } else {
        model_.encode(model_.apply(state, action), sink_);
      }
    } catch (const CapacityExceeded& full) {
      tally_.note_overflow(link, full.what());
      return;
    }
    const std::span<const std::byte> bytes = sink_.view();
    const Fingerprint hash = fingerprint(bytes);
    visited_.prefetch(hash);
    pending_.push_back({hash, link, bytes_.size(), bytes.size()});
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }

  void insert_pending(std::vector<Discovery>& found) {
    const std::span<const std::byte> bytes(bytes_);
    for (const Pending& next : pending_) {
      const Insertion done = visited_.insert(next.fingerprint, bytes.subspan(next.offset, next.length), next.link);
      if (done.kind != Insertion::Kind::kKnown) found.push_back({next.link, done.handle});
    }
    pending_.clear();
    bytes_.clear();
  }

  const M& model_;
  std::span<const Property<M>> properties_;
  std::size_t rules_;
  VisitedSet& visited_;
  Tally tally_;
  std::vector<Action> actions_;
  ByteSink sink_;
  std::vector<Pending> pending_;
  std::vector<std::byte> bytes_;  // of the pending successors, one after the other
};

}  // namespace mc
