// A path through a model: where it starts and what is done, with the state after each step.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "checker/core/model.hpp"

namespace mc {

/// A path from an initial state. `states.size() == actions.size() + 1`; `states[i + 1] = apply(states[i], actions[i])`.
/// A lasso goes on for ever: its last state is the state at position `loop`, from where it repeats.
template <Model M>
struct Trace {
  std::vector<typename M::State> states;
  std::vector<typename M::Action> actions;
  std::optional<std::size_t> loop = std::nullopt;  ///< of a lasso
  friend bool operator==(const Trace&, const Trace&) = default;
};

}  // namespace mc
