// The three test models against counts that other model checkers agree on, and the bugs that are planted in them.
#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "checker/engine/search.hpp"
#include "tests/models/recovery.hpp"
#include "tests/models/two_node_lock.hpp"
#include "tests/models/two_phase_commit.hpp"
#include "tests/support/sanitized.hpp"

namespace mc::models {
namespace {

struct Counts {
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  std::uint32_t depth = 0;
  friend bool operator==(const Counts&, const Counts&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Counts& counts) {
    return out << counts.states << " states, " << counts.transitions << " transitions, depth " << counts.depth;
  }
};

Counts counts_of(const Verdict& verdict) {
  return {verdict.states, verdict.transitions, verdict.depth};
}

TEST(TwoNodeLockTest, ExploresExactlyEightStates) {
  Verdict expected{.outcome = Outcome::kHolds, .states = 8, .transitions = 14, .depth = 3};
  expected.judgements = {{"lock.exclusive", PropertyKind::kInvariant, Outcome::kHolds, 0},
                         {"lock.handed_on", PropertyKind::kReachable, Outcome::kHolds, 3}};
  expected.coverage = {{"request", 6}, {"acquire", 4}, {"release", 4}};
  expected.levels = {1, 2, 3, 2};
  EXPECT_EQ(check(TwoNodeLock{}, kLockProperties), expected);
}

TEST(TwoNodeLockTest, BlindAcquireIsCaughtInFourSteps) {
  const auto report = search(TwoNodeLock{.acquires_blindly = true}, kLockProperties);
  EXPECT_EQ(report.verdict.outcome, Outcome::kViolated);
  EXPECT_EQ(report.verdict.violated, "lock.exclusive");
  ASSERT_TRUE(report.counterexample.has_value());
  std::vector<std::string> names;
  for (const auto& action : report.counterexample->actions) names.push_back(TwoNodeLock{}.name(action));
  EXPECT_EQ(names, (std::vector<std::string>{"request(n0)", "acquire(n0)", "request(n1)", "acquire(n1)"}));
}

TEST(TwoPhaseCommitTest, CountsAgreeWithPeers) {
  EXPECT_EQ(counts_of(check(TwoPhaseCommit(3), kTwoPhaseProperties)), (Counts{288, 1'145, 10}));
  EXPECT_EQ(counts_of(check(TwoPhaseCommit(5), kTwoPhaseProperties)), (Counts{8'832, 58'145, 16}));
}

TEST(TwoPhaseCommitTest, EarlyCommitIsCaughtInFiveSteps) {
  for (const unsigned managers : {2U, 3U, 5U}) {
    const auto report = search(TwoPhaseCommit(managers, TwoPhaseCommit::Bug::kCommitsEarly), kTwoPhaseProperties);
    EXPECT_EQ(report.verdict.violated, "twophase.consistent");
    ASSERT_TRUE(report.counterexample.has_value());
    EXPECT_EQ(report.counterexample->actions.size(), 5U);
  }
}

TEST(RecoveryTest, CountsAgreeWithPeers) {
  EXPECT_EQ(counts_of(check(Recovery({1, 1, 1, 1}), kRecoveryProperties)), (Counts{76, 113, 16}));
  EXPECT_EQ(counts_of(check(Recovery({1, 2, 1, 1}), kRecoveryProperties)), (Counts{321, 598, 15}));
  EXPECT_EQ(counts_of(check(Recovery({2, 2, 1, 1}), kRecoveryProperties)), (Counts{14'803, 44'102, 28}));
}

TEST(RecoveryTest, ForgottenTaskIsCaughtInFourSteps) {
  const auto report = search(Recovery({2, 2, 1, 1}, Recovery::Bug::kForgetsTheLost), kRecoveryProperties);
  EXPECT_EQ(report.verdict.violated, "recovery.targets_live");
  ASSERT_TRUE(report.counterexample.has_value());
  std::vector<Recovery::Rule> rules;
  for (const auto& action : report.counterexample->actions) rules.push_back(action.rule);
  EXPECT_EQ(rules, (std::vector<Recovery::Rule>{Recovery::Rule::kRequest, Recovery::Rule::kCrash,
                                                Recovery::Rule::kDetect, Recovery::Rule::kOwnerLost}));
}

// Millions of states: whole verdicts of both stores must agree, and the counts with those of the peers.
class LargeModels : public ::testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    if (support::kSanitized) GTEST_SKIP() << "too large for a sanitized build";
  }

  template <Model M, std::size_t N>
  static Counts explore(const M& model, const std::array<Property<M>, N>& properties) {
    Options options;
    options.store = GetParam();
    options.threads = 2;
    const auto report = search(model, properties, options);
    EXPECT_EQ(report.verdict.outcome, Outcome::kHolds);
    return counts_of(report.verdict);
  }
};

TEST_P(LargeModels, TwoPhase8) {
  EXPECT_EQ(explore(TwoPhaseCommit(8), kTwoPhaseProperties), (Counts{1'745'408, 18'507'777, 25}));
}
TEST_P(LargeModels, TwoPhase9) {
  EXPECT_EQ(explore(TwoPhaseCommit(9), kTwoPhaseProperties), (Counts{10'340'352, 123'558'401, 28}));
}
TEST_P(LargeModels, Recovery2322) {
  EXPECT_EQ(explore(Recovery({2, 3, 2, 2}), kRecoveryProperties), (Counts{2'936'848, 13'175'703, 42}));
}
TEST_P(LargeModels, Recovery3221) {
  EXPECT_EQ(explore(Recovery({3, 2, 2, 1}), kRecoveryProperties), (Counts{7'033'327, 33'162'396, 59}));
}

INSTANTIATE_TEST_SUITE_P(Stores, LargeModels, ::testing::Values(StoreKind::kExact, StoreKind::kFingerprint),
                         [](const auto& kind) { return std::string(to_string(kind.param)); });

}  // namespace
}  // namespace mc::models
