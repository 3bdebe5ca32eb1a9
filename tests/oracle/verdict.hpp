// What the report of a search must say, from the explored graph and the definitions alone.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "tests/oracle/explore.hpp"

namespace raymc::oracle {

/// Verdict, counts, depth and the status of each property, under the names that `raymc check --format json` gives them,
/// and the exit code of a scenario without an expectation.
[[nodiscard]] nlohmann::json expected_answer(const Explored& explored, std::span<const Property> properties);

/// The same of a search that must be refused: properties of liveness with a store that keeps no encodings.
[[nodiscard]] nlohmann::json refused_answer(const RayModel& model, std::span<const Property> properties);

/// The fields of the program's answer that `expected_answer` speaks of.
[[nodiscard]] nlohmann::json compared_part(const nlohmann::json& answer);

/// The fields in which two answers differ, each with both values: "states: oracle 12, raymc 13".
[[nodiscard]] std::vector<std::string> differences(const nlohmann::json& expected, const nlohmann::json& actual);

}  // namespace raymc::oracle
