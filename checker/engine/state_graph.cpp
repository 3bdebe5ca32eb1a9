#include "checker/engine/state_graph.hpp"

#include <algorithm>

#include "checker/store/parallel.hpp"

namespace mc {

StateGraph::StateGraph(GraphLog& log, std::size_t marks) : marks_per_state_(marks), components_(log.components.size()) {
  MC_ASSERT(log.states <= kStatesMax, "a graph has at most 2^31 states");
  firsts_.reserve(log.states + 1);
  marks_.reserve(log.states * marks);
  std::uint64_t edges = 0;
  std::vector<std::uint64_t> starts;
  for (const GraphChunk& chunk : log.chunks) {
    starts.push_back(edges);
    std::uint64_t next = edges;
    for (const std::uint32_t degree : chunk.degrees) {
      firsts_.push_back(next);
      next += degree;
    }
    MC_ASSERT(next == edges + chunk.edges.size(), "every logged edge belongs to a state");
    edges = next;
    marks_.insert(marks_.end(), chunk.marks.begin(), chunk.marks.end());
  }
  expanded_ = static_cast<Node>(firsts_.size());
  firsts_.resize(log.states + 1, edges);
  MC_ASSERT(marks_.size() == log.states * marks, "every state of the graph was judged");
  edges_.resize(edges);
  parallel_for(log.chunks.size(), [&](std::size_t i) {
    std::copy(log.chunks[i].edges.begin(), log.chunks[i].edges.end(), edges_.data() + starts[i]);
    log.chunks[i] = {};
  });
  log.chunks.clear();
}

bool StateGraph::quiescent(Node state) const {
  const std::span<const Edge> out = edges(state);
  return expanded(state) && std::none_of(out.begin(), out.end(), [](Edge edge) { return edge.protocol(); });
}

}  // namespace mc
