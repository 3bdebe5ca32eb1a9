// The search against its dumb twin: whole verdicts and traces, on 1, 2, 3 and 8 threads, with both stores.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "checker/engine/search.hpp"
#include "tests/models/random_graph.hpp"
#include "tests/models/recovery.hpp"
#include "tests/models/two_node_lock.hpp"
#include "tests/models/two_phase_commit.hpp"
#include "tests/reference/reference_search.hpp"
#include "tests/support/sanitized.hpp"

namespace mc::models {
namespace {

template <Model M>
void expect_same(const M& model, std::type_identity_t<std::span<const Property<M>>> properties, const Limits& limits) {
  const reference::Answer<M> expected = reference::search(model, properties, limits);
  for (const unsigned threads : {1U, 2U, 3U, 8U}) {
    for (const StoreKind store : {StoreKind::kExact, StoreKind::kFingerprint}) {
      SCOPED_TRACE(std::to_string(threads) + " threads, " + std::string(to_string(store)));
      Options options;
      options.threads = threads;
      options.store = store;
      options.limits = limits;
      const Report<M> actual = search(model, properties, options);
      EXPECT_EQ(actual.verdict.reason, expected.verdict.reason);
      EXPECT_EQ(actual.verdict.states, expected.verdict.states);
      EXPECT_TRUE(actual.verdict == expected.verdict);
      EXPECT_TRUE(actual.counterexample == expected.counterexample);
      EXPECT_TRUE(actual.overflowing == expected.overflowing);
      std::map<std::string, Trace<M>> witnesses;
      for (const Witness<M>& witness : actual.witnesses) witnesses.emplace(witness.property, witness.trace);
      EXPECT_TRUE(witnesses == expected.witnesses);
      EXPECT_EQ(witnesses.size(), actual.witnesses.size());
    }
  }
}

// The kinds cycle with the seed, so that all of them and all outcomes occur; the last labels stay unused for variety.
std::vector<Property<RandomGraph>> properties_of(std::mt19937_64& random) {
  const auto kind = [&] { return static_cast<PropertyKind>(random() % 3); };
  std::vector<Property<RandomGraph>> all{random_property<0>(kind()), random_property<1>(kind()),
                                         random_property<2>(kind()), random_property<3>(kind()),
                                         random_property<4>(kind()), random_property<5>(kind())};
  all.resize(random() % (all.size() + 1));
  return all;
}

Limits limits_of(std::mt19937_64& random, std::uint32_t states_max) {
  Limits limits;
  if (random() % 4 == 0) limits.depth_max = static_cast<std::uint32_t>(random() % 8);
  if (random() % 4 == 0) limits.states_max = random() % states_max;
  limits.depth_declared = random() % 2 == 0;
  limits.states_declared = random() % 2 == 0;
  return limits;
}

// Returns how often each outcome occurred, so that a test can see that it looked at all of them.
std::map<Outcome, int> compare_random_graphs(std::uint64_t seeds, const RandomGraph::Options& options) {
  std::map<Outcome, int> outcomes;
  for (std::uint64_t seed = 0; seed < seeds && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed * 7919 + options.states_max);
    const RandomGraph model(random(), options);
    const auto properties = properties_of(random);
    const Limits limits = limits_of(random, options.states_max);
    ++outcomes[reference::search(model, properties, limits).verdict.outcome];
    expect_same(model, properties, limits);
  }
  return outcomes;
}

constexpr std::uint64_t kScale = support::kSanitized ? 20 : 1;

TEST(AgainstReference, SmallRandomGraphs) {
  const auto outcomes = compare_random_graphs(10'000 / kScale, RandomGraph::Options{});
  for (const Outcome outcome : {Outcome::kHolds, Outcome::kHoldsWithinBounds, Outcome::kViolated, Outcome::kUnreached,
                                Outcome::kInconclusive}) {
    EXPECT_GT(outcomes.count(outcome), 0U) << to_string(outcome);
  }
}

TEST(AgainstReference, RandomGraphsThatOverflow) {
  RandomGraph::Options options;
  options.overflow_per_mille = 40;
  EXPECT_GT(compare_random_graphs(3000 / kScale, options)[Outcome::kInconclusive], 0);
}

TEST(AgainstReference, LargerRandomGraphs) {
  RandomGraph::Options options;
  options.states_max = 4000;
  options.edges_max = 6;
  options.overflow_per_mille = 1;
  compare_random_graphs(1000 / kScale, options);
}

// Naps let later states be expanded before earlier ones, so that links are lowered and merges matter.
TEST(AgainstReference, RandomGraphsThatNap) {
  RandomGraph::Options options;
  options.states_max = 1500;
  options.edges_max = 6;
  options.overflow_per_mille = 2;
  options.nap_one_in = 16;
  compare_random_graphs(150 / kScale, options);
}

TEST(AgainstReference, RandomGraphsWithLongEncodings) {
  RandomGraph::Options options;
  options.states_max = 300;
  options.encoding_bytes_max = 1000;
  compare_random_graphs(1000 / kScale, options);
}

TEST(AgainstReference, TwoNodeLock) {
  expect_same(TwoNodeLock{}, kLockProperties, Limits::none());
  expect_same(TwoNodeLock{.acquires_blindly = true}, kLockProperties, Limits::none());
}

TEST(AgainstReference, TwoPhaseCommit) {
  for (const unsigned managers : {1U, 2U, 3U, 5U}) {
    expect_same(TwoPhaseCommit(managers), kTwoPhaseProperties, Limits::none());
    expect_same(TwoPhaseCommit(managers, TwoPhaseCommit::Bug::kCommitsEarly), kTwoPhaseProperties, Limits::none());
  }
}

TEST(AgainstReference, Recovery) {
  for (const Recovery::Sizes sizes : {Recovery::Sizes{1, 1, 1, 1}, {1, 2, 1, 1}, {2, 1, 3, 0}, {2, 2, 1, 1}}) {
    expect_same(Recovery(sizes), kRecoveryProperties, Limits::none());
    expect_same(Recovery(sizes, Recovery::Bug::kForgetsTheLost), kRecoveryProperties, Limits::none());
    Limits limits;
    for (limits.depth_max = 0; *limits.depth_max < 20; ++*limits.depth_max) {
      limits.depth_declared = *limits.depth_max % 2 == 0;
      if (*limits.depth_max % 5 == 0) expect_same(Recovery(sizes), kRecoveryProperties, limits);
    }
  }
}

}  // namespace
}  // namespace mc::models
