// Where answers go: stdout in the chosen format, stderr for measurements, and the files of --out.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "checker/cli/answering.hpp"
#include "checker/cli/command_line.hpp"
#include "checker/cli/console.hpp"
#include "checker/cli/out_folder.hpp"

namespace mc {

/// Takes the answers of one command, one after another, and tells the program's exit code at the end.
/// Files in the folder of --out: NAME.report.json (the answer), NAME.run.json (the measurements) and, with a
/// counterexample, NAME.trace.json; NAME.PROPERTY.trace.json of each other violated property. Without --out nothing is
/// written.
class Delivery {
 public:
  Delivery(const CommandLine& line, Console& console, OutFolder& out) : line_(line), console_(console), out_(out) {}

  /// `stem` names the files.
  void deliver(Answered answered, const std::string& stem);
  /// Ends the command: writes what stands after all answers, and what was not run. Scenarios for which a time budget
  /// had no room are `planned` not to run; others make the command inconclusive. In the format for GitHub the page for
  /// people is added to the file that $GITHUB_STEP_SUMMARY names, and with --out it is SUMMARY.md.
  [[nodiscard]] ExitCode finish(const std::vector<Unrun>& planned, const std::vector<Unrun>& others);

 private:
  /// There was no memory for a report or a file.
  void lack_memory();
  bool write_summary(const std::vector<Unrun>& unrun);
  void write_files(const Answered& answered, const std::string& stem);
  bool write_traces(const Answer& answer, const std::string& stem);

  const CommandLine& line_;
  Console& console_;
  OutFolder& out_;
  std::vector<Answer> answers_;
  ExitCode exit_code_ = ExitCode::kAsExpected;
};

}  // namespace mc
