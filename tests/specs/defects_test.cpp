// Every defect and every hang is found as its file says, and its twin holds: the same scenario with the safeguards of
// `held_by` on.
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

std::vector<std::string> defects() {
  std::vector<std::string> names;
  for (const std::string folder : {"defects", "hangs"}) {
    for (const auto& entry :
         fs::directory_iterator(fs::path(raymc::support::source_dir()) / "specs/scenarios" / folder)) {
      if (entry.path().extension() == ".toml") names.push_back(folder + "/" + entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

Scenario scenario_of(const std::string& name) {
  std::vector<std::string_view> ids;
  for (const Property& property : all_properties()) ids.push_back(property.id);
  return load_scenario(fs::path(raymc::support::source_dir()) / "specs/scenarios" / (name + ".toml"), ids).value();
}

std::vector<Property> properties_of(const Scenario& scenario) {
  std::vector<Property> properties;
  for (const Property& property : all_properties()) {
    const auto& wanted = scenario.properties;
    if (std::find(wanted.begin(), wanted.end(), property.id) != wanted.end()) properties.push_back(property);
  }
  return properties;
}

class DefectTest : public testing::TestWithParam<std::string> {};

TEST_P(DefectTest, IsFoundAtItsLengthAndHeldByItsSafeguards) {
  Scenario scenario = scenario_of(GetParam());
  const std::vector<Property> properties = properties_of(scenario);
  mc::Options options;
  options.limits = scenario.limits;
  const mc::Report<RayModel> found = mc::search(RayModel(scenario.config), std::span(properties), options);
  std::optional<std::uint32_t> length;
  if (found.counterexample) length = static_cast<std::uint32_t>(found.counterexample->actions.size());
  EXPECT_EQ(mc::mismatches(*scenario.expect, found.verdict, length), std::vector<std::string>{});

  // A bound that lies where the graph ends cuts nothing off, so that it changes nothing.
  if (GetParam().starts_with("hangs/") && found.verdict.states < 20'000) {
    mc::Options bounded = options;
    bounded.limits.depth_max = found.verdict.depth;
    EXPECT_EQ(mc::search(RayModel(scenario.config), std::span(properties), bounded).verdict, found.verdict);
    bounded.limits = scenario.limits;
    bounded.limits.states_max = found.verdict.states - 1;
    EXPECT_EQ(mc::search(RayModel(scenario.config), std::span(properties), bounded).verdict, found.verdict);
  }

  if (scenario.held_by.empty()) return;
  for (const Safeguard safeguard : scenario.held_by) {
    EXPECT_FALSE(scenario.config.has(safeguard)) << id_of(safeguard) << " is on in the defect already";
    scenario.config.safeguards.set(safeguard, true);
  }
  const mc::Verdict twin = mc::check(RayModel(scenario.config), std::span(properties), scenario.limits);
  EXPECT_EQ(twin.outcome, mc::Outcome::kHolds) << "the twin: " << twin.violated << " " << twin.reason;
}

INSTANTIATE_TEST_SUITE_P(Files, DefectTest, testing::ValuesIn(defects()),
                         [](const auto& defect) { return defect.param.substr(defect.param.find('/') + 1); });

}  // namespace
}  // namespace raymc
