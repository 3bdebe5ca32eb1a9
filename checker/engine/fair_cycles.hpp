// Where a run can stay for ever without reaching what was promised: the region of obliged states, the states in which
// it may end there, and the strongly connected parts of it in which it can go round fairly.
//
// Weak fairness is decided by one decomposition: a component that is enabled in every state of a strongly connected
// part and takes none of its edges treats every cycle inside unfairly, and a part without such a component has a fair
// cycle, the one that visits all of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "checker/engine/monitor.hpp"
#include "checker/engine/state_graph.hpp"

namespace mc {

/// What is asked of one property, by its place among the marks of a state.
struct Promise {
  std::size_t property = 0;
  bool leads_to = false;  ///< obliges wherever `when` is met; otherwise the initial states are obliged
  Node initial = 0;       ///< how many states are initial: they have the ids from 0
};

/// True in a state that meets the goal of the promise.
[[nodiscard]] inline bool meets(const StateGraph& graph, const Promise& promise, Node state) {
  return graph.marked(state, promise.property, kMarkGoal);
}
/// True in a state that a run enters obliged, whatever was before.
[[nodiscard]] inline bool obliges(const StateGraph& graph, const Promise& promise, Node state) {
  const bool begins = promise.leads_to ? graph.marked(state, promise.property, kMarkWhen) : state < promise.initial;
  return begins && !meets(graph, promise, state);
}

/// Per state: how a run that is obliged there can fail the promise without leaving the part that the state belongs to.
struct Dooms {
  static constexpr std::uint32_t kNone = 0;  ///< it cannot
  static constexpr std::uint32_t kEnd = 1;   ///< by ending: the state is quiescent
  /// Any other number: by going round in the strongly connected part of that number.
  std::vector<std::uint32_t> part;
  bool any = false;
};

/// Cost: linear in the graph up to the number of sweeps over it, which is small when most edges lead to deeper states.
/// The sweeps run in parallel in the current arena. Asks the monitor all the time; the result is meaningless once it
/// interrupts.
[[nodiscard]] Dooms dooms_of(const StateGraph& graph, const Promise& promise, Monitor& monitor);

/// The first state, by id, from which no sequence of protocol actions reaches a state that meets the goal; the number
/// of states if there is none. A state that is cut off counts as one that reaches it. The monitor as above.
[[nodiscard]] Node first_trap(const StateGraph& graph, std::size_t property, Monitor& monitor);

}  // namespace mc
