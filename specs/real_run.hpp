// How a counterexample is made to happen in an unmodified Ray, and what results/executed.tsv, which `./raymc ray
// conduct
// --all` writes, says came of it. For the page of a trace. Of a counterexample without a safeguard that Ray has: how
// Ray is asked to stand, with results/stands.tsv, which `./raymc ray conduct --safeguards` writes.
#pragma once

#include <cstdint>
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

/// What came of a scenario's counterexample in one release, as results/executed.tsv has it.
struct Tried {
  std::string release;
  std::uint64_t tries = 0;
  std::uint64_t happened = 0;
  std::string verdict;  ///< "happened", "went another way", "not conductible"
};

/// One for each release, in the order of the table; none for a line that says something else than its columns.
[[nodiscard]] std::vector<Tried> tried_in(const std::string& scenario, const std::filesystem::path& root);

/// The same for a counterexample in which these safeguards, which Ray has, are off.
[[nodiscard]] mc::RealRun stands_run(const std::vector<std::string>& safeguards, const std::filesystem::path& root);

/// A word as a shell takes it for itself.
[[nodiscard]] std::string shell_word(const std::string& word);

}  // namespace raymc
