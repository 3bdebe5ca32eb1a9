#include "checker/report/release.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "checker/report/coverage_text.hpp"
#include "checker/report/headcount.hpp"
#include "checker/report/headline.hpp"
#include "checker/report/progress.hpp"
#include "checker/report/summary.hpp"
#include "checker/report/trace_text.hpp"

namespace mc {
namespace {

std::string seconds_text(double seconds) {
  return seconds < 120 ? fmt::format("{:.1f} s", seconds) : fmt::format("{:.1f} min", seconds / 60);
}

std::string answers_table(const ReleasePage& page) {
  std::string text =
      "| scenario | | outcome | of | states | transitions | depth | explored | rules fired "
      "|\n|---|---|---|---|---:|---:|---:|---|---:|\n";
  for (const AnswerFile& file : page.answers) {
    const Answer& answer = file.answer;
    const Verdict& verdict = answer.verdict;
    text += fmt::format("| {} | {} | {} {} | {} | {} | {} | {} | {} | {} |\n", markdown(answer.scenario),
                        answer.exit_code == 0 ? "as expected" : "**not as expected**", to_string(verdict.outcome),
                        markdown(verdict.violated), markdown(answer.system), verdict.states, verdict.transitions,
                        verdict.depth, markdown(answer.explored), fired_text(verdict.coverage));
  }
  return text;
}

/// What is known to be wrong, before anything that is right.
std::string open_part(const ReleasePage& page) {
  if (!page.open_violations) return {};
  std::string text = "## Open violations\n\n";
  if (page.open_violations->empty()) return text + "None is known.\n\n";
  text += "| violation | status | thread | what it takes | in a running system | page |\n|---|---|---|---|---|---|\n";
  for (const OpenViolation& open : *page.open_violations) {
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", markdown(open.name), markdown(open.status),
                        markdown(open.threads), markdown(open.needs), markdown(open.executed), markdown(open.page));
  }
  return text + "\n";
}

std::string findings_part(const ReleasePage& page) {
  std::string text;
  for (const AnswerFile& file : page.answers) {
    const Answer& answer = file.answer;
    if (answer.verdict.outcome == Outcome::kHolds || answer.verdict.outcome == Outcome::kHoldsWithinBounds) continue;
    text += fmt::format("\n### {}\n\n{}\n\n{}\n", markdown(answer.scenario), markdown(answer.question),
                        markdown(headline(answer)));
    if (answer.trace)
      text += "\n<details><summary>step by step</summary>\n\n" +
              fenced("text", text_trace(*answer.trace, Colour::kOff)) + "\n</details>\n";
    for (const TraceFile& trace : answer.other_traces)
      text += "\n<details><summary>also broken: " + markdown(trace.property) + "</summary>\n\n" +
              fenced("text", text_trace(trace, Colour::kOff)) + "\n</details>\n";
  }
  return "\n## Findings\n" + (text.empty() ? "\nNone: no property is broken.\n" : text);
}

std::string differences_part(const ReleasePage& page) {
  if (!page.differences) return {};
  std::string text = "\n## Against last time\n";
  if (page.differences->empty()) return text + "\nNothing differs.\n";
  for (const Difference& difference : *page.differences) {
    text += "\n### " + markdown(difference.path) + "\n\n";
    for (const std::string& line : difference.what) text += "* " + markdown(line) + "\n";
    text += "\nbecause\n\n";
    for (const std::string& line : difference.why) text += "* " + markdown(line) + "\n";
  }
  return text;
}

std::string first_value(const char* path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || line.compare(0, key.size(), key) != 0) continue;
    const std::size_t value = line.find_first_not_of(" \t", colon + 1);
    return value == std::string::npos ? "" : line.substr(value);
  }
  return "unknown";
}

}  // namespace

