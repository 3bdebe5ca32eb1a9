// Reports and traces for people.
#pragma once

#include <string>
#include <string_view>

#include "checker/report/answer.hpp"
#include "checker/report/trace_file.hpp"

namespace mc {

/// Whether escape sequences for colours are written. Only terminals get them, and never with NO_COLOR.
enum class Colour : bool { kOff, kOn };

/// The report of one scenario: what was asked, the outcome in words, the counts, a line for each property, what never
/// fired, the counterexample, and the comparison with the expectation. A function of the answer alone.
[[nodiscard]] std::string text_report(const Answer& answer, Colour colour);

/// Numbered steps: who did what, by which rule, what changed; at the end the claim that is broken. Faults stand out.
[[nodiscard]] std::string text_trace(const TraceFile& trace, Colour colour);

/// The facts of a trace, for when it is shown apart from a report.
[[nodiscard]] std::string text_trace_head(const TraceFile& trace);

/// The outcome in one sentence: "violated: D1.attempt_starts_once is broken after 12 steps".
[[nodiscard]] std::string outcome_sentence(const Verdict& verdict);

/// How one property came out, in a few words: "violated at depth 12", "reached at depth 5", "not decided".
[[nodiscard]] std::string judgement_words(const Judgement& judgement);

/// Time, speed, store, odds and memory in one line, for stderr.
[[nodiscard]] std::string measurements_line(std::string_view scenario, const Measurements& measured);

}  // namespace mc
