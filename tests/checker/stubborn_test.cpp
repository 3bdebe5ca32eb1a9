// Stubborn sets keep the verdict: of random nets every judgement is that of the reference search, with fewer states; a
// violation is told as a full search tells it. And a model that is wrong about who gets in whose way is noticed.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "checker/audit/audit.hpp"
#include "checker/engine/search.hpp"
#include "tests/models/random_net.hpp"
#include "tests/models/random_walkers.hpp"
#include "tests/reference/reference_search.hpp"
#include "tests/support/memory_keeper.hpp"
#include "tests/support/sanitized.hpp"

namespace mc {
namespace {

using models::RandomNet;
using models::RandomWalkers;

static_assert(Foreseeing<RandomNet> && Foreseeing<RandomWalkers> && Symmetric<RandomWalkers>);

constexpr std::uint64_t kSeeds = support::kSanitized ? 300 : 6000;

const std::vector<Property<RandomNet>>& properties() {
  static const std::vector<Property<RandomNet>> kProperties{
      models::place_property<0>(),
      models::place_property<1>(),
      models::place_property<2>(),
      models::net_property<1>(PropertyKind::kReachable),
      models::net_property<2>(PropertyKind::kQuiescent),
  };
  return kProperties;
}

struct How {
  ReductionKind reduction = ReductionKind::kStubborn;
  unsigned threads = 2;
  StoreKind store = StoreKind::kExact;
  std::uint64_t check_every = 1;
};

Options options_of(const How& how) {
  Options options;
  options.reduction = how.reduction;
  options.threads = how.threads;
  options.store = how.store;
  options.check_every = how.check_every;
  return options;
}

Report<RandomNet> searched(const RandomNet& model, std::type_identity_t<std::span<const Property<RandomNet>>> asked,
                           const How& how = {}) {
  return search(model, asked, options_of(how));
}

/// What must be the same although depth and counts need not.
std::vector<Outcome> outcomes(const Verdict& verdict) {
  std::vector<Outcome> all{verdict.outcome};
  for (const Judgement& judgement : verdict.judgements) all.push_back(judgement.outcome);
  return all;
}

/// One property at a time, so that each is judged to the end. Where the full search ends at an overflow, a violation
/// that it would have come to later may have been found.
bool same_verdicts(const RandomNet& model, std::uint64_t check_every, std::uint64_t& reduced_runs) {
  for (const Property<RandomNet>& property : properties()) {
    const std::span<const Property<RandomNet>> asked(&property, 1);
    const auto full = reference::search(model, asked);
    const Report<RandomNet> lean = searched(model, asked, {.check_every = check_every});
    const bool overflow = full.verdict.outcome == Outcome::kInconclusive;
    if (overflow && lean.verdict.outcome == Outcome::kViolated && !lean.reduction.exact) continue;
    if (outcomes(lean.verdict) != outcomes(full.verdict)) return false;
    if (lean.reduction.exact) {
      if (lean.verdict != full.verdict || lean.counterexample != full.counterexample) return false;
    } else {
      ++reduced_runs;
      if (lean.verdict.outcome != Outcome::kHolds || lean.verdict.states > full.verdict.states) return false;
    }
  }
  return true;
}

TEST(Stubborn, RandomNetsGiveTheVerdictOfTheReference) {
  std::uint64_t reduced_runs = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    ASSERT_TRUE(same_verdicts(RandomNet(seed), 1, reduced_runs)) << seed;
  }
  EXPECT_GT(reduced_runs, kSeeds) << "some are not searched again in full";
}

TEST(Stubborn, AllPropertiesAtOnceGiveTheVerdict) {
  for (std::uint64_t seed = 0; seed < kSeeds / 3; ++seed) {
    const RandomNet model(seed);
    const auto full = reference::search(model, properties());
    const Report<RandomNet> lean = searched(model, properties());
    EXPECT_EQ(outcomes(lean.verdict), outcomes(full.verdict)) << seed;
  }
}

TEST(Stubborn, FewerStatesAreLeft) {
  std::uint64_t all = 0;
  std::uint64_t left = 0;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const RandomNet model(seed);
    const Report<RandomNet> lean = searched(model, {});
    if (lean.reduction.exact) continue;  // an overflow
    const Report<RandomNet> full = searched(model, {}, {.reduction = ReductionKind::kNone});
    EXPECT_LE(lean.taken, full.taken);
    // All that nothing can follow are among them.
    EXPECT_EQ(lean.verdict.quiescent, full.verdict.quiescent) << seed;
    all += full.verdict.states;
    left += lean.verdict.states;
  }
  EXPECT_GT(4 * all, 5 * left);
}

