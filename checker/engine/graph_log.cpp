#include "checker/engine/graph_log.hpp"

#include <algorithm>
#include <new>

#include "checker/engine/state_graph.hpp"
#include "checker/store/parallel.hpp"

namespace mc {
namespace {

/// Where the values of a chunk go.
struct ChunkStart {
  std::size_t edges = 0;
  std::size_t states = 0;
  std::size_t marks = 0;
  [[nodiscard]] std::size_t bytes() const { return edges * sizeof(Edge) + states * sizeof(std::uint64_t) + marks; }
};

}  // namespace

void append_level(GraphLog& graph, const Frontier& level, std::vector<GraphChunk>& chunks, const VisitedSet& visited,
                  Monitor& monitor) {
  MC_ASSERT(visited.closed() <= StateGraph::kStatesMax, "a graph has at most 2^31 states");
  const ChunkStart before{graph.edges.size(), graph.firsts.size(), graph.marks.size()};
  ChunkStart next = before;
  std::vector<ChunkStart> starts;
  starts.reserve(chunks.size());
  for (const GraphChunk& chunk : chunks) {
    starts.push_back(next);
    next = {next.edges + chunk.edges.size(), next.states + chunk.degrees.size(), next.marks + chunk.marks.size()};
  }
  if (!monitor.allows(next.bytes() - before.bytes())) throw std::bad_alloc();
  graph.states += level.size();
  graph.edges.extend(next.edges - before.edges);
  graph.firsts.extend(next.states - before.states);
  graph.marks.extend(next.marks - before.marks);
  parallel_for(chunks.size(), [&](std::size_t i) {
    GraphChunk& chunk = chunks[i];
    Edge* to = graph.edges.data() + starts[i].edges;
    for (const Edge& edge : chunk.edges) *to++ = {static_cast<Node>(visited.id_of(edge.to).value), edge.component};
    std::uint64_t first = starts[i].edges;
    std::uint64_t* at = graph.firsts.data() + starts[i].states;
    for (const std::uint32_t degree : chunk.degrees) {
      *at++ = degree == kCutOff ? first | kCutOffFirst : first;
      first += degree == kCutOff ? 0 : degree;
    }
    MC_ASSERT(first == starts[i].edges + chunk.edges.size(), "every logged edge belongs to a state");
    std::copy(chunk.marks.begin(), chunk.marks.end(), graph.marks.data() + starts[i].marks);
    chunk = {};
  });
}

}  // namespace mc
