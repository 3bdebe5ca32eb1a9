#include "checker/report/ci_formats.hpp"

#include <fmt/format.h>

#include "checker/report/headline.hpp"
#include "checker/report/text.hpp"
#include "checker/report/trace_text.hpp"

namespace mc {
namespace {

std::string xml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      default:
        // XML 1.0 has no way to write the other control characters.
        escaped += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
    }
  }
  return escaped;
}

/// Escapes of GitHub's workflow commands; a property's value has two more than a message.
std::string github(std::string_view text, bool is_property) {
  std::string escaped;
  for (const char c : text) {
    if (c == '%')
      escaped += "%25";
    else if (c == '\r')
      escaped += "%0D";
    else if (c == '\n')
      escaped += "%0A";
    else if (is_property && c == ':')
      escaped += "%3A";
    else if (is_property && c == ',')
      escaped += "%2C";
    else
      escaped += c;
  }
  return escaped;
}

/// A name says of which system it is.
std::string suite_name(const Answer& answer) {
  return answer.scenario + " (" + answer.system + ")";
}

struct Cases {
  std::string text;
  std::size_t count = 0;
  std::size_t failures = 0;
  std::size_t skipped = 0;
};

void add_case(Cases& cases, const Answer& answer, std::string_view name, std::string_view inner) {
  ++cases.count;
  cases.text += fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml(suite_name(answer)), xml(name));
  cases.text += inner.empty() ? "/>\n" : fmt::format(">\n{}    </testcase>\n", inner);
}

/// A violation that the scenario expects is no failure: then the expectation's case says so.
void add_property(Cases& cases, const Answer& answer, std::size_t index) {
  const Judgement& judgement = answer.verdict.judgements[index];
  std::string words = judgement_words(judgement, answer.verdict);
  const std::vector<std::string> culprits = culprits_of(answer, judgement.property);
  for (std::size_t i = 0; i < culprits.size(); ++i) words += (i == 0 ? ": " : "; ") + culprits[i];
  const std::string& claim = answer.claims[index];
  const std::string message = xml(words + (culprits.empty() ? ": " + claim : " (claim: " + claim + ")"));
  const bool broken = judgement.outcome == Outcome::kViolated || judgement.outcome == Outcome::kUnreached;
  std::string inner;
  if (broken && answer.exit_code != 0) {
    ++cases.failures;
    const TraceFile* const trace = trace_of(answer, judgement.property);
    inner = fmt::format("      <failure message=\"{}\">{}</failure>\n", message,
                        trace != nullptr ? xml(text_trace(*trace, Colour::kOff)) : "");
  } else if (broken || judgement.outcome == Outcome::kInconclusive) {
    ++cases.skipped;
    inner = fmt::format("      <skipped message=\"{}\"/>\n", message);
  }
  add_case(cases, answer, judgement.property, inner);
}

void add_outcome(Cases& cases, const Answer& answer) {
  std::string inner;
  if (answer.exit_code != 0) {
    ++cases.failures;
    std::string lines;
    for (const std::string& line : answer.comparison.lines) lines += line + "\n";
    inner = fmt::format("      <failure message=\"{}\">{}</failure>\n", xml(headline(answer)), xml(lines));
  }
  add_case(cases, answer, "outcome", inner);
}

}  // namespace

std::string junit_report(std::span<const Answer> answers, std::span<const Unrun> unrun) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"raymc\">\n";
  for (const Answer& answer : answers) {
    Cases cases;
    for (std::size_t i = 0; i < answer.verdict.judgements.size(); ++i) add_property(cases, answer, i);
    add_outcome(cases, answer);
    text += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n",
                        xml(suite_name(answer)), cases.count, cases.failures, cases.skipped);
    text += "    <properties>\n";
    text += fmt::format("      <property name=\"question\" value=\"{}\"/>\n", xml(answer.question));
    for (const auto& [name, value] : answer.facts) {
      text += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", xml(name), xml(value));
    }
    text += fmt::format("      <property name=\"verdict\" value=\"{}\"/>\n", xml(headline(answer)));
    for (const std::string& warning : answer.warnings) {
      text += fmt::format("      <property name=\"warning\" value=\"{}\"/>\n", xml(warning));
    }
    text += fmt::format("      <property name=\"explored\" value=\"{}\"/>\n", xml(answer.explored));
    text += "    </properties>\n" + cases.text + "  </testsuite>\n";
  }
  for (const Unrun& scenario : unrun) {
    text += fmt::format(
        "  <testsuite name=\"{0}\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"1\">\n"
        "    <testcase classname=\"{0}\" name=\"outcome\">\n      <skipped message=\"not run: {1}\"/>\n"
        "    </testcase>\n  </testsuite>\n",
        xml(scenario.scenario), xml(scenario.reason));
  }
  return text + "</testsuites>\n";
}

std::string github_report(const Answer& answer) {
  const std::string_view level = answer.exit_code == 0 ? "notice" : answer.exit_code == 20 ? "warning" : "error";
  std::string message =
      fmt::format("{} ({} states, {} transitions, depth {}; explored: {})", headline(answer), answer.verdict.states,
                  answer.verdict.transitions, answer.verdict.depth, answer.explored);
  for (const std::string& culprit : culprits_of(answer, answer.verdict.violated)) message += "\n" + culprit;
  for (const std::string& warning : answer.warnings) message += "\nwarning: " + warning;
  for (const std::string& line : answer.comparison.lines) message += "\n" + line;
  if (answer.exit_code != 0) {
    if (answer.trace) message += "\n" + text_trace(*answer.trace, Colour::kOff);
    for (const TraceFile& trace : answer.other_traces) message += "\n" + text_trace(trace, Colour::kOff);
  }
  return fmt::format("::{} file={},title={}::{}\n", level, github(answer.path, true),
                     github("raymc " + answer.scenario, true), github(message, false));
}

std::string github_report(const Unrun& unrun) {
  return fmt::format("::warning file={},title={}::{}\n", github(unrun.path, true),
                     github("raymc " + unrun.scenario, true), github("not run: " + unrun.reason, false));
}

}  // namespace mc
