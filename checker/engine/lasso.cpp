#include "checker/engine/lasso.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <unordered_map>

namespace mc {
namespace {

constexpr std::size_t kStatesPerLook = 1U << 14U;  // at the clock and at memory

/// The stem. A run is in a state and obliged or not: obliged from a state that obliges until one that meets the goal.
class Stem {
 public:
  Stem(const StateGraph& graph, const Promise& promise, const Dooms& dooms, Monitor& monitor)
      : graph_(graph), promise_(promise), dooms_(dooms), monitor_(monitor), parents_(2 * graph.states(), kUnseen) {}

  /// The path, and in `end` the state in which it ends.
  [[nodiscard]] GraphPath shortest(Node& end) {
    for (Node state = 0; state < promise_.initial; ++state) see(state, obliges(graph_, promise_, state), kRoot);
    for (std::size_t next = 0; next < queue_.size(); ++next) {
      if (monitor_.interrupted()) return {};
      const std::uint32_t place = queue_[next];
      const Node state = place / 2;
      const bool obliged = place % 2 != 0;
      if (obliged && dooms_.part[state] != Dooms::kNone) {
        end = state;
        return path_to(place);
      }
      for (const Edge edge : graph_.edges(state)) see(edge.to, obliged_in(edge.to, obliged), place);
    }
    MC_ASSERT(monitor_.interrupted(), "a run leads to every state in which it can fail");
    return {};
  }

 private:
  static constexpr std::uint32_t kUnseen = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint32_t kRoot = kUnseen - 1;

  [[nodiscard]] bool obliged_in(Node to, bool before) const {
    if (meets(graph_, promise_, to)) return false;
    // The initial states oblige as initial states only, not when a run comes back to them.
    return before || (promise_.leads_to && obliges(graph_, promise_, to));
  }
  void see(Node state, bool obliged, std::uint32_t parent) {
    const std::uint32_t place = 2 * state + (obliged ? 1 : 0);
    if (parents_[place] != kUnseen) return;
    if (!has_room_for_one(queue_, monitor_)) return;
    parents_[place] = parent;
    queue_.push_back(place);
  }
  [[nodiscard]] GraphPath path_to(std::uint32_t place) const {
    GraphPath path;
    for (; parents_[place] != kRoot; place = parents_[place]) {
      const std::uint32_t parent = parents_[place];
      const std::span<const Edge> edges = graph_.edges(parent / 2);
      std::uint32_t i = 0;
      while (edges[i].to != place / 2) ++i;
      path.edges.push_back(i);
    }
    path.start = place / 2;
    std::reverse(path.edges.begin(), path.edges.end());
    return path;
  }

  const StateGraph& graph_;
  const Promise& promise_;
  const Dooms& dooms_;
  Monitor& monitor_;
  std::vector<std::uint32_t> parents_;  // per state and whether obliged
  std::vector<std::uint32_t> queue_;
};

/// A fair cycle inside one strongly connected part.
class Cycle {
 public:
  Cycle(const StateGraph& graph, const Dooms& dooms, Node start, Monitor& monitor)
      : graph_(graph), dooms_(dooms), start_(start), here_(start), monitor_(monitor) {}

  /// Positions of edges from the start back to it.
  [[nodiscard]] std::vector<std::uint32_t> edges() {
    owed_ = enabled(start_);
    // The shortest way round may be fair already.
    walk([&](Node, Edge edge) { return edge.to == start_; });
    if (owed_.empty()) return path_;
    path_.clear();
    here_ = start_;
    owed_ = enabled(start_);
    while (!owed_.empty() && !monitor_.interrupted()) {
      walk([&](Node, Edge edge) { return pays(edge); });
    }
    if (here_ != start_) {
      walk([&](Node, Edge edge) { return edge.to == start_; });
    }
    return path_;
  }

 private:
  struct Step {
    Node from;
    std::uint32_t edge;
  };

  [[nodiscard]] bool inside(Edge edge) const { return edge.protocol() && dooms_.part[edge.to] == dooms_.part[start_]; }
  [[nodiscard]] std::set<ComponentNumber> enabled(Node state) const {
    std::set<ComponentNumber> all;
    for (const Edge edge : graph_.edges(state)) {
      if (edge.protocol()) all.insert(edge.component);
    }
    return all;
  }
  /// Taking the edge is fair to a component to which something is owed: by its action, or as it is not enabled then.
  [[nodiscard]] bool pays(Edge edge) const {
    if (owed_.count(edge.component) != 0) return true;
    const std::set<ComponentNumber> then = enabled(edge.to);
    return std::any_of(owed_.begin(), owed_.end(), [&](ComponentNumber c) { return then.count(c) == 0; });
  }
  void take(Node from, std::uint32_t i) {
    const Edge edge = graph_.edges(from)[i];
    path_.push_back(i);
    owed_.erase(edge.component);
    const std::set<ComponentNumber> then = enabled(edge.to);
    std::erase_if(owed_, [&](ComponentNumber c) { return then.count(c) == 0; });
    here_ = edge.to;
  }
  /// Goes the shortest way, of one edge or more, whose last edge is `wanted`.
  template <class Wanted>
  void walk(const Wanted& wanted) {
    std::unordered_map<Node, Step> seen;
    std::vector<Node> queue{here_};
    for (std::size_t next = 0; next < queue.size(); ++next) {
      if (next % kStatesPerLook == 0 && monitor_.poll()) return;
      const Node state = queue[next];
      const std::span<const Edge> edges = graph_.edges(state);
      for (std::uint32_t i = 0; i < edges.size(); ++i) {
        if (!inside(edges[i])) continue;
        if (wanted(state, edges[i])) return go(seen, state, i);
        if (edges[i].to != here_ && seen.try_emplace(edges[i].to, Step{state, i}).second) queue.push_back(edges[i].to);
      }
    }
    MC_ASSERT(monitor_.interrupted(), "a fair part has a fair cycle");
  }
  void go(const std::unordered_map<Node, Step>& seen, Node last, std::uint32_t last_edge) {
    std::vector<Step> way{{last, last_edge}};
    while (way.back().from != here_) way.push_back(seen.at(way.back().from));
    std::reverse(way.begin(), way.end());
    for (const Step step : way) take(step.from, step.edge);
  }

  const StateGraph& graph_;
  const Dooms& dooms_;
  Node start_;
  Node here_;
  Monitor& monitor_;
  std::set<ComponentNumber> owed_;  // components that were enabled in every state so far and have not acted
  std::vector<std::uint32_t> path_;
};

}  // namespace

GraphPath lasso_of(const StateGraph& graph, const Promise& promise, const Dooms& dooms, Monitor& monitor) {
  MC_ASSERT(dooms.any, "a lasso needs a run that fails");
  if (!monitor.allows(2 * graph.states() * sizeof(std::uint32_t))) return {};
  Node end = 0;
  GraphPath path = Stem(graph, promise, dooms, monitor).shortest(end);
  if (monitor.interrupted() || dooms.part[end] == Dooms::kEnd) return path;
  path.loop = path.edges.size();
  for (const std::uint32_t edge : Cycle(graph, dooms, end, monitor).edges()) path.edges.push_back(edge);
  return path;
}

}  // namespace mc
