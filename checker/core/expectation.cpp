#include "checker/core/expectation.hpp"

namespace mc {
namespace {

void compare(std::vector<std::string>& found, const std::string& field, const std::string& expected,
             const std::string& got) {
  if (expected != got) found.push_back(field + ": expected " + expected + ", got " + (got.empty() ? "none" : got));
}

}  // namespace

Expectation without_counts(const Expectation& expected) {
  return {expected.outcome, expected.property, expected.trace_length, {}, {}, {}};
}

std::vector<std::string> mismatches(const Expectation& expected, const Verdict& verdict,
                                    std::optional<std::uint32_t> trace_length) {
  std::vector<std::string> found;
  compare(found, "outcome", std::string(to_string(expected.outcome)), std::string(to_string(verdict.outcome)));
  if (expected.property) compare(found, "property", *expected.property, verdict.violated);
  if (expected.trace_length) {
    compare(found, "trace_length", std::to_string(*expected.trace_length),
            trace_length ? std::to_string(*trace_length) : std::string());
  }
  if (expected.states) compare(found, "states", std::to_string(*expected.states), std::to_string(verdict.states));
  if (expected.transitions) {
    compare(found, "transitions", std::to_string(*expected.transitions), std::to_string(verdict.transitions));
  }
  if (expected.depth) compare(found, "depth", std::to_string(*expected.depth), std::to_string(verdict.depth));
  return found;
}

}  // namespace mc
