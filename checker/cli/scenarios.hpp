// Where scenarios lie: the project's root, and the files that the arguments of a command mean.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "checker/cli/project.hpp"
#include "checker/core/result.hpp"

namespace mc {

/// Longest scenario file that is read, in bytes.
inline constexpr std::size_t kScenarioBytesMax = 1U << 20U;

/// The folder that holds the project: $RAYMC_ROOT, or the nearest folder above the program or above the working
/// directory that has the scenario folder. The working directory if there is none.
[[nodiscard]] std::filesystem::path project_root(const ProgramInfo& info);

/// The scenario files that the arguments mean: a file is itself, a folder all .toml files below it in the order of
/// their paths; without arguments the default folder. No file at all is an error.
[[nodiscard]] Result<std::vector<std::filesystem::path>> scenario_files(const std::vector<std::string>& arguments,
                                                                        const ProgramInfo& info);

/// A path as reports show it: relative to the root if it lies below it, so that a report is the same on any machine.
[[nodiscard]] std::string shown_path(const std::filesystem::path& path, const std::filesystem::path& root);

/// File stems for what is written about each scenario; the folder's name comes first where stems are equal.
[[nodiscard]] std::vector<std::string> output_stems(const std::vector<std::filesystem::path>& files);

}  // namespace mc
