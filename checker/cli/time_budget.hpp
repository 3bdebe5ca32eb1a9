// How `check --budget 5m` divides its time among scenarios: by importance, and by what each is known to cost.
// Time is planned as states at a fixed speed, so that the plan is the same on every machine and what there was no time
// for is a function of the command line and the scenarios. The clock is only the last resort.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mc {

/// The speed that a plan assumes: two slow cores.
inline constexpr std::uint64_t kPlannedStatesPerSecond = 100'000;

/// What one scenario asks of the budget.
struct Wish {
  std::uint32_t importance = 1;         ///< 1 or more: its share, against those of the others
  std::optional<std::uint64_t> states;  ///< what the whole search takes, if the scenario says so
  bool whole = false;                   ///< a part of the search is worth nothing
};

/// What one scenario is granted.
struct Grant {
  enum class Kind : std::uint8_t {
    kWhole,  ///< as many states as it has
    kPart,   ///< up to `states`
    kNone,   ///< there is no time for it
  };
  Kind kind = Kind::kWhole;
  std::uint64_t states = 0;
  friend bool operator==(const Grant&, const Grant&) = default;
};

/// Divides the budget: whoever is known to need no more than a fair share gets all that it needs, and what it leaves is
/// shared by the rest. Where only the whole is worth anything and the share is not enough, the least important, and
/// among equals the last, goes without, and its share goes to the others.
[[nodiscard]] std::vector<Grant> divide(std::chrono::milliseconds budget, std::span<const Wish> wishes);

}  // namespace mc
