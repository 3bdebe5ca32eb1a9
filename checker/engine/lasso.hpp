// A run that fails a promise, as short as it can be told: the shortest way to where it can fail, and then a short fair
// cycle. Deterministic: a function of the graph alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "checker/engine/fair_cycles.hpp"

namespace mc {

/// A path by the positions of its edges.
struct GraphPath {
  Node start = 0;
  std::vector<std::uint32_t> edges;
  std::optional<std::size_t> loop;  ///< position of the state from where the path repeats; empty: the run ends
};

/// The run with the shortest stem, first in breadth-first order among those; requires `dooms.any`. Its cycle is short,
/// not always the shortest: finding the shortest fair one is NP-hard. Meaningless once the monitor interrupts.
[[nodiscard]] GraphPath lasso_of(const StateGraph& graph, const Promise& promise, const Dooms& dooms, Monitor& monitor);

}  // namespace mc
