// Which properties a scenario is checked against: what `[check] properties` means. Used by scenario.cpp only.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "specs/properties/catalogue.hpp"
#include "specs/toml_reader.hpp"

namespace raymc {

/// What stands for `[check] properties` where it is left out.
inline constexpr std::string_view kDefaultSelection = "default";

/// True of the properties that "default" stands for, where they apply: those that are judged on states. Properties of
/// liveness need the whole graph in memory, and that a situation is reached is a wish of the scenario's author.
[[nodiscard]] bool is_default(const Property& property);

/// The ids that `entries` select for a scenario that is right so far, each once. Entries are read in their order:
///   "default"   the default properties that apply
///   "all"       those and the properties of liveness that apply
///   "L*"        the properties that apply and whose id begins so
///   "D1.x"      the property of this id, whether it applies or not
///   "-L*", "-D1.x"  none of these: taken from what stands before
/// Without entries: "default". Mistakes go to `diagnosis`; `place` is that of the list.
[[nodiscard]] std::vector<std::string> selected_properties(Diagnosis& diagnosis, Place place,
                                                           const std::vector<PlacedText>& entries, const Config& config,
                                                           std::span<const Property> known);

}  // namespace raymc
