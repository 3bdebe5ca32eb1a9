// How a state is explored: decoded once, judged by every property that is still open, and expanded into its
// successors, which go to the visited set in batches. One Expander per thread; all its buffers are reused.
#pragma once

#include <algorithm>
#include <array>
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
#include "checker/store/spill.hpp"
#include "checker/store/visited_set.hpp"

namespace mc {

/// One level as the expanders see it.
struct LevelTask {
  const Frontier& frontier;
  const std::vector<char>& open;          ///< per property: whether it is still judged
  const std::vector<char>& occurred;      ///< per property: whether a state that it is about was seen in earlier levels
  bool expand = true;                     ///< false: judge only
  bool graph = false;                     ///< whether edges and marks are logged, for properties of liveness
  const SpilledLevel* spilled = nullptr;  ///< where the states of the level stand, if not in the visited set
};

/// Not thread-safe: one per thread. The visited set and the numbers of components, which it shares with others, are.
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
        seat_(visited.add_seat()),
        components_(components),
        tally_(properties.size(), rules) {}

  /// Explores the states with ranks in [begin, end). Tells in `findings` what was found, in the order of links, and
  /// appends to `graph` if the task asks for it.
  void explore(const LevelTask& task, std::uint64_t begin, std::uint64_t end, Findings& findings, GraphChunk& graph) {
    graph_ = task.graph ? &graph : nullptr;
    findings.first_parent = StateId{task.frontier.first.value + begin};
    findings.end_parent = StateId{task.frontier.first.value + end};
    for (std::uint64_t rank = begin; rank < end; ++rank) {
      const StateId id{task.frontier.first.value + rank};
      stored_ = encoding_of(task, rank);
      ByteSource source(stored_);
      const State state = model_.decode(source);
      orbit_ = canonical_.orbit_of(stored_);
      tally_.states += orbit_;
      actions_.clear();
      model_.enabled(state, actions_);
      judge(task, state, rank);
      // The one place that says whether a state was expanded: a state without actions is, on either side of a bound.
      if (task.expand || actions_.empty()) {
        expand(state, id, findings);
      } else {
        tally_.cut = true;
        if (graph_ != nullptr) graph_->degrees.push_back(kCutOff);
      }
    }
    insert_pending(findings);
    findings.states.shrink_to_fit();  // it is kept until the level ends, beside those of all other runs
  }

  /// Appends what is stored for the states to which these links lead, all from the task's level.
  void remake(const LevelTask& task, std::span<const Link> links, std::vector<std::byte>& states) {
    const bool made = walk(task, links, [&](const State& state, Action action, Link /*link*/) {
      sink_.clear();
      canonical_.encode(model_.apply(state, action), sink_);
      append_state(sink_.view(), states);
      return true;
    });
    MC_ASSERT(made, "an action that was taken can be taken again");
    sink_.clear();
  }

  /// Does again what these links say, in their order; all their parents are in the task's level. Nothing is judged.
  /// False if an action is not there, overflows a container, or leads to a state that is known.
  [[nodiscard]] bool redo(const LevelTask& task, std::span<const Link> links, Findings& findings) {
    graph_ = nullptr;
    redoes_ = true;
    findings.first_parent = links.front().parent();
    findings.end_parent = StateId{links.back().parent().value + 1};
    const bool done = walk(task, links, [&](const State& state, Action /*action*/, Link link) {
      if (!take(state, link)) return false;
      if (pending_ == kBatch) insert_pending(findings);
      return true;
    });
    insert_pending(findings);
    redoes_ = false;
    return done && findings.states.size() == links.size();
  }

  [[nodiscard]] const Tally& tally() const { return tally_; }
  void begin_level() { tally_ = Tally(properties_.size(), rules_); }

 private:
  using State = typename M::State;
  using Action = typename M::Action;
  // Long enough to overlap the cache misses of a batch, short enough that what was prefetched is still there.
  static constexpr std::size_t kBatch = VisitedSet::kBatchMax;

  // Not inlined: GCC 12 then sees copies of impossible lengths in what reads the encoding.
  [[nodiscard, gnu::noinline]] std::span<const std::byte> encoding_of(const LevelTask& task, std::uint64_t rank) {
    if (task.spilled != nullptr) return reader_.encoding(*task.spilled, rank);
    return visited_.encoding(StateId{task.frontier.first.value + rank});
  }

