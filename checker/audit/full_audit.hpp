// Every audit of one model, with bounds that keep it short: a search and random walks under the eyes of Audited, then
// searches of the plain model in every mode, which must give one answer. Used over random models, in great numbers.
//
// A search looks at all states near the initial one, walks at a few far from it. What a mode of search does with the
// model (replaying a trace, undoing a renaming) ends the program by an assertion where the model is wrong; the caller
// runs this where it can afford that.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "checker/audit/audited.hpp"
#include "checker/audit/finding.hpp"
#include "checker/core/limits.hpp"
#include "checker/engine/search.hpp"
#include "checker/engine/walk.hpp"

namespace mc {

/// How far a full audit goes.
struct AuditEffort {
  std::uint64_t audited_states = 150;     ///< of the search in which every state is audited, about
  std::uint64_t walks = 3;                ///< on which every state is audited, too
  std::uint32_t walk_depth = 70;          ///< steps of a walk
  std::uint64_t compared_states = 8'000;  ///< of each search whose answer is compared, about
};

/// What a full audit says about one model.
struct AuditSummary {
  std::vector<std::string> faults;  ///< one sentence each: what failed, and where; empty if all is well
  std::uint64_t audited = 0;        ///< states of the search and of the walks under audit
  std::uint64_t compared = 0;       ///< states of the plain search
  std::uint32_t renamings = 1;      ///< of the model; 1 if it has none but the identity
};

/// One full audit. Not thread-safe; runs on one thread.
template <Printable M>
class FullAudit {
 public:
  /// `properties` must outlive it. `limits` are those that the question declares; `seed` is that of the walks.
  FullAudit(const M& model, std::span<const Property<M>> properties, const Limits& limits, const AuditEffort& effort,
            std::uint64_t seed)
      : model_(model), properties_(properties), limits_(limits), effort_(effort), seed_(seed) {}

  [[nodiscard]] AuditSummary run() {
    if constexpr (Symmetric<M>) summary_.renamings = model_.renamings();
    look();
    // A model that is known to break its contract makes the searches stop the program.
    if (summary_.faults.empty()) compare();
    return std::move(summary_);
  }

 private:
  void fault(std::string what) { summary_.faults.push_back(std::move(what)); }

  [[nodiscard]] Options options(std::uint64_t states_max) const {
    Options options;
    options.threads = 1;
    options.symmetry = false;
    options.limits = limits_;
    if (!options.limits.states_max || *options.limits.states_max > states_max) {
      options.limits.states_max = states_max;
      options.limits.states_declared = true;
    }
    return options;
  }

  /// A search and some walks under audit.
  void look() {
    const Audited<M> audited(model_, properties_);
    summary_.audited = search(audited, {}, options(effort_.audited_states)).verdict.states;
    const std::size_t rules = rules_of(audited).size();
    const RuleWeights weights(rules, 1);
    WalkTally tally(0, rules);
    for (std::uint64_t number = 0; number < effort_.walks; ++number) {
      const Trace<Audited<M>> path =
          Walker<Audited<M>>(audited, {}, weights, effort_.walk_depth).walk(seed_, number, tally);
      check_replay({path.states, path.actions, path.loop}, "walk " + std::to_string(number));
    }
    summary_.audited += tally.steps;
    for (const AuditFinding<M>& finding : audited.findings()) {
      std::string text(to_string(finding.check));
      if (finding.action) text += " at " + model_.name(*finding.action);
      fault(text);
    }
  }

  /// The plain search, and the same with symmetry.
  void compare() {
    const Options plain = options(effort_.compared_states);
    const Report<M> whole = search(model_, properties_, plain);
    summary_.compared = whole.verdict.states;
    check_traces(whole, "search");
    Options symmetric = plain;
    symmetric.symmetry = true;
    if (const Report<M> report = search(model_, properties_, symmetric); report.symmetry.used) {
      check_traces(report, "symmetric search");
      check_same(whole, report);
    }
  }

  void check_same(const Report<M>& whole, const Report<M>& symmetric) {
    if (whole.verdict == symmetric.verdict) return;
    const auto words = [](const Verdict& verdict) {
      std::string text(to_string(verdict.outcome));
      if (!verdict.violated.empty()) text += " (" + verdict.violated + ")";
      return text + ", " + std::to_string(verdict.states) + " states, " + std::to_string(verdict.transitions) +
             " transitions, depth " + std::to_string(verdict.depth);
    };
    fault("audit.one_answer: " + words(whole.verdict) + "; with symmetry " + words(symmetric.verdict));
  }

  void check_traces(const Report<M>& report, const std::string& of) {
    if (report.counterexample) check_replay(*report.counterexample, "the counterexample of the " + of);
    for (const Witness<M>& witness : report.witnesses) check_replay(witness.trace, "a witness of the " + of);
  }

  /// A trace is found again by the names of its actions alone.
  void check_replay(const Trace<M>& trace, const std::string& of) {
    if (!replays(model_, trace)) fault("audit.replays: " + of + " does not replay");
    for (std::size_t i = 0; i < trace.actions.size(); ++i) {
      std::vector<typename M::Action> enabled;
      model_.enabled(trace.states[i], enabled);
      const std::string name = model_.name(trace.actions[i]);
      const auto named =
          std::ranges::count_if(enabled, [&](const auto& action) { return model_.name(action) == name; });
      if (named == 1) continue;
      fault("audit.names: " + std::to_string(named) + " enabled actions are named " + name + " in " + of);
      return;
    }
  }

  const M& model_;
  std::span<const Property<M>> properties_;
  const Limits& limits_;
  AuditEffort effort_;
  std::uint64_t seed_;
  AuditSummary summary_;
};

}  // namespace mc
