// What raymc has found in Ray: the scenarios that say so, how each stands, what it takes, and what came of it in a
// stock Ray. results/findings.md is this table.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checker/core/open_violation.hpp"
#include "checker/core/result.hpp"
#include "specs/scenario.hpp"

namespace raymc {

/// The scenarios below `root`/specs/scenarios that have a finding, by status and then by name. The error is that of the
/// first file that is no scenario.
[[nodiscard]] mc::Result<std::vector<Scenario>> judged_scenarios(const std::filesystem::path& root,
                                                                 std::span<const Property> known);

/// All of them.
[[nodiscard]] std::vector<mc::OpenViolation> known_violations(const std::vector<Scenario>& judged,
                                                              const std::filesystem::path& root);

/// Those that Ray as it is has, without a condition or under one, for the page of a release.
[[nodiscard]] std::vector<mc::OpenViolation> open_violations(const std::vector<Scenario>& judged,
                                                             const std::filesystem::path& root);

/// Markdown about Ray at a revision, one table for each status. What happened in a stock Ray is read from
/// `root`/results/executed.tsv, and a report is one of `root`/results/reports.
[[nodiscard]] std::string findings_table(const std::vector<Scenario>& scenarios, const std::string& revision,
                                         const std::filesystem::path& root);

}  // namespace raymc
