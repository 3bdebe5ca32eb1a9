// The state that stands for all states that renamings make of one: raylets are put in the order of what tells them
// apart without their names, and only among those that nothing tells apart every order is tried.
#pragma once

#include <cstdint>

#include "checker/core/bytes.hpp"
#include "model/config.hpp"
#include "model/renaming.hpp"
#include "model/state.hpp"

namespace raymc {

/// Writes the encoding of the state that stands for `state` and ends with out.finish(): the same for every renaming in
/// `group`. Returns how many different states the renamings make.
/// Cost: one encoding, and one more for each order of those that nothing tells apart.
[[nodiscard]] std::uint32_t canonicalize(const Config& config, const RenamingGroup& group, const State& state,
                                         mc::ByteSink& out);

}  // namespace raymc
