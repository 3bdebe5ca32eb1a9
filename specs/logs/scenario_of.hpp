// The question that a recorded session asks, as a scenario: its cluster, its tasks, the faults that it shows and one
// more of each, and every feature that its lines need.
#pragma once

#include <string>
#include <vector>

#include "checker/conform/record.hpp"
#include "checker/core/result.hpp"

namespace raymc {

/// A scenario's text.
struct RecordedScenario {
  std::string text;
  std::vector<std::string> notes;  ///< what the scenario cannot say as it was
  std::string no_room;             ///< then there is no text: of what there is more than the model holds
};

/// An error: what a scenario cannot say.
[[nodiscard]] mc::Result<RecordedScenario> scenario_of(const mc::RecordFile& record, const std::string& file);

}  // namespace raymc
