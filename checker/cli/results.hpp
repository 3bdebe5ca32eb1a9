// The tables of results/: what every scenario answers and which rules it fires. Generated, reviewed, never edited.
#pragma once

#include <span>
#include <string>

#include "checker/cli/losses.hpp"
#include "checker/cli/project.hpp"
#include "checker/report/answer.hpp"

namespace mc {

/// One line per scenario: path, outcome, property, states, transitions, depth, length of the trace.
[[nodiscard]] std::string golden_table(std::span<const Answer> answers, const ProgramInfo& info);

/// One line per rule: its id, how often it fired over all scenarios, and in each of them.
[[nodiscard]] std::string coverage_table(std::span<const Answer> answers, const ProgramInfo& info);

/// One line per safeguard: what notices its loss, how deep, in which scenario, and how many were tried.
[[nodiscard]] std::string losses_table(std::span<const Loss> losses, const ProgramInfo& info);

}  // namespace mc
