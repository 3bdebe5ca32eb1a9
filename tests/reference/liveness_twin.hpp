// The dumb twin of the liveness checker, for graphs of a few states: tries every set of states as the one in which a
// run stays for ever, and asks of it by definition whether a fair run can. Shares no code with the engine.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "checker/core/property.hpp"

namespace mc::reference {

/// A whole graph, written down.
struct SmallGraph {
  struct Edge {
    std::size_t from = 0;
    std::size_t to = 0;
    bool environment = false;
    std::uint32_t component = 0;
  };
  std::size_t states = 0;  ///< at most 12
  std::vector<std::size_t> initial;
  std::vector<Edge> edges;
  /// Per state: actions are enabled in it whose edges are not written down. Empty: in none.
  std::vector<char> cut_off = {};

  [[nodiscard]] bool is_cut_off(std::size_t state) const { return !cut_off.empty() && cut_off[state] != 0; }
  /// A run may end here: nothing is missing, and the protocol can do nothing.
  [[nodiscard]] bool is_end(std::size_t state) const {
    return !is_cut_off(state) && std::none_of(edges.begin(), edges.end(), [&](const Edge& edge) {
      return edge.from == state && !edge.environment;
    });
  }
};

using Matrix = std::vector<std::vector<char>>;

/// Which states lead to which in one step or more, over the edges that `takes`.
template <class Takes>
[[nodiscard]] Matrix closure(const SmallGraph& graph, const Takes& takes) {
  Matrix leads(graph.states, std::vector<char>(graph.states, 0));
  for (const SmallGraph::Edge& edge : graph.edges) {
    if (takes(edge)) leads[edge.from][edge.to] = 1;
  }
  for (std::size_t k = 0; k < graph.states; ++k) {
    for (std::size_t i = 0; i < graph.states; ++i) {
      for (std::size_t j = 0; j < graph.states; ++j) {
        if (leads[i][k] != 0 && leads[k][j] != 0) leads[i][j] = 1;
      }
    }
  }
  return leads;
}

/// A fair run can stay in exactly these states and visit all of them again and again.
[[nodiscard]] inline bool can_stay(const SmallGraph& graph, const std::vector<char>& set) {
  const auto inside = [&](const SmallGraph::Edge& edge) {
    return !edge.environment && set[edge.from] != 0 && set[edge.to] != 0;
  };
  const Matrix leads = closure(graph, inside);
  for (std::size_t i = 0; i < graph.states; ++i) {
    for (std::size_t j = 0; j < graph.states; ++j) {
      if (set[i] != 0 && set[j] != 0 && leads[i][j] == 0) return false;
    }
  }
  std::set<std::uint32_t> components;
  for (const SmallGraph::Edge& edge : graph.edges) {
    if (!edge.environment) components.insert(edge.component);
  }
  return std::all_of(components.begin(), components.end(), [&](std::uint32_t component) {
    std::vector<char> enabled(graph.states, 0);
    bool acts = false;
    for (const SmallGraph::Edge& edge : graph.edges) {
      if (edge.environment || edge.component != component) continue;
      enabled[edge.from] = 1;
      acts = acts || inside(edge);
    }
    bool always = true;
    for (std::size_t i = 0; i < graph.states; ++i) always = always && (set[i] == 0 || enabled[i] != 0);
    return !always || acts;
  });
}

/// The states without the goal in which a run can end or stay for ever without the goal.
[[nodiscard]] inline std::vector<char> dooms(const SmallGraph& graph, const std::vector<char>& goal) {
  std::vector<char> doomed(graph.states, 0);
  for (std::size_t i = 0; i < graph.states; ++i) doomed[i] = goal[i] == 0 && graph.is_end(i);
  for (std::uint32_t bits = 1; bits < (1U << graph.states); ++bits) {
    std::vector<char> set(graph.states, 0);
    bool meets = false;
    for (std::size_t i = 0; i < graph.states; ++i) {
      set[i] = (bits >> i & 1U) != 0 ? 1 : 0;
      meets = meets || (set[i] != 0 && goal[i] != 0);
    }
    if (meets || !can_stay(graph, set)) continue;
    for (std::size_t i = 0; i < graph.states; ++i) doomed[i] = doomed[i] != 0 || set[i] != 0;
  }
  return doomed;
}

/// Length of the shortest stem after which a promise can fail; empty if no run over the edges breaks it. `when` counts
/// for kLeadsTo alone.
[[nodiscard]] inline std::optional<std::uint32_t> shortest_failure(const SmallGraph& graph, PropertyKind kind,
                                                                   const std::vector<char>& goal,
                                                                   const std::vector<char>& when) {
  std::vector<char> lost = dooms(graph, goal);
  if (kind == PropertyKind::kPossible) {
    const Matrix leads = closure(graph, [](const SmallGraph::Edge& edge) { return !edge.environment; });
    for (std::size_t i = 0; i < graph.states; ++i) {
      // Who knows what a state that is cut off leads to?
      lost[i] = goal[i] == 0 && !graph.is_cut_off(i);
      for (std::size_t j = 0; j < graph.states; ++j) {
        lost[i] = lost[i] != 0 && !(leads[i][j] != 0 && (goal[j] != 0 || graph.is_cut_off(j)));
      }
    }
  }
  // A run as (state, obliged), all runs of one length at once.
  std::set<std::pair<std::size_t, bool>> now;
  const auto enter = [&](std::size_t state, bool before) {
    bool obliged = before || kind == PropertyKind::kPossible || (kind == PropertyKind::kLeadsTo && when[state] != 0);
    if (goal[state] != 0) obliged = false;
    return std::pair(state, obliged);
  };
  for (const std::size_t state : graph.initial) now.insert(enter(state, kind == PropertyKind::kEventually));
  for (std::uint32_t length = 0; length <= 2 * graph.states; ++length) {
    std::set<std::pair<std::size_t, bool>> next;
    for (const auto& [state, obliged] : now) {
      if (obliged && lost[state] != 0) return length;
      for (const SmallGraph::Edge& edge : graph.edges) {
        if (edge.from == state) next.insert(enter(edge.to, obliged));
      }
    }
    now = next;
  }
  return std::nullopt;
}

}  // namespace mc::reference
