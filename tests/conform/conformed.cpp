#include "tests/conform/conformed.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "specs/logs/cast.hpp"
#include "specs/logs/scenario_of.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/scenario.hpp"
#include "tests/support/places.hpp"

namespace raymc::test {

Conformed conform(const mc::RecordFile& record, const Flips& flips, std::size_t nodes_max) {
  Conformed result;
  const mc::Result<RecordedScenario> drawn = scenario_of(record, "record");
  if (!drawn.ok()) {
    result.reason = drawn.error().text();
    return result;
  }
  std::vector<std::string_view> ids;
  for (const Property& property : all_properties()) ids.push_back(property.id);
  mc::Result<Scenario> scenario = parse_scenario(drawn.value().text, "drawn.toml", ids);
  if (!scenario.ok()) {
    ADD_FAILURE() << scenario.error().text() << "\n" << drawn.value().text;
    return result;
  }
  for (const auto& [safeguard, on] : flips) scenario.value().config.safeguards.set(safeguard, on);
  const RayModel model(scenario.value().config);
  const mc::LogVocabulary words = model.log_vocabulary();
  const mc::Result<mc::CompiledRecord> compiled = mc::compile(record, words, process_sorts(), "record");
  if (!compiled.ok()) {
    result.reason = compiled.error().text();
    return result;
  }
  const mc::Matcher matcher(compiled.value(), words, 50, kUnorderedThread);
  const bool rests = record.end && *record.end - record.lines.back().t >= 1'000;
  mc::ExplainLimits limits;
  limits.nodes_max = nodes_max;
  const mc::Reading start = mc::first_reading(compiled.value(), words, known_places(record, compiled.value(), model));
  const mc::Explanation<RayModel> answer = mc::Explainer<RayModel>(model, matcher, start, rests, limits).run();
  result.verdict = answer.verdict;
  result.reason = answer.reason;
  result.read = answer.reading.read;
  result.events = compiled.value().events;
  result.nodes = answer.nodes;
  result.steps = answer.path.actions.size();
  return result;
}

std::vector<std::filesystem::path> kept_records() {
  std::vector<std::filesystem::path> records;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(support::source_dir()) / "tests/ray/records")) {
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
