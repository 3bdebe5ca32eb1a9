// Reports for continuous integration: JUnit XML and GitHub annotations.
#pragma once

#include <span>
#include <string>

#include "checker/report/answer.hpp"

namespace mc {

/// One document: a suite for each scenario, a case for each property and one for the expectation. Without times, so
/// that it is a function of the answers alone. A trace stands in the text of its failure. What was not run is a suite
/// with one skipped case.
[[nodiscard]] std::string junit_report(std::span<const Answer> answers, std::span<const Unrun> unrun = {});

/// One annotation per scenario: `::notice` if its exit code is 0, `::warning` if it is inconclusive, else `::error`.
[[nodiscard]] std::string github_report(const Answer& answer);

/// The annotation for a scenario that was not run.
[[nodiscard]] std::string github_report(const Unrun& unrun);

}  // namespace mc
