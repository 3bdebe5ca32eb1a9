#include "checker/engine/fair_cycles.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <span>

#include "checker/store/parallel.hpp"

namespace mc {
namespace {

constexpr std::size_t kStatesPerTask = 1U << 14U;

/// One byte per state that several threads set; only ever from 0 to 1, so that a fixpoint does not depend on who is
/// first.
class Flags {
 public:
  explicit Flags(std::size_t states) : bytes_(states, 0) {}
  [[nodiscard]] bool operator[](Node state) const {
    return std::atomic_ref(const_cast<std::uint8_t&>(bytes_[state])).load(std::memory_order_relaxed) != 0;
  }
  void set(Node state) { std::atomic_ref(bytes_[state]).store(1, std::memory_order_relaxed); }

 private:
  std::vector<std::uint8_t> bytes_;
};

enum class Order : std::uint8_t { kForward, kBackward };

/// Calls `visit(state)`, which tells whether it changed something, for every state until nothing changes any more, or
/// until the monitor interrupts.
template <class Visit>
void sweep(std::size_t states, Order order, Monitor& monitor, const Visit& visit) {
  const std::size_t tasks = (states + kStatesPerTask - 1) / kStatesPerTask;
  std::atomic<bool> changed = true;
  while (changed.exchange(false) && !monitor.poll()) {
    parallel_for(tasks, [&](std::size_t i) {
      if (monitor.poll()) return;
      const std::size_t task = order == Order::kForward ? i : tasks - 1 - i;
      const std::size_t begin = task * kStatesPerTask;
      const std::size_t count = std::min(states - begin, kStatesPerTask);
      bool any = false;
      for (std::size_t k = 0; k < count; ++k) {
        any = visit(static_cast<Node>(begin + (order == Order::kForward ? k : count - 1 - k))) || any;
      }
      if (any) changed.store(true, std::memory_order_relaxed);
    });
  }
}

/// The states in which a run can be obliged: from an obliging state over states that do not meet the goal.
Flags obliged_region(const StateGraph& graph, const Promise& promise, Monitor& monitor) {
  Flags inside(graph.states());
  Flags spread(graph.states());
  sweep(graph.states(), Order::kForward, monitor, [&](Node state) {
    if (spread[state]) return false;
    if (!inside[state] && !obliges(graph, promise, state)) return false;
    inside.set(state);
    spread.set(state);
    bool changed = false;
    for (const Edge edge : graph.edges(state)) {
      if (inside[edge.to] || meets(graph, promise, edge.to)) continue;
      inside.set(edge.to);
      changed = true;
    }
    return changed;
  });
  return inside;
}

/// Adds to `gone` what lies on no cycle of protocol edges: states all of whose protocol edges lead to what is gone.
void trim(const StateGraph& graph, Flags& gone, Monitor& monitor) {
  sweep(graph.states(), Order::kBackward, monitor, [&](Node state) {
    if (gone[state]) return false;
    for (const Edge edge : graph.edges(state)) {
      if (edge.protocol() && !gone[edge.to]) return false;
    }
    gone.set(state);
    return true;
  });
}

/// The strongly connected parts of what is not gone, by Tarjan's algorithm without recursion. Hands each part that has
/// a cycle to `take`. Stops half-way when the monitor interrupts.
template <class Take>
class Decomposition {
 public:
  Decomposition(const StateGraph& graph, const Flags& gone, Take take, Monitor& monitor)
      : graph_(graph),
        gone_(gone),
        take_(take),
        monitor_(monitor),
        index_(graph.states(), 0),
        low_(graph.states(), 0) {}

  void run() {
    for (std::size_t root = 0; root < graph_.states() && !monitor_.interrupted(); ++root) {
      if (!gone_[static_cast<Node>(root)] && index_[root] == 0) visit_from(static_cast<Node>(root));
    }
  }

 private:
  static constexpr std::uint32_t kDone = std::numeric_limits<std::uint32_t>::max();
  struct Call {
    Node state;
    std::size_t next_edge;
  };

  /// Leaves everything as it is if there is no memory for it; then the monitor interrupts.
  void enter(Node state) {
    if (!has_room_for_one(stack_, monitor_) || !has_room_for_one(calls_, monitor_)) return;
    index_[state] = low_[state] = ++last_index_;
    stack_.push_back(state);
    calls_.push_back({state, 0});
  }
  void visit_from(Node root) {
    enter(root);
    while (!calls_.empty()) {
      if (++steps_ % kStatesPerTask == 0) monitor_.poll();
      if (monitor_.interrupted()) return;
      Call& call = calls_.back();
      const Node state = call.state;
      const std::span<const Edge> edges = graph_.edges(state);
      bool entered = false;
      while (call.next_edge < edges.size()) {
        const Edge edge = edges[call.next_edge++];
        if (!edge.protocol() || gone_[edge.to]) continue;
        if (index_[edge.to] == 0) {
          enter(edge.to);
          entered = true;
          break;
        }
        low_[state] = std::min(low_[state], index_[edge.to]);  // of a finished state: greater than any
      }
      if (!entered) leave(state);
    }
  }
  void leave(Node state) {
    const std::uint32_t low = low_[state];
    calls_.pop_back();
    if (!calls_.empty()) low_[calls_.back().state] = std::min(low_[calls_.back().state], low);
    if (low != index_[state]) return;
    std::size_t first = stack_.size();
    while (stack_[first - 1] != state) --first;
    --first;
    const std::span<const Node> part = std::span(stack_).subspan(first);
    for (const Node member : part) index_[member] = kDone;
    if (part.size() > 1 || has_self_loop(state)) take_(part);
    stack_.resize(first);
  }
  [[nodiscard]] bool has_self_loop(Node state) const {
    const std::span<const Edge> edges = graph_.edges(state);
    return std::any_of(edges.begin(), edges.end(), [&](Edge edge) { return edge.protocol() && edge.to == state; });
  }

