// Brings a state into its canonical form after each step: dead fields at rest, ids that nothing mentions free again,
// calls in their order. Equal situations become equal states; this is the cheapest reduction there is.
#pragma once

#include "model/config.hpp"
#include "model/state.hpp"

namespace raymc {

/// Canonical form of a state that a row's effect has just produced.
void normalise(const Config& config, State& state);

}  // namespace raymc
