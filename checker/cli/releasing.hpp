// The command release: the exhaustive suite, scenario by scenario, and the page that a release manager reads.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "checker/cli/command_line.hpp"
#include "checker/cli/console.hpp"
#include "checker/cli/out_folder.hpp"
#include "checker/cli/project.hpp"
#include "checker/report/answer_file.hpp"
#include "checker/report/release.hpp"

namespace mc {

/// The answers that a release left in its folder; an empty folder has none. An error names the file that cannot be
/// read.
[[nodiscard]] Result<std::vector<AnswerFile>> answers_in(const std::filesystem::path& folder);

/// Program, revision, options and machine, as a page shows them.
[[nodiscard]] Facts environment_of(const CommandLine& line, const ProgramInfo& info);

/// Writes everything into the folder: answers/NAME.json, golden.tsv, coverage.tsv, SUMMARY.md and SUMMARY.html. False
/// if something could not be written; that is said.
[[nodiscard]] bool write_release(const ReleasePage& page, const std::vector<std::string>& stems,
                                 const ProgramInfo& info, OutFolder& out);

}  // namespace mc
