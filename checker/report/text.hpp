// Reports for people; traces are in trace_text.hpp.
#pragma once

#include <string>
#include <string_view>

#include "checker/report/answer.hpp"
#include "checker/report/colour.hpp"

namespace mc {

/// The report of one scenario: what was asked, the outcome in words, the counts, a line for each property, what never
/// fired, the counterexample, and the comparison with the expectation. A function of the answer alone.
[[nodiscard]] std::string text_report(const Answer& answer, Colour colour);

/// The outcome in one sentence: "violated: D1.attempt_starts_once is broken after 12 steps".
[[nodiscard]] std::string outcome_sentence(const Verdict& verdict);

/// How one property came out, in a few words: "violated at depth 12", "reached at depth 5", "not decided", or beside a
/// violation that says nothing about it, "not judged". `verdict` is the one that it belongs to.
[[nodiscard]] std::string judgement_words(const Judgement& judgement, const Verdict& verdict);

/// Time, speed, store, odds and memory in one line, for stderr.
[[nodiscard]] std::string measurements_line(std::string_view scenario, const Measurements& measured);

}  // namespace mc
