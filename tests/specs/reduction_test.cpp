// Ray's model with actions that sleep: scenarios of every kind give the report of taking every transition, and what its
// footprints call independent commutes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "checker/engine/search.hpp"
#include "checker/engine/swap.hpp"
#include "model/footprint.hpp"
#include "model/ray_model.hpp"
#include "model/rows.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/support/scenarios.hpp"

namespace raymc {
namespace {

namespace fs = std::filesystem;
using support::files_of;
using support::scenario_of;

mc::Report<RayModel> searched(const Scenario& scenario, bool symmetry, bool reduction, std::uint64_t states_max) {
  mc::Options options;
  options.threads = 2;
  options.symmetry = symmetry;
  options.reduction = reduction ? mc::ReductionKind::kSleep : mc::ReductionKind::kNone;
  options.limits = scenario.limits;
  options.limits.states_max = std::min(scenario.limits.states_max.value_or(states_max), states_max);
  return mc::search(RayModel(scenario.config), support::safety_properties_of(scenario), options);
}

TEST(RayReduction, EveryScenarioGivesTheReportOfTakingEveryTransition) {
  const std::uint64_t states = mc::support::kSanitized ? 500 : 12'000;
  std::uint64_t transitions = 0;
  std::uint64_t taken = 0;
  for (const std::string folder : {"seed", "ci", "defects"}) {
    for (const fs::path& file : files_of(folder)) {
      SCOPED_TRACE(file.string());
      const Scenario scenario = scenario_of(file);
      for (const bool symmetry : {false, true}) {
        const mc::Report<RayModel> full = searched(scenario, symmetry, false, states);
        const mc::Report<RayModel> lean = searched(scenario, symmetry, true, states);
        ASSERT_TRUE(lean.reduction.used);
        EXPECT_EQ(lean.verdict, full.verdict);
        EXPECT_EQ(lean.counterexample, full.counterexample);
        EXPECT_EQ(lean.witnesses, full.witnesses);
        EXPECT_EQ(lean.representatives, full.representatives);
        transitions += full.taken;
        taken += lean.taken;
      }
    }
  }
  EXPECT_GT(transitions, taken + taken / 16) << "it is worth something";
}

/// Two actions that are called independent and are not, in words; empty if there are none.
std::string broken_pair(const RayModel& model, const State& state, const std::vector<Action>& enabled) {
  std::vector<mc::Footprint> footprints;
  for (const Action& action : enabled) footprints.push_back(model.footprint(state, action));
  for (std::size_t i = 0; i < enabled.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!mc::independent(footprints[i], footprints[j])) continue;
      if (!mc::commute(model, state, enabled[i], enabled[j]))
        return model.name(enabled[i]) + " and " + model.name(enabled[j]);
    }
  }
  return {};
}

// Walks rather than levels, so that every depth is seen.
TEST(RayReduction, WhatIsCalledIndependentCommutes) {
  const std::size_t walks = mc::support::kSanitized ? 2 : 25;
  std::uint64_t drawn = 1;
  for (const std::string folder : {"seed", "ci", "defects", "release"}) {
    for (const fs::path& file : files_of(folder)) {
      SCOPED_TRACE(file.string());
      const RayModel model(scenario_of(file).config);
      const auto broken = [&](const State& state, const std::vector<Action>& enabled) {
        return broken_pair(model, state, enabled);
      };
      ASSERT_EQ(support::wrong_on_walks(model, walks, drawn, broken), "");
    }
  }
}

}  // namespace
}  // namespace raymc
