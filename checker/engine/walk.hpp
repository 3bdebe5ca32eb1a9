// One random walk: from an initial state, one enabled action after another, until something is broken, nothing is
// enabled, or the walk is long enough. Used by simulate.
//
// Which action is taken: if the protocol and the environment can both act, the walk's own patience says who does. Of
// those up to four are drawn and applied, and one of them is taken, the sooner the rarer what it fired is so far.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "checker/core/model.hpp"
#include "checker/core/property.hpp"
#include "checker/core/random.hpp"
#include "checker/core/trace.hpp"
#include "checker/engine/sketch.hpp"

namespace mc {

/// The first state in which a property is broken or, if it is Reachable, met.
struct Sighting {
  std::uint64_t walk = 0;
  std::uint32_t depth = 0;
  friend auto operator<=>(const Sighting&, const Sighting&) = default;
};

/// What some walks saw. Not thread-safe: one per piece of a round, merged in any order.
struct WalkTally {
  std::uint64_t steps = 0;
  std::uint64_t ended = 0;       ///< walks that came to a state in which nothing is enabled
  std::uint64_t cut = 0;         ///< walks that were long enough
  std::uint64_t overflowed = 0;  ///< walks that came to an action that overflows a container
  std::vector<std::uint64_t> fired;
  std::vector<std::optional<Sighting>> first;  ///< per property
  DistinctSketch states;

  WalkTally(std::size_t properties, std::size_t rules) : fired(rules, 0), first(properties) {}
  void merge(const WalkTally& other) {
    steps += other.steps;
    ended += other.ended;
    cut += other.cut;
    overflowed += other.overflowed;
    for (std::size_t i = 0; i < fired.size(); ++i) fired[i] += other.fired[i];
    for (std::size_t i = 0; i < first.size(); ++i) {
      if (other.first[i] && (!first[i] || *other.first[i] < *first[i])) first[i] = other.first[i];
    }
    states.merge(other.states);
  }
};

/// How eagerly each rule is looked for; fixed while a round runs.
using RuleWeights = std::vector<std::uint32_t>;

/// Weights from how often each rule has fired: 1 for the most frequent, growing with the square of the logarithm of how
/// much rarer a rule is.
[[nodiscard]] inline RuleWeights weights_of(const std::vector<std::uint64_t>& fired) {
  RuleWeights weights;
  const std::uint64_t most = fired.empty() ? 0 : *std::max_element(fired.begin(), fired.end());
  for (const std::uint64_t count : fired) {
    const auto rarity = static_cast<std::uint32_t>(std::bit_width(most / (count + 1)));
    weights.push_back(1 + rarity * rarity);
  }
  return weights;
}

/// Walks through one model. Not thread-safe: one per thread at a time.
template <Model M>
class Walker {
 public:
  /// A walk ends early when `cancel` becomes true; then it is worth nothing.
  Walker(const M& model, std::span<const Property<M>> properties, const RuleWeights& weights, std::uint32_t depth_max,
         const std::atomic<bool>* cancel = nullptr)
      : model_(model), properties_(properties), weights_(weights), depth_max_(depth_max), cancel_(cancel) {}

  /// Walks walk number `walk` under `seed` and notes in `tally` what it saw. Gives its path, up to the first state that
  /// breaks an Invariant or a Quiescent property.
  Trace<M> walk(std::uint64_t seed, std::uint64_t walk, WalkTally& tally) {
    Random random(seed, walk);
    patience_ = random.below(kPatienceMax);
    Trace<M> path;
    const std::vector<State> initial = model_.initial_states();
    path.states.push_back(initial[random.below(initial.size())]);
    while (true) {
      const State& state = path.states.back();
      const auto depth = static_cast<std::uint32_t>(path.actions.size());
      if (depth % kStepsPerPoll == 0 && cancel_ != nullptr && cancel_->load(std::memory_order_relaxed)) return path;
      see(state, tally);
      enabled_.clear();
      model_.enabled(state, enabled_);
      if (judge(state, {walk, depth}, tally)) return path;
      if (enabled_.empty()) {
        ++tally.ended;
        return path;
      }
      if (depth >= depth_max_) {
        ++tally.cut;
        return path;
      }
      if (!step(random, path, tally)) return path;
    }
  }

