#include "checker/cli/answering.hpp"

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

Comparison compare(const std::optional<Expectation>& expected, const Verdict& verdict,
                   std::optional<std::uint32_t> trace_length, const std::vector<std::string>& overrides) {
  if (!expected) return {Comparison::Kind::kNone, {}};
  if (!overrides.empty()) return {Comparison::Kind::kNotCompared, overrides};
  std::vector<std::string> missed = mismatches(*expected, verdict, trace_length);
  return {missed.empty() ? Comparison::Kind::kMet : Comparison::Kind::kMissed, std::move(missed)};
}

Facts all_facts(const Facts& facts, const std::vector<std::string>& overrides, const ProgramInfo& info) {
  Facts all = facts;
  std::string changed;
  for (const std::string& change : overrides) changed += (changed.empty() ? "" : " ") + change;
  if (!changed.empty()) all.emplace_back("overrides", changed);
  all.emplace_back("version", info.name + " " + info.version);
  all.emplace_back("revision", info.revision_label + " " + info.revision);
  return all;
}

}  // namespace mc
