#include "checker/cli/answering.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

namespace mc {

Limits limits_of(const Limits& declared, const Limits& given) {
  Limits limits = declared;
  if (given.depth_max) {
    limits.depth_max = given.depth_max;
    limits.depth_declared = false;
  }
  if (given.states_max) {
    limits.states_max = given.states_max;
    limits.states_declared = given.states_declared;
  }
  limits.time_max = given.time_max;
  limits.memory_max_bytes = given.memory_max_bytes;
  return limits;
}

std::string bounds_words(const Limits& limits) {
  std::string words;
  if (limits.depth_max) words = "depth at most " + std::to_string(*limits.depth_max);
  if (limits.states_max)
    words += (words.empty() ? "" : " and ") + ("states at most " + std::to_string(*limits.states_max));
  return words;
}

Comparison compare(const std::optional<Expectation>& expected, const Verdict& verdict,
                   std::optional<std::uint32_t> trace_length, const std::vector<std::string>& overrides) {
  if (!expected) return {Comparison::Kind::kNone, {}};
  if (!overrides.empty()) return {Comparison::Kind::kNotCompared, overrides};
  std::vector<std::string> missed = mismatches(*expected, verdict, trace_length);
  return {missed.empty() ? Comparison::Kind::kMet : Comparison::Kind::kMissed, std::move(missed)};
}

Options options_of_twin(Options options, double seconds) {
  options.keep_going = false;
  options.keeper = nullptr;
  options.resume = nullptr;
  if (options.limits.time_max) {
    const auto spent = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000.0));
    options.limits.time_max = std::max(std::chrono::milliseconds(1), *options.limits.time_max - spent);
  }
  return options;
}

void add_twin(const std::vector<std::string>& held_by, const Verdict& twin, Comparison& comparison) {
  std::string with;
  for (const std::string& id : held_by) with += (with.empty() ? "with " : " and ") + id;
  with += " on: expected holds, got ";
  switch (twin.outcome) {
    case Outcome::kHolds:
    case Outcome::kHoldsWithinBounds:
      comparison.lines.push_back(with + std::string(to_string(twin.outcome)) + " (" + std::to_string(twin.states) +
                                 " states)");
      return;
    case Outcome::kViolated:
    case Outcome::kUnreached:
      comparison.kind = Comparison::Kind::kMissed;
      comparison.lines.push_back(with + std::string(to_string(twin.outcome)) + " " + twin.violated);
      return;
    case Outcome::kInconclusive: break;
  }
  comparison.kind = Comparison::Kind::kUndecided;
  comparison.lines.push_back(with + "inconclusive: " + twin.reason);
}

Facts all_facts(const Facts& facts, const std::vector<std::string>& overrides, const ProgramInfo& info) {
  Facts all = facts;
  std::string changed;
  for (const std::string& change : overrides) changed += (changed.empty() ? "" : " ") + change;
  // What the scenario says of these is not what was run.
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kOverridden{
      {{"--depth-max", "bounds"}, {"--states-max", "bounds"}, {"--profile", "profile"}, {"--set", "profile"}}};
  for (auto& [name, value] : all) {
    const bool overridden = std::any_of(overrides.begin(), overrides.end(), [&name = name](const std::string& change) {
      return std::any_of(kOverridden.begin(), kOverridden.end(),
                         [&](const auto& known) { return known.second == name && change.starts_with(known.first); });
    });
    if (overridden) value += " in the scenario; see overrides";
  }
  if (!changed.empty()) all.emplace_back("overrides", changed);
  all.emplace_back("version", info.name + " " + info.version);
  all.emplace_back("revision", info.revision_label + " " + info.revision);
  return all;
}

}  // namespace mc
