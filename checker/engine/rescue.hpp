// The point of no return: the last state of a path that breaks a claim from which the protocol alone, without further
// actions of the environment, can still avoid that.
// Avoiding means: for an invariant, to come to rest or to go on without end while the claim holds all the time; for a
// quiescent claim, to come to rest where it holds or never to come to rest; for a promise, to reach what was promised.
// The search is bounded by a number of states, and says so when it ends undecided.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "checker/core/causes.hpp"
#include "checker/core/property.hpp"
#include "checker/core/run.hpp"
#include "checker/core/trace.hpp"

namespace mc {

/// What a search for the point of no return found.
template <Model M>
struct Escape {
  bool decided = false;
  std::optional<std::size_t> after;         ///< steps done in the last state with an escape; none: no state has one
  std::vector<typename M::Action> actions;  ///< the escape from there
  RescueEnd end = RescueEnd::kKept;
  std::size_t states = 0;  ///< explored
};

template <Model M>
class EscapeSearch {
 public:
  using State = typename M::State;
  using Action = typename M::Action;

  EscapeSearch(const M& model, const Property<M>& property, std::size_t states_max)
      : model_(model), property_(property), states_max_(states_max) {}

  /// Cost: at most `states_max` states explored, each stored whole.
  [[nodiscard]] Escape<M> run(const Trace<M>& trace) {
    const std::size_t first = obliged_since(trace).value_or(0);
    const bool promise = is_liveness(property_.kind);
    for (std::size_t left = trace.states.size() - (promise ? 0 : 1); left > 0; --left) {
      if (owes_ && left <= first) doomed_.clear();  // they were so because something was owed
      owes_ = left > first;
      const Found found = look_from(trace.states[left - 1]);
      if (found == Found::kUndecided) return escape_;
      if (found == Found::kNone) continue;
      escape_.decided = true;
      escape_.after = left - 1;
      return escape_;
    }
    escape_.decided = true;
    return escape_;
  }

  /// How the protocol alone goes on from the end of the path until it rests with the claim true; none if no way is
  /// found within the bound.
  [[nodiscard]] std::optional<Escape<M>> from_end(const Trace<M>& path) {
    owes_ = obliged_since(path).has_value();
    if (look_from(path.states.back()) != Found::kEscape) return std::nullopt;
    return escape_;
  }

  /// True if it is certain that every way on from the end of the path breaks the claim; false also if the bound is
  /// reached first. What one question explored counts for the next ones.
  [[nodiscard]] bool is_doomed(const Trace<M>& path) {
    if (property_.kind == PropertyKind::kInvariant && !property_.holds(model_, path.states.back())) return true;
    if (!obliged_since(path)) return false;
    owes_ = true;
    return look_from(path.states.back()) == Found::kNone;
  }

 private:
  enum class Found { kEscape, kNone, kUndecided };

  struct Node {
    State state;
    std::size_t parent;
    Action action;  ///< that led here from the parent
    std::vector<std::size_t> next;
  };

  /// Steps done when the obligation begins to stand that is not met at the end; none if none stands then.
  [[nodiscard]] std::optional<std::size_t> obliged_since(const Trace<M>& trace) const {
    if (property_.kind != PropertyKind::kLeadsTo) return 0;
    std::optional<std::size_t> since;
    for (std::size_t i = 0; i < trace.states.size(); ++i) {
      if (!since && property_.when(model_, trace.states[i])) since = i;
      if (property_.holds(model_, trace.states[i])) since.reset();
    }
    return since;
  }

  /// Shortest first; if that goes too wide, depth first.
  [[nodiscard]] Found look_from(const State& root) {
    const Found shortest = explore(root, (states_max_ - escape_.states) / 4, true);
    return shortest == Found::kUndecided ? explore(root, states_max_ - escape_.states, false) : shortest;
  }

