// Reports for programs: JSON, format "raymc.report", version 2; and the run file, format "raymc.run", version 1.
#pragma once

#include <span>
#include <string>

#include "checker/report/answer.hpp"

namespace mc {

/// One document over all answers, in their order, and what was not run. A function of its arguments alone. Its schema
/// is specs/schema/report.schema.json.
[[nodiscard]] std::string json_report(std::span<const Answer> answers, std::span<const Unrun> unrun = {});

/// What was measured while one scenario was checked. Written apart from the answer, for it differs from run to run.
[[nodiscard]] std::string json_run(const Answer& answer, const Measurements& measured);

}  // namespace mc
