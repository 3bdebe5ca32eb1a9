#include "checker/cli/exit_code.hpp"

#include <algorithm>
#include <array>

#include "checker/core/assert.hpp"

namespace mc {

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
