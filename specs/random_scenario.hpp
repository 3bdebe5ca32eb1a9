// Random valid scenarios, made from the table of keys: the input of audits that must not know what they look for.
// A key, feature, fault, safeguard or property with a row in its table is drawn without further ado; only what names
// something of the scenario itself (a node, a task, an owner) is chosen here, so that the names exist.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "specs/properties/catalogue.hpp"

namespace raymc {

/// The text of scenario `number` under `seed`: a function of both and of the tables, on every machine. It is small (few
/// nodes, tasks and faults) and nearly always one that the loader accepts. `known` are the properties that exist.
[[nodiscard]] std::string random_scenario(std::uint64_t seed, std::uint64_t number, std::span<const Property> known);

}  // namespace raymc
