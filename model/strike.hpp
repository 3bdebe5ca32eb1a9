// Where a fault strikes: each row of the environment is counted apart for every phase of its victim, so that a report
// shows that no phase was left out. A strike is counted like a row; no guard or effect knows of it.
#pragma once

#include <span>
#include <string>

#include "model/transition.hpp"

namespace raymc {

/// One row of the environment in one phase of its victim.
struct Strike {
  Row row;
  std::string id;  ///< "fault.F1.raylet_crash@leased"
};

/// All strikes that can happen, in the order of the rows. As rules they follow the rows.
[[nodiscard]] std::span<const Strike> all_strikes();

/// Why a phase of a row's victim is not among the strikes.
struct NoStrike {
  Row row;
  std::string_view phase;
  std::string_view reason;
};
[[nodiscard]] std::span<const NoStrike> impossible_strikes();

/// Marks the strikes that `action`, taken in the state of `view`, is. Nothing for a row of the protocol.
void note_strikes(const View& view, const Action& action, mc::RuleSet& fired);

}  // namespace raymc
