// The compact, canonical bytes of a state and their exact inverse. What a scenario does not use is not encoded.
#pragma once

#include "checker/core/bytes.hpp"
#include "model/config.hpp"
#include "model/state.hpp"

namespace raymc {

/// Writes a normalised state; ends with `out.finish()`.
void encode(const Config& config, const State& state, mc::ByteSink& out);

/// Reads what `encode` wrote under the same config.
[[nodiscard]] State decode(const Config& config, mc::ByteSource& in);

}  // namespace raymc
