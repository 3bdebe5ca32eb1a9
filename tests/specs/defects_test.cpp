// Every defect and every hang is found as its file says, and its twin holds: the same scenario with the safeguards of
// `held_by` on.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "checker/core/culprit.hpp"
#include "checker/engine/search.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/scenario.hpp"
#include "tests/support/places.hpp"

namespace raymc {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> defects() {
  std::vector<std::string> names;
  for (const std::string folder : {"defects", "hangs", "variants"}) {
    for (const auto& entry :
         fs::directory_iterator(fs::path(raymc::support::source_dir()) / "specs/scenarios" / folder)) {
      if (entry.path().extension() == ".toml") names.push_back(folder + "/" + entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

Scenario scenario_of(const std::string& name) {
  return load_scenario(fs::path(raymc::support::source_dir()) / "specs/scenarios" / (name + ".toml"), all_properties())
      .value();
}

std::vector<Property> properties_of(const Scenario& scenario) {
  std::vector<Property> properties;
  for (const Property& property : all_properties()) {
    const auto& wanted = scenario.properties;
    if (std::find(wanted.begin(), wanted.end(), property.id) != wanted.end()) properties.push_back(property);
  }
  return properties;
}

/// A node, a lease, a worker, a task, an owner, a value, a call or a RAY_CHECK.
bool names_something(const RayModel& model, const std::string& words) {
  static const std::regex kNames("\\b([nwL][0-9]+\\b|call [A-Z]|RAY_CHECK failed: [A-Z])");
  if (std::regex_search(words, kNames)) return true;
  const auto is_named = [&words](const std::string& kind, const auto& parts) {
    return std::ranges::any_of(parts,
                               [&](const auto& part) { return words.find(kind + part.name) != std::string::npos; });
  };
  const Shape& shape = model.config().shape;
  return is_named("task ", shape.tasks) || is_named("owner ", shape.owners) || is_named("value of ", shape.tasks);
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

  // A bound that lies where the graph ends cuts off no state, at most steps back: the promise is broken all the same.
  if (GetParam().starts_with("hangs/") && found.verdict.states < 20'000) {
    const auto expect_same = [&](const mc::Limits& limits) {
      mc::Options bounded = options;
      bounded.limits = limits;
      const mc::Verdict verdict = mc::search(RayModel(scenario.config), std::span(properties), bounded).verdict;
      EXPECT_EQ(verdict.outcome, found.verdict.outcome) << verdict.reason;
      EXPECT_EQ(verdict.violated, found.verdict.violated);
      EXPECT_EQ(verdict.states, found.verdict.states);
      EXPECT_EQ(verdict.depth, found.verdict.depth);
    };
    mc::Limits at_the_end = scenario.limits;
    at_the_end.depth_max = found.verdict.depth;
    expect_same(at_the_end);
    at_the_end = scenario.limits;
    at_the_end.states_max = found.verdict.states - 1;
    expect_same(at_the_end);
  }

  if (found.counterexample) {
    const auto broken = std::ranges::find(properties, found.verdict.violated, &Property::id);
    const RayModel model(scenario.config);
    const std::vector<std::string> culprits = mc::culprits_of(*broken, model, found.counterexample->states.back());
    ASSERT_FALSE(culprits.empty()) << broken->id << " names nothing that breaks it";
    for (const std::string& culprit : culprits) EXPECT_TRUE(names_something(model, culprit)) << culprit;
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
