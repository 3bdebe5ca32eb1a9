// The liveness checker against its dumb twin over thousands of random models, and on models small enough to see.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "checker/engine/search.hpp"
#include "tests/models/written_graph.hpp"
#include "tests/reference/liveness_twin.hpp"
#include "tests/support/sanitized.hpp"

namespace mc {
namespace {

using models::promise;
using models::random_written;
using models::WrittenGraph;
using reference::SmallGraph;

TEST(LivenessAgainstTwin, RandomModels) {
  constexpr std::uint64_t kModels = support::kSanitized ? 600 : 12'000;
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 0; seed < kModels && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const WrittenGraph model = random_written(random);
    for (const PropertyKind kind : {PropertyKind::kEventually, PropertyKind::kLeadsTo, PropertyKind::kPossible}) {
      SCOPED_TRACE(std::string(to_string(kind)));
      const std::array<Property<WrittenGraph>, 1> properties{promise(kind)};
      const auto expected = reference::shortest_failure(model.graph, kind, model.goal, model.begins);
      Options options;
      options.threads = 1 + static_cast<unsigned>(seed % 3);
      const Report<WrittenGraph> report = search(model, properties, options);
      ASSERT_EQ(report.verdict.outcome, expected ? Outcome::kViolated : Outcome::kHolds);
      ++seen[std::string(to_string(kind)) + (expected ? " fails" : " holds")];
      if (!expected) continue;
      // Every run that is handed out was replayed and checked by definition.
      EXPECT_EQ(report.verdict.judgements[0].depth, *expected);
      ASSERT_TRUE(report.counterexample.has_value());
      EXPECT_EQ(report.counterexample->loop.value_or(report.counterexample->actions.size()), *expected);
      if (report.counterexample->loop) ++seen["lasso"];
    }
  }
  EXPECT_EQ(seen.size(), 7U);
  for (const auto& [what, times] : seen) EXPECT_GT(times, static_cast<int>(kModels / 50)) << what;
}

TEST(LivenessAgainstTwin, TheSameRunOnAnyNumberOfThreads) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const WrittenGraph model = random_written(random);
    const std::array<Property<WrittenGraph>, 3> properties{
        promise(PropertyKind::kEventually), promise(PropertyKind::kLeadsTo), promise(PropertyKind::kPossible)};
    Options options;
    options.threads = 1;
    const Report<WrittenGraph> one = search(model, properties, options);
    for (const unsigned threads : {2U, 3U, 8U}) {
      options.threads = threads;
      const Report<WrittenGraph> many = search(model, properties, options);
      EXPECT_TRUE(one.verdict == many.verdict);
      EXPECT_TRUE(one.counterexample == many.counterexample);
    }
  }
}

/// Two states that one component flips between, and a way out to the goal by another component.
WrittenGraph flip_flop() {
  WrittenGraph model;
  model.graph = {3, {0}, {{0, 1, false, 1}, {1, 0, false, 1}, {0, 2, false, 2}, {1, 2, false, 2}}};
  model.goal = {0, 0, 1};
  model.begins = {1, 0, 0};
  return model;
}

TEST(Liveness, AComponentThatIsAlwaysEnabledActs) {
  const std::array<Property<WrittenGraph>, 1> properties{promise(PropertyKind::kEventually)};
  EXPECT_EQ(check(flip_flop(), properties).outcome, Outcome::kHolds);
}

TEST(Liveness, AComponentThatIsEnabledNowAndThenNeedNotAct) {
  WrittenGraph model = flip_flop();
  model.graph.edges.pop_back();
  const std::array<Property<WrittenGraph>, 1> properties{promise(PropertyKind::kEventually)};
  const Report<WrittenGraph> report = search(model, properties);
  EXPECT_EQ(report.verdict.outcome, Outcome::kViolated);
  ASSERT_TRUE(report.counterexample.has_value());
  EXPECT_EQ(report.counterexample->loop, 0U);
  EXPECT_EQ(report.counterexample->actions.size(), 2U);
  // It can still be reached from everywhere, so that this is an unfair wait and no trap.
  const std::array<Property<WrittenGraph>, 1> possible{promise(PropertyKind::kPossible)};
  EXPECT_EQ(check(model, possible).outcome, Outcome::kHolds);
}

/// How often `holds` of the property that runs out of memory may still be asked.
std::atomic<int> questions_left = 0;

TEST(Liveness, WhatWasJudgedBeforeMemoryWasUsedUpKeepsItsRun) {
  WrittenGraph model = flip_flop();
  model.graph.edges.pop_back();
  Property<WrittenGraph> greedy = promise(PropertyKind::kEventually);
  greedy.id = "greedy";
  greedy.holds = [](const WrittenGraph& graph, const std::uint32_t& state) {
    if (questions_left-- == 0) throw std::bad_alloc();
    return graph.goal[state] != 0;
  };
  questions_left = 3;  // once in each state of the search; then when its run is looked at
  const std::array<Property<WrittenGraph>, 2> properties{promise(PropertyKind::kEventually), greedy};
  const Report<WrittenGraph> report = search(model, properties);
  EXPECT_EQ(report.verdict.outcome, Outcome::kViolated);
  EXPECT_EQ(report.verdict.violated, "promise");
  ASSERT_TRUE(report.counterexample.has_value());
  EXPECT_EQ(report.counterexample->actions.size(), 2U);
  EXPECT_TRUE(report.other_violations.empty());
  EXPECT_EQ(report.verdict.judgements[1].outcome, Outcome::kInconclusive);
  EXPECT_NE(report.verdict.reason.find("out of memory"), std::string::npos) << report.verdict.reason;

  questions_left = 3;
  const std::array<Property<WrittenGraph>, 1> alone{greedy};
  EXPECT_EQ(search(model, alone).verdict.outcome, Outcome::kInconclusive);
}

