// Reports for people; traces are in trace_text.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "checker/report/answer.hpp"
#include "checker/report/colour.hpp"

namespace mc {

/// How much a report says.
enum class Detail : std::uint8_t {
  kUsual,
  kFull,  ///< also states per level, the rules that never fired, and in which phases faults struck
};

/// The report of one scenario: the headline, warnings and the comparison with the expectation, the counterexample, what
/// was asked, the counts, and a line for each property. A function of its arguments alone.
[[nodiscard]] std::string text_report(const Answer& answer, Colour colour, Detail detail);

/// How one property came out, in a few words: "violated at depth 12", "reached at depth 5", "not decided", or beside a
/// violation that says nothing about it, "not judged". `verdict` is the one that it belongs to.
[[nodiscard]] std::string judgement_words(const Judgement& judgement, const Verdict& verdict);

/// Time, speed, store, odds and memory in one line, for stderr.
[[nodiscard]] std::string measurements_line(std::string_view scenario, const Measurements& measured);

}  // namespace mc
