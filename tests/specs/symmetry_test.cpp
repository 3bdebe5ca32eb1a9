// Symmetry on the scenarios: every small one gives the answer that it gives without, count by count and level by level,
// with traces as short; and the properties of all of them mean the same under other names.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checker/audit/symmetry_checks.hpp"
#include "checker/engine/search.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/scenario.hpp"
#include "tests/model/reachable.hpp"
#include "tests/support/places.hpp"

namespace raymc {
namespace {

namespace fs = std::filesystem;

/// Searching everything twice has to be affordable.
constexpr std::uint64_t kStatesMax = 60'000;

std::vector<std::string> scenarios() {
  std::vector<std::string> names;
  const fs::path root = fs::path(raymc::support::source_dir()) / "specs/scenarios";
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() == ".toml") names.push_back(entry.path().lexically_relative(root).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Scenario scenario_of(const std::string& name) {
  return load_scenario(fs::path(raymc::support::source_dir()) / "specs/scenarios" / name, all_properties()).value();
}

std::vector<Property> safety_of(const Scenario& scenario) {
  std::vector<Property> properties;
  for (const Property& property : all_properties()) {
    const auto& wanted = scenario.properties;
    const bool asked = std::find(wanted.begin(), wanted.end(), property.id) != wanted.end();
    if (asked && !mc::is_liveness(property.kind)) properties.push_back(property);
  }
  return properties;
}

class ScenarioSymmetryTest : public testing::TestWithParam<std::string> {};

TEST_P(ScenarioSymmetryTest, ReachableStatesAndPropertiesMindNoRenaming) {
  const Scenario scenario = scenario_of(GetParam());
  const RayModel model(scenario.config);
  if (model.renamings() == 1) GTEST_SKIP() << "nothing may be renamed";
  std::map<mc::AuditCheck, std::string> findings;
  const auto found = [&](mc::AuditCheck check, const State& state, const std::optional<Action>& action) {
    std::string words = action ? model.name(*action) : "";
    for (const std::string& part : model.describe(state)) words += "\n  " + part;
    findings.emplace(check, words);
  };
  const mc::SymmetryChecks checks(model, all_properties(), found);
  checks.check_initial();
  visit_some(model, 400, [&](const State& state, const std::vector<Action>& actions) {
    if (findings.empty()) checks.check(state, actions);
  });
  for (const auto& [check, words] : findings) ADD_FAILURE() << mc::to_string(check) << " at " << words;
}

TEST_P(ScenarioSymmetryTest, RepresentativesGiveTheAnswerOfAllStates) {
  const Scenario scenario = scenario_of(GetParam());
  const RayModel model(scenario.config);
  if (model.renamings() == 1) GTEST_SKIP() << "nothing may be renamed";
  if (scenario.expect->states.value_or(kStatesMax + 1) > kStatesMax) GTEST_SKIP() << "too large to be searched twice";
  const std::vector<Property> properties = safety_of(scenario);
  mc::Options options;
  options.limits = scenario.limits;
  const mc::Report<RayModel> quotient = mc::search(model, properties, options);
  options.symmetry = false;
  const mc::Report<RayModel> full = mc::search(model, properties, options);
  ASSERT_TRUE(quotient.symmetry.used);
  EXPECT_EQ(quotient.verdict.states, full.verdict.states);
  EXPECT_EQ(quotient.verdict.transitions, full.verdict.transitions);
  EXPECT_EQ(quotient.verdict.levels, full.verdict.levels);
  EXPECT_TRUE(quotient.verdict == full.verdict);
  EXPECT_LE(quotient.representatives, full.verdict.states);
  EXPECT_GE(quotient.representatives * model.renamings(), full.verdict.states);
  ASSERT_EQ(quotient.counterexample.has_value(), full.counterexample.has_value());
  if (full.counterexample) {
    EXPECT_EQ(quotient.counterexample->actions.size(), full.counterexample->actions.size());
    EXPECT_TRUE(mc::replays(model, *quotient.counterexample));
  }
}

INSTANTIATE_TEST_SUITE_P(Files, ScenarioSymmetryTest, testing::ValuesIn(scenarios()), [](const auto& file) {
  std::string name = fs::path(file.param).replace_extension().string();
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
});

}  // namespace
}  // namespace raymc
