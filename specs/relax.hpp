// Wider scenarios from a scenario's text, one step at a time: what would have to be different for a run to be possible
// that is not. Used by the command conform; specs/shrink.* does the opposite.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace raymc {

/// A scenario with one thing more or one safeguard the other way.
struct WiderScenario {
  std::string what;  ///< "one more worker_crash", "lease expiry"
  std::string text;
  std::vector<std::pair<std::string, bool>> settings;  ///< safeguards to be switched
};

/// Every single step, the smallest first: order of messages, lease expiry, one more of a fault, a feature, a safeguard.
/// `text` must be a scenario.
[[nodiscard]] std::vector<WiderScenario> wider_scenarios(std::string_view text);

}  // namespace raymc