std::string release_sentence(const ReleasePage& page) {
  const auto bad = static_cast<std::size_t>(std::count_if(
      page.answers.begin(), page.answers.end(), [](const AnswerFile& file) { return file.answer.exit_code != 0; }));
  if (bad > 0) return fmt::format("not ready: {} of {} scenarios are not as expected", bad, page.answers.size());
  if (!page.unrun.empty()) return fmt::format("not ready: {} scenarios were not run", page.unrun.size());
  const std::size_t unexplained =
      !page.differences ? 0
                        : static_cast<std::size_t>(std::count_if(page.differences->begin(), page.differences->end(),
                                                                 [](const Difference& d) { return !d.explained; }));
  if (unexplained > 0) return fmt::format("not ready: {} differences against last time are unexplained", unexplained);
  std::string text = fmt::format("all {} scenarios are as expected", page.answers.size());
  if (!page.open_violations) return text;
  const std::size_t open = page.open_violations->size();
  return text + (open == 0 ? "; no violation is known to be open"
                           : fmt::format("; {} known {} open", open, open == 1 ? "violation is" : "violations are"));
}

std::vector<std::string> headcount_lines(const ReleasePage& page) {
  Headcount count;
  for (const AnswerFile& file : page.answers) count.add(file.answer);
  return count.lines();
}

bool stands_in_the_way(const ReleasePage& page) {
  return release_sentence(page).starts_with("not ready");
}

std::string release_markdown(const ReleasePage& page) {
  std::string text =
      "# Release check\n\n**" + markdown(release_sentence(page)) + "**\n\n" + open_part(page) + "## Scenarios\n\n";
  for (const std::string& line : headcount_lines(page)) text += "* " + markdown(line) + "\n";
  text += "\n" + answers_table(page);
  for (const Unrun& scenario : page.unrun)
    text += fmt::format("\nNot run: {}: {}\n", markdown(scenario.path), markdown(scenario.reason));
  text += findings_part(page);
  text += differences_part(page);
  text += "\n## Levels and coverage\n";
  for (const AnswerFile& file : page.answers) {
    const std::vector<std::uint64_t>& levels = file.answer.verdict.levels;
    text += "\n### " + markdown(file.answer.scenario) + "\n\n" +
            fenced("text", "states per level, from depth 0 on\n  " + bars(levels, levels.size()) + "\n" +
                               levels_text(levels) + coverage_text(file.answer.verdict.coverage));
  }
  text += "\n## Run\n\n| | |\n|---|---|\n";
  for (const auto& [name, value] : page.environment)
    text += fmt::format("| {} | {} |\n", markdown(name), markdown(value));
  text +=
      "\n| scenario | time | states/s | store | odds of an omitted state | peak memory "
      "|\n|---|---:|---:|---|---:|---:|\n";
  for (const AnswerFile& file : page.answers) {
    const Measurements& measured = file.measured;
    const double speed = measured.seconds > 0 ? static_cast<double>(measured.states) / measured.seconds : 0.0;
    text += fmt::format("| {} | {} | {:.0f} | {} | {} | {:.0f} MiB |\n", markdown(file.answer.scenario),
                        seconds_text(measured.seconds), speed, markdown(measured.store),
                        measured.omission_odds > 0 ? fmt::format("at most {:.1e}", measured.omission_odds) : "none",
                        static_cast<double>(measured.peak_resident_bytes) / (1024.0 * 1024.0));
  }
  return text;
}

Facts machine_facts() {
  utsname system{};
  static_cast<void>(::uname(&system));
  const auto pages = static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PHYS_PAGES)));
  const auto page_bytes = static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PAGESIZE)));
  return {{"processor", first_value("/proc/cpuinfo", "model name")},
          {"processors", std::to_string(std::thread::hardware_concurrency())},
          {"memory", fmt::format("{:.1f} GiB", static_cast<double>(pages * page_bytes) / (1024.0 * 1024.0 * 1024.0))},
          {"system", fmt::format("{} {} {}", system.sysname, system.release, system.machine)}};
}

}  // namespace mc
