#include "tests/oracle/graph.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace raymc::oracle {
namespace {

using Marks = std::vector<bool>;  // one per state

/// Every state from which edges of the protocol lead to a marked one or to one that was not expanded.
Marks can_reach(const Graph& graph, Marks marked) {
  std::vector<std::vector<std::size_t>> sources(graph.nodes.size());
  std::vector<std::size_t> waiting;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const Edge& edge : graph.nodes[i].edges) {
      if (!edge.environment && edge.to != kUnknown) sources[edge.to].push_back(i);
    }
    marked[i] = marked[i] || is_cut(graph.nodes[i]);
    if (marked[i]) waiting.push_back(i);
  }
  while (!waiting.empty()) {
    const std::size_t i = waiting.back();
    waiting.pop_back();
    for (const std::size_t source : sources[i]) {
      if (marked[source]) continue;
      marked[source] = true;
      waiting.push_back(source);
    }
  }
  return marked;
}

/// The edges of the protocol between states without the goal, forwards and backwards: where a run can stay.
struct Without {
  std::vector<std::vector<std::size_t>> to, from;

  Without(const Graph& graph, std::size_t property) : to(graph.nodes.size()), from(graph.nodes.size()) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      if (graph.nodes[i].holds[property]) continue;
      for (const Edge& edge : graph.nodes[i].edges) {
        if (edge.environment || edge.to == kUnknown || graph.nodes[edge.to].holds[property]) continue;
        to[i].push_back(edge.to);
        from[edge.to].push_back(i);
      }
    }
  }
};

/// States in the order in which a depth-first search over `next` leaves them.
std::vector<std::size_t> left_in_order(const std::vector<std::vector<std::size_t>>& next) {
  std::vector<std::size_t> order;
  Marks seen(next.size());
  for (std::size_t root = 0; root < next.size(); ++root) {
    if (seen[root]) continue;
    std::vector<std::pair<std::size_t, std::size_t>> path{{root, 0}};  // a state and the next of its edges
    seen[root] = true;
    while (!path.empty()) {
      auto& [state, edge] = path.back();
      if (edge == next[state].size()) {
        order.push_back(state);
        path.pop_back();
      } else if (const std::size_t to = next[state][edge++]; !seen[to]) {
        seen[to] = true;
        path.emplace_back(to, 0);
      }
    }
  }
  return order;
}

/// The strongly connected parts (Kosaraju's algorithm), those of one state included.
std::vector<std::vector<std::size_t>> strong_parts(const Without& edges) {
  std::vector<std::size_t> order = left_in_order(edges.to);
  std::reverse(order.begin(), order.end());
  std::vector<std::vector<std::size_t>> parts;
  Marks seen(order.size());
  for (const std::size_t root : order) {
    if (seen[root]) continue;
    std::vector<std::size_t> part{root};
    seen[root] = true;
    for (std::size_t i = 0; i < part.size(); ++i) {
      for (const std::size_t source : edges.from[part[i]]) {
        if (seen[source]) continue;
        seen[source] = true;
        part.push_back(source);
      }
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

/// A fair run can stay in this part for ever: it has an edge inside, and each component that is enabled in all of its
/// states acts on an edge inside. A component that is neglected in the part is neglected on every cycle in it.
bool has_fair_run(const Graph& graph, const std::vector<std::size_t>& part) {
  const std::set<std::size_t> inside(part.begin(), part.end());
  std::set<std::uint32_t> always;
  std::set<std::uint32_t> acting;
  bool turns = false;
  for (const std::size_t i : part) {
    std::set<std::uint32_t> here;
    for (const Edge& edge : graph.nodes[i].edges) {
      if (edge.environment) continue;
      here.insert(edge.component);
      if (edge.to == kUnknown || !inside.contains(edge.to)) continue;
      acting.insert(edge.component);
      turns = true;
    }
    if (i == part.front()) always = here;
    std::erase_if(always, [&](std::uint32_t component) { return !here.contains(component); });
  }
  return turns && std::includes(acting.begin(), acting.end(), always.begin(), always.end());
}

/// The states without the goal in which a run can end, or stay for ever without it.
Marks dooms(const Graph& graph, std::size_t property) {
  Marks doomed(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    doomed[i] = !graph.nodes[i].holds[property] && is_quiescent(graph.nodes[i]) && !is_cut(graph.nodes[i]);
  }
  for (const std::vector<std::size_t>& part : strong_parts(Without(graph, property))) {
    if (!has_fair_run(graph, part)) continue;
    for (const std::size_t i : part) doomed[i] = true;
  }
  return doomed;
}

}  // namespace

bool is_quiescent(const Node& node) {
  return std::all_of(node.edges.begin(), node.edges.end(), [](const Edge& edge) { return edge.environment; });
}

bool is_cut(const Node& node) {
  return std::any_of(node.edges.begin(), node.edges.end(), [](const Edge& edge) { return edge.to == kUnknown; });
}

std::optional<std::uint32_t> broken_after(const Graph& graph, mc::PropertyKind kind, std::size_t property) {
  const std::size_t count = graph.nodes.size();
  const bool possible = kind == mc::PropertyKind::kPossible;
  Marks lost(count);
  if (possible) {
    for (std::size_t i = 0; i < count; ++i) lost[i] = graph.nodes[i].holds[property];
    lost = can_reach(graph, std::move(lost));
    lost.flip();
  } else {
    lost = dooms(graph, property);
  }
  // All runs, breadth first, as pairs (state, it owes the goal). The first that owes it in a lost state is the answer.
  struct Place {
    std::size_t state;
    bool owes;
    std::uint32_t length;
  };
  std::vector<Place> places;
  std::vector<Marks> seen(2, Marks(count));
  const auto enter = [&](std::size_t state, bool owed, std::uint32_t length) {
    const bool owes = possible || ((owed || graph.nodes[state].when[property]) && !graph.nodes[state].holds[property]);
    if (seen[owes ? 1 : 0][state]) return;
    seen[owes ? 1 : 0][state] = true;
    places.push_back({state, owes, length});
  };
  for (std::size_t i = 0; i < count; ++i) {
    if (graph.nodes[i].depth == 0) enter(i, kind == mc::PropertyKind::kEventually, 0);
  }
  for (std::size_t at = 0; at < places.size(); ++at) {
    const Place place = places[at];
    if (place.owes && lost[place.state]) return place.length;
    for (const Edge& edge : graph.nodes[place.state].edges) {
      if (edge.to != kUnknown) enter(edge.to, place.owes, place.length + 1);
    }
  }
  return std::nullopt;
}

}  // namespace raymc::oracle
