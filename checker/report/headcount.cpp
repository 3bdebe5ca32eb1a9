#include "checker/report/headcount.hpp"

#include <fmt/format.h>

#include "checker/core/assert.hpp"

namespace mc {

std::string_view to_string(Variant variant) {
  switch (variant) {
    case Variant::kAsIs: return "as it is";
    case Variant::kFixed: return "with proposed fixes";
    case Variant::kWeakened: return "without what it has";
  }
  MC_ASSERT(false, "every variant has a word");
}

void Headcount::add(const Answer& answer) {
  Counts& counts = counts_[static_cast<std::size_t>(answer.variant)];
  switch (answer.verdict.outcome) {
    case Outcome::kHolds:
    case Outcome::kHoldsWithinBounds: ++counts.hold; break;
    case Outcome::kViolated:
    case Outcome::kUnreached: ++counts.violated; break;
    case Outcome::kInconclusive: ++counts.open; break;
  }
  if (answer.exit_code != 0) ++counts.unexpected;
}

std::vector<std::string> Headcount::lines() const {
  std::vector<std::string> lines;
  for (const Variant variant : {Variant::kAsIs, Variant::kFixed, Variant::kWeakened}) {
    const Counts& counts = counts_[static_cast<std::size_t>(variant)];
    std::string line;
    const auto add = [&line](std::size_t number, std::string_view one, std::string_view many) {
      if (number > 0) line += fmt::format("{}{} {}", line.empty() ? "" : ", ", number, number == 1 ? one : many);
    };
    add(counts.hold, "holds", "hold");
    add(counts.violated, "is violated", "are violated");
    add(counts.open, "is not decided", "are not decided");
    if (line.empty()) continue;
    if (counts.unexpected > 0) line += fmt::format("; {} not as expected", counts.unexpected);
    lines.push_back(std::string(to_string(variant)) + ": " + line);
  }
  return lines;
}

std::vector<std::string> headcount_lines(std::span<const Answer> answers) {
  Headcount count;
  for (const Answer& answer : answers) count.add(answer);
  return count.lines();
}

}  // namespace mc