  /// Calls `step(state, action, link)` for each of the links, which are in order and start from the task's level, until
  /// one says no. False if it does, or if an action is not there.
  template <class Step>
  bool walk(const LevelTask& task, std::span<const Link> links, const Step& step) {
    State state{};
    for (std::size_t i = 0; i < links.size(); ++i) {
      if (i == 0 || links[i].parent() != links[i - 1].parent()) {
        ByteSource source(encoding_of(task, links[i].parent().value - task.frontier.first.value));
        state = model_.decode(source);
        actions_.clear();
        model_.enabled(state, actions_);
      }
      const std::uint32_t action = links[i].action().value;
      if (action >= actions_.size() || !step(state, actions_[action], links[i])) return false;
    }
    return true;
  }

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
      const Property<M>& property = properties_[i];
      if (task.occurred[i] == 0 && tally_.occurred[i] == 0)
        tally_.occurred[i] = is_about(property, model_, state, quiescent) ? 1 : 0;
      if (task.open[i] == 0 || tally_.first_rank[i] <= rank) continue;
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

  void expand(const State& state, StateId id, Findings& findings) {
    tally_.transitions += std::uint64_t{orbit_} * actions_.size();
    tally_.taken += actions_.size();
    std::uint32_t degree = 0;
    for (std::uint32_t i = 0; i < actions_.size(); ++i) {
      if (take(state, Link(id, ActionIndex{i}))) ++degree;
      if (pending_ == kBatch) insert_pending(findings);
    }
    if (graph_ != nullptr) graph_->degrees.push_back(degree);
  }

  /// Takes the action of the link. False if it overflowed a container.
  bool take(const State& state, Link link) {
    const Action action = actions_[link.action().value];
    const std::size_t offset = sink_.size();
    try {
      if constexpr (Instrumented<M>) {
        RuleSet fired;
        canonical_.encode(model_.apply(state, action, fired), sink_);
        tally_.note_fired(fired, orbit_);
      } else {
        canonical_.encode(model_.apply(state, action), sink_);
      }
    } catch (const CapacityExceeded& full) {
      sink_.rewind(offset);
      tally_.note_overflow(link, full.what());
      return false;
    }
    const std::span<const std::byte> bytes = sink_.view().subspan(offset);
    MC_ASSERT(bytes.size() <= kEncodingBytesMax, "an encoding must fit the store");
    if (changes_nothing(bytes)) {
      sink_.rewind(offset);
      return true;
    }
    const Fingerprint hash = fingerprint(bytes);
    visited_.prefetch(hash);
    candidates_[pending_] = {hash, link, static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(bytes.size())};
    if (graph_ != nullptr) by_[pending_] = component_of(action);
    ++pending_;
    return true;
  }

  /// The step leads back to the state itself, which the store need not be asked about. Edges are of every step, and
  /// whoever does a known step again wants to hear from the store.
  [[nodiscard]] bool changes_nothing(std::span<const std::byte> bytes) const {
    return graph_ == nullptr && !redoes_ && equal(bytes, stored_);
  }

  void insert_pending(Findings& findings) {
    visited_.insert(seat_, sink_.view().data(), std::span(candidates_).first(pending_), done_.data());
    for (std::size_t i = 0; i < pending_; ++i) {
      if (done_[i].kind != Insertion::Kind::kKnown) findings.states.push_back(done_[i].state);
      if (graph_ != nullptr) graph_->edges.push_back({done_[i].state, by_[i]});
    }
    pending_ = 0;
    sink_.clear();
  }

  const M& model_;
  Canonicalizer<M> canonical_;
  std::uint32_t orbit_ = 1;            // for how many states the one at hand stands
  std::span<const std::byte> stored_;  // what is stored for it
  std::span<const Property<M>> properties_;
  std::size_t rules_;
  VisitedSet& visited_;
  Seat& seat_;
  ComponentNumbers& components_;
  std::unordered_map<std::uint32_t, ComponentNumber> known_components_;
  SpillReader reader_;
  GraphChunk* graph_ = nullptr;  // of the run of ranks at hand; null if no graph is logged
  Tally tally_;
  std::vector<Action> actions_;
  bool redoes_ = false;  // one known action of each state
  // The pending successors: their encodings, one after the other, and for each where it stands, by which component it
  // was made, and what became of it.
  ByteSink sink_;
  std::size_t pending_ = 0;
  std::array<Candidate, kBatch> candidates_{};
  std::array<ComponentNumber, kBatch> by_{};
  std::array<Insertion, kBatch> done_{};
};

}  // namespace mc
