// What the end of a witness leaves open: a claim about states of rest that is true in no state that can follow, without
// another fault, will never come true. Whoever waits for it waits for ever. That runs go on without end (timers, idle
// processes that come and go) does not save it.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "checker/core/property.hpp"
#include "checker/core/run.hpp"
#include "checker/core/trace.hpp"

namespace mc {

template <Model M>
class Outlook {
 public:
  using State = typename M::State;
  using Action = typename M::Action;

  /// `path` has to outlive it. Explores at most `states_max` states for each question, and says nothing beyond.
  Outlook(const M& model, const Trace<M>& path, std::size_t states_max)
      : model_(model), path_(path), states_max_(states_max) {}

  /// The first step after which the claim can never come true again, 0 if it never could; none: it still can, or that
  /// takes more states to tell.
  [[nodiscard]] std::optional<std::size_t> lost_since(const Property<M>& property) {
    never_.clear();
    std::optional<std::size_t> since;
    for (std::size_t i = path_.states.size(); i-- > 0;) {
      if (!is_lost(path_.states[i], property)) break;
      since = i;
    }
    return since;
  }

 private:
  /// Adds what it explored to `never_` if the claim is true nowhere.
  [[nodiscard]] bool is_lost(const State& root, const Property<M>& property) {
    std::unordered_set<std::string> seen{encoded(model_, root)};
    if (never_.contains(*seen.begin())) return true;
    std::deque<State> waiting{root};
    while (!waiting.empty()) {
      const State state = std::move(waiting.front());
      waiting.pop_front();
      if (property.holds(model_, state) || seen.size() > states_max_) return false;
      for (const Action& action : protocol_actions(model_, state)) {
        State next;
        try {
          next = model_.apply(state, action);
        } catch (const CapacityExceeded&) {
          return false;
        }
        std::string key = encoded(model_, next);
        if (!never_.contains(key) && seen.insert(std::move(key)).second) waiting.push_back(std::move(next));
      }
    }
    never_.merge(seen);
    return true;
  }

  const M& model_;
  const Trace<M>& path_;
  const std::size_t states_max_;
  std::unordered_set<std::string> never_;  ///< states after which the claim is never true
};

}  // namespace mc
