#include "checker/report/headline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace mc {
namespace {

std::uint32_t depth_of(const Verdict& verdict, const std::string& property) {
  const auto found = std::ranges::find(verdict.judgements, property, &Judgement::property);
  return found == verdict.judgements.end() ? 0 : found->depth;
}

/// What came out, without the word for it.
std::string outcome_part(const Verdict& verdict) {
  const std::string properties = counted(verdict.judgements.size(), "property", "properties");
  switch (verdict.outcome) {
    case Outcome::kHolds:
    case Outcome::kHoldsWithinBounds: return properties;
    case Outcome::kViolated:
      return verdict.violated + " after " + counted(depth_of(verdict, verdict.violated), "step", "steps");
    case Outcome::kUnreached: return "no reachable state satisfies " + verdict.violated;
    case Outcome::kInconclusive: break;
  }
  return verdict.reason + "; " + properties;
}

}  // namespace

std::string counted(std::uint64_t count, const std::string& one, const std::string& many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string count_words(std::uint64_t count) {
  if (count < 100'000) return std::to_string(count);
  static constexpr std::array<std::pair<std::uint64_t, std::string_view>, 4> kUnits{
      {{1'000'000'000'000U, "T"}, {1'000'000'000U, "G"}, {1'000'000U, "M"}, {1'000U, "k"}}};
  for (const auto& [unit, letter] : kUnits) {
    if (count < unit) continue;
    // In hundredths of the unit and whole numbers, so that it is the same on every machine.
    const std::uint64_t hundredths = count / (unit / 100);
    if (hundredths >= 10'000) return fmt::format("{} {}", hundredths / 100, letter);
    if (hundredths >= 1'000) return fmt::format("{}.{} {}", hundredths / 100, hundredths / 10 % 10, letter);
    return fmt::format("{}.{:02} {}", hundredths / 100, hundredths % 100, letter);
  }
  return std::to_string(count);
}

std::string headline(const Answer& answer) {
  const Verdict& verdict = answer.verdict;
  std::string text = std::string(to_string(verdict.outcome)) + ": " + outcome_part(verdict);
  text += fmt::format(", {} {}", count_words(verdict.states), verdict.states == 1 ? "state" : "states");
  for (const std::string* part : {&answer.bounds, &answer.faults, &answer.system}) {
    if (!part->empty()) text += ", " + *part;
  }
  return text;
}

}  // namespace mc
