// The compact, canonical bytes of a state and their exact inverse. What a scenario does not use is not encoded.
// What a state consists of is said in model/layout.hpp alone.
#pragma once

#include "checker/core/bytes.hpp"
#include "model/config.hpp"
#include "model/packed.hpp"
#include "model/renaming.hpp"
#include "model/state.hpp"

namespace raymc {

/// Writes a normalised state.
void encode(const Config& config, const State& state, Packed& out);

/// Writes what becomes of a normalised state when its things are renamed.
void encode_renamed(const Config& config, const State& state, const Renaming& renaming, Packed& out);

/// Appends a normalised state, in whole bytes.
void encode(const Config& config, const State& state, mc::ByteSink& out);

/// Reads what `encode` wrote under the same config.
[[nodiscard]] State decode(const Config& config, mc::ByteSource& in);

}  // namespace raymc