TEST(Stubborn, SymmetryAndItTogetherGiveTheVerdict) {
  const std::vector<Property<RandomWalkers>> asked{models::walkers_property<0>(PropertyKind::kReachable),
                                                   models::walkers_property<1>(PropertyKind::kQuiescent)};
  std::uint64_t saved = 0;
  for (std::uint64_t seed = 0; seed < kSeeds / 2; ++seed) {
    const RandomWalkers model(seed);
    const auto full = reference::search(model, asked);
    for (const bool symmetry : {false, true}) {
      Options options = options_of({});
      options.symmetry = symmetry;
      const Report<RandomWalkers> lean = search(model, asked, options);
      EXPECT_EQ(outcomes(lean.verdict), outcomes(full.verdict)) << seed;
      EXPECT_EQ(lean.symmetry.used, symmetry);
      if (symmetry) saved += full.verdict.states - lean.verdict.states;
    }
  }
  EXPECT_GT(saved, 0U);
}

/// One process goes round alone for ever, another one breaks the invariant in its only step.
struct RoundAndRound {
  struct State {
    std::uint8_t at = 0;
    bool broken = false;
    friend bool operator==(const State&, const State&) = default;
  };
  struct Action {
    std::uint8_t process = 0;
    friend bool operator==(const Action&, const Action&) = default;
  };
  [[nodiscard]] std::vector<State> initial_states() const { return {State{}}; }
  void enabled(const State& s, std::vector<Action>& actions) const {
    actions.push_back({0});
    if (!s.broken) actions.push_back({1});
  }
  [[nodiscard]] State apply(const State& s, const Action& a) const {
    if (a.process == 1) return {s.at, true};
    return {static_cast<std::uint8_t>((s.at + 1) % 5), s.broken};
  }
  void encode(const State& s, ByteSink& out) const {
    out.bits(s.at, 3);
    out.bits(s.broken ? 1 : 0, 1);
    out.finish();
  }
  [[nodiscard]] State decode(ByteSource& in) const {
    State s;
    s.at = static_cast<std::uint8_t>(in.bits(3));
    s.broken = in.bits(1) != 0;
    return s;
  }
  [[nodiscard]] std::size_t process(const Action& a) const { return a.process; }
  [[nodiscard]] ProcessSet interfering(const State&, std::size_t) const { return {}; }
  [[nodiscard]] bool foresees(const State&) const { return true; }
};

TEST(Stubborn, NobodyIsPutOffForEver) {
  Property<RoundAndRound> property;
  property.id = "unbroken";
  property.holds = [](const RoundAndRound&, const RoundAndRound::State& s) { return !s.broken; };
  property.mends = [](const RoundAndRound&, const RoundAndRound::Action&) { return false; };
  Options options = options_of({});
  const std::vector<Property<RoundAndRound>> asked{property};
  const Report<RoundAndRound> first = search_once<RoundAndRound>({}, asked, options);
  EXPECT_EQ(first.verdict.outcome, Outcome::kViolated);
  EXPECT_EQ(first.verdict.depth, 5U) << "when the round is over";
  const Report<RoundAndRound> report = search(RoundAndRound(), asked, options);
  EXPECT_EQ(report.verdict.depth, 1U) << "the shortest path, by a second search";
  EXPECT_TRUE(report.reduction.exact);
}

/// One process walks to its end; another one may end everything at any moment, which is not foreseen.
struct SuddenEnd : RoundAndRound {
  explicit SuddenEnd(bool honest) : honest_(honest) {}
  void enabled(const State& s, std::vector<Action>& actions) const {
    if (s.broken) return;
    if (s.at < 4) actions.push_back({0});
    actions.push_back({1});
  }
  [[nodiscard]] bool foresees(const State& s) const { return !honest_ || !s.broken; }

 private:
  bool honest_;
};

TEST(Stubborn, WhatIsNotForeseenIsSearchedInFull) {
  Property<SuddenEnd> property;
  property.id = "no_end_at_two";
  property.kind = PropertyKind::kQuiescent;
  property.holds = [](const SuddenEnd&, const SuddenEnd::State& s) { return s.at != 2; };
  const std::vector<Property<SuddenEnd>> asked{property};
  Options options = options_of({.check_every = 0});
  const Report<SuddenEnd> report = search(SuddenEnd(true), asked, options);
  EXPECT_EQ(report.verdict.outcome, Outcome::kViolated);
  EXPECT_TRUE(report.reduction.exact);
  EXPECT_TRUE(audit(SuddenEnd(true)).findings.empty());
  // Without saying so it would be missed, and the audit notices.
  EXPECT_EQ(search(SuddenEnd(false), asked, options).verdict.outcome, Outcome::kHolds);
  const auto findings = audit(SuddenEnd(false)).findings;
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings.front().check, AuditCheck::kUndisturbed);
}