TEST(Liveness, TheEnvironmentIsNeverFairAndNeverEndless) {
  WrittenGraph model = flip_flop();
  for (SmallGraph::Edge& edge : model.graph.edges) edge.environment = edge.component == 2;
  const std::array<Property<WrittenGraph>, 1> properties{promise(PropertyKind::kEventually)};
  EXPECT_EQ(check(model, properties).outcome, Outcome::kViolated);
  // Round and round by the environment alone is no run: it ends where the protocol has nothing to do.
  for (SmallGraph::Edge& edge : model.graph.edges) edge.environment = true;
  const Report<WrittenGraph> report = search(model, properties);
  ASSERT_TRUE(report.counterexample.has_value());
  EXPECT_FALSE(report.counterexample->loop.has_value());
  EXPECT_TRUE(report.counterexample->actions.empty());
}

TEST(Liveness, ABoundedSearchNeverSaysThatAPromiseIsKept) {
  const std::array<Property<WrittenGraph>, 1> properties{promise(PropertyKind::kLeadsTo)};
  Limits limits;
  limits.depth_max = 0;
  limits.depth_declared = true;
  const Verdict verdict = check(flip_flop(), properties, limits);
  EXPECT_EQ(verdict.outcome, Outcome::kInconclusive);
  EXPECT_EQ(verdict.judgements[0].outcome, Outcome::kInconclusive);
  EXPECT_NE(verdict.reason.find("a bounded search does not decide promise"), std::string::npos) << verdict.reason;
}

// Nothing is enabled in the only state, so that a bound cuts nothing off: the run ends there, and breaks its promise.
TEST(Liveness, ABoundThatCutsNothingOffHidesNothing) {
  WrittenGraph model;
  model.graph = {1, {0}, {}};
  model.goal = {0};
  model.begins = {1};
  for (const PropertyKind kind : {PropertyKind::kEventually, PropertyKind::kLeadsTo, PropertyKind::kPossible}) {
    const std::array<Property<WrittenGraph>, 1> properties{promise(kind)};
    for (const bool declared : {false, true}) {
      Limits limits;
      limits.depth_max = 0;
      limits.depth_declared = declared;
      EXPECT_EQ(check(model, properties, limits).outcome, Outcome::kViolated) << to_string(kind);
      limits = {};
      limits.states_max = 0;
      limits.states_declared = declared;
      EXPECT_EQ(check(model, properties, limits).outcome, Outcome::kViolated) << to_string(kind);
    }
  }
}

// What lies beyond the bound is not known, even if only the environment could lead there.
TEST(Liveness, AStateThatIsCutOffNeitherEndsARunNorIsATrap) {
  WrittenGraph model;
  model.graph = {3, {0}, {{0, 1, false, 1}, {1, 2, true, 1}}};
  model.goal = {0, 0, 1};
  model.begins = {1, 0, 0};
  Limits limits;
  limits.depth_max = 1;
  for (const PropertyKind kind : {PropertyKind::kEventually, PropertyKind::kLeadsTo, PropertyKind::kPossible}) {
    const std::array<Property<WrittenGraph>, 1> properties{promise(kind)};
    EXPECT_EQ(check(model, properties, limits).outcome, Outcome::kInconclusive) << to_string(kind);
    EXPECT_EQ(check(model, properties).outcome, Outcome::kViolated) << to_string(kind);
  }
}

TEST(Liveness, AnInterruptionWhileItJudgesDecidesNothing) {
  static std::atomic<bool> cancel;
  cancel = false;
  std::array<Property<WrittenGraph>, 1> properties{promise(PropertyKind::kPossible)};
  // The last state to be judged asks for the end: the loop is over then, and only the judging is left.
  properties[0].holds = [](const WrittenGraph&, const std::uint32_t& state) {
    if (state == 2) cancel = true;
    return false;
  };
  Options options;
  options.cancel = &cancel;
  WrittenGraph line;
  line.graph = {3, {0}, {{0, 1, false, 1}, {1, 2, false, 1}}};
  const Verdict verdict = search(line, properties, options).verdict;
  EXPECT_EQ(verdict.states, 3U);
  EXPECT_EQ(verdict.outcome, Outcome::kInconclusive);
  EXPECT_EQ(verdict.reason, "interrupted");
  EXPECT_EQ(verdict.judgements[0].outcome, Outcome::kInconclusive);
}

TEST(Liveness, AStoreWithoutEncodingsIsRefused) {
  const std::array<Property<WrittenGraph>, 1> properties{promise(PropertyKind::kPossible)};
  Options options;
  options.store = StoreKind::kFingerprint;
  const Verdict verdict = search(flip_flop(), properties, options).verdict;
  EXPECT_EQ(verdict.outcome, Outcome::kInconclusive);
  EXPECT_EQ(verdict.states, 0U);
  EXPECT_EQ(verdict.reason, "property promise is judged on the whole graph, which needs the exact store");
}

}  // namespace
}  // namespace mc
