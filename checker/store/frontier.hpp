// The states of the level that is explored next, in rank order. Used by the engine.
#pragma once

#include <cstdint>

#include "checker/store/link.hpp"

namespace mc {

/// One level. The rank of a state is its position; its id is `first.value + rank`, by which the visited set gives its
/// encoding as long as the level is expanded.
struct Frontier {
  StateId first;            ///< id of the state with rank 0
  std::uint64_t count = 0;  ///< states
  std::uint32_t depth = 0;  ///< distance from the initial states

  [[nodiscard]] std::uint64_t size() const { return count; }
  [[nodiscard]] bool empty() const { return count == 0; }
};

}  // namespace mc
