// Writes a scenario's TOML: tables and keys in the order of the table of keys. Used wherever a scenario is made or
// changed by the program: shrinking, restating, random scenarios.
#pragma once

#include <string>

#include "specs/toml_reader.hpp"

namespace raymc {

/// The text of a scenario. Keys that have no row in the table of keys are left out, as are tables without entries.
[[nodiscard]] std::string scenario_text(const toml::table& root);

}  // namespace raymc
