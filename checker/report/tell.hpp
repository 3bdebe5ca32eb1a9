// From a path through a model to the words and fingerprints of a trace file.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

#include "checker/core/fingerprint.hpp"
#include "checker/core/model.hpp"
#include "checker/core/trace.hpp"
#include "checker/report/trace_file.hpp"

namespace mc {

/// The fingerprint of a state's encoding.
template <Model M>
[[nodiscard]] Fingerprint fingerprint_of(const M& model, const typename M::State& state) {
  ByteSink sink;
  model.encode(state, sink);
  return fingerprint(sink.view());
}

template <Model M>
[[nodiscard]] bool is_fault(const M& model, const typename M::Action& action) {
  if constexpr (Environmental<M>) return model.is_environment(action);
  static_cast<void>(model), static_cast<void>(action);
  return false;
}

/// The rules that an action fires in a state, with their sources as `source_of` gives them.
template <Model M>
[[nodiscard]] std::vector<FiredRule> fired_rules(const M& model, const typename M::State& state,
                                                 const typename M::Action& action,
                                                 const std::function<std::string(std::string_view)>& source_of) {
  std::vector<FiredRule> rules;
  if constexpr (Instrumented<M>) {
    RuleSet fired;
    static_cast<void>(model.apply(state, action, fired));
    const std::vector<std::string_view> ids = model.rules();
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (fired[i] && ids[i].find('@') == std::string_view::npos)
        rules.push_back({std::string(ids[i]), source_of(ids[i])});
    }
  }
  return rules;
}

/// What waits all the time from where the run never gets on: in every state of the loop, or in the last state.
template <Printable M>
[[nodiscard]] std::vector<std::string> waits_of(const M& model, const Trace<M>& trace) {
  std::vector<std::string> waits;
  if constexpr (Waiting<M>) {
    waits = model.waits(trace.states.back());
    for (std::size_t i = trace.loop.value_or(trace.actions.size()); i < trace.actions.size(); ++i) {
      const std::vector<std::string> here = model.waits(trace.states[i]);
      std::erase_if(waits,
                    [&](const std::string& wait) { return std::find(here.begin(), here.end(), wait) == here.end(); });
    }
  }
  return waits;
}

/// Fills `told.initial`, `told.start`, `told.steps` and `told.loop` from a path. The path must replay.
template <Printable M>
void tell(const M& model, const Trace<M>& trace, const std::function<std::string(std::string_view)>& source_of,
          TraceFile& told) {
  told.initial = model.describe(trace.states.front());
  told.start = fingerprint_of(model, trace.states.front());
  for (std::size_t i = 0; i < trace.actions.size(); ++i) {
    const typename M::State& before = trace.states[i];
    const typename M::State& after = trace.states[i + 1];
    TraceStep step;
    step.action = model.name(trace.actions[i]);
    step.sentence = model.describe(before, trace.actions[i]);
    step.fault = is_fault(model, trace.actions[i]);
    step.rules = fired_rules(model, before, trace.actions[i], source_of);
    step.changes = model.difference(before, after);
    step.after = fingerprint_of(model, after);
    told.steps.push_back(std::move(step));
  }
  told.loop = trace.loop;
}

}  // namespace mc
