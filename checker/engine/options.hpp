// What a search is given besides the model and the properties, and what it tells while it runs.
// None of it but the limits may influence the verdict. Symmetry may choose another shortest path to show.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "checker/core/limits.hpp"
#include "checker/engine/keeper.hpp"
#include "checker/store/visited_set.hpp"

namespace mc {

/// Where a running search stands. The counts are of the moment; they differ from run to run.
struct Progress {
  std::uint64_t states = 0;       ///< stored states found, those of the next level included
  std::uint64_t transitions = 0;  ///< transitions explored from stored states
  std::uint32_t depth = 0;        ///< of the level that is being expanded
  std::uint64_t frontier = 0;     ///< states in that level
  std::uint64_t expanded = 0;     ///< states of that level that are done
  std::size_t resident_bytes = 0;
  double table_load = 0.0;  ///< share of the table's slots that are taken
  double seconds = 0.0;     ///< since the search began
};

using ProgressFn = std::function<void(const Progress&)>;

/// Where the states of the level that is explored stand. The exact store keeps every state in memory in any case.
enum class FrontierPlace : std::uint8_t {
  kAuto,  ///< on disk once they take an eighth of the limit on memory
  kMemory,
  kDisk,
};

struct Options {
  unsigned threads = 0;  ///< 0: one per processor
  StoreKind store = StoreKind::kExact;
  bool symmetry =
      true;  ///< of states that differ in names alone, explore one; where the model and the properties allow it
  Limits limits;
  /// A violation does not end the search: it explores all states, finds the first violation of every property, and
  /// judges properties of liveness whatever is broken. What comes first stays what it is.
  bool keep_going = false;
  /// Called every `progress_seconds` or less often, on the thread that called `search`. What it throws leaves `search`.
  ProgressFn progress;
  double progress_seconds = 1.0;
  FrontierPlace frontier = FrontierPlace::kAuto;
  std::filesystem::path disk;  ///< folder for what is not kept in memory; empty: nothing goes to disk
  /// Told, in a sentence, what a person should know while the search runs. May be null; as `progress`.
  std::function<void(const std::string&)> notice;
  /// Is handed the search from time to time, and when it is interrupted; see keeper.hpp. May be null.
  SearchKeeper* keeper = nullptr;
  /// What the search takes up; null: it begins at the beginning. A search with properties of liveness begins at the
  /// beginning in any case.
  const SavedSearch* resume = nullptr;
  /// Ends the search soon after it becomes true (`inconclusive`, "interrupted"); may be set by a signal handler.
  const std::atomic<bool>* cancel = nullptr;
};

}  // namespace mc
