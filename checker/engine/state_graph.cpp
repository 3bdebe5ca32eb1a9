#include "checker/engine/state_graph.hpp"

#include <algorithm>
#include <utility>

namespace mc {

StateGraph::StateGraph(GraphLog& log, std::size_t marks)
    : firsts_(std::move(log.firsts)),
      edges_(std::move(log.edges)),
      marks_(std::move(log.marks)),
      marks_per_state_(marks),
      components_(log.components.size()) {
  MC_ASSERT(log.states <= kStatesMax, "a graph has at most 2^31 states");
  MC_ASSERT(marks_.size() == log.states * marks, "every state of the graph was judged");
  MC_ASSERT(firsts_.size() == log.states, "of every state of the graph it is known what it leads to");
  firsts_.extend(1);
  firsts_[log.states] = edges_.size();
}

bool StateGraph::quiescent(Node state) const {
  const std::span<const Edge> out = edges(state);
  return !cut_off(state) && std::none_of(out.begin(), out.end(), [](Edge edge) { return edge.protocol(); });
}

}  // namespace mc
