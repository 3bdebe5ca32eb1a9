// The explored part of a state graph as plain data, and what it means for a property over runs to be broken there.
// Made by explore.cpp, judged by verdict.cpp. Nothing here knows Ray, the engine or its stores.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "checker/core/property.hpp"

namespace raymc::oracle {

/// Where an action leads that was not taken (its state stands at a bound) or could not be (a container overflowed).
inline constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);

/// One enabled action.
struct Edge {
  std::size_t to = kUnknown;
  bool environment = false;
  std::uint32_t component = 0;  ///< of fairness; meaningless for the environment
};

/// One state: its distance from the initial states, all its enabled actions, and what the properties say of it.
struct Node {
  std::uint32_t depth = 0;
  std::vector<Edge> edges;
  std::vector<bool> holds;  ///< per property: the predicate
  std::vector<bool> when;   ///< per property: what obliges; false unless it is of kind kLeadsTo
};

struct Graph {
  std::vector<Node> nodes;  ///< in breadth-first order; initial states have depth 0
};

/// No action of the protocol is enabled. Actions that were not taken count as enabled.
[[nodiscard]] bool is_quiescent(const Node& node);

/// An action is enabled that was not taken: the state was not expanded, so that it neither ends a run nor is a trap.
[[nodiscard]] bool is_cut(const Node& node);

/// Length of the shortest stem after which the property of liveness fails, whatever lies behind the actions that were
/// not taken; empty if no run inside the graph breaks it. By the definitions of ADR-0009:
/// - Eventually and leads to: a run that owes the goal ends without it, or stays for ever, taking actions of the
///   protocol alone, in states without it, and is fair: no component is enabled in all of them without acting.
/// - Possible: a state from which the protocol alone cannot come to the goal.
[[nodiscard]] std::optional<std::uint32_t> broken_after(const Graph& graph, mc::PropertyKind kind,
                                                        std::size_t property);

}  // namespace raymc::oracle
