// Whether two places of the model could change their names without anybody noticing, so that either of two real things
// may stand at either place.
#pragma once

#include "model/config.hpp"
#include "model/log/book.hpp"
#include "model/state.hpp"

namespace raymc {

/// Only workers and lease requests are exchanged, and only such as there are; for others the answer is no.
[[nodiscard]] bool interchangeable(const Config& config, const State& state, LogSort sort, std::uint8_t a,
                                   std::uint8_t b);

}  // namespace raymc
