#include "checker/engine/state_graph.hpp"

#include <algorithm>
#include <atomic>
#include <bit>

#include "checker/store/parallel.hpp"

namespace mc {
namespace {

constexpr std::size_t kStatesPerTask = 4096;

/// From a record to the id of its state: open addressing with linear probing, at most half full.
class RecordIndex {
 public:
  explicit RecordIndex(const std::vector<Record>& records)
      : records_(records), slots_(std::bit_ceil(2 * records.size() + 2)) {
    parallel_for((records.size() + kStatesPerTask - 1) / kStatesPerTask, [&](std::size_t task) {
      const std::size_t end = std::min(records.size(), (task + 1) * kStatesPerTask);
      for (std::size_t id = task * kStatesPerTask; id < end; ++id) add(static_cast<Node>(id));
    });
  }
  [[nodiscard]] Node operator[](Record record) const {
    std::size_t i = first_slot(record);
    while (records_[slots_[i] - 1] != record) i = (i + 1) & (slots_.size() - 1);
    return slots_[i] - 1;
  }
  void prefetch(Record record) const { __builtin_prefetch(&slots_[first_slot(record)]); }

 private:
  [[nodiscard]] std::size_t first_slot(Record record) const {
    const auto address = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(record));
    return ((address * 0x9e3779b97f4a7c15U) >> 20U) & (slots_.size() - 1);
  }
  // Called from several threads: a free slot is taken by whoever swaps first.
  void add(Node id) {
    for (std::size_t i = first_slot(records_[id]);; i = (i + 1) & (slots_.size() - 1)) {
      std::uint32_t free = 0;
      if (std::atomic_ref(slots_[i]).compare_exchange_strong(free, id + 1, std::memory_order_relaxed)) return;
    }
  }

  const std::vector<Record>& records_;
  std::vector<std::uint32_t> slots_;  // id + 1; 0 is free
};

void resolve(const std::vector<LoggedEdge>& from, const RecordIndex& ids, Edge* to) {
  constexpr std::size_t kAhead = 16;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (i + kAhead < from.size()) ids.prefetch(from[i + kAhead].target());
    to[i] = {ids[from[i].target()], from[i].component()};
  }
}

}  // namespace

StateGraph::StateGraph(GraphLog& log, std::size_t marks) : marks_per_state_(marks), components_(log.components.size()) {
  MC_ASSERT(log.records.size() <= kStatesMax, "a graph has at most 2^31 states");
  firsts_.reserve(log.records.size() + 1);
  marks_.reserve(log.records.size() * marks);
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
  firsts_.resize(log.records.size() + 1, edges);
  MC_ASSERT(marks_.size() == log.records.size() * marks, "every state of the graph was judged");
  edges_.resize(edges);
  const RecordIndex ids(log.records);
  parallel_for(log.chunks.size(), [&](std::size_t i) {
    resolve(log.chunks[i].edges, ids, edges_.data() + starts[i]);
    log.chunks[i] = {};
  });
  log.chunks.clear();
}

bool StateGraph::quiescent(Node state) const {
  const std::span<const Edge> out = edges(state);
  return expanded(state) && std::none_of(out.begin(), out.end(), [](Edge edge) { return edge.protocol(); });
}

}  // namespace mc
