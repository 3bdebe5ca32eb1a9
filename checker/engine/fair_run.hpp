// One fair run of the protocol alone from a state: how a run that is lost goes on. For a person's eye; it is one run
// of many and proves nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "checker/core/run.hpp"
#include "checker/core/trace.hpp"

namespace mc {

template <Model M>
struct FairRun {
  Trace<M> path;       ///< from the given state; its loop is set if it repeats, and is fair then
  bool rests = false;  ///< it ends where the protocol has nothing left to do; else it repeats, or was cut off
};

/// Each step is taken by the enabled component that has waited longest, by the first of its actions. The run ends where
/// nothing is left to do, where it comes round fairly to a state that it was in, where a container of the model
/// overflows, or after `steps_max` steps. Cost: keeps every state of the run.
template <Model M>
[[nodiscard]] FairRun<M> fair_run(const M& model, const typename M::State& from, std::size_t steps_max) {
  FairRun<M> run;
  run.path.states.push_back(from);
  std::unordered_map<std::string, std::size_t> seen{{encoded(model, from), 0}};
  std::map<std::uint32_t, std::size_t> acted;  // by component: its last step, from 1
  while (run.path.actions.size() < steps_max) {
    const typename M::State& here = run.path.states.back();
    const std::vector<typename M::Action> actions = protocol_actions(model, here);
    run.rests = actions.empty();
    if (run.rests) return run;
    const auto next = std::ranges::min_element(
        actions, {}, [&](const typename M::Action& action) { return acted[component_of(model, action)]; });
    try {
      typename M::State state = model.apply(here, *next);
      run.path.actions.push_back(*next);
      run.path.states.push_back(std::move(state));
    } catch (const CapacityExceeded&) {
      return run;
    }
    acted[component_of(model, *next)] = run.path.actions.size();
    const auto [known, is_new] = seen.emplace(encoded(model, run.path.states.back()), run.path.actions.size());
    if (is_new) continue;
    run.path.loop = known->second;
    if (has_fair_loop(model, run.path)) return run;
    run.path.loop.reset();
    known->second = run.path.actions.size();
  }
  return run;
}

}  // namespace mc