  [[nodiscard]] Found explore(const State& root, std::size_t most, bool breadth_first) {
    nodes_.clear();
    numbers_.clear();
    if (doomed_.count(encoded(model_, root)) != 0) return Found::kNone;
    std::deque<std::size_t> waiting{add(root, 0, Action{})};
    while (!waiting.empty()) {
      const std::size_t node = breadth_first ? waiting.front() : waiting.back();
      breadth_first ? waiting.pop_front() : waiting.pop_back();
      if (nodes_.size() > most) return Found::kUndecided;
      ++escape_.states;
      if (is_promised(node)) return take(node, RescueEnd::kPromised);
      const std::vector<Action> actions = protocol_actions(model_, nodes_[node].state);
      if (actions.empty() && is_rest(nodes_[node].state)) return take(node, RescueEnd::kKept);
      for (const Action& action : actions) expand(node, action, waiting);
    }
    if (!is_liveness(property_.kind) && goes_on()) return take(0, RescueEnd::kGoesOn);
    for (const auto& [key, number] : numbers_) doomed_.insert(key);
    return Found::kNone;
  }

  void expand(std::size_t node, const Action& action, std::deque<std::size_t>& waiting) {
    State next;
    try {
      next = model_.apply(nodes_[node].state, action);
    } catch (const CapacityExceeded&) {
      return;  // no way that is known to be good
    }
    if (property_.kind == PropertyKind::kInvariant && !property_.holds(model_, next)) return;
    std::string key = encoded(model_, next);
    if (doomed_.count(key) != 0) return;
    const auto known = numbers_.find(key);
    if (known != numbers_.end()) {
      nodes_[node].next.push_back(known->second);
      return;
    }
    const std::size_t number = add(next, node, action);
    nodes_[node].next.push_back(number);
    waiting.push_back(number);
  }

  std::size_t add(const State& state, std::size_t parent, const Action& action) {
    numbers_.emplace(encoded(model_, state), nodes_.size());
    nodes_.push_back({state, parent, action, {}});
    return nodes_.size() - 1;
  }

  [[nodiscard]] bool is_promised(std::size_t node) const {
    return is_liveness(property_.kind) && (owes_ || node != 0) && property_.holds(model_, nodes_[node].state);
  }
  /// The protocol has nothing left to do, and that is no violation.
  [[nodiscard]] bool is_rest(const State& state) const {
    if (is_liveness(property_.kind)) return !owes_ && !property_.when(model_, state);
    return property_.holds(model_, state);
  }

  /// Some run from the first node never ends: it is left when dead ends are taken away until there are none.
  [[nodiscard]] bool goes_on() const {
    std::vector<std::size_t> ways(nodes_.size());
    std::vector<std::vector<std::size_t>> before(nodes_.size());
    std::vector<std::size_t> ended;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      ways[i] = nodes_[i].next.size();
      for (const std::size_t next : nodes_[i].next) before[next].push_back(i);
      if (ways[i] == 0) ended.push_back(i);
    }
    while (!ended.empty()) {
      const std::size_t node = ended.back();
      ended.pop_back();
      for (const std::size_t parent : before[node]) {
        if (--ways[parent] == 0) ended.push_back(parent);
      }
    }
    return ways[0] > 0;
  }

  Found take(std::size_t node, RescueEnd end) {
    escape_.actions.clear();
    for (; node != 0; node = nodes_[node].parent) escape_.actions.insert(escape_.actions.begin(), nodes_[node].action);
    escape_.end = end;
    return Found::kEscape;
  }

  const M& model_;
  const Property<M>& property_;
  const std::size_t states_max_;
  bool owes_ = true;  ///< of a promise of kind "leads to": its obligation stands in the state looked from
  std::vector<Node> nodes_;
  std::unordered_map<std::string, std::size_t> numbers_;
  std::unordered_set<std::string> doomed_;  ///< states from which every run breaks the claim
  Escape<M> escape_;
};

/// The point of no return of a path that shows a violation of `property`, which is not Reachable.
template <Model M>
[[nodiscard]] Escape<M> last_escape(const M& model, const Trace<M>& trace, const Property<M>& property,
                                    std::size_t states_max) {
  return EscapeSearch<M>(model, property, states_max).run(trace);
}

}  // namespace mc
