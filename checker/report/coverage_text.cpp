#include "checker/report/coverage_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <string_view>
#include <vector>

namespace mc {
namespace {

/// One phase of a fault, "fault@phase", not a rule of its own.
bool is_phase(const RuleCount& count) {
  return count.rule.find('@') != std::string::npos;
}

/// In how many of its phases a fault struck, in words.
struct Phases {
  std::string struck;
  std::string never;
};

std::string phases_text(std::span<const RuleCount> coverage) {
  std::vector<std::string> order;
  std::map<std::string, Phases> faults;
  for (const RuleCount& count : coverage) {
    const std::size_t at = count.rule.find('@');
    if (at == std::string::npos) continue;
    const std::string fault = count.rule.substr(0, at);
    if (faults.find(fault) == faults.end()) order.push_back(fault);
    Phases& phases = faults[fault];
    std::string& list = count.fired > 0 ? phases.struck : phases.never;
    if (!list.empty()) list += ", ";
    list += count.rule.substr(at + 1);
    if (count.fired > 0) list += fmt::format(" {}", count.fired);
  }
  std::string text;
  for (const std::string& fault : order) {
    const Phases& phases = faults[fault];
    text += fmt::format("  {}: {}{}\n", fault, phases.struck.empty() ? "struck in no phase" : phases.struck,
                        phases.never.empty() ? "" : "; never: " + phases.never);
  }
  return text.empty() ? text : "\nfaults by phase\n" + text;
}

}  // namespace

std::string fired_text(std::span<const RuleCount> coverage) {
  const auto is_rule = [](const RuleCount& count) { return !count.rule.empty() && !is_phase(count); };
  const auto rules = std::ranges::count_if(coverage, is_rule);
  const auto fired =
      std::ranges::count_if(coverage, [&](const RuleCount& count) { return is_rule(count) && count.fired > 0; });
  return rules == 0 ? "" : fmt::format("{} of {}", fired, rules);
}

std::string coverage_text(std::span<const RuleCount> coverage) {
  const std::string fired = fired_text(coverage);
  if (fired.empty()) return {};
  std::string never;
  for (const RuleCount& count : coverage) {
    if (!count.rule.empty() && !is_phase(count) && count.fired == 0) never += "  " + count.rule + "\n";
  }
  return fmt::format("\ncoverage\n  {} rules fired{}\n{}", fired, never.empty() ? "" : "; these never did:", never) +
         phases_text(coverage);
}

std::string levels_text(std::span<const std::uint64_t> levels) {
  if (levels.empty()) return {};
  constexpr std::size_t kShown = 3;
  std::vector<std::size_t> order(levels.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return levels[a] > levels[b]; });
  std::string text = "\nlevels\n  widest: ";
  for (std::size_t i = 0; i < std::min(kShown, order.size()); ++i) {
    text += fmt::format("{}{} states at depth {}", i == 0 ? "" : ", ", levels[order[i]], order[i]);
  }
  const std::uint64_t last = levels.back();
  text += fmt::format("\n  last: {} {} at depth {}\n", last, last == 1 ? "state" : "states", levels.size() - 1);
  return text;
}

}  // namespace mc
