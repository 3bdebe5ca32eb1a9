// Makes a path that breaks a property shorter: leaves steps out for as long as the rest can still be done and still
// breaks it, then searches breadth-first for a path with fewer steps.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checker/engine/counterexample.hpp"
#include "checker/engine/search.hpp"

namespace mc {

/// A path that breaks a property, and what is known about its length.
template <Model M>
struct Shortened {
  Trace<M> trace;
  std::size_t found = 0;       ///< steps of the path as it was found
  std::size_t after_cuts = 0;  ///< steps after leaving steps out
  std::string research;        ///< what the search for fewer steps came to, in words
};

/// The search for fewer steps begins no level with more states than this.
inline constexpr std::uint64_t kResearchStatesMax = 300'000;

/// The path along `actions` from `start` up to the first state that breaks the property; empty if an action is not
/// enabled where it is taken, overflows a container, or nothing is broken.
template <Model M>
[[nodiscard]] std::optional<Trace<M>> broken_along(const M& model, const typename M::State& start,
                                                   const std::vector<typename M::Action>& actions,
                                                   const Property<M>& property) {
  Trace<M> path;
  path.states.push_back(start);
  if (shows(model, path, property)) return path;
  std::vector<typename M::Action> enabled;
  for (const typename M::Action& action : actions) {
    enabled.clear();
    model.enabled(path.states.back(), enabled);
    if (std::find(enabled.begin(), enabled.end(), action) == enabled.end()) return std::nullopt;
    try {
      path.states.push_back(model.apply(path.states.back(), action));
    } catch (const CapacityExceeded&) {
      return std::nullopt;
    }
    path.actions.push_back(action);
    if (shows(model, path, property)) return path;
  }
  return std::nullopt;
}

/// Leaves out runs of steps, long ones first and down to single ones, again and again until none can be spared or
/// `cancel` becomes true.
template <Model M>
[[nodiscard]] Trace<M> without_needless_steps(const M& model, Trace<M> path, const Property<M>& property,
                                              const std::atomic<bool>* cancel) {
  std::size_t length = std::max<std::size_t>(path.actions.size() / 2, 1);
  while (true) {
    bool shortened = false;
    for (std::size_t at = 0; at + length <= path.actions.size();) {
      if (cancel != nullptr && cancel->load(std::memory_order_relaxed)) return path;
      std::vector<typename M::Action> fewer = path.actions;
      const auto from = fewer.begin() + static_cast<std::ptrdiff_t>(at);
      fewer.erase(from, from + static_cast<std::ptrdiff_t>(length));
      std::optional<Trace<M>> shorter = broken_along(model, path.states.front(), fewer, property);
      if (shorter) {
        path = std::move(*shorter);
        shortened = true;
      } else {
        ++at;
      }
    }
    if (length > 1) {
      length /= 2;
    } else if (!shortened) {
      return path;
    }
  }
}

/// The shortest path that both ways give. A function of its arguments alone, whatever the number of threads, unless
/// `cancel` becomes true; then it is the shortest one so far.
template <Model M>
[[nodiscard]] Shortened<M> shorten(const M& model, Trace<M> path, const Property<M>& property, unsigned threads,
                                   const std::atomic<bool>* cancel = nullptr) {
  Shortened<M> shortened;
  shortened.found = path.actions.size();
  shortened.trace = without_needless_steps(model, std::move(path), property, cancel);
  shortened.after_cuts = shortened.trace.actions.size();
  MC_ASSERT(replays(model, shortened.trace) && shows(model, shortened.trace, property), "a shortened path must replay");
  if (shortened.after_cuts == 0) {
    shortened.research = "the initial state breaks it";
    return shortened;
  }
  Options options;
  options.threads = threads;
  options.cancel = cancel;
  options.limits.depth_max = static_cast<std::uint32_t>(shortened.after_cuts - 1);
  options.limits.states_max = kResearchStatesMax;
  const std::vector<Property<M>> alone{property};
  Report<M> report = search(model, alone, options);
  const std::string depth = std::to_string(report.verdict.depth) + (report.verdict.depth == 1 ? " step" : " steps");
  if (report.verdict.outcome == Outcome::kViolated) {
    shortened.trace = std::move(*report.counterexample);
    shortened.research = "no shorter one exists: a breadth-first search found it";
  } else if (report.interrupted) {
    shortened.research = "a shorter one may exist: the search for it was interrupted";
  } else if (report.verdict.outcome == Outcome::kHolds || report.verdict.depth == *options.limits.depth_max) {
    shortened.research = "no shorter one exists: a breadth-first search of " + depth + " found none";
  } else {
    shortened.research = "a shorter one may exist: a breadth-first search of " + depth + " (" +
                         std::to_string(report.verdict.states) + " states) found none";
  }
  return shortened;
}

}  // namespace mc
