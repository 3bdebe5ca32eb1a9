// What a safeguard has to do with a counterexample: the trace is taken step by step in the model with one safeguard
// switched, beside the model that gave it, until it makes a difference.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/cli/project.hpp"
#include "checker/engine/counterexample.hpp"
#include "checker/engine/rescue.hpp"
#include "checker/report/tell.hpp"
#include "checker/report/tell_why.hpp"

namespace mc {

/// Facts of a run with a safeguard switched: the first step that leads to another state, and the first that is not one
/// of the trace.
inline constexpr std::string_view kActsAtStep = "acts at step";
inline constexpr std::string_view kLeavesAtStep = "leaves the trace at step";

/// A run with a safeguard switched. Steps count from 1; either step may be one after the last.
template <Model M>
struct SwitchedRun {
  Trace<M> path;
  std::size_t acts = 0;    ///< the first step that leads to another state than in the trace
  std::size_t leaves = 0;  ///< the first step that is not one of the trace
};

/// The components in which two scenes differ, one line each.
[[nodiscard]] std::string scene_difference(const Scene& then, const Scene& now);

template <Printable M>
class WhatIf {
 public:
  /// `path` replays in `then`; `trace` tells its steps.
  WhatIf(const Instance<M>& then, const Instance<M>& now, const TraceFile& trace, const Trace<M>& path)
      : then_(then), now_(now), trace_(trace), path_(path) {}

  /// The schedule in the switched model: the steps of the trace as long as they are possible, and from there the
  /// protocol alone until it rests with the claim true. None if the switch makes no difference.
  [[nodiscard]] std::optional<SwitchedRun<M>> run() {
    begin();
    SwitchedRun<M> run;
    for (std::size_t i = 0; i < path_.actions.size() && run.leaves == 0; ++i) {
      const std::optional<typename M::Action> action = find(trace_.steps[i].action);
      if (!action) run.leaves = i + 1;
      if (action) take(*action);
      if (run.acts == 0 && !(action && walk_.states.back() == path_.states[i + 1])) run.acts = i + 1;
    }
    if (run.leaves == 0) run.leaves = path_.actions.size() + 1;
    for (const Property<M>& property : now_.properties) {
      if (property.id != trace_.property || shows(now_.model, walk_, property)) continue;
      // Where every step does the same, the claim holds because something follows that did not.
      if (run.acts == 0) run.acts = run.leaves;
      EscapeSearch<M> search(now_.model, property, kRescueStatesMax);
      const std::optional<Escape<M>> escape = search.from_end(walk_);
      if (!escape) break;
      for (const typename M::Action& action : escape->actions) take(action);
    }
    if (run.acts == 0) return std::nullopt;
    run.path = walk_;
    return run;
  }

  /// What the switch changes, in words.
  [[nodiscard]] std::string tell() {
    if (!begin()) note(0, "the first state is another one", walk_.states.back());
    for (std::size_t i = 0; i < path_.actions.size(); ++i) {
      const std::optional<typename M::Action> action = find(trace_.steps[i].action);
      if (!action) return text_ + impossible(i) + outlook();
      const std::string before = fired(then_.model, path_.states[i], path_.actions[i]);
      const std::string rules = fired(now_.model, walk_.states.back(), *action);
      take(*action);
      const bool differs = !(walk_.states.back() == path_.states[i + 1]);
      if (differs && text_.empty()) {
        note(i + 1, step_words(i) + "\n  now leads to another state", path_.states[i + 1]);
        if (rules != before) text_ += "  it was " + before + "\n  it is  " + rules + "\n";
      }
    }
    if (text_.empty()) return "it makes no difference: every step of the trace is possible and does the same\n";
    return text_ + "every later step of the trace is still possible\n" + outlook();
  }

 private:
  /// Whether the switched model begins in the same state.
  bool begin() {
    const std::vector<typename M::State> initial = now_.model.initial_states();
    const auto same = std::find(initial.begin(), initial.end(), path_.states.front());
    walk_ = {};
    walk_.states.push_back(same == initial.end() ? initial.front() : *same);
    return same != initial.end();
  }

  void take(const typename M::Action& action) {
    walk_.actions.push_back(action);
    walk_.states.push_back(now_.model.apply(walk_.states.back(), action));
  }

  [[nodiscard]] std::string step_words(std::size_t index) const {
    return "  step " + std::to_string(index + 1) + ": " + trace_.steps[index].sentence;
  }

  [[nodiscard]] std::optional<typename M::Action> find(const std::string& name) const {
    std::vector<typename M::Action> enabled;
    now_.model.enabled(walk_.states.back(), enabled);
    for (const typename M::Action& action : enabled) {
      if (now_.model.name(action) == name) return action;
    }
    return std::nullopt;
  }

  static std::string fired(const M& model, const typename M::State& state, const typename M::Action& action) {
    std::string text;
    for (const FiredRule& rule : fired_rules(model, state, action, [](std::string_view) { return std::string(); })) {
      text += (text.empty() ? "" : ", ") + rule.id;
    }
    return text;
  }

  void note(std::size_t step, const std::string& what, const typename M::State& then) {
    text_ = "it acts at step " + std::to_string(step) + "\n" + what + "\n" +
            scene_difference(scene_of(then_.model, then), scene_of(now_.model, walk_.states.back()));
  }

  [[nodiscard]] std::string impossible(std::size_t index) const {
    std::string text = (text_.empty() ? "it acts at step " : "the outcome changes at step ") +
                       std::to_string(index + 1) + "\n" + step_words(index) + "\n  cannot happen any more\n";
    // What can happen instead: what could not happen there before.
    std::vector<typename M::Action> before;
    std::vector<typename M::Action> enabled;
    then_.model.enabled(path_.states[index], before);
    now_.model.enabled(walk_.states.back(), enabled);
    for (const typename M::Action& action : enabled) {
      const std::string name = now_.model.name(action);
      const auto known = [&](const typename M::Action& other) { return then_.model.name(other) == name; };
      if (std::any_of(before.begin(), before.end(), known)) continue;
      text += "  instead: " + now_.model.describe(walk_.states.back(), action) + "\n";
    }
    return text;
  }

  /// Whether the claim is lost where the walk has ended.
  [[nodiscard]] std::string outlook() const {
    for (const Property<M>& property : now_.properties) {
      if (property.id != trace_.property) continue;
      if (property.kind == PropertyKind::kInvariant && !property.holds(now_.model, walk_.states.back())) {
        return "there " + trace_.property + " is violated\n";
      }
      EscapeSearch<M> search(now_.model, property, kRescueStatesMax);
      return search.is_doomed(walk_) ? "from there nothing can keep " + trace_.property + " from being violated\n"
                                     : "from there " + trace_.property + " can be kept\n";
    }
    return {};
  }

  const Instance<M>& then_;
  const Instance<M>& now_;
  const TraceFile& trace_;
  const Trace<M>& path_;
  Trace<M> walk_;
  std::string text_;
};

}  // namespace mc
