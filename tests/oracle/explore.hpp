// The explored part of Ray's state graph, in the plainest way: one thread, one map from whole encodings, every state
// kept, nothing left out. Uses the model's functions, the properties and the bounds; shares no code with the engine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "checker/core/limits.hpp"
#include "specs/properties/catalogue.hpp"
#include "tests/oracle/graph.hpp"

namespace raymc::oracle {

/// Why no further level was explored.
enum class End : std::uint8_t {
  kExhausted,      ///< there is none
  kBroken,         ///< a property of the kinds invariant and quiescent is broken in the last level
  kOverflow,       ///< a container overflowed in the last level
  kDeclaredBound,  ///< a bound that the scenario declares left actions of the last level untaken
  kBound,          ///< another bound did
  kTooLarge,       ///< more states than the caller wants
};

struct Explored {
  Graph graph;  ///< of the levels that were completed
  End end = End::kExhausted;
  std::uint64_t transitions = 0;                  ///< enabled actions of states that were expanded
  std::vector<std::uint64_t> levels;              ///< states per level
  std::map<std::string, std::uint64_t> coverage;  ///< per rule: the transitions that fired it
};

/// Explores level by level within the bounds on depth and states; goes on after a violation only if `keep_going`.
[[nodiscard]] Explored explore(const RayModel& model, std::span<const Property> properties, const mc::Limits& limits,
                               std::size_t states_max, bool keep_going = false);

}  // namespace raymc::oracle
