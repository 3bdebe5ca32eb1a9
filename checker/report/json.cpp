#include "checker/report/json.hpp"

#include <nlohmann/json.hpp>

#include "checker/report/headcount.hpp"
#include "checker/report/headline.hpp"
#include "checker/report/json_text.hpp"

namespace mc {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json_text(json, 2) + "\n";
}

std::string_view word(Comparison::Kind kind) {
  switch (kind) {
    case Comparison::Kind::kNone: return "none";
    case Comparison::Kind::kNotCompared: return "not compared";
    case Comparison::Kind::kMet: return "met";
    case Comparison::Kind::kMissed: return "not met";
    case Comparison::Kind::kUndecided: return "not decided";
  }
  return "none";
}

Json verdict_json(const Answer& answer) {
  const Verdict& verdict = answer.verdict;
  Json json;
  json["outcome"] = to_string(verdict.outcome);
  json["violated"] = verdict.violated;
  json["reason"] = verdict.reason;
  json["states"] = verdict.states;
  json["transitions"] = verdict.transitions;
  json["depth"] = verdict.depth;
  json["quiescent"] = verdict.quiescent;
  if (answer.symmetry) {
    json["symmetry"]["renamings"] = answer.symmetry->renamings;
    json["symmetry"]["used"] = answer.symmetry->used;
    json["symmetry"]["refused"] = answer.symmetry->refused;
    json["symmetry"]["representatives"] = answer.representatives;
  }
  json["properties"] = Json::array();
  for (std::size_t i = 0; i < verdict.judgements.size(); ++i) {
    const Judgement& judgement = verdict.judgements[i];
    Json entry;
    entry["id"] = judgement.property;
    entry["kind"] = to_string(judgement.kind);
    entry["outcome"] = to_string(judgement.outcome);
    entry["depth"] = judgement.depth;
    entry["claim"] = answer.claims[i];
    entry["culprits"] = culprits_of(answer, judgement.property);
    entry["occurs"] = judgement.occurs;
    json["properties"].push_back(std::move(entry));
  }
  json["coverage"] = Json::object();
  for (const RuleCount& count : verdict.coverage) {
    if (!count.rule.empty()) json["coverage"][count.rule] = count.fired;
  }
  json["levels"] = verdict.levels;
  return json;
}

Json answer_json(const Answer& answer) {
  Json json;
  json["scenario"] = answer.scenario;
  json["path"] = answer.path;
  json["question"] = answer.question;
  json["facts"] = Json::object();
  for (const auto& [name, value] : answer.facts) json["facts"][name] = value;
  json["headline"] = headline(answer);
  json["system"] = answer.system;
  json["variant"] = to_string(answer.variant);
  json["warnings"] = answer.warnings;
  json["explored"] = answer.explored;
  json["verdict"] = verdict_json(answer);
  json["trace"] = answer.trace ? Json::parse(to_json(*answer.trace)) : Json(nullptr);
  json["other_traces"] = Json::array();
  for (const TraceFile& trace : answer.other_traces) json["other_traces"].push_back(Json::parse(to_json(trace)));
  json["expectation"]["comparison"] = word(answer.comparison.kind);
  json["expectation"]["lines"] = answer.comparison.lines;
  json["exit"] = answer.exit_code;
  return json;
}

}  // namespace

std::string json_report(std::span<const Answer> answers, std::span<const Unrun> unrun) {
  Json json;
  json["format"] = "raymc.report";
  json["version"] = 4;
  json["headcounts"] = headcount_lines(answers);
  json["answers"] = Json::array();
  for (const Answer& answer : answers) json["answers"].push_back(answer_json(answer));
  json["not_run"] = Json::array();
  for (const Unrun& scenario : unrun) {
    Json entry;
    entry["scenario"] = scenario.scenario;
    entry["path"] = scenario.path;
    entry["reason"] = scenario.reason;
    json["not_run"].push_back(std::move(entry));
  }
  return dump(json);
}

std::string json_run(const Answer& answer, const Measurements& measured) {
  Json json;
  json["format"] = "raymc.run";
  json["version"] = 1;
  json["scenario"] = answer.scenario;
  json["store"] = measured.store;
  json["omission_odds"] = measured.omission_odds;
  json["threads"] = measured.threads;
  json["seconds"] = measured.seconds;
  json["states"] = measured.states;
  json["explored"] = measured.explored;
  json["taken"] = measured.taken;
  json["peak_resident_bytes"] = measured.peak_resident_bytes;
  return dump(json);
}

}  // namespace mc
