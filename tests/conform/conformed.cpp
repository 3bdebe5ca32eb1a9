#include "tests/conform/conformed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "checker/conform/record_check.hpp"
#include "model/log/book.hpp"
#include "specs/logs/cast.hpp"
#include "specs/logs/clocks.hpp"
#include "specs/logs/scenario_of.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/scenario.hpp"
#include "tests/support/places.hpp"

namespace raymc::test {

Conformed conform(const mc::RecordFile& as_read, const Flips& flips, std::size_t nodes_max) {
  Conformed result;
  const auto wrong = mc::mistake_in_lines(as_read, log_words(), "record", mc::LinesFrom::kRecordFile);
  if (wrong) {
    result.reason = wrong->text();
    return result;
  }
  mc::RecordFile record = as_read;
  result.notes = set_clocks(record);
  const mc::Result<RecordedScenario> drawn = scenario_of(record, "record");
  if (!drawn.ok()) {
    result.reason = drawn.error().text();
    return result;
  }
  mc::Result<Scenario> scenario = parse_scenario(drawn.value().text, "drawn.toml", raymc::all_properties());
  if (!scenario.ok()) {
    ADD_FAILURE() << scenario.error().text() << "\n" << drawn.value().text;
    return result;
  }
  result.scenario = drawn.value().text;
  for (const auto& [safeguard, on] : flips) scenario.value().config.safeguards.set(safeguard, on);
  const RayModel model(scenario.value().config);
  const mc::LogVocabulary words = model.log_vocabulary();
  const mc::Result<mc::CompiledRecord> compiled = mc::compile(record, words, process_sorts(), "record");
  if (!compiled.ok()) {
    result.reason = compiled.error().text();
    return result;
  }
  mc::ExplainLimits limits;
  limits.nodes_max = nodes_max;
  const mc::RecordCircumstances circumstances{known_places(record, compiled.value(), model), record.ends_at_rest(), 50,
                                              kUnorderedThread};
  const mc::Explanation<RayModel> answer = mc::explain(model, words, compiled.value(), circumstances, limits);
  result.verdict = answer.verdict;
  result.reason = answer.reason;
  result.read = answer.reading.read;
  result.events = compiled.value().events;
  result.nodes = answer.nodes;
  result.steps = answer.path.actions.size();
  result.turns.assign(record.lines.size(), Conformed::kNoTurn);
  for (std::size_t i = 0; i < answer.steps.size(); ++i) {
    for (const mc::Event* event : answer.steps[i].events) result.turns[event->line] = i;
  }
  return result;
}

std::vector<std::filesystem::path> kept_records() {
  std::vector<std::filesystem::path> records;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(support::source_dir()) / "tests/ray/records")) {
    if (entry.path().extension() == ".jsonl") records.push_back(entry.path());
  }
  std::sort(records.begin(), records.end());
  return records;
}

mc::RecordFile read_record(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  mc::Result<mc::RecordFile> record = mc::parse_record(text.str(), path.string());
  EXPECT_TRUE(record.ok()) << (record.ok() ? "" : record.error().text());
  return record.ok() ? record.value() : mc::RecordFile{};
}

}  // namespace raymc::test
