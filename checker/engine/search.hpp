// THE LOOP: breadth-first search, level by level, on any number of threads, with one answer.
//
// Within a level all threads explore states and insert successors; a state keeps the least link (rank of its parent,
// index of the action) with which it was inserted. Between levels the new states are put in the order of their links.
// That is the order in which a sequential search finds them, so ranks, counts, traces and verdicts are the same on any
// number of threads, for any timing and for both stores. tests/reference holds the sequential search to compare with.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "checker/core/refinements.hpp"
#include "checker/engine/canonicalizer.hpp"
#include "checker/engine/counterexample.hpp"
#include "checker/engine/frontier_disk.hpp"
#include "checker/engine/level.hpp"
#include "checker/engine/liveness.hpp"
#include "checker/engine/memory.hpp"
#include "checker/engine/monitor.hpp"
#include "checker/engine/options.hpp"
#include "checker/engine/report.hpp"
#include "checker/engine/resume.hpp"
#include "checker/engine/start.hpp"
#include "checker/engine/workers.hpp"

namespace mc {

/// What the loop hands to the report.
struct Ending {
  Stop stop = Stop::kExhausted;
  std::string reason;
  std::optional<Link> overflow;  ///< the action that overflowed a container
  std::string mismatch{};        ///< why what was to be taken up is of another search
};

/// What is added to the reason if a search with properties of liveness ends for want of memory.
inline constexpr std::string_view kGraphTakesMemory =
    "; memory also holds every transition, on which liveness is judged, and no checkpoint holds them";

/// Said of a search that would stand still if it were taken up with the same limits again and again.
inline constexpr const char* kNoLevelFinished = "; no level was finished since the checkpoint: this takes more";

/// The loop itself: explores until nothing is new, something is broken, or a limit is met. Runs in the current arena.
template <Model M>
Ending explore(const M& model, const Canonicalizer<M>& canonical, std::span<const Property<M>> properties,
               const Options& options, const Report<M>& report, VisitedSet& visited, Links& links, GraphLog& graph,
               Ledger& ledger, HandOver& hand_over, Monitor& monitor) try {
  const Tally empty(properties.size(), rules_of(model).size());
  const bool logs = asks_for_graph(properties);
  Expanders<M> expanders(
      [&] { return Expander<M>(model, canonical, properties, empty.fired.size(), visited, graph.components); });
  Frontier frontier = first_level(encodings_of(model.initial_states(), canonical), visited, links);
  FrontierDisk disk(options, remaker(expanders, links));
  if (options.resume != nullptr && !logs) {
    TakenUp taken = take_up(model, canonical, properties, *options.resume, frontier, expanders, options.keep_going,
                            visited, links, disk, ledger, monitor);
    if (monitor.interrupted()) return {Stop::kOther, monitor.reason() + not_there_yet(taken, *options.resume), {}};
    if (!taken.mismatch.empty()) return {Stop::kOther, "nothing was explored", {}, std::move(taken.mismatch)};
    frontier = taken.frontier;
  }
  const std::uint32_t start = frontier.depth;
  while (!frontier.empty()) {
    const SpilledLevel* const spilled = disk.begin_level(frontier, visited);
    const LevelStates level(frontier, visited, spilled);
    hand_over.begin_level(level, ledger);
    const std::uint64_t states = options.limits.states_max ? ledger.states() + states_in(level, canonical) : 0;
    const std::optional<Bound> bound = bound_at(options.limits, frontier.depth, states);
    monitor.begin_level(frontier.depth, frontier.size(), links.size());
    const LevelTask task{frontier, ledger.open(), ledger.occurred(), !bound.has_value(), logs, spilled};
    visited.begin_level(spilled != nullptr);
    Explored explored = explore_level(task, expanders, empty, report.threads, monitor);
    if (monitor.interrupted()) {
      const bool stands_still = start > 0 && frontier.depth == start;
      return {Stop::kOther, monitor.reason() + (stands_still ? kNoLevelFinished : ""), {}};
    }
    ledger.add_level(frontier, explored.tally);
    if (ledger.violated() && !options.keep_going) return {Stop::kViolated, {}, {}};
    if (explored.tally.overflow) return {Stop::kOther, explored.tally.overflow->what, explored.tally.overflow->link};
    const Frontier next = next_level(frontier, explored.findings, visited, links);
    if (logs) append_level(graph, frontier, explored.graph, visited, monitor);
    if (explored.tally.cut) return {bound->declared ? Stop::kDeclaredBound : Stop::kBound, bound->reason, {}};
    frontier = next;
  }
  return {};
} catch (const std::bad_alloc&) {
  monitor.out_of_memory();
  return {Stop::kOther, monitor.reason(), {}};
} catch (const DiskError&) {
  monitor.out_of_disk();
  return {Stop::kOther, monitor.reason(), {}};
}

/// What is judged on the whole graph, after the loop; `runs` gets those that break something. What was found broken or
/// kept before an interruption, or before memory was used up, stays so; the rest stays open, for the reason that the
/// ending gets.
template <Model M>
void judge_promises(const M& model, std::span<const Property<M>> properties, const Links& links, GraphLog& graph,
                    Ending& ending, Ledger& ledger, Monitor& monitor, FailedRuns<M>& runs) {
  if (!ended_between_levels(ending.stop) || !asks_for_graph(properties)) return;
  try {
    judge_liveness(model, properties, links, graph, ledger, monitor, runs);
  } catch (const std::bad_alloc&) {
    monitor.out_of_memory();
  }
  if (monitor.interrupted()) ending.reason = monitor.reason();
}

/// Explores the model and judges the properties. Everything in the report but the marked measurements is a function of
/// the model, the properties and the limits on depth and states, as long as no other limit is hit.
/// Properties of liveness are judged after the search, on the graph that it leaves behind, unless a violation stopped
/// it. They need the exact store: with another nothing is explored and the outcome is `inconclusive` with the reason.
/// Exceptions of the model leave the search, except CapacityExceeded (see Report) and bad_alloc (`inconclusive`, "out
/// of memory"). Cost: 7 to 10 bytes per state and its encoding (exact store); with liveness about 9 more, and 8 per
/// transition. Thread-safe: searches do not share anything.
template <Model M>
[[nodiscard]] Report<M> search(const M& model, std::type_identity_t<std::span<const Property<M>>> properties,
                               const Options& options = {}) {
  static_assert(refinements_are_whole<M>());
  Monitor monitor(options);
  Report<M> report;
  report.store = options.store;
  Ledger ledger(judgements_of(properties), rules_of(model));
  Links links;
  report.symmetry = symmetry_use(model, properties, options.symmetry);
  const Canonicalizer<M> canonical(model, report.symmetry.used);
  Ending ending{Stop::kOther, refusal(properties, options.store), {}};
  FailedRuns<M> runs(properties.size());
  if (ending.reason.empty()) {
    std::unique_ptr<VisitedSet> visited = make_visited_set(options.store);
    // Tables are the one thing that takes much at once: it must end the search, not the process.
    visited->ask([&monitor](std::uint64_t bytes) { return monitor.allows(bytes); });
    monitor.watch(*visited);
    // Links do not hold the edges that promises are judged on, so that such a search is not handed over.
    HandOver hand_over(asks_for_graph(properties) ? nullptr : options.keeper, links);
    Workers workers(options.threads, options.notice);
    report.threads = workers.threads();
    GraphLog graph;
    workers.execute([&] {
      ending =
          explore(model, canonical, properties, options, report, *visited, links, graph, ledger, hand_over, monitor);
      report.omission_odds = visited->omission_odds(links.size());
      // What comes now needs none of its memory, and may need as much.
      monitor.unwatch();
      visited.reset();
      if (monitor.interrupted()) hand_over.interrupted();
      judge_promises(model, properties, links, graph, ending, ledger, monitor, runs);
    });
    const bool lacking = monitor.interrupted() && monitor.lacks_memory();
    if (lacking && asks_for_graph(properties)) ending.reason += kGraphTakesMemory;
  }
  report.mismatch = ending.mismatch;
  if (!report.mismatch.empty()) return report;
  if (ending.overflow) {
    const bool violated = ledger.violated().has_value();
    note_overflow(model, canonical, links, *ending.overflow, violated, ending.reason, report);
  }
  report.verdict = ledger.conclude(ending.stop, ending.reason);
  report.exhaustive = ending.stop == Stop::kExhausted;
  add_traces(model, canonical, properties, links, ledger, std::move(runs), report);
  report.representatives = links.size();
  report.interrupted = monitor.interrupted();
  report.taken = ledger.taken();
  report.seconds = monitor.seconds();
  report.peak_resident_bytes = peak_resident_bytes();
  return report;
}

/// The verdict alone, with the default options: the short form for tests.
template <Model M>
[[nodiscard]] Verdict check(const M& model, std::type_identity_t<std::span<const Property<M>>> properties,
                            const Limits& limits = Limits::none()) {
  Options options;
  options.limits = limits;
  return search(model, properties, options).verdict;
}

}  // namespace mc
