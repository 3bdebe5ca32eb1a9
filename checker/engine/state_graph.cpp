#include "checker/engine/state_graph.hpp"

#include <algorithm>
#include <utility>

namespace mc {

StateGraph::StateGraph(GraphLog& log, std::size_t marks)
    : firsts_(std::move(log.firsts)),
      edges_(std::move(log.edges)),
      marks_(std::move(log.marks)),
      marks_per_state_(marks),
      components_(log.components.size()),
      expanded_(static_cast<Node>(firsts_.size())) {
  MC_ASSERT(log.states <= kStatesMax, "a graph has at most 2^31 states");
  MC_ASSERT(marks_.size() == log.states * marks, "every state of the graph was judged");
  firsts_.extend(log.states + 1 - expanded_);
  std::fill(firsts_.data() + expanded_, firsts_.data() + firsts_.size(), edges_.size());
}

bool StateGraph::quiescent(Node state) const {
  const std::span<const Edge> out = edges(state);
  return expanded(state) && std::none_of(out.begin(), out.end(), [](Edge edge) { return edge.protocol(); });
}

}  // namespace mc
