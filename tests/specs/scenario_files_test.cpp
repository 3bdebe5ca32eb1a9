// The scenario files of the project: each is read without a mistake, and each folder keeps its promise.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "specs/properties/catalogue.hpp"
#include "specs/scenario.hpp"
#include "tests/support/places.hpp"

namespace raymc {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> scenario_files() {
  std::vector<fs::path> files;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(raymc::support::source_dir()) / "specs" / "scenarios")) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(ScenarioFiles, EachIsReadWithoutAMistakeAndStatesWhatItExpects) {
  for (const fs::path& file : scenario_files()) {
    const mc::Result<Scenario> scenario = load_scenario(file, all_properties());
    ASSERT_TRUE(scenario.ok()) << scenario.error().text();
    EXPECT_TRUE(scenario.value().expect.has_value()) << file;
  }
}

TEST(ScenarioFiles, DefectsAreViolatedByANamedPropertyAtAStatedLength) {
  for (const fs::path& file : scenario_files()) {
    const std::string folder = file.parent_path().filename().string();
    if (folder != "defects" && folder != "hangs" && folder != "variants") continue;
    const mc::Result<Scenario> scenario = load_scenario(file, all_properties());
    ASSERT_TRUE(scenario.ok()) << scenario.error().text();
    ASSERT_TRUE(scenario.value().expect.has_value()) << file;
    EXPECT_EQ(scenario.value().expect->outcome, mc::Outcome::kViolated) << file;
    EXPECT_TRUE(scenario.value().expect->property.has_value()) << file;
    EXPECT_TRUE(scenario.value().expect->trace_length.has_value()) << file;
    EXPECT_FALSE(scenario.value().threads.empty()) << file;
  }
}

TEST(ScenarioFiles, EachDefectOfRayAsItIsIsJudged) {
  const SafeguardSet pinned = SafeguardSet::pinned();
  for (const fs::path& file : scenario_files()) {
    if (file.parent_path().filename() != "defects") continue;
    const mc::Result<Scenario> scenario = load_scenario(file, all_properties());
    ASSERT_TRUE(scenario.ok()) << scenario.error().text();
    bool off = false;
    for (const SafeguardRow& row : safeguard_table()) {
      off = off || (pinned.has(row.safeguard) && !scenario.value().config.has(row.safeguard));
    }
    EXPECT_EQ(scenario.value().finding.has_value(), !off) << file;
  }
}

// What a scenario of ci/ holds of is seen in its path.
TEST(ScenarioFiles, TheFoldersOfCiSayOfWhichRayTheyAre) {
  const SafeguardSet pinned = SafeguardSet::pinned();
  for (const fs::path& file : scenario_files()) {
    if (file.parent_path().parent_path().filename() != "ci") continue;
    const mc::Result<Scenario> scenario = load_scenario(file, all_properties());
    ASSERT_TRUE(scenario.ok()) << scenario.error().text();
    bool fixed = false;
    bool weakened = false;
    for (const SafeguardRow& row : safeguard_table()) {
      const bool on = scenario.value().config.has(row.safeguard);
      fixed = fixed || (on && !pinned.has(row.safeguard));
      weakened = weakened || (!on && pinned.has(row.safeguard));
    }
    const std::string folder = file.parent_path().filename().string();
    EXPECT_EQ(folder, weakened ? "weakened" : fixed ? "proposed" : "pinned") << file;
    EXPECT_NE(scenario.value().expect->outcome, mc::Outcome::kViolated) << file;
  }
}

TEST(ScenarioFiles, NamesAreUnique) {
  std::vector<std::string> stems;
  for (const fs::path& file : scenario_files()) stems.push_back(file.stem().string());
  std::sort(stems.begin(), stems.end());
  EXPECT_EQ(std::adjacent_find(stems.begin(), stems.end()), stems.end());
}

}  // namespace
}  // namespace raymc
