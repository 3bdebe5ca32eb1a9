// Situations that a scenario wants to be reachable, `[[check.reachable]]`, as properties of kind Reachable.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/situation.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/toml_reader.hpp"

namespace raymc {

inline constexpr std::size_t kSituationsMax = 8;
inline constexpr std::size_t kPhrasesMax = 8;

/// Reads the table's entries `reachable`: each a name of its own and phrases about parts that the scenario has.
[[nodiscard]] std::vector<Situation> read_situations(Diagnosis& diagnosis, const TomlReader& check,
                                                     const Config& config);

/// The situations of the scenario as properties. Their words live as long as `config.situations`.
[[nodiscard]] std::vector<Property> situation_properties(const Config& config);

/// Each phrase of a situation of several phrases as a property of its own, with the situation's name: what says, where
/// the whole never occurs, which part of it does not. Claims are the phrases.
[[nodiscard]] std::vector<std::pair<std::string, Property>> situation_parts(const Config& config);

}  // namespace raymc
