#include "checker/report/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "checker/report/headcount.hpp"
#include "checker/report/headline.hpp"
#include "checker/report/trace_text.hpp"
#include "checker/report/trace_views.hpp"

namespace mc {
namespace {

std::string_view sign(const Answer& answer) {
  if (answer.exit_code == 0) return "as expected";
  return answer.exit_code == 20 ? "**undecided**" : "**not as expected**";
}

std::string table(std::span<const Answer> answers) {
  std::string text = "| scenario | | outcome | of | states | depth | explored |\n|---|---|---|---|---:|---:|---|\n";
  for (const Answer& answer : answers) {
    const Verdict& verdict = answer.verdict;
    const std::string violated = verdict.violated.empty() ? "" : " " + markdown(verdict.violated);
    text += fmt::format("| {} | {} | {}{} | {} | {} | {} | {} |\n", markdown(answer.scenario), sign(answer),
                        to_string(verdict.outcome), violated, markdown(answer.system), verdict.states, verdict.depth,
                        markdown(answer.explored));
  }
  return text;
}

std::string step_by_step(const std::string& what, const TraceFile& trace) {
  return "\n<details><summary>" + what + ", step by step</summary>\n\n" +
         fenced("text", text_trace(trace, Colour::kOff)) + "\n</details>\n";
}

std::string details(const Answer& answer) {
  std::string text = fmt::format("\n### {}\n\n{}\n\n{}\n", markdown(answer.scenario), markdown(answer.question),
                                 markdown(headline(answer)));
  for (const std::string& line : answer.comparison.lines) text += "\n* " + markdown(line);
  if (!answer.comparison.lines.empty()) text += "\n";
  if (!answer.trace) return text;
  text += "\n" + fenced("mermaid", mermaid_view(*answer.trace));
  text += step_by_step("the counterexample", *answer.trace);
  for (const TraceFile& trace : answer.other_traces)
    text += step_by_step("also broken: " + markdown(trace.property), trace);
  return text;
}

}  // namespace

std::string markdown(std::string_view text) {
  static constexpr std::string_view kSpecial = "\\`*_{}[]()#+-.!|~@$:";
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else if (c == '&')
      escaped += "&amp;";
    else if (byte < 0x20)
      escaped += ' ';
    else if (kSpecial.find(c) != std::string_view::npos)
      escaped += std::string("\\") + c;
    else
      escaped += c;
  }
  return escaped;
}

std::string fenced(std::string_view language, std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(std::max<std::size_t>(3, longest + 1), '`');
  const bool ended = !text.empty() && text.back() == '\n';
  return fence + std::string(language) + "\n" + std::string(text) + (ended ? "" : "\n") + fence + "\n";
}

std::string markdown_summary(std::span<const Answer> answers, std::span<const Unrun> unrun) {
  std::size_t good = 0;
  for (const Answer& answer : answers) good += answer.exit_code == 0 ? 1 : 0;
  std::string text = fmt::format("## raymc: {} of {} scenarios as expected\n\n", good, answers.size() + unrun.size());
  for (const std::string& line : headcount_lines(answers)) text += "* " + markdown(line) + "\n";
  text += "\n" + table(answers);
  if (!unrun.empty()) text += "\n### No time for\n\n";
  for (const Unrun& scenario : unrun) {
    text += fmt::format("* {}: {}\n", markdown(scenario.path), markdown(scenario.reason));
  }
  std::size_t left_out = 0;
  for (const Answer& answer : answers) {
    if (answer.exit_code == 0) continue;
    const std::string more = details(answer);
    if (text.size() + more.size() > kSummaryBytesMax)
      ++left_out;
    else
      text += more;
  }
  if (left_out > 0) text += fmt::format("\nThe details of {} more did not fit on this page.\n", left_out);
  return text;
}

}  // namespace mc
