// The edges of the graph as the search walks over them, for what is judged on the whole graph afterwards. Kept only if
// a property of liveness asks for it. Used by the expanders, which write it, and by state_graph, which reads it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "checker/core/assert.hpp"
#include "checker/engine/monitor.hpp"
#include "checker/store/frontier.hpp"
#include "checker/store/growing_array.hpp"
#include "checker/store/visited_set.hpp"

namespace mc {

/// A component of fairness by its number in one search. Which number a component gets may differ from run to run.
using ComponentNumber = std::uint16_t;
/// The number of the actions of the environment, to which nobody is fair.
inline constexpr ComponentNumber kEnvironmentComponent = 0xffff;

/// Gives numbers to components. Thread-safe; `number_of` takes a lock, so that callers remember what they got.
class ComponentNumbers {
 public:
  /// Requires fewer than 65,000 components so far.
  [[nodiscard]] ComponentNumber number_of(std::uint32_t component) {
    const std::lock_guard lock(mutex_);
    const auto [known, added] = numbers_.try_emplace(component, static_cast<ComponentNumber>(numbers_.size()));
    MC_ASSERT(numbers_.size() < 65'000, "a model has fewer than 65,000 components of fairness");
    return known->second;
  }
  /// Between levels.
  [[nodiscard]] std::size_t size() const { return numbers_.size(); }

 private:
  std::mutex mutex_;
  std::unordered_map<std::uint32_t, ComponentNumber> numbers_;
};

/// A state by its id, which is its place in breadth-first order. A graph has fewer than 2^31 states.
using Node = std::uint32_t;

/// An edge: where it leads, by which component. While its level is explored, `to` is a StateRef instead of an id.
struct Edge {
  Node to = 0;
  ComponentNumber component = kEnvironmentComponent;
  [[nodiscard]] bool protocol() const { return component != kEnvironmentComponent; }
};

/// What one property says of one state; bits of a mark.
inline constexpr std::uint8_t kMarkGoal = 1;  ///< `holds`
inline constexpr std::uint8_t kMarkWhen = 2;  ///< `when`

/// In place of a number of edges: actions are enabled in the state, and a bound kept them from being taken.
inline constexpr std::uint32_t kCutOff = 0xffff'ffff;
/// The bit that says the same beside the place of a state's first edge.
inline constexpr std::uint64_t kCutOffFirst = std::uint64_t{1} << 63U;

/// The states of a run of ranks: their edges one after the other, how many each has, and their marks.
struct GraphChunk {
  std::vector<Edge> edges;
  std::vector<std::uint32_t> degrees;  ///< per state, or kCutOff
  std::vector<std::uint8_t> marks;     ///< per state, one for each property of liveness
};

/// The finished levels. Belongs to the coordinating thread. Cost: 8 bytes per edge, and 8 and a byte per property of
/// liveness for each state.
struct GraphLog {
  std::uint64_t states = 0;
  GrowingArray<Edge> edges;            ///< of all states, one after the other
  GrowingArray<std::uint64_t> firsts;  ///< per state the place of its first edge, and kCutOffFirst
  GrowingArray<std::uint8_t> marks;
  ComponentNumbers components;
};

/// Takes over what the expanders logged about a level that has just been closed; its edges get the ids of what they
/// lead to. Throws std::bad_alloc if the monitor does not allow so much more memory. Works in parallel.
void append_level(GraphLog& graph, const Frontier& level, std::vector<GraphChunk>& chunks, const VisitedSet& visited,
                  Monitor& monitor);

}  // namespace mc
