// Small scenarios in which a property once called a violation what Ray does by design: today every property holds in
// them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "checker/engine/search.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/scenario.hpp"
#include "tests/support/places.hpp"

namespace raymc {
namespace {

namespace fs = std::filesystem;

fs::path folder() {
  return fs::path(support::source_dir()) / "tests/specs/false_alarms";
}

std::vector<std::string> inputs() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder())) names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

class FalseAlarmTest : public testing::TestWithParam<std::string> {};

TEST_P(FalseAlarmTest, IsNotRaised) {
  const mc::Result<Scenario> loaded = load_scenario(folder() / (GetParam() + ".toml"), all_properties());
  ASSERT_TRUE(loaded.ok()) << loaded.error().text();
  std::vector<Property> properties;
  for (const Property& property : all_properties()) {
    if (std::ranges::find(loaded.value().properties, property.id) != loaded.value().properties.end())
      properties.push_back(property);
  }
  const mc::Verdict verdict = mc::search(RayModel(loaded.value().config), properties).verdict;
  EXPECT_EQ(verdict.outcome, mc::Outcome::kHolds) << verdict.violated;
}

INSTANTIATE_TEST_SUITE_P(Files, FalseAlarmTest, testing::ValuesIn(inputs()),
                         [](const auto& file) { return file.param; });

}  // namespace
}  // namespace raymc
