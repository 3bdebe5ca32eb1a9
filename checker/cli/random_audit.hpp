// The command audit over random scenarios: each gets a full audit in a process of its own; one that fails is told in a
// line with the command that repeats it, and shown as small as it can be made.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "checker/audit/full_audit.hpp"
#include "checker/cli/command_line.hpp"
#include "checker/cli/console.hpp"
#include "checker/cli/isolated_jobs.hpp"
#include "checker/cli/out_folder.hpp"
#include "checker/cli/project.hpp"
#include "checker/report/signals.hpp"

namespace mc {

/// One run of `audit --random`. Its output is the same on any number of threads.
template <Project P>
class RandomAudit {
 public:
  RandomAudit(const P& project, const CommandLine& line, Console& console, OutFolder& out)
      : project_(project),
        line_(line.random),
        threads_(line.threads),
        quiet_(line.quiet),
        console_(console),
        out_(out) {}

  [[nodiscard]] ExitCode run() {
    if (out_.asked()) return write();
    const OrderlyEnd orderly;
    const unsigned threads = threads_ > 0 ? threads_ : std::max(1U, std::thread::hardware_concurrency());
    run_isolated(
        line_.first, line_.count, threads, [this](std::uint64_t number) { return audited(text_of(number)).text(); },
        [this](const JobEnd& end) { take(end); }, console_.cancel);
    if (console_.interrupted()) console_.say("interrupted");
    console_.out.write(summary());
    if (total_.failed > 0) return ExitCode::kInternal;
    return console_.interrupted() ? ExitCode::kInconclusive : ExitCode::kAsExpected;
  }

 private:
  static constexpr std::uint64_t kShownMax = 10;
  static constexpr std::size_t kShrinkingMax = 300;

  /// What is known of one scenario; as text, it goes through a pipe.
  struct Outcome {
    bool refused = false;
    std::uint64_t audited = 0;
    std::uint64_t compared = 0;
    bool renamed = false;
    std::vector<std::string> faults;

    [[nodiscard]] std::string text() const {
      std::string text = std::to_string(refused ? 1 : 0) + " " + std::to_string(audited) + " " +
                         std::to_string(compared) + " " + std::to_string(renamed ? 1 : 0);
      for (const std::string& fault : faults) text += "\n" + fault;
      return text;
    }
  };
  /// The counts and the faults in a text that `Outcome::text` gave.
  static Outcome outcome_of(const JobEnd& end) {
    Outcome outcome;
    if (end.died) {
      outcome.faults.push_back("audit.ends: " + end.text);
      return outcome;
    }
    std::istringstream lines(end.text);
    lines >> outcome.refused >> outcome.audited >> outcome.compared >> outcome.renamed;
    std::string line;
    for (std::getline(lines, line); std::getline(lines, line);) outcome.faults.push_back(line);
    return outcome;
  }

  [[nodiscard]] std::string text_of(std::uint64_t number) const { return project_.random_scenario(line_.seed, number); }
  [[nodiscard]] std::string name_of(std::uint64_t number) const {
    return "random-" + std::to_string(line_.seed) + "-" + std::to_string(number);
  }

  [[nodiscard]] Outcome audited(const std::string& text) const {
    const auto parsed = project_.parse(text, "random.toml", {});
    Outcome outcome;
    outcome.refused = !parsed.ok();
    if (outcome.refused) return outcome;
    const auto& instance = parsed.value();
    AuditSummary summary =
        FullAudit(instance.model, std::span(std::as_const(instance.properties)), instance.limits, AuditEffort{}, 1)
            .run();
    return {false, summary.audited, summary.compared, summary.renamings > 1, std::move(summary.faults)};
  }

  void take(const JobEnd& end) {
    const Outcome outcome = outcome_of(end);
    ++total_.scenarios;
    total_.refused += outcome.refused ? 1 : 0;
    total_.renamed += outcome.renamed ? 1 : 0;
    total_.audited += outcome.audited;
    total_.compared += outcome.compared;
    if (!outcome.faults.empty()) show(end.number, outcome);
    constexpr std::uint64_t kEvery = 1000;
    if (!quiet_ && total_.scenarios % kEvery == 0) console_.say(std::to_string(total_.scenarios) + " scenarios");
  }

  void show(std::uint64_t number, const Outcome& outcome) {
    ++total_.failed;
    std::string text = "scenario " + std::to_string(number) + ": " + outcome.faults.front() +
                       "; repeat with: " + project_.info().name + " audit --seed " + std::to_string(line_.seed) +
                       " --only " + std::to_string(number) + "\n";
    if (total_.failed <= kShownMax) text += "\n" + shrunk(text_of(number), id_of(outcome)) + "\n";
    console_.out.write(text);
  }

  /// The check that failed first.
  static std::string id_of(const Outcome& outcome) {
    return outcome.faults.empty() ? "" : outcome.faults.front().substr(0, outcome.faults.front().find_first_of(" :"));
  }
  /// The smallest scenario found, by taking away one thing at a time, in which the same check fails first.
  [[nodiscard]] std::string shrunk(std::string text, const std::string& id) const {
    std::size_t tried = 0;
    for (bool smaller = true; smaller && tried < kShrinkingMax;) {
      smaller = false;
      for (const Reduction& reduction : project_.reductions(text)) {
        if (tried == kShrinkingMax || console_.interrupted()) break;
        ++tried;
        std::string found;
        run_isolated(
            0, 1, 1, [&](std::uint64_t) { return audited(reduction.text).text(); },
            [&](const JobEnd& end) { found = id_of(outcome_of(end)); }, console_.cancel);
        if (found != id) continue;
        text = reduction.text;
        smaller = true;
        break;
      }
    }
    return text;
  }

  [[nodiscard]] ExitCode write() {
    for (std::uint64_t i = 0; i < line_.count; ++i) {
      const std::uint64_t number = line_.first + i;
      if (!out_.write(name_of(number) + ".toml", text_of(number))) return ExitCode::kCannotWrite;
    }
    return ExitCode::kAsExpected;
  }

  [[nodiscard]] std::string summary() const {
    const auto lines = [](std::string_view name, std::uint64_t value) {
      return std::string(name) + "\t" + std::to_string(value) + "\n";
    };
    const ProgramInfo info = project_.info();
    const std::string made = "# " + info.name + " " + info.version + ", " + info.revision_label + " " + info.revision;
    return made + "\n" + lines("seed", line_.seed) + lines("scenarios", total_.scenarios) +
           lines("refused", total_.refused) + lines("with renamings", total_.renamed) +
           lines("states under audit", total_.audited) + lines("states compared", total_.compared) +
           lines("failed", total_.failed);
  }

  struct Total {
    std::uint64_t scenarios = 0;
    std::uint64_t refused = 0;
    std::uint64_t renamed = 0;
    std::uint64_t audited = 0;
    std::uint64_t compared = 0;
    std::uint64_t failed = 0;
  };

  const P& project_;
  const RandomAuditLine& line_;
  unsigned threads_;
  bool quiet_;
  Console& console_;
  OutFolder& out_;
  Total total_;
};

}  // namespace mc
