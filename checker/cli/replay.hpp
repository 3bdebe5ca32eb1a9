// The command replay: does a saved trace still fit the model of today?
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "checker/cli/instances.hpp"
#include "checker/cli/project.hpp"
#include "checker/core/nearest.hpp"
#include "checker/engine/counterexample.hpp"
#include "checker/report/tell.hpp"

namespace mc {

/// Steps a trace through a model, by the names of its actions.
template <Printable M>
class Replay {
 public:
  Replay(const Instance<M>& instance, const TraceFile& trace) : instance_(instance), trace_(trace) {}

  /// What no longer fits, naming the step; empty if everything does.
  [[nodiscard]] std::optional<std::string> mismatch() {
    if (std::optional<std::string> found = follow(trace_.steps.size())) return found;
    path_.loop = trace_.loop;
    if (path_.loop && !(path_.states[*path_.loop] == path_.states.back())) {
      return "the loop no longer fits: the last state is not the one after step " + std::to_string(*path_.loop);
    }
    if (trace_.kind == TraceFile::kPath) return std::nullopt;
    return trace_.kind == "overflow" ? overflow_mismatch() : claim_mismatch();
  }

  /// Takes the first `count` steps; what no longer fits, if anything does not.
  [[nodiscard]] std::optional<std::string> follow(std::size_t count) {
    if (!start()) return "step 0 no longer fits: no initial state is the one that the trace starts in";
    for (std::size_t i = 0; i < count; ++i) {
      const std::string step = "step " + std::to_string(i + 1) + " no longer fits: ";
      const std::optional<typename M::Action> action = find(trace_.steps[i].action);
      if (!action) return step + missing(trace_.steps[i].action);
      path_.actions.push_back(*action);
      path_.states.push_back(instance_.model.apply(path_.states.back(), *action));
      if (fingerprint_of(instance_.model, path_.states.back()) != trace_.steps[i].after) {
        return step + trace_.steps[i].action + " leads to another state than it did";
      }
    }
    return std::nullopt;
  }

  /// The steps that were taken.
  [[nodiscard]] const Trace<M>& path() const { return path_; }

 private:
  bool start() {
    for (const typename M::State& state : instance_.model.initial_states()) {
      if (fingerprint_of(instance_.model, state) != trace_.start.fingerprint) continue;
      path_.states.push_back(state);
      return true;
    }
    return false;
  }

  [[nodiscard]] std::optional<typename M::Action> find(const std::string& name) {
    enabled_.clear();
    instance_.model.enabled(path_.states.back(), enabled_);
    for (const typename M::Action& action : enabled_) {
      if (instance_.model.name(action) == name) return action;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::string missing(const std::string& name) const {
    std::vector<std::string> names;
    for (const typename M::Action& action : enabled_) names.push_back(instance_.model.name(action));
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    return name + " is not enabled\n  hint: " + nearest_hint(name, candidates, "enabled are");
  }

  [[nodiscard]] std::optional<std::string> overflow_mismatch() {
    const std::optional<typename M::Action> action = find(trace_.overflowing);
    if (!action) return "the overflow no longer fits: " + missing(trace_.overflowing);
    try {
      static_cast<void>(instance_.model.apply(path_.states.back(), *action));
    } catch (const CapacityExceeded&) {
      return std::nullopt;
    }
    return "the overflow no longer fits: " + trace_.overflowing + " overflows nothing";
  }

  [[nodiscard]] std::optional<std::string> claim_mismatch() const {
    for (const Property<M>& property : instance_.properties) {
      if (property.id != trace_.property) continue;
      if (shows(instance_.model, path_, property)) return std::nullopt;
      return "the last state no longer violates " + trace_.property;
    }
    return "the scenario no longer claims " + trace_.property;
  }

  const Instance<M>& instance_;
  const TraceFile& trace_;
  Trace<M> path_;
  std::vector<typename M::Action> enabled_;
};

}  // namespace mc
