// Ray's model with stubborn sets: scenarios of every kind give the verdict of the full search, and nobody gets in the
// way of what is taken first.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "checker/audit/foresight_check.hpp"
#include "checker/engine/search.hpp"
#include "model/ray_model.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/support/scenarios.hpp"

namespace raymc {
namespace {

using support::files_of;
using support::scenario_of;

mc::Report<RayModel> searched(const Scenario& scenario, mc::ReductionKind reduction, bool symmetry) {
  mc::Options options;
  options.threads = 2;
  options.symmetry = symmetry;
  options.reduction = reduction;
  return mc::search(RayModel(scenario.config), support::safety_properties_of(scenario), options);
}

// Scenarios that are small enough to be searched whole, whatever they declare.
TEST(RayStubborn, EveryScenarioGivesTheVerdictOfTheFullSearch) {
  const std::uint64_t states_max = mc::support::kSanitized ? 300 : 9'000;
  std::uint64_t compared = 0;
  std::uint64_t reduced = 0;
  std::uint64_t all = 0;
  std::uint64_t left = 0;
  for (const std::string folder : {"ci", "defects"}) {
    for (const std::filesystem::path& file : files_of(folder)) {
      Scenario scenario = scenario_of(file);
      const std::optional<mc::Expectation>& expect = scenario.expect;
      if (!expect || !expect->states || *expect->states > states_max || scenario.limits.depth_max) continue;
      SCOPED_TRACE(file.string());
      scenario.limits = {};
      for (const bool symmetry : {false, true}) {
        const mc::Report<RayModel> full = searched(scenario, mc::ReductionKind::kNone, symmetry);
        const mc::Report<RayModel> lean = searched(scenario, mc::ReductionKind::kStubborn, symmetry);
        ++compared;
        ASSERT_TRUE(lean.reduction.used) << lean.reduction.refused;
        EXPECT_EQ(lean.verdict.outcome, full.verdict.outcome);
        EXPECT_EQ(lean.verdict.violated, full.verdict.violated);
        for (std::size_t i = 0; i < full.verdict.judgements.size(); ++i) {
          EXPECT_EQ(lean.verdict.judgements[i].outcome, full.verdict.judgements[i].outcome);
        }
        if (lean.reduction.exact) {
          EXPECT_EQ(lean.verdict, full.verdict);
          EXPECT_EQ(lean.counterexample, full.counterexample);
        } else {
          ++reduced;
          all += full.representatives;
          left += lean.representatives;
        }
      }
    }
  }
  EXPECT_GT(compared, 20U);
  EXPECT_GT(reduced, 10U);
  EXPECT_LT(left, all);
}

// Walks rather than levels, so that every depth is seen.
TEST(RayStubborn, NobodyGetsInTheWayOfWhatIsTakenFirst) {
  const std::size_t walks = mc::support::kSanitized ? 1 : 12;
  std::uint64_t drawn = 1;
  std::uint64_t chosen = 0;
  for (const std::string folder : {"seed", "ci", "defects", "release"}) {
    for (const std::filesystem::path& file : files_of(folder)) {
      SCOPED_TRACE(file.string());
      const RayModel model(scenario_of(file).config);
      mc::StubbornSets<RayModel> sets(model);
      const auto disturbing = [&](const State& state, const std::vector<Action>& enabled) {
        chosen += sets.choose(state, enabled).empty() ? 0 : 1;
        const auto action = mc::disturbed_action(model, state, std::span<const Action>(enabled));
        return action ? model.name(*action) : std::string();
      };
      ASSERT_EQ(support::wrong_on_walks(model, walks, drawn, disturbing), "");
    }
  }
  EXPECT_GT(chosen, 100U);
}

}  // namespace
}  // namespace raymc
