// The parts of a report that say what a search or a simulation went through: rules, faults by phase, levels.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "checker/core/verdict.hpp"

namespace mc {

/// "12 of 20": how many rules fired, of those that the instance has; empty if there are none. A fault's phases are no
/// rules.
[[nodiscard]] std::string fired_text(std::span<const RuleCount> coverage);

/// How many rules fired and which never did; then each fault with the phases of its victim in which it struck. A rule
/// "crash@leased" is the phase "leased" of the rule "crash". Empty if there are no rules.
[[nodiscard]] std::string coverage_text(std::span<const RuleCount> coverage);

/// The widest levels, and how the search grew. Empty if there is no level.
[[nodiscard]] std::string levels_text(std::span<const std::uint64_t> levels);

}  // namespace mc
