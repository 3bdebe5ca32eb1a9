#include "checker/report/verdict_json.hpp"

#include <array>
#include <stdexcept>
#include <string>

#include "checker/report/json_number.hpp"

namespace mc {
namespace {

using Json = nlohmann::ordered_json;

/// The value of an enumeration by its word.
template <class Enum, std::size_t kCount>
Enum by_word(const std::string& word, const std::array<Enum, kCount>& values) {
  for (const Enum value : values) {
    if (to_string(value) == word) return value;
  }
  throw std::runtime_error("\"" + word + "\" is no word for it");
}

Outcome outcome_of(const std::string& word) {
  using enum Outcome;
  return by_word(word, std::array{kHolds, kHoldsWithinBounds, kViolated, kUnreached, kInconclusive});
}

PropertyKind kind_of(const std::string& word) {
  using enum PropertyKind;
  return by_word(word, std::array{kInvariant, kQuiescent, kReachable, kEventually, kLeadsTo, kPossible});
}

}  // namespace

Json to_json_value(const Verdict& verdict) {
  Json json;
  json["outcome"] = to_string(verdict.outcome);
  json["states"] = verdict.states;
  json["transitions"] = verdict.transitions;
  json["depth"] = verdict.depth;
  json["quiescent"] = verdict.quiescent;
  json["violated"] = verdict.violated;
  json["reason"] = verdict.reason;
  json["judgements"] = Json::array();
  for (const Judgement& judgement : verdict.judgements) {
    json["judgements"].push_back({judgement.property, to_string(judgement.kind), to_string(judgement.outcome),
                                  judgement.depth, judgement.occurs});
  }
  json["coverage"] = Json::array();
  for (const RuleCount& count : verdict.coverage) json["coverage"].push_back({count.rule, count.fired});
  json["levels"] = verdict.levels;
  return json;
}

Verdict verdict_of(const Json& json) {
  Verdict verdict;
  verdict.outcome = outcome_of(json.at("outcome"));
  verdict.states = whole_number<std::uint64_t>(json.at("states"));
  verdict.transitions = whole_number<std::uint64_t>(json.at("transitions"));
  verdict.depth = whole_number<std::uint32_t>(json.at("depth"));
  verdict.quiescent = whole_number<std::uint64_t>(json.at("quiescent"));
  verdict.violated = json.at("violated");
  verdict.reason = json.at("reason");
  for (const Json& entry : json.at("judgements")) {
    // Older ones do not say whether what a property is about occurred.
    const bool occurs = entry.size() < 5 || entry.at(4).get<bool>();
    verdict.judgements.push_back({entry.at(0).get<std::string>(), kind_of(entry.at(1)), outcome_of(entry.at(2)),
                                  whole_number<std::uint32_t>(entry.at(3)), occurs});
  }
  for (const Json& entry : json.at("coverage")) {
    verdict.coverage.push_back({entry.at(0).get<std::string>(), whole_number<std::uint64_t>(entry.at(1))});
  }
  for (const Json& level : json.at("levels")) verdict.levels.push_back(whole_number<std::uint64_t>(level));
  return verdict;
}

}  // namespace mc
