#include "checker/cli/exit_code.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "checker/core/assert.hpp"

namespace mc {

std::string exit_codes_text() {
  using enum ExitCode;
  static constexpr std::array<std::pair<ExitCode, std::string_view>, 8> kMeanings{{
      {kAsExpected, "every property holds (within the stated bounds), or the expectation is met"},
      {kViolated, "a property is violated, or the expectation is not met"},
      {kUnreached, "a Reachable property was never reached; under --strict also: a warning of vacuity"},
      {kInconclusive, "a limit that the scenario does not declare was hit"},
      {kUsage, "bad command line"},
      {kBadInput, "bad scenario, trace or other file"},
      {kInternal, "a bug in the program or the model"},
      {kCannotWrite, "cannot write"},
  }};
  std::string text = "Exit codes:\n";
  for (const auto& [code, meaning] : kMeanings) {
    const std::string number = std::to_string(static_cast<int>(code));
    text += std::string(4 - number.size(), ' ') + number + "  " + std::string(meaning) + "\n";
  }
  return text;
}

ExitCode worse(ExitCode a, ExitCode b) {
  using enum ExitCode;
  constexpr std::array kBySeverity{kAsExpected, kInconclusive, kUnreached,   kViolated,
                                   kUsage,      kBadInput,     kCannotWrite, kInternal};
  const auto rank = [&](ExitCode code) { return std::find(kBySeverity.begin(), kBySeverity.end(), code); };
  return rank(a) < rank(b) ? b : a;
}

ExitCode exit_code_of(const Verdict& verdict, Comparison::Kind comparison) {
  if (comparison == Comparison::Kind::kMet) return ExitCode::kAsExpected;
  if (verdict.outcome == Outcome::kInconclusive || comparison == Comparison::Kind::kUndecided)
    return ExitCode::kInconclusive;
  if (comparison == Comparison::Kind::kMissed) return ExitCode::kViolated;
  switch (verdict.outcome) {
    case Outcome::kHolds:
    case Outcome::kHoldsWithinBounds: return ExitCode::kAsExpected;
    case Outcome::kViolated: return ExitCode::kViolated;
    case Outcome::kUnreached: return ExitCode::kUnreached;
    case Outcome::kInconclusive: return ExitCode::kInconclusive;
  }
  MC_ASSERT(false, "every outcome has an exit code");
}

}  // namespace mc
