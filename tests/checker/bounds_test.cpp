// Searches that are bounded or go on after a violation, against the twin: bounds at and around every depth and every
// number of states of random graphs, with properties of all kinds. What a bound cuts off is decided in one place, so
// that the verdict on runs and that on states agree about it.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "checker/engine/search.hpp"
#include "tests/models/random_graph.hpp"
#include "tests/models/written_graph.hpp"
#include "tests/reference/reference_search.hpp"
#include "tests/support/sanitized.hpp"

namespace mc {
namespace {

using models::RandomGraph;
using models::WrittenGraph;

/// Every bound that could matter to a search of this depth and so many states, with and without being declared.
std::vector<Limits> bounds_around(const Verdict& whole) {
  std::vector<Limits> all{Limits::none()};
  for (std::uint32_t depth = 0; depth <= whole.depth + 1; ++depth) {
    Limits limits;
    limits.depth_max = depth;
    limits.depth_declared = depth % 2 == 0;
    all.push_back(limits);
    limits.depth_declared = !limits.depth_declared;
    all.push_back(limits);
  }
  for (std::uint64_t states = 0; states <= whole.states + 1; ++states) {
    Limits limits;
    limits.states_max = states;
    limits.states_declared = states % 2 == 0;
    all.push_back(limits);
  }
  Limits both;
  both.depth_max = whole.depth;
  both.states_max = whole.states / 2;
  both.depth_declared = true;
  all.push_back(both);
  return all;
}

template <Model M>
std::map<std::string, Trace<M>> violations_of(const Report<M>& report) {
  std::map<std::string, Trace<M>> all;
  for (const Witness<M>& other : report.other_violations) all.emplace(other.property, other.trace);
  if (report.verdict.outcome == Outcome::kViolated) all.emplace(report.verdict.violated, *report.counterexample);
  return all;
}

/// The whole verdict, and a run or path for each property that is violated; those on states are the twin's.
template <Model M>
void expect_same(const Report<M>& report, const reference::Answer<M>& expected) {
  EXPECT_EQ(report.verdict.outcome, expected.verdict.outcome);
  EXPECT_EQ(report.verdict.violated, expected.verdict.violated);
  EXPECT_EQ(report.verdict.reason, expected.verdict.reason);
  EXPECT_TRUE(report.verdict == expected.verdict);
  const std::map<std::string, Trace<M>> violations = violations_of(report);
  for (const Judgement& judgement : expected.verdict.judgements) {
    const bool violated = judgement.outcome == Outcome::kViolated;
    EXPECT_EQ(violations.count(judgement.property), violated ? 1U : 0U) << judgement.property;
    if (!violated || is_liveness(judgement.kind)) continue;
    EXPECT_TRUE(violations.at(judgement.property) == expected.violations.at(judgement.property)) << judgement.property;
  }
}

const std::vector<Property<WrittenGraph>>& properties_of_all_kinds() {
  static const std::vector<Property<WrittenGraph>> kProperties = [] {
    std::vector<Property<WrittenGraph>> all{models::promise(PropertyKind::kEventually),
                                            models::claim_on_states("invariant", PropertyKind::kInvariant),
                                            models::promise(PropertyKind::kLeadsTo),
                                            models::claim_on_states("quiescent", PropertyKind::kQuiescent),
                                            models::claim_on_states("reachable", PropertyKind::kReachable),
                                            models::promise(PropertyKind::kPossible)};
    all[0].id = "eventually";
    all[2].id = "leads_to";
    all[5].id = "possible";
    return all;
  }();
  return kProperties;
}

TEST(BoundsAgainstTwin, EveryBoundOfSmallGraphs) {
  constexpr std::uint64_t kGraphs = support::kSanitized ? 40 : 1'000;
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 0; seed < kGraphs && !HasFailure(); ++seed) {
    std::mt19937_64 random(seed);
    const WrittenGraph model = models::random_written(random);
    // With all kinds, or with those on runs alone, which are hidden by violations of the others.
    std::vector<Property<WrittenGraph>> properties = properties_of_all_kinds();
    if (seed % 2 == 0) std::erase_if(properties, [](const auto& property) { return !is_liveness(property.kind); });
    const Verdict whole = reference::search(model, properties, Limits::none(), true).verdict;
    for (const Limits& limits : bounds_around(whole)) {
      for (const bool keep_going : {false, true}) {
        SCOPED_TRACE("seed " + std::to_string(seed) + (keep_going ? ", keeps going" : "") + ", depth_max " +
                     (limits.depth_max ? std::to_string(*limits.depth_max) : "none") + ", states_max " +
                     (limits.states_max ? std::to_string(*limits.states_max) : "none"));
        Options options;
        options.threads = 1 + static_cast<unsigned>(seed % 3);
        options.limits = limits;
        options.keep_going = keep_going;
        const auto expected = reference::search(model, properties, limits, keep_going);
        expect_same(search(model, properties, options), expected);
        const bool cut = expected.verdict.reason.find("_max") != std::string::npos;
        for (const Judgement& judgement : expected.verdict.judgements) {
          ++seen[std::string(to_string(judgement.kind)) + " " + std::string(to_string(judgement.outcome)) +
                 (cut ? " with something cut off" : "")];
        }
      }
    }
  }
  for (const std::string kind : {"eventually", "leads to", "possible"}) {
    for (const std::string how : {" holds", " violated", " violated with something cut off", " inconclusive"})
      EXPECT_GT(seen[kind + how], 100) << kind << how;
    EXPECT_EQ(seen[kind + " holds with something cut off"], 0);
  }
}

/// Every way to search that must not change the answer.
template <Model M>
void expect_same_in_every_way(const M& model, std::span<const Property<M>> properties, const Limits& limits,
                              bool keep_going) {
  const auto expected = reference::search(model, properties, limits, keep_going);
  for (const unsigned threads : {1U, 2U, 8U}) {
    for (const StoreKind store : {StoreKind::kExact, StoreKind::kFingerprint}) {
      SCOPED_TRACE(std::to_string(threads) + " threads, " + std::string(to_string(store)));
      Options options;
      options.threads = threads;
      options.store = store;
      options.limits = limits;
      options.keep_going = keep_going;
      expect_same(search(model, properties, options), expected);
    }
  }
}

TEST(KeepGoing, FindsTheFirstViolationOfEveryPropertyOfRandomGraphs) {
  constexpr std::uint64_t kGraphs = support::kSanitized ? 20 : 400;
  const std::vector<Property<RandomGraph>> properties{
      models::random_property<0>(PropertyKind::kInvariant), models::random_property<1>(PropertyKind::kQuiescent),
      models::random_property<2>(PropertyKind::kReachable), models::random_property<3>(PropertyKind::kInvariant),
      models::random_property<4>(PropertyKind::kInvariant)};
  int several = 0;
  for (std::uint64_t seed = 0; seed < kGraphs && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomGraph::Options drawn;
    drawn.states_max = seed % 4 == 0 ? 600 : 60;
    drawn.overflow_per_mille = seed % 5 == 0 ? 3 : 0;
    const RandomGraph model(seed, drawn);
    Limits limits;
    if (seed % 3 == 0) limits.depth_max = static_cast<std::uint32_t>(seed % 11);
    limits.depth_declared = seed % 2 == 0;
    expect_same_in_every_way<RandomGraph>(model, properties, limits, true);
    several += reference::search(model, properties, limits, true).violations.size() > 1 ? 1 : 0;
  }
  EXPECT_GT(several, static_cast<int>(kGraphs / 20));
}

// What comes first is the same, and so is the path to it.
TEST(KeepGoing, TellsTheSameFirstViolation) {
  std::map<bool, int> seen;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const WrittenGraph model = models::random_written(random);
    Options options;
    options.threads = 1;
    const Report<WrittenGraph> stopped = search(model, properties_of_all_kinds(), options);
    options.keep_going = true;
    const Report<WrittenGraph> whole = search(model, properties_of_all_kinds(), options);
    EXPECT_EQ(whole.verdict.outcome, stopped.verdict.outcome);
    EXPECT_EQ(whole.verdict.violated, stopped.verdict.violated);
    EXPECT_TRUE(whole.counterexample == stopped.counterexample);
    EXPECT_TRUE(whole.exhaustive);
    ++seen[stopped.exhaustive];
  }
  EXPECT_GT(seen[true], 20);
  EXPECT_GT(seen[false], 20);
}

}  // namespace
}  // namespace mc