 private:
  using State = typename M::State;
  using Action = typename M::Action;
  static constexpr std::uint64_t kPatienceMax = 7;
  static constexpr std::size_t kCandidatesMax = 4;
  static constexpr std::uint32_t kStepsPerPoll = 256;

  struct Candidate {
    Action action;
    State after;
    RuleSet fired;
    std::uint64_t weight = 1;
  };

  [[nodiscard]] bool environment(const Action& action) const {
    if constexpr (Environmental<M>) return model_.is_environment(action);
    static_cast<void>(action);
    return false;
  }

  void see(const State& state, WalkTally& tally) {
    sink_.clear();
    model_.encode(state, sink_);
    tally.states.add(fingerprint(sink_.view()));
  }

  /// Notes what this state shows; true if it breaks something.
  bool judge(const State& state, Sighting here, WalkTally& tally) const {
    const bool quiescent =
        std::all_of(enabled_.begin(), enabled_.end(), [&](const Action& action) { return environment(action); });
    bool broken = false;
    for (std::size_t i = 0; i < properties_.size(); ++i) {
      const Property<M>& property = properties_[i];
      if (is_liveness(property.kind) || (property.kind == PropertyKind::kQuiescent && !quiescent)) continue;
      const bool reachable = property.kind == PropertyKind::kReachable;
      if (property.holds(model_, state) != reachable) continue;
      if (!tally.first[i] || here < *tally.first[i]) tally.first[i] = here;
      broken = broken || !reachable;
    }
    return broken;
  }

  /// Keeps in `enabled_` only the actions of the side that acts now.
  void choose_side(Random& random) {
    const auto middle = std::stable_partition(enabled_.begin(), enabled_.end(),
                                              [&](const Action& action) { return !environment(action); });
    if (middle == enabled_.begin() || middle == enabled_.end()) return;
    // With patience k the environment acts in one of 2^k steps: some walks are struck early, others late.
    const bool strikes = random.below(std::uint64_t{1} << patience_) == 0 && random.below(2) == 0;
    if (strikes)
      enabled_.erase(enabled_.begin(), middle);
    else
      enabled_.erase(middle, enabled_.end());
  }

  /// Applies an action; false if it overflows a container.
  bool add_candidate(const State& state, const Action& action) {
    try {
      Candidate candidate{action, state, {}, 1};
      if constexpr (Instrumented<M>) {
        candidate.after = model_.apply(state, action, candidate.fired);
        for (std::size_t i = 0; i < weights_.size(); ++i) {
          if (candidate.fired[i]) candidate.weight = std::max<std::uint64_t>(candidate.weight, weights_[i]);
        }
      } else {
        candidate.after = model_.apply(state, action);
      }
      candidates_.push_back(std::move(candidate));
    } catch (const CapacityExceeded&) {
      return false;
    }
    return true;
  }

  /// False if the walk ends here because everything that was drawn overflows a container.
  bool step(Random& random, Trace<M>& path, WalkTally& tally) {
    choose_side(random);
    candidates_.clear();
    const std::size_t draws = std::min(enabled_.size(), kCandidatesMax);
    for (std::size_t i = 0; i < draws; ++i) {
      std::swap(enabled_[i], enabled_[i + random.below(enabled_.size() - i)]);
      add_candidate(path.states.back(), enabled_[i]);
    }
    if (candidates_.empty()) {
      ++tally.overflowed;
      return false;
    }
    std::uint64_t whole = 0;
    for (const Candidate& candidate : candidates_) whole += candidate.weight;
    std::uint64_t drawn = random.below(whole);
    std::size_t taken = 0;
    while (drawn >= candidates_[taken].weight) drawn -= candidates_[taken++].weight;
    const Candidate& candidate = candidates_[taken];
    for (std::size_t i = 0; i < tally.fired.size(); ++i) tally.fired[i] += candidate.fired[i] ? 1 : 0;
    path.actions.push_back(candidate.action);
    path.states.push_back(candidate.after);
    ++tally.steps;
    return true;
  }

  const M& model_;
  std::span<const Property<M>> properties_;
  const RuleWeights& weights_;
  std::uint32_t depth_max_;
  const std::atomic<bool>* cancel_;
  std::uint64_t patience_ = 0;
  std::vector<Action> enabled_;
  std::vector<Candidate> candidates_;
  ByteSink sink_;
};

}  // namespace mc
