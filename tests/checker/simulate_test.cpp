// Random walks: the same on any number of threads, honest about what they saw, and as short as they can be told.
#include "checker/engine/simulate.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/models/counter.hpp"
#include "tests/models/random_graph.hpp"
#include "tests/models/two_phase_commit.hpp"

namespace mc {
namespace {

using models::Counter;

constexpr Property<Counter> kBelowNine{.id = "C1.below_nine",
                                       .kind = PropertyKind::kInvariant,
                                       .claim = "the counter is below nine",
                                       .holds = [](const Counter&, const std::uint32_t& n) { return n < 9; }};
constexpr Property<Counter> kIsSeven{.id = "C2.is_seven",
                                     .kind = PropertyKind::kReachable,
                                     .claim = "the counter is seven",
                                     .holds = [](const Counter&, const std::uint32_t& n) { return n == 7; }};

WalkOptions options_of(std::uint64_t walks, std::uint64_t seed = 1, unsigned threads = 2) {
  WalkOptions options;
  options.walks = walks;
  options.seed = seed;
  options.threads = threads;
  return options;
}

TEST(Simulate, FindsWhatIsBrokenAndShortensItToTheShortest) {
  const Counter model{.last = 10};
  const std::vector<Property<Counter>> properties{kIsSeven, kBelowNine};
  const auto report = simulate(model, properties, options_of(100));
  ASSERT_TRUE(report.failure.has_value());
  EXPECT_EQ(report.failure->property, 1U);
  EXPECT_EQ(report.failure->path.trace.actions.size(), 5U) << "four steps of two and one of one";
  EXPECT_TRUE(shows(model, report.failure->path.trace, kBelowNine));
  EXPECT_EQ(report.tally.states.estimate(), 11U) << "0 to 10";
}

TEST(Simulate, SaysNothingIsBrokenAndCountsWhatItSaw) {
  const Counter model{.last = 8};
  const std::vector<Property<Counter>> properties{kIsSeven, kBelowNine};
  const auto report = simulate(model, properties, options_of(300));
  EXPECT_FALSE(report.failure.has_value());
  EXPECT_EQ(report.walks, 300U);
  EXPECT_EQ(report.tally.ended, 300U) << "every walk comes to eight, where nothing is enabled";
  EXPECT_EQ(report.tally.cut, 0U);
  EXPECT_EQ(report.tally.states.estimate(), 9U);
  ASSERT_TRUE(report.tally.first[0].has_value());
  EXPECT_FALSE(report.tally.first[1].has_value());
}

TEST(Simulate, CutsWalksAtTheirDepth) {
  WalkOptions options = options_of(50);
  options.depth_max = 3;
  const auto report = simulate(Counter{.last = 100}, {}, options);
  EXPECT_EQ(report.tally.cut, 50U);
  EXPECT_EQ(report.tally.steps, 150U);
}

TEST(Simulate, AWalkEndsWhereEverythingOverflows) {
  const Counter model{.last = 100, .on_apply = [](const std::uint32_t& n, const Counter::Action&) {
                        if (n > 3) throw CapacityExceeded("counter: 3");
                      }};
  const auto report = simulate(model, {}, options_of(20));
  EXPECT_EQ(report.tally.overflowed, 20U);
}

TEST(Simulate, InterruptedRoundsDoNotCount) {
  const std::atomic<bool> cancelled{true};
  WalkOptions options = options_of(1000);
  options.cancel = &cancelled;
  const auto report = simulate(Counter{.last = 8}, {}, options);
  EXPECT_TRUE(report.interrupted);
  EXPECT_EQ(report.walks, 0U);
  EXPECT_EQ(report.tally.steps, 0U);
}

/// Everything that a report says.
template <class M>
std::string said(const SimulationReport<M>& report) {
  std::string text = std::to_string(report.walks) + " " + std::to_string(report.tally.steps) + " " +
                     std::to_string(report.tally.ended) + " " + std::to_string(report.tally.states.estimate());
  for (const std::uint64_t count : report.tally.fired) text += " " + std::to_string(count);
  for (const auto& first : report.tally.first)
    text += first ? " " + std::to_string(first->walk) + "/" + std::to_string(first->depth) : " -";
  if (report.failure) {
    text += " " + std::to_string(report.failure->walk) + " " + std::to_string(report.failure->path.found) + " " +
            std::to_string(report.failure->path.trace.actions.size()) + " " + report.failure->path.research;
  }
  return text;
}

TEST(Simulate, SaysTheSameOnAnyNumberOfThreadsAndAnotherThingForAnotherSeed) {
  std::set<std::string> different;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const models::TwoPhaseCommit model{4};
    const std::string one = said(simulate(model, {}, options_of(700, seed, 1)));
    for (const unsigned threads : {2U, 3U, 8U})
      EXPECT_EQ(said(simulate(model, {}, options_of(700, seed, threads))), one) << seed;
    different.insert(one);
  }
  EXPECT_EQ(different.size(), 5U);
}

TEST(Simulate, TheFailingWalkAloneIsFoundAgain) {
  const Counter model{.last = 10};
  const std::vector<Property<Counter>> properties{kBelowNine};
  const auto whole = simulate(model, properties, options_of(1000, 3));
  ASSERT_TRUE(whole.failure.has_value());
  WalkOptions options = options_of(1, 3);
  options.only = whole.failure->walk;
  const auto again = simulate(model, properties, options);
  ASSERT_TRUE(again.failure.has_value());
  EXPECT_EQ(again.failure->walk, whole.failure->walk);
  EXPECT_EQ(again.failure->path.found, whole.failure->path.found);
}

TEST(Simulate, AWalkAloneIsReportedAlone) {
  const Counter model{.last = 10};
  // In its first round, and in a later one, whose weights come from the walks before it.
  for (const std::uint64_t number : {std::uint64_t{7}, kWalksPerRound + 7}) {
    WalkOptions options = options_of(1, 3);
    options.only = number;
    const auto one = simulate(model, {}, options);
    EXPECT_EQ(one.walks, 1U);
    EXPECT_EQ(one.tally.ended + one.tally.cut + one.tally.overflowed, 1U);
    EXPECT_LE(one.tally.steps, options.depth_max);
    EXPECT_GT(one.tally.steps, 0U);
    // The walks up to it and the walks before it differ by it alone.
    if (number >= kWalksPerRound) continue;
    const std::uint64_t with = simulate(model, {}, options_of(number + 1, 3)).tally.steps;
    EXPECT_EQ(one.tally.steps, with - simulate(model, {}, options_of(number, 3)).tally.steps);
  }
}

TEST(Shorten, LeavesOutWhatIsNotNeededAndNothingElse) {
  const Counter model{.last = 20};
  const std::vector<Counter::Action> nine_and_more(12, Counter::Action{1});
  const std::optional<Trace<Counter>> path = broken_along(model, 0U, nine_and_more, kBelowNine);
  ASSERT_TRUE(path.has_value());
  EXPECT_EQ(path->actions.size(), 9U) << "it ends where the property breaks";
  EXPECT_EQ(without_needless_steps(model, *path, kBelowNine, nullptr).actions.size(), 9U)
      << "single steps can spare none";
  const Shortened<Counter> shortened = shorten(model, *path, kBelowNine, 2);
  EXPECT_EQ(shortened.trace.actions.size(), 5U);
  EXPECT_EQ(shortened.research, "no shorter one exists: a breadth-first search found it");
}

TEST(Weights, RareRulesWeighMore) {
  const RuleWeights weights = weights_of({1000, 10, 0, 1000});
  EXPECT_EQ(weights[0], weights[3]);
  EXPECT_EQ(weights[0], 1U);
  EXPECT_GT(weights[1], weights[0]);
  EXPECT_GT(weights[2], weights[1]);
  EXPECT_TRUE(weights_of({}).empty());
}

TEST(DistinctSketch, EstimatesWithinAFewPercentAndMergesInAnyOrder) {
  for (const std::uint64_t count : {1ULL, 50ULL, 3'000ULL, 100'000ULL}) {
    DistinctSketch odd;
    DistinctSketch even;
    Random random(7);
    for (std::uint64_t i = 0; i < count; ++i) {
      const Fingerprint value = random.next();
      (i % 2 == 0 ? even : odd).add(value);
      if (i % 3 == 0) odd.add(value);
    }
    DistinctSketch one = odd;
    one.merge(even);
    even.merge(odd);
    EXPECT_EQ(one.estimate(), even.estimate());
    EXPECT_NEAR(static_cast<double>(one.estimate()), static_cast<double>(count),
                0.06 * static_cast<double>(count) + 0.5);
  }
}

}  // namespace
}  // namespace mc
