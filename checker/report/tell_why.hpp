// Why a path ends where it does, for a trace file: the point of no return, and the causal chain that leads to the
// violation, or past that point if the violation is one of a whole run; and how a run that is lost goes on.
#pragma once

#include <cstddef>
#include <vector>

#include "checker/core/culprit.hpp"
#include "checker/core/property.hpp"
#include "checker/core/trace.hpp"
#include "checker/engine/causal_chain.hpp"
#include "checker/engine/fair_run.hpp"
#include "checker/engine/rescue.hpp"
#include "checker/report/tell.hpp"
#include "checker/report/trace_file.hpp"

namespace mc {

/// States that a search for the point of no return may explore.
inline constexpr std::size_t kRescueStatesMax = 20'000;

/// Steps after which the continuation of a trap is cut off.
inline constexpr std::size_t kContinuationStepsMax = 500;

/// Fills what `told` says of the end: culprits, what waits if the violation is one of more than a single state, and how
/// a trap goes on. Of a trap, who suffers is seen where its continuation ends.
template <Printable M>
void tell_end(const M& model, const Trace<M>& trace, const Property<M>& property, TraceFile& told) {
  if (property.kind != PropertyKind::kPossible) {
    told.culprits = culprits_of(property, model, trace.states.back());
    if (property.kind != PropertyKind::kInvariant) told.waits = waits_of(model, trace);
    return;
  }
  const FairRun<M> run = fair_run(model, trace.states.back(), kContinuationStepsMax);
  Continuation& continuation = told.continuation.emplace();
  for (std::size_t i = 0; i < run.path.actions.size(); ++i) {
    const typename M::Action& action = run.path.actions[i];
    continuation.steps.push_back({model.name(action), model.describe(run.path.states[i], action)});
  }
  continuation.loop = run.path.loop;
  continuation.rests = run.rests;
  told.culprits = culprits_of(property, model, run.path.states.back());
  told.waits = waits_of(model, run.path);
}

/// The step, from 1, that the chain ends in: the last one if the violation is one of a state, otherwise the first after
/// the point of no return. 0 if there is no such step.
[[nodiscard]] inline std::size_t chain_end(PropertyKind kind, const Rescue& rescue, std::size_t steps) {
  if (kind == PropertyKind::kInvariant) return steps;
  if (!rescue.decided || !rescue.after || *rescue.after >= steps) return 0;
  return *rescue.after + 1;
}

/// Fills `told.rescue` and `told.chain` of a path that shows a violation of `property`. If the violation is one of a
/// whole run, there is a chain only if the point of no return was found. Cost: see last_escape and causal_chain.
template <Printable M>
void tell_why(const M& model, const Trace<M>& trace, const Property<M>& property, TraceFile& told) {
  if (property.kind == PropertyKind::kReachable) return;
  const Escape<M> escape = last_escape(model, trace, property, kRescueStatesMax);
  Rescue& rescue = told.rescue.emplace();
  rescue.decided = escape.decided;
  rescue.after = escape.after;
  rescue.states = escape.states;
  rescue.states_max = kRescueStatesMax;
  rescue.end = escape.end;
  if (escape.after) {
    typename M::State state = trace.states[*escape.after];
    for (const typename M::Action& action : escape.actions) {
      rescue.steps.push_back({model.name(action), model.describe(state, action)});
      state = model.apply(state, action);
    }
  }
  const std::size_t end = chain_end(property.kind, rescue, trace.actions.size());
  if (end == 0) return;
  EscapeSearch<M> search(model, property, kRescueStatesMax);
  told.chain = causal_chain<M>(model, trace, end, [&](const Trace<M>& path) {
    // Of a state, the violation is to be seen; of a run, that it can no longer be avoided.
    if (property.kind == PropertyKind::kInvariant) return !property.holds(model, path.states.back());
    return search.is_doomed(path);
  });
}

}  // namespace mc
