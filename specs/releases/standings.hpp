// Asks the model how findings stand in each release of Ray (specs/standing.hpp), by exploring their scenarios.
#pragma once

#include <vector>

#include "specs/scenario.hpp"
#include "specs/standing.hpp"

namespace raymc {

/// In each of kReleases, in their order. A release in which the model is the same as in an earlier one is not explored
/// again. At most 20 million states are looked at for one answer.
[[nodiscard]] std::vector<Standing> standings_of(const Scenario& finding);

}  // namespace raymc
