// Whether two actions commute in a state, by doing them: the dumb twin of footprints. Used by the audit, and by
// searches on a few states.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "checker/core/model.hpp"

namespace mc {

/// What an action did; nothing if it overflowed a container.
template <Model M>
struct SwapStep {
  typename M::State state;
  RuleSet fired;
  friend bool operator==(const SwapStep&, const SwapStep&) = default;
};

template <Model M>
[[nodiscard]] std::optional<SwapStep<M>> swap_step(const M& model, const typename M::State& state,
                                                   const typename M::Action& action) try {
  RuleSet fired;
  if constexpr (Instrumented<M>) {
    typename M::State next = model.apply(state, action, fired);
    return SwapStep<M>{std::move(next), fired};
  }
  return SwapStep<M>{model.apply(state, action), fired};
} catch (const CapacityExceeded&) {
  return std::nullopt;
}

/// Two actions, which are enabled in the state, done in both orders.
template <Model M>
struct Swap {
  std::optional<SwapStep<M>> after_a;
  std::optional<SwapStep<M>> after_b;
  bool a_stays = true;  ///< enabled after b; also if b overflows
  bool b_stays = true;
  std::optional<SwapStep<M>> ab;  ///< after a and then b
  std::optional<SwapStep<M>> ba;

  Swap(const M& model, const typename M::State& state, const typename M::Action& a, const typename M::Action& b)
      : after_a(swap_step(model, state, a)), after_b(swap_step(model, state, b)) {
    const auto stays = [&](const typename M::State& next, const typename M::Action& action) {
      std::vector<typename M::Action> enabled;
      model.enabled(next, enabled);
      return std::find(enabled.begin(), enabled.end(), action) != enabled.end();
    };
    if (after_a) b_stays = stays(after_a->state, b);
    if (after_b) a_stays = stays(after_b->state, a);
    if (after_a && b_stays) ab = swap_step(model, after_a->state, b);
    if (after_b && a_stays) ba = swap_step(model, after_b->state, a);
  }
};

/// True if both actions, which are enabled in the state, commute there: each stays enabled after the other, both orders
/// lead to one state, and each fires the same rules in either. An order in which a container overflows says nothing.
template <Model M>
[[nodiscard]] bool commute(const M& model, const typename M::State& state, const typename M::Action& a,
                           const typename M::Action& b) {
  const Swap<M> swap(model, state, a, b);
  if (!swap.after_a || !swap.after_b) return true;
  if (!swap.a_stays || !swap.b_stays) return false;
  if (!swap.ab || !swap.ba) return true;
  return swap.ab->state == swap.ba->state && swap.ab->fired == swap.after_b->fired &&
         swap.ba->fired == swap.after_a->fired;
}

}  // namespace mc
