// The command line as data: which command, with which options. Knows CLI11, as trace_line.cpp does.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "checker/cli/exit_code.hpp"
#include "checker/cli/project.hpp"
#include "checker/cli/trace_line.hpp"
#include "checker/core/limits.hpp"
#include "checker/engine/options.hpp"
#include "checker/engine/walk_options.hpp"
#include "checker/report/text.hpp"
#include "checker/store/visited_set.hpp"

namespace mc {

enum class Command : std::uint8_t {
  kCheck,
  kTrace,
  kReplay,
  kAudit,
  kList,
  kExplain,
  kSafeguards,
  kResults,
  kSimulate,
  kGraph,
  kExplore,
  kRelease,
  kConform
};
enum class Format : std::uint8_t { kText, kJson, kJunit, kGithub };

/// Of audit: which random scenarios, instead of files.
struct RandomAuditLine {
  std::uint64_t count = 0;  ///< 0: files
  std::uint64_t first = 0;
  std::uint64_t seed = 1;
};

/// What the command conform reads and writes; the logs stand in `scenarios`.
struct ConformLine {
  std::string scenario;        ///< empty: one that is drawn from the record
  std::string release;         ///< empty: as the logs say
  std::string record;          ///< where the record goes; empty: nowhere
  std::string write_scenario;  ///< where the scenario goes; empty: nowhere
  std::int64_t slack = 50;     ///< milliseconds by which clocks may be apart; below 0: they are not looked at
  std::size_t nodes_max = 2'000'000;
  bool redact = false;
  bool verbose = false;
};

/// A command with its options; each command reads those that it offers.
struct CommandLine {
  Command command = Command::kCheck;
  std::vector<std::string> scenarios;  ///< files and folders; none: the default folder
  std::string subject;                 ///< the trace file, the kind of list or the id
  unsigned threads = 0;                ///< 0: one per processor
  StoreKind store = StoreKind::kExact;
  std::optional<bool> symmetry;  ///< instead of what the scenario says
  Limits limits;                 ///< of the command line: none of them is declared
  bool strict = false;           ///< of check: a warning about vacuity is as bad as what was never reached
  bool keep_going = false;       ///< of check: find a violation of every property
  Format format = Format::kText;
  Detail detail = Detail::kUsual;  ///< of check: of reports as text
  std::optional<std::filesystem::path> out;
  std::string profile;                              ///< replaces the scenarios' own; empty: it does not
  std::vector<std::string> sets;                    ///< single switches as they were given: "fence=off"
  Settings settings;                                ///< the profile's, then single ones
  std::optional<std::chrono::milliseconds> budget;  ///< of check: for all scenarios together
  std::string budget_text;                          ///< as it was given
  std::optional<std::filesystem::path> checkpoint;  ///< folder in which each scenario has one of its own
  std::chrono::milliseconds checkpoint_every{std::chrono::minutes(1)};
  bool resume = false;
  FrontierPlace frontier = FrontierPlace::kAuto;
  std::filesystem::path disk;                    ///< for what is not kept in memory
  bool disk_asked = false;                       ///< it was given, and is not that of temporary files
  std::optional<std::filesystem::path> compare;  ///< of release: the folder of the last one
  WalkOptions walk;                              ///< of simulate; threads and what it tells are set elsewhere
  RandomAuditLine random;
  bool quiet = false;
  TraceLine trace;
  ConformLine conform;

  /// The options that change the question, as they were given: "--set fence=off", "--depth-max 5".
  [[nodiscard]] std::vector<std::string> overrides() const;
};

/// A command, or what to print instead and the code to exit with.
struct ParsedCommandLine {
  std::optional<CommandLine> line;
  std::string out;  ///< for stdout: help, version
  std::string err;  ///< for stderr: a mistake
  ExitCode exit_code = ExitCode::kAsExpected;
};

/// Reads the arguments, without the program's name. `settings_known` are the ids that --set takes.
[[nodiscard]] ParsedCommandLine parse_command_line(const ProgramInfo& info, const std::vector<std::string>& arguments,
                                                   const std::vector<std::string>& settings_known,
                                                   const std::vector<Profile>& profiles);

}  // namespace mc
