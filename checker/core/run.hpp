// Runs of a model as liveness reads them, by definition and from one path alone: does it end, is its loop fair, does it
// break a promise? Used to check every run before it is shown, and again when a saved one is replayed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "checker/core/model.hpp"
#include "checker/core/property.hpp"
#include "checker/core/trace.hpp"

namespace mc {

/// The protocol actions that are enabled in a state.
template <Model M>
[[nodiscard]] std::vector<typename M::Action> protocol_actions(const M& model, const typename M::State& state) {
  std::vector<typename M::Action> actions;
  model.enabled(state, actions);
  if constexpr (Environmental<M>) {
    std::erase_if(actions, [&](const typename M::Action& action) { return model.is_environment(action); });
  }
  return actions;
}

/// The encoding of a state, as a key for searches that are small.
template <Model M>
[[nodiscard]] std::string encoded(const M& model, const typename M::State& state) {
  ByteSink sink;
  model.encode(state, sink);
  const std::span<const std::byte> bytes = sink.view();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The component of fairness that a protocol action belongs to.
template <Model M>
[[nodiscard]] std::uint32_t component_of(const M& model, const typename M::Action& action) {
  if constexpr (Fair<M>) return model.component(action);
  static_cast<void>(model), static_cast<void>(action);
  return 0;
}

/// True if the loop takes protocol actions only and no component is enabled in all of its states without acting.
template <Model M>
[[nodiscard]] bool has_fair_loop(const M& model, const Trace<M>& trace) {
  if (!trace.loop || *trace.loop >= trace.actions.size()) return false;
  std::set<std::uint32_t> neglected;
  for (std::size_t i = *trace.loop; i < trace.actions.size(); ++i) {
    const std::vector<typename M::Action> enabled = protocol_actions(model, trace.states[i]);
    if (std::find(enabled.begin(), enabled.end(), trace.actions[i]) == enabled.end()) return false;
    std::set<std::uint32_t> here;
    for (const typename M::Action& action : enabled) here.insert(component_of(model, action));
    if (i == *trace.loop) neglected = here;
    std::erase_if(neglected, [&](std::uint32_t component) { return here.count(component) == 0; });
  }
  for (std::size_t i = *trace.loop; i < trace.actions.size(); ++i) {
    neglected.erase(component_of(model, trace.actions[i]));
  }
  return neglected.empty();
}

/// True if no sequence of protocol actions leads from the state to one that meets the property. Cost: explores all that
/// can be reached so.
template <Model M>
[[nodiscard]] bool is_trap(const M& model, const typename M::State& trap, const Property<M>& property) {
  std::set<std::string> seen;
  std::vector<typename M::State> waiting{trap};
  ByteSink sink;
  while (!waiting.empty()) {
    const typename M::State state = waiting.back();
    waiting.pop_back();
    if (property.holds(model, state)) return false;
    for (const typename M::Action& action : protocol_actions(model, state)) {
      const typename M::State next = model.apply(state, action);
      sink.clear();
      model.encode(next, sink);
      const std::span<const std::byte> bytes = sink.view();
      if (seen.emplace(reinterpret_cast<const char*>(bytes.data()), bytes.size()).second) waiting.push_back(next);
    }
  }
  return true;
}

/// True if the path, with its loop or its end, is a run that breaks the property of liveness. Does not ask whether the
/// path replays.
template <Model M>
[[nodiscard]] bool breaks_promise(const M& model, const Trace<M>& trace, const Property<M>& property) {
  const typename M::State& last = trace.states.back();
  if (property.kind == PropertyKind::kPossible) return is_trap(model, last, property);
  const bool goes_on = trace.loop ? has_fair_loop(model, trace) : protocol_actions(model, last).empty();
  if (!goes_on) return false;
  // The obligation must stand before the loop is over, and nothing after it may meet the goal.
  bool obliged = false;
  for (std::size_t i = 0; i < trace.states.size(); ++i) {
    if (property.kind == PropertyKind::kEventually ? i == 0 : property.when(model, trace.states[i])) obliged = true;
    if (!property.holds(model, trace.states[i])) continue;
    if (trace.loop && i >= *trace.loop) return false;
    obliged = false;
  }
  return obliged;
}

}  // namespace mc
