// Bounds on a search. A declared limit is part of the question (the scenario states it) and gives
// `holds within bounds`; any other limit that is hit gives `inconclusive`.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace mc {

/// Bounds on one search; an empty field is no bound. Depth and states are looked at between levels, so that the answer
/// does not depend on threads; time and memory are looked at during a level too, and then the level is not counted.
struct Limits {
  std::optional<std::uint32_t> depth_max;  ///< levels; states at this depth are judged, not expanded
  /// Distinct states; no level is begun with more. Under symmetry states are counted as without it, not as stored.
  std::optional<std::uint64_t> states_max;
  std::optional<std::chrono::milliseconds> time_max;
  std::optional<std::size_t> memory_max_bytes;  ///< of the whole process (resident set)
  bool depth_declared = false;                  ///< `depth_max` comes from the scenario
  bool states_declared = false;                 ///< `states_max` comes from the scenario

  [[nodiscard]] static Limits none() { return {}; }
};

}  // namespace mc
