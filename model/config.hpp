// Everything about a run that is constant while it is searched: shape, initial fault budget, safeguards.
#pragma once

#include "model/budget.hpp"
#include "model/safeguards.hpp"
#include "model/shape.hpp"

namespace raymc {

struct Config {
  Shape shape;
  Budget budget;  ///< what the initial state starts with
  SafeguardSet safeguards = SafeguardSet::pinned();

  [[nodiscard]] bool has(Safeguard safeguard) const { return safeguards.has(safeguard); }
};

}  // namespace raymc
