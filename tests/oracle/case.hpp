// A random question for the program: a scenario with properties and bounds, drawn from a seed.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "checker/core/limits.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/scenario.hpp"

namespace raymc::oracle {

using Random = std::mt19937_64;

/// A scenario whose [check] is drawn anew and that declares no bounds and expects nothing.
struct Question {
  std::string text;  ///< as a scenario file
  Scenario scenario;
  std::vector<Property> properties;  ///< in the order of the file
};

/// The text of a scenario file without its tables of these names.
[[nodiscard]] std::string without_tables(const std::string& text, const std::vector<std::string>& names);

/// Asks the scenario, one time in two, for its own properties, else for random ones; `liveness`: some of them over
/// runs. Empty if the loader refuses the text, or nothing is left to ask.
[[nodiscard]] std::optional<Question> draw_question(const std::string& text, bool liveness, Random& random);

/// Bounds at and around the depths and numbers of states of a search that had these levels; one time in four none.
[[nodiscard]] mc::Limits draw_limits(const std::vector<std::uint64_t>& levels, Random& random);

/// The question with the declared ones among the bounds written into it.
[[nodiscard]] std::string with_limits(const std::string& text, const mc::Limits& limits);

/// The bounds that are not declared, as arguments of the program.
[[nodiscard]] std::string limit_arguments(const mc::Limits& limits);

}  // namespace raymc::oracle
