// What the author of a scenario says the answer is, and how an answer is compared with it.
// Filled by the scenario loader, compared by the command line and by tests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker/core/verdict.hpp"

namespace mc {

/// The expected verdict; an empty field is not compared.
struct Expectation {
  Outcome outcome = Outcome::kHolds;
  std::optional<std::string> property;        ///< the violated or unreached one
  std::optional<std::uint32_t> trace_length;  ///< steps of the counterexample
  std::optional<std::uint64_t> states;
  std::optional<std::uint64_t> transitions;
  std::optional<std::uint32_t> depth;
  friend bool operator==(const Expectation&, const Expectation&) = default;
};

/// What is left of an expectation for a search that went on after the violation.
[[nodiscard]] Expectation without_counts(const Expectation& expected);

/// One sentence per field in which `verdict` differs: "states: expected 8, got 9". Empty: the expectation is met.
/// `trace_length` is the number of steps of the counterexample; empty if there is none.
[[nodiscard]] std::vector<std::string> mismatches(const Expectation& expected, const Verdict& verdict,
                                                  std::optional<std::uint32_t> trace_length);

}  // namespace mc
