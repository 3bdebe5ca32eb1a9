// The exit codes of the program: the contract with shells and continuous integration.
#pragma once

#include <string>

#include "checker/core/verdict.hpp"
#include "checker/report/answer.hpp"

namespace mc {

enum class ExitCode : int {
  kAsExpected = 0,     ///< every property holds (within stated bounds), or the expectation is met
  kViolated = 10,      ///< a property is violated, or the expectation is not met
  kUnreached = 11,     ///< a Reachable property was never reached; under --strict also: the verdict is vacuous in part
  kInconclusive = 20,  ///< a limit that the scenario does not declare was hit
  kUsage = 64,         ///< bad command line
  kBadInput = 65,      ///< bad scenario or trace file
  kInternal = 70,      ///< a bug in raymc or the model
  kCannotWrite = 74,   ///< cannot write results
};

/// Every code with its meaning, a line each: the one place where people read them.
[[nodiscard]] std::string exit_codes_text();

/// The more severe of two: internal > cannot write > bad input > usage > violated > unreached > inconclusive.
[[nodiscard]] ExitCode worse(ExitCode a, ExitCode b);

/// What one answer means. An expectation that is compared decides, unless the search itself came to no end.
[[nodiscard]] ExitCode exit_code_of(const Verdict& verdict, Comparison::Kind comparison);

}  // namespace mc
