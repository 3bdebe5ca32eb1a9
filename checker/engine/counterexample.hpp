// From a state to the path that leads to it: the links give the actions, the model gives the states by doing them
// again.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "checker/core/property.hpp"
#include "checker/core/run.hpp"
#include "checker/core/trace.hpp"
#include "checker/engine/canonicalizer.hpp"
#include "checker/store/links.hpp"

namespace mc {

/// Takes the first action that leads from the end of the path to `next` or to what `next` stands for.
template <Model M>
void step_towards(const M& model, const Canonicalizer<M>& canonical, const typename M::State& next, Trace<M>& path) {
  std::vector<typename M::Action> enabled;
  model.enabled(path.states.back(), enabled);
  for (const typename M::Action& action : enabled) {
    try {
      typename M::State state = model.apply(path.states.back(), action);
      if (!canonical.same(state, next)) continue;
      path.actions.push_back(action);
      path.states.push_back(std::move(state));
      return;
    } catch (const CapacityExceeded&) {
      continue;  // the search did not come this way
    }
  }
  MC_ASSERT(false, "from every state of an orbit the same orbits must be reached");
}

/// A shortest path to the state, or to one that it stands for; first in the order of (rank of the parent, action) from
/// its end. Every state is computed by `apply` from an initial state, so that names do not change on the way; it is a
/// bug of the model (not pure, not symmetric) if an action is not enabled then.
template <Model M>
[[nodiscard]] Trace<M> trace_to(const M& model, const Canonicalizer<M>& canonical, const Links& links, StateId state) {
  std::vector<ActionIndex> backwards;
  for (std::size_t level = links.level_of(state); level > 0; --level) {
    backwards.push_back(links[state].action());
    state = links[state].parent();
  }
  const std::vector<typename M::State> initial = model.initial_states();
  const std::size_t start = links[state].action().value;
  MC_ASSERT(start < initial.size(), "a model must give the same initial states each time");
  Trace<M> trace;
  trace.states.push_back(initial[start]);
  typename M::State stored = canonical.representative(initial[start]);
  std::vector<typename M::Action> enabled;
  for (auto step = backwards.rbegin(); step != backwards.rend(); ++step) {
    enabled.clear();
    model.enabled(stored, enabled);
    MC_ASSERT(step->value < enabled.size(), "an action of a trace must be enabled when the trace is replayed");
    stored = model.apply(stored, enabled[step->value]);
    if (canonical.used()) {
      step_towards(model, canonical, stored, trace);
      stored = canonical.representative(stored);
    } else {
      trace.actions.push_back(enabled[step->value]);
      trace.states.push_back(stored);
    }
  }
  return trace;
}

/// True if the path starts in an initial state, every action is enabled where it is taken, and gives the next state.
template <Model M>
[[nodiscard]] bool replays(const M& model, const Trace<M>& trace) {
  if (trace.states.size() != trace.actions.size() + 1) return false;
  const std::vector<typename M::State> initial = model.initial_states();
  if (std::find(initial.begin(), initial.end(), trace.states.front()) == initial.end()) return false;
  std::vector<typename M::Action> enabled;
  for (std::size_t i = 0; i < trace.actions.size(); ++i) {
    enabled.clear();
    model.enabled(trace.states[i], enabled);
    if (std::find(enabled.begin(), enabled.end(), trace.actions[i]) == enabled.end()) return false;
    if (!(model.apply(trace.states[i], trace.actions[i]) == trace.states[i + 1])) return false;
  }
  return !trace.loop || (*trace.loop < trace.actions.size() && trace.states[*trace.loop] == trace.states.back());
}

/// True if the last state of the path breaks the property, or meets it if the property is Reachable; for properties of
/// liveness, if the path, with its loop or its end, is a run that breaks it.
template <Model M>
[[nodiscard]] bool shows(const M& model, const Trace<M>& trace, const Property<M>& property) {
  if (is_liveness(property.kind)) return breaks_promise(model, trace, property);
  const typename M::State& last = trace.states.back();
  if (property.kind == PropertyKind::kQuiescent && !protocol_actions(model, last).empty()) return false;
  return property.holds(model, last) == (property.kind == PropertyKind::kReachable);
}

}  // namespace mc
