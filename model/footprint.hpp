// What an action of the model touches, for reductions (ADR-0015). The places are processes rather than fields: an
// owner, a raylet, a worker, the GCS; what two of them share in the model although they share nothing in Ray (the ids
// of leases, the slots of workers, whether a peer lives) has places of its own. A row that is not known here touches
// everything.
#pragma once

#include <cstdint>

#include "checker/core/footprint.hpp"
#include "model/transition.hpp"

namespace raymc {

/// Of an action that is enabled in the state.
[[nodiscard]] mc::Footprint footprint_of(const Config& config, const State& s, const Action& action);

/// A number that differs for most different actions.
[[nodiscard]] std::uint64_t label_of(const Action& action);

}  // namespace raymc
