// The [shape] table of a scenario: reading it and finding contradictions in it. Used by scenario.cpp only.
#pragma once

#include "model/shape.hpp"
#include "specs/toml_reader.hpp"

namespace raymc {

/// Reads [shape] with its owners and tasks; mistakes go to `diagnosis`.
[[nodiscard]] Shape read_shape(Diagnosis& diagnosis, const toml::table& table);

/// Keys whose CPUs a scenario lists: those that its tasks have, two at least.
[[nodiscard]] std::size_t keys_shown(const Shape& shape);

}  // namespace raymc
