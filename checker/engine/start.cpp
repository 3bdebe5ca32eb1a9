#include "checker/engine/start.hpp"

namespace mc {

std::optional<Bound> bound_at(const Limits& limits, std::uint32_t depth, std::uint64_t states) {
  std::optional<Bound> bound;
  if (limits.depth_max && depth >= *limits.depth_max) {
    bound = Bound{limits.depth_declared, "states at depth " + std::to_string(depth) + " were not expanded (depth_max)"};
  }
  if (limits.states_max && states > *limits.states_max && (!bound || (limits.states_declared && !bound->declared))) {
    bound =
        Bound{limits.states_declared, "after " + std::to_string(states) + " states no level was begun (states_max " +
                                          std::to_string(*limits.states_max) + ")"};
  }
  return bound;
}

}  // namespace mc
