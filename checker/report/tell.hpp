// From a path through a model to the words and fingerprints of a trace file.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/core/fingerprint.hpp"
#include "checker/core/model.hpp"
#include "checker/core/trace.hpp"
#include "checker/report/staging.hpp"
#include "checker/report/trace_file.hpp"

namespace mc {

/// Writes scenes down as a trace file does: components by number with their changes, messages and processes as events.
class SceneTeller {
 public:
  explicit SceneTeller(TraceFile& told) : told_(told) {}

  void begin(const Scene& scene);
  /// Completes `step` with what changes to the scene, and appends it.
  void advance(const Scene& scene, const StageStep& stage, TraceStep step);
  /// To be called once after the last step.
  void finish();

 private:
  std::size_t number_of(const SceneLine& line);

  TraceFile& told_;
  Staging staging_;
  std::vector<std::string> texts_;  ///< present, of each component
};

/// A scene without processes, from lines "LABEL: TEXT".
[[nodiscard]] Scene scene_of_lines(const std::vector<std::string>& lines);

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

/// A source in words, "FILE: SYMBOL", taken apart; words without a file are a symbol.
[[nodiscard]] FiredRule rule_of(std::string_view id, const std::string& source);

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
      if (fired[i] && ids[i].find('@') == std::string_view::npos) rules.push_back(rule_of(ids[i], source_of(ids[i])));
    }
  }
  return rules;
}

/// A state in words: its scene, or what can be made of its description alone.
template <Printable M>
[[nodiscard]] Scene scene_of(const M& model, const typename M::State& state) {
  if constexpr (Depictable<M>) {
    return model.scene(state);
  } else {
    return scene_of_lines(model.describe(state));
  }
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

/// Fills what `told` says of lanes, components, messages, the start, the steps and the loop from a path. The path must
/// replay. Cost: describes every state once.
template <Printable M>
void tell(const M& model, const Trace<M>& trace, const std::function<std::string(std::string_view)>& source_of,
          TraceFile& told) {
  if constexpr (Depictable<M>) told.lanes = model.lanes();
  SceneTeller teller(told);
  teller.begin(scene_of(model, trace.states.front()));
  told.start.fingerprint = fingerprint_of(model, trace.states.front());
  for (std::size_t i = 0; i < trace.actions.size(); ++i) {
    const typename M::Action& action = trace.actions[i];
    TraceStep step;
    StageStep stage;
    step.action = model.name(action);
    step.sentence = model.describe(trace.states[i], action);
    step.fault = stage.fault = is_fault(model, action);
    step.rules = fired_rules(model, trace.states[i], action, source_of);
    if constexpr (Depictable<M>) {
      step.lane = stage.lane = model.lane_of(trace.states[i], action);
      step.bindings = model.bindings(action);
      stage.handled = model.handled(action);
    }
    step.after = fingerprint_of(model, trace.states[i + 1]);
    teller.advance(scene_of(model, trace.states[i + 1]), stage, std::move(step));
  }
  teller.finish();
  told.loop = trace.loop;
}

}  // namespace mc
