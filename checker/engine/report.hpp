// What a search hands back: the verdict with its traces, and apart from it what differs from run to run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker/core/trace.hpp"
#include "checker/core/verdict.hpp"
#include "checker/engine/canonicalizer.hpp"
#include "checker/store/visited_set.hpp"

namespace mc {

/// A shortest path to a state that satisfies a Reachable property, or a path or run that breaks another one.
template <Model M>
struct Witness {
  std::string property;  ///< id
  Trace<M> trace;
  friend bool operator==(const Witness&, const Witness&) = default;
};

template <Model M>
struct Report {
  /// What "completed" means in it: every state of the level was judged and, unless a limit on depth or states ended
  /// the search there, expanded. Levels count from the initial states, which are level 0.
  /// All counts are those of the whole graph, with symmetry or without: each representative counts as what it stands
  /// for.
  ///  - `states`, `levels`, `quiescent`: over the completed levels. After a violation in level d that is levels 0 to d;
  ///    what was found beyond d is not counted.
  ///  - `depth`: of the last completed level.
  ///  - `transitions`: pairs (state, enabled action) of the expanded states, self-loops and actions that overflowed
  ///    a container included; an unexpanded last level adds none.
  ///  - `coverage`: over the same transitions, without those that overflowed a container.
  ///  - `judgements`: a property that is neither violated nor witnessed is `holds` only after an exhaustive search,
  ///    whatever others came to; up to a declared limit an Invariant or Quiescent property `holds within bounds` and
  ///    any other is `inconclusive`; in a search that stopped for another reason, a violation included, all are
  ///    `inconclusive`. A property of liveness that is broken within a limit is `violated`.
  Verdict verdict;
  /// A shortest path to the violation that comes first by (depth, position of the property in the list, rank of the
  /// state), or if there is none a run that breaks a property of liveness, first by (depth, position). When a container
  /// overflowed: a path to the state in which the overflowing action was taken, first by (rank, action). Replayed
  /// before it is handed out.
  std::optional<Trace<M>> counterexample;
  /// The action that overflowed a container in the last state of `counterexample`.
  std::optional<typename M::Action> overflowing;
  /// The same for each other property that was found violated, in the order of the properties.
  std::vector<Witness<M>> other_violations;
  /// For each Reachable property that was satisfied, in the order of the properties: the first state by (depth, rank).
  std::vector<Witness<M>> witnesses;

  bool exhaustive = false;  ///< every reachable state was judged and expanded
  SymmetryUse symmetry;
  std::uint64_t representatives = 0;  ///< states that were stored; under symmetry each stands for its orbit
  std::uint64_t taken = 0;            ///< transitions from these; under symmetry fewer than those that there are

  /// Why what was to be taken up is no search of this model; empty if it is. Then nothing else means anything.
  std::string mismatch;
  /// The search ended because it was cancelled or ran out of time or memory: it can be gone on with.
  bool interrupted = false;

  StoreKind store = StoreKind::kExact;
  double omission_odds = 0.0;  ///< upper bound for the probability that a state was omitted; 0 for the exact store

  // From here on: measured, and different from run to run.
  unsigned threads = 1;
  double seconds = 0.0;
  std::size_t peak_resident_bytes = 0;  ///< of the whole process so far
};

}  // namespace mc
