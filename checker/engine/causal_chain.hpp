// The steps of a path that a violation needs, found by dependence between steps. Two neighbours are independent if the
// other order is possible and leads to the same state. Everything that can be moved behind a step by swapping
// independent neighbours plays no part in that step; whether it plays one in the violation is found out by leaving it
// out. What stays is a path of its own.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "checker/core/causes.hpp"
#include "checker/core/trace.hpp"

namespace mc {

template <Model M>
[[nodiscard]] bool is_enabled(const M& model, const typename M::State& state, const typename M::Action& action) {
  std::vector<typename M::Action> enabled;
  model.enabled(state, enabled);
  return std::find(enabled.begin(), enabled.end(), action) != enabled.end();
}

/// How the neighbours `first` and `second`, taken one after the other from `state`, depend on each other; none if they
/// do not. A repeated action depends on itself, and so does one that overflows a container in the other order.
template <Model M>
[[nodiscard]] std::optional<LinkReason> dependence(const M& model, const typename M::State& state,
                                                   const typename M::Action& first, const typename M::Action& second) {
  if (first == second || !is_enabled(model, state, second)) return LinkReason::kEnables;
  try {
    const typename M::State other = model.apply(state, second);
    if (!is_enabled(model, other, first)) return LinkReason::kPrevents;
    const bool same = model.apply(other, first) == model.apply(model.apply(state, first), second);
    return same ? std::nullopt : std::optional(LinkReason::kOrder);
  } catch (const CapacityExceeded&) {
    return LinkReason::kOrder;
  }
}

/// The path of the given steps alone (numbers from 1, in order); none if one of them is not possible then.
template <Model M>
[[nodiscard]] std::optional<Trace<M>> path_of(const M& model, const Trace<M>& trace,
                                              const std::vector<std::size_t>& steps) {
  Trace<M> path;
  path.states.push_back(trace.states.front());
  for (const std::size_t step : steps) {
    const typename M::Action& action = trace.actions[step - 1];
    if (!is_enabled(model, path.states.back(), action)) return std::nullopt;
    try {
      path.states.push_back(model.apply(path.states.back(), action));
    } catch (const CapacityExceeded&) {
      return std::nullopt;
    }
    path.actions.push_back(action);
  }
  return path;
}

/// The first step after `position` in the path that the step there depends with, and how; `before` is 0 if there is
/// none. Counts positions from 0.
template <Model M>
[[nodiscard]] ChainLink link_in(const M& model, const Trace<M>& path, std::size_t position) {
  typename M::State state = path.states[position];
  for (std::size_t later = position + 1; later < path.actions.size(); ++later) {
    const auto reason = dependence(model, state, path.actions[position], path.actions[later]);
    if (reason) return {position, later, *reason};
    state = model.apply(state, path.actions[later]);
  }
  return {position, 0, LinkReason::kEnables};
}

/// The numbers of the steps in the causal past of the step number `last` (from 1), in order, itself at the end. Taken
/// alone from the first state, they are a path. Cost: at most `last` squared diamonds of four states.
template <Model M>
[[nodiscard]] std::vector<std::size_t> causal_past(const M& model, const Trace<M>& trace, std::size_t last) {
  MC_ASSERT(last >= 1 && last <= trace.actions.size(), "the chain ends in a step of the path");
  std::vector<std::size_t> backwards{last};
  for (std::size_t step = last - 1; step > 0; --step) {
    const typename M::Action& action = trace.actions[step - 1];
    typename M::State state = trace.states[step - 1];
    bool depends = false;
    for (auto later = backwards.rbegin(); later != backwards.rend() && !depends; ++later) {
      depends = dependence(model, state, action, trace.actions[*later - 1]).has_value();
      if (!depends) state = model.apply(state, trace.actions[*later - 1]);
    }
    if (depends) backwards.push_back(step);
  }
  std::reverse(backwards.begin(), backwards.end());
  return backwards;
}

/// The chain that ends in the step number `last`: its causal past, and of the other steps before it those that cannot
/// be left out, one by one from the last to the first, without `still_bad` becoming false of the path that is left.
/// That path replays, and unless nothing could be left out `still_bad` is true of it.
template <Model M>
[[nodiscard]] std::vector<ChainLink> causal_chain(const M& model, const Trace<M>& trace, std::size_t last,
                                                  const std::function<bool(const Trace<M>&)>& still_bad) {
  const std::vector<std::size_t> past = causal_past(model, trace, last);
  std::vector<std::size_t> kept;
  for (std::size_t step = 1; step <= last; ++step) kept.push_back(step);
  for (std::size_t step = last; step > 0; --step) {
    if (std::binary_search(past.begin(), past.end(), step)) continue;
    std::vector<std::size_t> fewer;
    std::remove_copy(kept.begin(), kept.end(), std::back_inserter(fewer), step);
    const std::optional<Trace<M>> path = path_of(model, trace, fewer);
    if (path && still_bad(*path)) kept = std::move(fewer);
  }
  const std::optional<Trace<M>> path = path_of(model, trace, kept);
  MC_ASSERT(path.has_value(), "what is kept was replayed");
  std::vector<ChainLink> chain;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    ChainLink link = link_in(model, *path, i);
    chain.push_back({kept[i], link.before == 0 ? 0 : kept[link.before], link.reason});
  }
  return chain;
}

}  // namespace mc
