// Who may get in whose way from a state on, for stubborn sets (ADR-0016). Looked at are the workers, while they accept
// and run a task, and the GCS, while it learns of a death; everything else is one process that everybody interferes
// with.
#pragma once

#include <cstddef>

#include "checker/core/model.hpp"
#include "model/transition.hpp"

namespace raymc {

/// The process whose action it is.
[[nodiscard]] std::size_t process_of(const Action& action);

/// Those that may get in the way of the process from this state on.
[[nodiscard]] mc::ProcessSet interfering_with(const Config& config, const State& s, std::size_t process);

}  // namespace raymc
