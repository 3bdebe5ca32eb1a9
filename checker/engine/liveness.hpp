// Liveness: from the graph that a search leaves behind to the judgement of each promise, with a run that breaks it.
// Which runs count is said at `is_liveness` and in ADR-0009.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "checker/core/model.hpp"
#include "checker/core/property.hpp"
#include "checker/engine/counterexample.hpp"
#include "checker/engine/fair_cycles.hpp"
#include "checker/engine/graph_log.hpp"
#include "checker/engine/lasso.hpp"
#include "checker/engine/monitor.hpp"
#include "checker/engine/report.hpp"
#include "checker/engine/state_graph.hpp"
#include "checker/engine/stats.hpp"
#include "checker/store/links.hpp"

namespace mc {

/// True if one of them is judged on the whole graph.
template <Model M>
[[nodiscard]] bool asks_for_graph(std::span<const Property<M>> properties) {
  return std::any_of(properties.begin(), properties.end(),
                     [](const Property<M>& property) { return is_liveness(property.kind); });
}

/// The path by doing its actions again from an initial state.
template <Model M>
[[nodiscard]] Trace<M> trace_along(const M& model, const Links& links, const GraphPath& path) {
  Trace<M> trace;
  trace.states.push_back(model.initial_states()[links[StateId{path.start}].action().value]);
  std::vector<typename M::Action> enabled;
  for (const std::uint32_t edge : path.edges) {
    enabled.clear();
    model.enabled(trace.states.back(), enabled);
    MC_ASSERT(edge < enabled.size(), "an action of a run must be enabled when the run is replayed");
    trace.actions.push_back(enabled[edge]);
    trace.states.push_back(model.apply(trace.states.back(), enabled[edge]));
  }
  trace.loop = path.loop;
  return trace;
}

/// A run that breaks the property, and at which depth it is lost: the length of the stem of its lasso or of the way to
/// its trap.
template <Model M>
struct FailedRun {
  Trace<M> trace;
  std::uint32_t depth = 0;
};

/// The failed run with the least depth; empty if the promise is kept, or if the monitor interrupts.
template <Model M>
[[nodiscard]] std::optional<FailedRun<M>> failed_run(const M& model, const Property<M>& property, std::size_t column,
                                                     Node initial, const Links& links, const StateGraph& graph,
                                                     Monitor& monitor) {
  if (property.kind == PropertyKind::kPossible) {
    const Node trap = first_trap(graph, column, monitor);
    if (monitor.interrupted() || trap == graph.states()) return std::nullopt;
    Trace<M> trace = trace_to(model, Canonicalizer<M>(model, false), links, StateId{trap});
    const auto depth = static_cast<std::uint32_t>(trace.actions.size());
    return FailedRun<M>{std::move(trace), depth};
  }
  const Promise promise{column, property.kind == PropertyKind::kLeadsTo, initial};
  const Dooms dooms = dooms_of(graph, promise, monitor);
  if (monitor.interrupted() || !dooms.any) return std::nullopt;
  const GraphPath path = lasso_of(graph, promise, dooms, monitor);
  if (monitor.interrupted()) return std::nullopt;
  return FailedRun<M>{trace_along(model, links, path),
                      static_cast<std::uint32_t>(path.loop.value_or(path.edges.size()))};
}

/// Per property of liveness: the run that breaks it, if one does. Per other property: nothing.
template <Model M>
using FailedRuns = std::vector<std::optional<Trace<M>>>;

/// Judges every property of liveness, tells the ledger and puts each run, which was replayed, into `runs`, which has a
/// place for every property. After an interruption the rest is not judged. Throws std::bad_alloc; the ledger and `runs`
/// then hold what was judged before.
template <Model M>
void judge_liveness(const M& model, std::span<const Property<M>> properties, const Links& links, GraphLog& log,
                    Ledger& ledger, Monitor& monitor, FailedRuns<M>& runs) {
  if (monitor.poll()) return;
  const auto marks = static_cast<std::size_t>(std::count_if(
      properties.begin(), properties.end(), [](const Property<M>& property) { return is_liveness(property.kind); }));
  const auto initial = static_cast<Node>(links.first_level_size());
  const StateGraph graph(log, marks);
  std::size_t column = 0;
  for (std::size_t i = 0; i < properties.size(); ++i) {
    if (!is_liveness(properties[i].kind)) continue;
    std::optional<FailedRun<M>> failed = failed_run(model, properties[i], column++, initial, links, graph, monitor);
    if (failed) {
      MC_ASSERT(replays(model, failed->trace), "a run must replay");
      MC_ASSERT(shows(model, failed->trace, properties[i]), "a run must break what it is given for");
      ledger.add_failed_promise(i, failed->depth);
      runs[i] = std::move(failed->trace);
    }
    if (monitor.poll()) break;
    if (!failed) ledger.add_kept_promise(i);
  }
}

}  // namespace mc
