#include "checker/report/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "checker/report/coverage_text.hpp"
#include "checker/report/headline.hpp"
#include "checker/report/trace_text.hpp"

namespace mc {
namespace {

constexpr std::size_t kLabelWidth = 12;
std::string_view colour_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kHolds:
    case Outcome::kHoldsWithinBounds: return kGreen;
    case Outcome::kViolated:
    case Outcome::kUnreached: return kRed;
    case Outcome::kInconclusive: return kYellow;
  }
  return kYellow;
}

std::string row(std::string_view label, std::string_view value) {
  return fmt::format("{:<{}}{}\n", label, kLabelWidth, value);
}

std::string symmetry_part(const Answer& answer) {
  if (!answer.symmetry) return {};
  if (!answer.symmetry->used) return row("symmetry", "not used: " + answer.symmetry->refused);
  return row("symmetry", fmt::format("{} renamings, {} representatives explored", answer.symmetry->renamings,
                                     answer.representatives));
}

/// What stands for a property about which a search with a violation says nothing.
constexpr std::string_view kNotJudged = "not judged";

bool says_not_judged(const Verdict& verdict) {
  return verdict.outcome == Outcome::kViolated &&
         std::any_of(verdict.judgements.begin(), verdict.judgements.end(),
                     [](const Judgement& judgement) { return judgement.outcome == Outcome::kInconclusive; });
}

std::string properties_part(const Answer& answer, Colour colour) {
  std::string text = "\nproperties\n";
  std::size_t words_width = 0;
  std::size_t id_width = 0;
  for (const Judgement& judgement : answer.verdict.judgements) {
    words_width = std::max(words_width, judgement_words(judgement, answer.verdict).size());
    id_width = std::max(id_width, judgement.property.size());
  }
  for (std::size_t i = 0; i < answer.verdict.judgements.size(); ++i) {
    const Judgement& judgement = answer.verdict.judgements[i];
    const std::string words = fmt::format("{:<{}}", judgement_words(judgement, answer.verdict), words_width);
    text += fmt::format("  {}  {:<{}}  {:<10}  {}\n", painted(words, colour_of(judgement.outcome), colour),
                        judgement.property, id_width, to_string(judgement.kind), answer.claims[i]);
  }
  if (says_not_judged(answer.verdict)) {
    const bool stopped = answer.verdict.reason == kStoppedAtViolation;
    text += fmt::format("  {}: {}{}\n", kNotJudged, answer.verdict.reason, stopped ? "; --keep-going goes on" : "");
  }
  return text;
}

/// What stands right below the headline: how it compares with what was expected.
std::string comparison_part(const Comparison& comparison, Colour colour) {
  const auto joined = [&comparison](std::string_view separator) {
    std::string text;
    for (const std::string& line : comparison.lines) text += (text.empty() ? "" : std::string(separator)) + line;
    return text;
  };
  const std::string below = comparison.lines.empty() ? "" : "  " + joined("\n  ") + "\n";
  switch (comparison.kind) {
    case Comparison::Kind::kNone: return "expectation: the scenario states none\n";
    case Comparison::Kind::kNotCompared:
      return "expectation: not compared, the question was changed by " + joined(" ") + "\n";
    case Comparison::Kind::kMet: return "expectation: " + painted("met", kGreen, colour) + "\n" + below;
    case Comparison::Kind::kUndecided: return "expectation: " + painted("not decided", kYellow, colour) + "\n" + below;
    case Comparison::Kind::kMissed: break;
  }
  return "expectation: " + painted("not met", kRed, colour) + "\n" + below;
}

}  // namespace

std::string judgement_words(const Judgement& judgement, const Verdict& verdict) {
  if (judgement.kind == PropertyKind::kReachable && judgement.outcome == Outcome::kHolds) {
    return fmt::format("reached at depth {}", judgement.depth);
  }
  if (judgement.outcome == Outcome::kViolated) return fmt::format("violated at depth {}", judgement.depth);
  if (judgement.outcome == Outcome::kUnreached) return "never reached";
  if (judgement.outcome == Outcome::kInconclusive) {
    return verdict.outcome == Outcome::kViolated ? std::string(kNotJudged) : "not decided";
  }
  return std::string(to_string(judgement.outcome));
}

std::string text_report(const Answer& answer, Colour colour, Detail detail) {
  const Verdict& verdict = answer.verdict;
  const std::string line = headline(answer);
  const std::size_t word = to_string(verdict.outcome).size();
  std::string text = painted(line.substr(0, word), colour_of(verdict.outcome), colour) + line.substr(word) + "\n";
  for (const std::string& culprit : culprits_of(answer, verdict.violated)) text += "  " + culprit + "\n";
  for (const std::string& warning : answer.warnings)
    text += painted("warning", kYellow, colour) + ": " + warning + "\n";
  text += comparison_part(answer.comparison, colour);
  if (answer.trace) text += "\n" + text_trace(*answer.trace, colour);
  for (const TraceFile& trace : answer.other_traces) text += "\n" + text_trace(trace, colour);
  text += "\n" + row("scenario", fmt::format("{} ({})", answer.scenario, answer.path));
  text += row("question", answer.question);
  for (const auto& [name, value] : answer.facts) text += row(name, value);
  text += row("explored", answer.explored);
  text += row("states", std::to_string(verdict.states));
  text += row("transitions", std::to_string(verdict.transitions));
  text += row("depth", std::to_string(verdict.depth));
  text += row("quiescent", std::to_string(verdict.quiescent));
  text += symmetry_part(answer);
  text += properties_part(answer, colour);
  if (detail == Detail::kFull) text += levels_text(verdict.levels) + coverage_text(verdict.coverage);
  return text;
}

std::string measurements_line(std::string_view scenario, const Measurements& measured) {
  const double speed = measured.seconds > 0 ? static_cast<double>(measured.states) / measured.seconds : 0.0;
  const std::string odds = measured.omission_odds > 0 ? fmt::format("{} store, odds of an omitted state at most {:.1e}",
                                                                    measured.store, measured.omission_odds)
                                                      : fmt::format("{} store, no state omitted", measured.store);
  const std::string explored =
      measured.explored == measured.states ? "" : fmt::format(" by exploring {}", measured.explored);
  return fmt::format("{}: {} states{} in {:.2f} s ({:.0f} states/s), threads {}, {}, peak memory {:.0f} MiB\n",
                     scenario, measured.states, explored, measured.seconds, speed, measured.threads, odds,
                     static_cast<double>(measured.peak_resident_bytes) / (1024.0 * 1024.0));
}

}  // namespace mc
