#include "checker/cli/delivery.hpp"

#include <cstdlib>
#include <new>
#include <utility>

#include "checker/engine/memory.hpp"
#include "checker/report/ci_formats.hpp"
#include "checker/report/headcount.hpp"
#include "checker/report/headline.hpp"
#include "checker/report/json.hpp"
#include "checker/report/summary.hpp"
#include "checker/report/text.hpp"

namespace mc {
namespace {

constexpr std::string_view kRuler = "\n--------\n\n";

std::string closing_line(const std::vector<Answer>& answers, const std::vector<Unrun>& unrun) {
  const std::size_t expected = answers.size() + unrun.size();
  std::size_t good = 0;
  for (const Answer& answer : answers) good += answer.exit_code == 0 ? 1 : 0;
  std::string text = std::to_string(expected) + (expected == 1 ? " scenario: " : " scenarios: ") +
                     std::to_string(good) + " as expected";
  if (good < answers.size()) text += ", " + std::to_string(answers.size() - good) + " not";
  if (!unrun.empty()) text += ", " + std::to_string(unrun.size()) + " not run";
  text += "\n";
  for (const std::string& line : headcount_lines(answers)) text += "  " + line + "\n";
  for (const Answer& answer : answers) {
    if (answer.exit_code != 0) text += "  " + answer.path + ": " + headline(answer) + "\n";
  }
  for (const Unrun& scenario : unrun) text += "  " + scenario.path + ": not run: " + scenario.reason + "\n";
  return text;
}

}  // namespace

void Delivery::write_files(const Answered& answered, const std::string& stem) {
  const Answer& answer = answered.answer;
  if (out_.asked()) {
    const std::span<const Answer> one(&answer, 1);
    bool written = out_.write(stem + ".report.json", json_report(one));
    written = written && out_.write(stem + ".run.json", json_run(answer, answered.measured));
    written = written && write_traces(answer, stem);
    if (!written) exit_code_ = worse(exit_code_, ExitCode::kCannotWrite);
    return;
  }
  if (answer.trace && answer.exit_code != 0 && !line_.quiet) console_.say("--out DIR keeps the trace as a file");
}

bool Delivery::write_traces(const Answer& answer, const std::string& stem) {
  bool written = !answer.trace || out_.write(stem + ".trace.json", to_json(*answer.trace));
  for (const TraceFile& trace : answer.other_traces) {
    written = written && out_.write(stem + "." + trace.property + ".trace.json", to_json(trace));
  }
  return written;
}

void Delivery::deliver(Answered answered, const std::string& stem) try {
  const Answer& answer = answered.answer;
  if (line_.format == Format::kText) {
    console_.out.write((answers_.empty() ? "" : std::string(kRuler)) +
                       text_report(answer, console_.colour(), line_.detail));
  }
  if (line_.format == Format::kGithub) console_.out.write(github_report(answer));
  if (!line_.quiet) console_.err.write(measurements_line(answer.scenario, answered.measured));
  exit_code_ = worse(exit_code_, static_cast<ExitCode>(answer.exit_code));
  write_files(answered, stem);
  answers_.push_back(std::move(answered.answer));
} catch (const std::bad_alloc&) {
  lack_memory();
}

void Delivery::lack_memory() {
  console_.say("cannot write the report: " + shortage_words(memory_groups()));
  exit_code_ = worse(exit_code_, ExitCode::kCannotWrite);
}

ExitCode Delivery::finish(const std::vector<Unrun>& planned, const std::vector<Unrun>& others) try {
  std::vector<Unrun> unrun = planned;
  unrun.insert(unrun.end(), others.begin(), others.end());
  if (line_.format == Format::kJson) console_.out.write(json_report(answers_, unrun));
  if (line_.format == Format::kJunit) console_.out.write(junit_report(answers_, unrun));
  if (line_.format == Format::kText && (answers_.size() > 1 || !unrun.empty()))
    console_.out.write((answers_.empty() ? "" : std::string(kRuler)) + closing_line(answers_, unrun));
  if (line_.format == Format::kGithub) {
    for (const Unrun& scenario : unrun) console_.out.write(github_report(scenario));
  }
  // A plan that leaves everything out answers nothing.
  if (!others.empty() || (answers_.empty() && !unrun.empty())) exit_code_ = worse(exit_code_, ExitCode::kInconclusive);
  if (!write_summary(unrun)) exit_code_ = worse(exit_code_, ExitCode::kCannotWrite);
  return exit_code_;
} catch (const std::bad_alloc&) {
  lack_memory();
  return exit_code_;
}

bool Delivery::write_summary(const std::vector<Unrun>& unrun) {
  const char* job = std::getenv("GITHUB_STEP_SUMMARY");
  const bool for_job = line_.format == Format::kGithub && job != nullptr && *job != '\0';
  if (!for_job && !out_.asked()) return true;
  const std::string page = markdown_summary(answers_, unrun);
  bool written = !out_.asked() || out_.write("SUMMARY.md", page);
  if (for_job) {
    const std::optional<std::string> failure = append_file(job, page);
    if (failure) console_.say(*failure);
    written = written && !failure;
  }
  return written;
}

}  // namespace mc
