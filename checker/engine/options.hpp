// What a search is given besides the model and the properties, and what it tells while it runs.
// None of it but the limits may influence the verdict. Symmetry may choose another shortest path to show.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "checker/core/limits.hpp"
#include "checker/store/visited_set.hpp"

namespace mc {

/// Where a running search stands. The counts are of the moment; they differ from run to run.
struct Progress {
  std::uint64_t states = 0;       ///< distinct states found, those of the next level included
  std::uint64_t transitions = 0;  ///< transitions explored
  std::uint32_t depth = 0;        ///< of the level that is being expanded
  std::uint64_t frontier = 0;     ///< states in that level
  std::uint64_t expanded = 0;     ///< states of that level that are done
  std::size_t resident_bytes = 0;
  double seconds = 0.0;  ///< since the search began
};

using ProgressFn = std::function<void(const Progress&)>;

struct Options {
  unsigned threads = 0;  ///< 0: one per processor
  StoreKind store = StoreKind::kExact;
  bool symmetry =
      true;  ///< of states that differ in names alone, explore one; where the model and the properties allow it
  bool reduction = true;  ///< of two orders of independent actions, explore one; where the model has footprints
  /// With reduction, two actions of every so many states are done in both orders: a footprint that is wrong ends the
  /// program before it has an answer, sooner or later. 0: never. Seldom enough to cost nothing.
  std::uint64_t check_every = 61;
  Limits limits;
  /// Called every `progress_seconds` or less often, on the thread that called `search`. What it throws leaves `search`.
  ProgressFn progress;
  double progress_seconds = 1.0;
  /// Ends the search soon after it becomes true (`inconclusive`, "interrupted"); may be set by a signal handler.
  const std::atomic<bool>* cancel = nullptr;
};

}  // namespace mc
