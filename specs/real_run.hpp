// How a counterexample is made to happen in an unmodified Ray, and what results/executed.tsv, which `./raymc ray
// conduct
// --all` writes, says came of it. For the page of a trace. Of a counterexample without a safeguard that Ray has: how
// Ray is asked to stand, with results/stands.tsv, which `./raymc ray conduct --safeguards` writes.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "checker/core/real_run.hpp"

namespace raymc {

/// The commands for a scenario's counterexample; `settings` are options of the command line, such as "--set fence=off".
/// A table that is missing, or a line of it that says something else than its columns, is as if it said nothing.
[[nodiscard]] mc::RealRun real_run(const std::string& scenario, const std::string& path,
                                   const std::vector<std::string>& settings, const std::filesystem::path& root);

/// The same for a counterexample in which these safeguards, which Ray has, are off.
[[nodiscard]] mc::RealRun stands_run(const std::vector<std::string>& safeguards, const std::filesystem::path& root);

/// A word as a shell takes it for itself.
[[nodiscard]] std::string shell_word(const std::string& word);

}  // namespace raymc