TEST(Stubborn, EveryThreadCountAndStoreGivesOneReport) {
  const std::span<const Property<RandomNet>> at_the_end = std::span(properties()).last(1);
  for (std::uint64_t seed = 0, wide = 0; wide < 10; ++seed) {
    ASSERT_LT(seed, 20'000U);
    const RandomNet model(seed);
    const std::span<const Property<RandomNet>> asked = seed % 2 == 0 ? at_the_end : std::span(properties());
    const Report<RandomNet> one = searched(model, asked, {.threads = 1});
    if (one.verdict.states < (seed % 2 == 0 ? 500U : 20U)) continue;
    ++wide;
    SCOPED_TRACE(seed);
    for (const unsigned threads : {1U, 2U, 3U, 8U}) {
      for (const StoreKind store : {StoreKind::kExact, StoreKind::kFingerprint}) {
        const Report<RandomNet> other = searched(model, asked, {.threads = threads, .store = store});
        EXPECT_EQ(other.verdict, one.verdict);
        EXPECT_EQ(other.counterexample, one.counterexample);
        EXPECT_EQ(other.witnesses, one.witnesses);
        EXPECT_EQ(other.reduction, one.reduction);
        EXPECT_EQ(other.taken, one.taken);
      }
    }
  }
}

TEST(Stubborn, WhatItCannotKeepRefusesIt) {
  const RandomNet model(3);
  const auto refused = [&](const std::vector<Property<RandomNet>>& asked, const Options& options) {
    const Report<RandomNet> report = search(model, asked, options);
    EXPECT_FALSE(report.reduction.used);
    EXPECT_TRUE(report.reduction.exact);
    return report.reduction.refused;
  };
  const auto tells = [](const std::string& refusal, const std::string& part) {
    EXPECT_NE(refusal.find(part), std::string::npos) << refusal;
  };
  const Options options = options_of({});
  EXPECT_TRUE(search(model, properties(), options).reduction.used);
  tells(refused({models::net_property<0>(PropertyKind::kEventually)}, options), "n0 is judged on runs");
  tells(refused({models::net_property<0>(PropertyKind::kInvariant)}, options), "n0 does not say which actions");
  Options bounded = options;
  bounded.limits.depth_max = 3;
  tells(refused(properties(), bounded), "a bound on depth or states");
  bounded = options;
  bounded.limits.states_max = 30;
  tells(refused(properties(), bounded), "a bound on depth or states");
  support::MemoryKeeper keeper(2);
  Options kept = options;
  kept.keeper = &keeper;
  tells(refused(properties(), kept), "a checkpoint");
}

TEST(Stubborn, AViolationStandsIfTheSecondSearchIsInterrupted) {
  for (std::uint64_t seed = 0, seen = 0; seen < 20; ++seed) {
    const RandomNet model(seed);
    const std::vector<Property<RandomNet>> asked{models::place_property<0>()};
    const Report<RandomNet> reduced = search_once<RandomNet>(model, asked, options_of({}));
    if (reduced.verdict.outcome != Outcome::kViolated) continue;
    ++seen;
    Options options = options_of({});
    const std::atomic<bool> cancel = true;
    options.cancel = &cancel;
    const Report<RandomNet> said = settle_in_full<RandomNet>(model, asked, options, reduced);
    EXPECT_EQ(said.verdict, reduced.verdict);
    EXPECT_EQ(said.counterexample, reduced.counterexample);
    EXPECT_FALSE(said.reduction.exact);
  }
}

std::set<AuditCheck> noticed(RandomNet::Bug bug) {
  std::set<AuditCheck> checks;
  for (std::uint64_t seed = 0; seed < 80; ++seed) {
    for (const auto& finding : audit(RandomNet(seed, bug), {}, properties()).findings) checks.insert(finding.check);
  }
  return checks;
}

TEST(Stubborn, TheAuditNoticesEachWayToBeWrong) {
  using Bug = RandomNet::Bug;
  EXPECT_TRUE(noticed(Bug::kNone).empty());
  EXPECT_EQ(noticed(Bug::kForgetsConflicts), std::set{AuditCheck::kUndisturbed});
  EXPECT_EQ(noticed(Bug::kForgetsProducers), std::set{AuditCheck::kUndisturbed});
  EXPECT_EQ(noticed(Bug::kForgetsMending), std::set{AuditCheck::kMends});
}

// The comparison with the reference has teeth: it, too, notices each bug.
TEST(Stubborn, TheComparisonNoticesEachWayToBeWrong) {
  using Bug = RandomNet::Bug;
  const auto differs = [](Bug bug) {
    std::uint64_t reduced_runs = 0;
    for (std::uint64_t seed = 0; seed < 3000; ++seed) {
      if (!same_verdicts(RandomNet(seed, bug), 0, reduced_runs)) return true;
    }
    return false;
  };
  for (const Bug bug : {Bug::kForgetsConflicts, Bug::kForgetsProducers, Bug::kForgetsMending}) {
    EXPECT_TRUE(differs(bug)) << static_cast<int>(bug);
  }
}

using StubbornDeathTest = ::testing::Test;

TEST(StubbornDeathTest, AWrongForesightEndsALongSearch) {
  const auto explore = [] {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      static_cast<void>(searched(RandomNet(seed, RandomNet::Bug::kForgetsConflicts), {}, {.threads = 1}));
    }
  };
  EXPECT_EXIT(explore(), testing::ExitedWithCode(70), "gets in the way");
}

}  // namespace
}  // namespace mc
