// The states of the level that is explored next, in rank order. Used by the engine.
#pragma once

#include <cstdint>
#include <vector>

#include "checker/store/link.hpp"
#include "checker/store/record.hpp"

namespace mc {

/// One level. The rank of a state is its position; its id is `first.value + rank`. Read-only while it is expanded.
struct Frontier {
  std::vector<Record> records;  ///< owned by the visited set
  StateId first;                ///< id of the state with rank 0
  std::uint32_t depth = 0;      ///< distance from the initial states

  [[nodiscard]] std::uint64_t size() const { return records.size(); }
  [[nodiscard]] bool empty() const { return records.empty(); }
};

}  // namespace mc
