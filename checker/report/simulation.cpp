#include "checker/report/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "checker/report/coverage_text.hpp"
#include "checker/report/json_text.hpp"
#include "checker/report/trace_text.hpp"

namespace mc {
namespace {

using Json = nlohmann::ordered_json;

std::string row(std::string_view label, std::string_view value) {
  return fmt::format("{:<12}{}\n", label, value);
}

std::string properties_part(const SimulationAnswer& answer) {
  std::size_t words_width = 0;
  std::size_t id_width = 0;
  for (const WalkJudgement& judgement : answer.judgements) {
    words_width = std::max(words_width, judgement.words.size());
    id_width = std::max(id_width, judgement.property.size());
  }
  std::string text = "\nproperties\n";
  for (const WalkJudgement& judgement : answer.judgements) {
    text += fmt::format("  {:<{}}  {:<{}}  {:<10}  {}\n", judgement.words, words_width, judgement.property, id_width,
                        judgement.kind, judgement.claim);
  }
  return text;
}

Json answer_json(const SimulationAnswer& answer) {
  Json json;
  json["scenario"] = answer.scenario;
  json["path"] = answer.path;
  json["question"] = answer.question;
  json["facts"] = Json::object();
  for (const auto& [name, value] : answer.facts) json["facts"][name] = value;
  json["seed"] = answer.seed;
  json["walks_asked"] = answer.walks_asked;
  json["walks"] = answer.walks;
  json["depth_max"] = answer.depth_max;
  json["steps"] = answer.steps;
  json["ended"] = answer.ended;
  json["cut"] = answer.cut;
  json["overflowed"] = answer.overflowed;
  json["states_estimate"] = answer.states_estimate;
  json["interrupted"] = answer.interrupted;
  json["violated"] = answer.violated;
  json["failing_walk"] = answer.violated.empty() ? Json(nullptr) : Json(answer.failing_walk);
  json["shortening"] = answer.shortening;
  json["again"] = answer.again;
  json["properties"] = Json::array();
  for (const WalkJudgement& judgement : answer.judgements) {
    Json entry;
    entry["id"] = judgement.property;
    entry["kind"] = judgement.kind;
    entry["words"] = judgement.words;
    entry["claim"] = judgement.claim;
    json["properties"].push_back(std::move(entry));
  }
  json["coverage"] = Json::object();
  for (const RuleCount& count : answer.coverage) {
    if (!count.rule.empty()) json["coverage"][count.rule] = count.fired;
  }
  json["trace"] = answer.trace ? Json::parse(to_json(*answer.trace)) : Json(nullptr);
  json["exit"] = answer.exit_code;
  return json;
}

}  // namespace

std::string simulation_sentence(const SimulationAnswer& answer) {
  if (!answer.violated.empty()) {
    return fmt::format("violated: {} is broken in walk {}; the trace has {} steps", answer.violated,
                       answer.failing_walk, answer.trace ? answer.trace->steps.size() : 0);
  }
  const std::string done = fmt::format("{} {} of up to {} steps broke nothing", answer.walks,
                                       answer.walks == 1 ? "walk" : "walks", answer.depth_max);
  if (answer.interrupted) return "interrupted: " + done + ", and a simulation proves nothing";
  return "nothing found: " + done + "; a simulation proves nothing, for it saw only some of the states";
}

std::string text_simulation(const SimulationAnswer& answer, Colour colour) {
  std::string text = row("scenario", fmt::format("{} ({})", answer.scenario, answer.path));
  text += row("question", answer.question);
  for (const auto& [name, value] : answer.facts) text += row(name, value);
  text += "\n" + simulation_sentence(answer) + "\n\n";
  const std::string which = answer.only ? fmt::format(", number {}", *answer.only) : "";
  text +=
      row("walks", fmt::format("{} of {} asked for{}, seed {}", answer.walks, answer.walks_asked, which, answer.seed));
  text += row("ends", fmt::format("{} came to an end, {} were cut after {} steps, {} met a full container",
                                  answer.ended, answer.cut, answer.depth_max, answer.overflowed));
  text += row("steps", std::to_string(answer.steps));
  text += row("states", fmt::format("about {} distinct ones (an estimate, with a standard error of 1.6 %)",
                                    answer.states_estimate));
  text += properties_part(answer);
  text += coverage_text(answer.coverage);
  if (answer.trace) {
    text += "\n" + text_trace(*answer.trace, colour) + "\nlength\n";
    for (const std::string& line : answer.shortening) text += "  " + line + "\n";
    text += "\nthis walk again\n  " + answer.again + "\n";
  }
  return text;
}

std::string json_simulation(const std::vector<SimulationAnswer>& answers) {
  Json json;
  json["format"] = "raymc.simulation";
  json["version"] = 1;
  json["answers"] = Json::array();
  for (const SimulationAnswer& answer : answers) json["answers"].push_back(answer_json(answer));
  return json_text(json, 2) + "\n";
}

}  // namespace mc
