// Whether nobody gets in the way of the actions that a stubborn set takes first, by definition: everything is done that
// the others can do, as far as a bound allows. Used by the audit.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "checker/core/model.hpp"
#include "checker/engine/stubborn.hpp"
#include "checker/engine/swap.hpp"

namespace mc {

/// So many states are looked at in which only the others have acted. An audit asks in each of these states, too.
inline constexpr std::size_t kForesightStates = 40;

/// True if the other action can still be taken after this one, and nothing is foreseen then.
template <Foreseeing M>
[[nodiscard]] bool still_ends_foresight(const M& model, const typename M::State& state,
                                        const typename M::Action& action, const typename M::Action& other) {
  const Swap<M> swap(model, state, action, other);
  return swap.ab && !model.foresees(swap.ab->state);
}

/// The first action of the others, in breadth-first order, that changes which actions of the chosen processes are
/// enabled or does not commute with one of them; empty if there is none, or if nothing is chosen in this state.
template <Foreseeing M>
[[nodiscard]] std::optional<typename M::Action> disturbed_action(const M& model, const typename M::State& state,
                                                                 std::span<const typename M::Action> actions) {
  using Action = typename M::Action;
  StubbornSets<M> sets(model);
  const std::span<const std::uint32_t> chosen = sets.choose(state, actions);
  if (chosen.empty()) return std::nullopt;
  ProcessSet all;
  std::vector<Action> first;
  for (const std::uint32_t i : chosen) {
    all |= sets.closure_of(state, model.process(actions[i]));
    first.push_back(actions[i]);
  }
  std::vector<typename M::State> states{state};
  for (std::size_t next = 0; next < states.size(); ++next) {
    const typename M::State at = states[next];
    std::vector<Action> enabled;
    model.enabled(at, enabled);
    std::vector<Action> ours;
    std::vector<Action> theirs;
    for (const Action& action : enabled) (all.test(model.process(action)) ? ours : theirs).push_back(action);
    for (const Action& other : theirs) {
      const auto after = swap_step(model, at, other);
      const bool ends_foresight = after && !model.foresees(after->state);
      for (const Action& action : ours) {
        if (ends_foresight ? !still_ends_foresight(model, at, action, other)
                           : !commute_or_overflow(model, at, action, other)) {
          return other;
        }
      }
      if (!after || ends_foresight) continue;
      std::vector<Action> then;
      model.enabled(after->state, then);
      std::erase_if(then, [&](const Action& action) { return !all.test(model.process(action)); });
      if (!std::ranges::is_permutation(then, first)) return other;
      if (states.size() < kForesightStates && std::ranges::find(states, after->state) == states.end()) {
        states.push_back(after->state);
      }
    }
  }
  return std::nullopt;
}

}  // namespace mc
