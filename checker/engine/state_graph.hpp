// The explored graph with ids instead of encodings: who leads to whom, by which component. Made once the search is
// over, read by what judges liveness.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "checker/engine/graph_log.hpp"

namespace mc {

/// Immutable, safe to share. Cost: that of the log, whose memory it takes over.
class StateGraph {
 public:
  static constexpr std::size_t kStatesMax = std::size_t{1} << 31U;

  /// `marks` is the number of marks per state; requires at most kStatesMax states.
  StateGraph(GraphLog& log, std::size_t marks);

  [[nodiscard]] std::size_t states() const { return firsts_.size() - 1; }
  [[nodiscard]] std::size_t components() const { return components_; }
  /// In the order of the enabled actions: the position of an edge is the index of its action.
  [[nodiscard]] std::span<const Edge> edges(Node state) const {
    return edges_.part(first(state), first(state + 1) - first(state));
  }
  /// A bound kept enabled actions from being taken: what they lead to is not known.
  [[nodiscard]] bool cut_off(Node state) const { return (firsts_[state] & kCutOffFirst) != 0; }
  /// The state was expanded, and no protocol action is enabled: a run may end here.
  [[nodiscard]] bool quiescent(Node state) const;
  [[nodiscard]] bool marked(Node state, std::size_t property, std::uint8_t mark) const {
    return (marks_[state * marks_per_state_ + property] & mark) != 0;
  }

 private:
  [[nodiscard]] std::uint64_t first(std::size_t state) const { return firsts_[state] & ~kCutOffFirst; }

  GrowingArray<std::uint64_t> firsts_;  // as in the log, and then the number of edges
  GrowingArray<Edge> edges_;
  GrowingArray<std::uint8_t> marks_;
  std::size_t marks_per_state_;
  std::size_t components_;
};

}  // namespace mc