  const StateGraph& graph_;
  const Flags& gone_;
  Take take_;
  Monitor& monitor_;
  std::size_t steps_ = 0;
  std::uint32_t last_index_ = 0;
  std::vector<std::uint32_t> index_;  // 0: not yet visited; kDone: in a finished part
  std::vector<std::uint32_t> low_;
  std::vector<Node> stack_;
  std::vector<Call> calls_;
};

/// Judges parts one after the other; reuses its memory.
class FairnessJudge {
 public:
  explicit FairnessJudge(const StateGraph& graph)
      : graph_(graph), enabled_in_(graph.components()), last_state_(graph.components()), taken_(graph.components()) {}

  /// `inside(state)` tells whether a state belongs to the part.
  template <class Inside>
  [[nodiscard]] bool has_fair_cycle(std::span<const Node> part, const Inside& inside) {
    std::fill(enabled_in_.begin(), enabled_in_.end(), 0);
    std::fill(last_state_.begin(), last_state_.end(), 0);
    std::fill(taken_.begin(), taken_.end(), 0);
    for (const Node state : part) {
      for (const Edge edge : graph_.edges(state)) {
        if (!edge.protocol()) continue;
        if (last_state_[edge.component] != std::uint64_t{state} + 1) {
          last_state_[edge.component] = std::uint64_t{state} + 1;
          ++enabled_in_[edge.component];
        }
        if (inside(edge.to)) taken_[edge.component] = 1;
      }
    }
    for (std::size_t c = 0; c < enabled_in_.size(); ++c) {
      if (enabled_in_[c] == part.size() && taken_[c] == 0) return false;
    }
    return true;
  }

 private:
  const StateGraph& graph_;
  std::vector<std::uint64_t> enabled_in_;  // per component: in how many states of the part
  std::vector<std::uint64_t> last_state_;  // per component: 1 + the state that was counted last
  std::vector<std::uint8_t> taken_;        // per component: whether it takes an edge inside
};

}  // namespace

Dooms dooms_of(const StateGraph& graph, const Promise& promise, Monitor& monitor) {
  // Each phase asks for what it will take before it takes it.
  Dooms dooms;
  if (!monitor.allows(graph.states() * (sizeof(std::uint32_t) + 3 * sizeof(std::uint8_t)))) return dooms;
  dooms.part.resize(graph.states(), Dooms::kNone);
  const Flags inside = obliged_region(graph, promise, monitor);
  Flags gone(graph.states());
  for (std::size_t i = 0; i < graph.states(); ++i) {
    const Node state = static_cast<Node>(i);
    if (!inside[state]) {
      gone.set(state);
    } else if (graph.quiescent(state)) {
      dooms.part[state] = Dooms::kEnd;
      dooms.any = true;
    }
  }
  trim(graph, gone, monitor);
  if (!monitor.allows(graph.states() * 2 * sizeof(std::uint32_t))) return dooms;
  FairnessJudge judge(graph);
  std::uint32_t number = Dooms::kEnd;
  const auto take = [&](std::span<const Node> part) {
    ++number;
    for (const Node state : part) dooms.part[state] = number;
    if (judge.has_fair_cycle(part, [&](Node state) { return dooms.part[state] == number; })) {
      dooms.any = true;
    } else {
      for (const Node state : part) dooms.part[state] = Dooms::kNone;
    }
  };
  Decomposition<decltype(take)>(graph, gone, take, monitor).run();
  return dooms;
}

Node first_trap(const StateGraph& graph, std::size_t property, Monitor& monitor) {
  if (!monitor.allows(graph.states())) return static_cast<Node>(graph.states());
  Flags reaches(graph.states());
  sweep(graph.states(), Order::kBackward, monitor, [&](Node state) {
    if (reaches[state]) return false;
    bool now = graph.marked(state, property, kMarkGoal) || graph.cut_off(state);
    for (const Edge edge : graph.edges(state)) now = now || (edge.protocol() && reaches[edge.to]);
    if (now) reaches.set(state);
    return now;
  });
  std::size_t state = 0;
  while (state < graph.states() && reaches[static_cast<Node>(state)]) ++state;
  return static_cast<Node>(state);
}

}  // namespace mc
