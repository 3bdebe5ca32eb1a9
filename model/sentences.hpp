// What a step did, in one sentence. A row's own sentence says what its rule usually does; where that depends on the
// state, or on what else the step set off, the sentence is made of the two states.
#pragma once

#include <string>

#include "model/transition.hpp"

namespace raymc {

/// The sentence of the action that leads from `before` to `after`, without what it is bound to.
[[nodiscard]] std::string sentence_between(const Config& config, const State& before, const State& after,
                                           const Action& action);

}  // namespace raymc
