// The two ends of a search around the loop: what is made of model, properties and limits before it, and how the report
// gets its traces after it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "checker/core/limits.hpp"
#include "checker/core/model.hpp"
#include "checker/core/property.hpp"
#include "checker/engine/canonicalizer.hpp"
#include "checker/engine/counterexample.hpp"
#include "checker/engine/report.hpp"
#include "checker/engine/stats.hpp"
#include "checker/store/level_states.hpp"

namespace mc {

/// A limit on depth or states that is met: the states at hand are judged, not expanded.
struct Bound {
  bool declared = false;  ///< by the scenario
  std::string reason;
};

/// The bound that is met at a level of this depth, when `states` have been found in it and before it. If both limits
/// are met, a declared one counts, for it alone would have ended the search here.
[[nodiscard]] std::optional<Bound> bound_at(const Limits& limits, std::uint32_t depth, std::uint64_t states);

/// The ids of the model's rules; none if it is not instrumented.
template <Model M>
[[nodiscard]] std::vector<std::string> rules_of(const M& model) {
  std::vector<std::string> rules;
  if constexpr (Instrumented<M>) {
    for (const std::string_view rule : model.rules()) rules.emplace_back(rule);
    MC_ASSERT(rules.size() <= kRulesMax, "a model has at most kRulesMax rules");
  }
  return rules;
}

template <Model M>
[[nodiscard]] std::vector<std::vector<std::byte>> encodings_of(const std::vector<typename M::State>& states,
                                                               const Canonicalizer<M>& canonical) {
  std::vector<std::vector<std::byte>> encodings;
  ByteSink sink;
  for (const typename M::State& state : states) {
    sink.clear();
    canonical.encode(state, sink);
    encodings.emplace_back(sink.view().begin(), sink.view().end());
  }
  return encodings;
}

/// How many states a level stands for. Cost: one look at each record under symmetry.
template <Model M>
[[nodiscard]] std::uint64_t states_in(const LevelStates& level, const Canonicalizer<M>& canonical) {
  if (!canonical.used()) return level.size();
  std::uint64_t states = 0;
  level.for_each(0, level.size(), [&](std::uint64_t /*rank*/, auto stored) { states += canonical.orbit_of(stored); });
  return states;
}

template <Model M>
[[nodiscard]] std::vector<Judgement> judgements_of(std::span<const Property<M>> properties) {
  std::vector<Judgement> judgements;
  for (const Property<M>& property : properties) {
    MC_ASSERT(property.holds != nullptr, "a property needs a predicate");
    MC_ASSERT((property.when != nullptr) == (property.kind == PropertyKind::kLeadsTo), "what leads needs a beginning");
    const bool occurs = !may_be_vacuous(property);  // otherwise a state has to show it
    judgements.push_back({std::string(property.id), property.kind, Outcome::kInconclusive, 0, occurs});
  }
  return judgements;
}

/// Why these properties cannot be judged with this store; empty if they can.
template <Model M>
[[nodiscard]] std::string refusal(std::span<const Property<M>> properties, StoreKind store) {
  for (const Property<M>& property : properties) {
    if (is_liveness(property.kind) && store != StoreKind::kExact) {
      return "property " + std::string(property.id) + " is judged on the whole graph, which needs the exact store";
    }
  }
  return {};
}

/// The first action that overflows a container in this state.
template <Model M>
[[nodiscard]] typename M::Action overflowing_action(const M& model, const typename M::State& state) {
  std::vector<typename M::Action> enabled;
  model.enabled(state, enabled);
  for (const typename M::Action& action : enabled) {
    try {
      static_cast<void>(model.apply(state, action));
    } catch (const CapacityExceeded&) {
      return action;
    }
  }
  MC_ASSERT(false, "an overflow must happen again when it is looked up");
}

/// Puts the overflowing action into the report, and its name into the reason; and the path to it, unless a violation is
/// what the report is about.
template <Model M>
void note_overflow(const M& model, const Canonicalizer<M>& canonical, const Links& links, Link link, bool violated,
                   std::string& reason, Report<M>& report) {
  Trace<M> trace = trace_to(model, canonical, links, link.parent());
  const typename M::Action action = overflowing_action(model, trace.states.back());
  if constexpr (Printable<M>) reason += ", by " + model.name(action);
  if (violated) return;
  report.counterexample = std::move(trace);
  report.overflowing = action;
}

/// Rebuilds the counterexamples and the witnesses, and replays each before anyone sees it. `runs` holds those of the
/// properties of liveness.
template <Model M>
void add_traces(const M& model, const Canonicalizer<M>& canonical, std::span<const Property<M>> properties,
                const Links& links, const Ledger& ledger, std::vector<std::optional<Trace<M>>> runs,
                Report<M>& report) {
  for (std::size_t i = 0; i < properties.size(); ++i) {
    if (ledger.first_state(i)) {
      runs[i] = trace_to(model, canonical, links, *ledger.first_state(i));
      MC_ASSERT(replays(model, *runs[i]), "a trace must replay");
      MC_ASSERT(shows(model, *runs[i], properties[i]), "a trace must end in a state that shows what it is given for");
    }
    if (!runs[i]) continue;
    if (ledger.violated() == i) {
      report.counterexample = std::move(*runs[i]);
    } else if (properties[i].kind == PropertyKind::kReachable) {
      report.witnesses.push_back({std::string(properties[i].id), std::move(*runs[i])});
    } else {
      report.other_violations.push_back({std::string(properties[i].id), std::move(*runs[i])});
    }
  }
}

}  // namespace mc
