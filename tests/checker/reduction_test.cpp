// Letting actions sleep gives, byte for byte, the answer of taking every transition: counts level by level, coverage,
// judgements, traces. And a footprint that is wrong is noticed.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "checker/audit/audit.hpp"
#include "checker/engine/search.hpp"
#include "tests/models/random_net.hpp"
#include "tests/models/random_society.hpp"
#include "tests/models/symmetric_recovery.hpp"
#include "tests/reference/reference_search.hpp"
#include "tests/support/memory_keeper.hpp"
#include "tests/support/sanitized.hpp"

namespace mc {
namespace {

using models::RandomNet;
using models::RandomSociety;
using models::society_properties;

static_assert(Reducible<RandomNet> && Reducible<RandomSociety> && Retracing<RandomSociety>);

constexpr std::uint64_t kSeeds = mc::support::kSanitized ? 300 : 5000;

const std::vector<Property<RandomNet>>& net_properties() {
  static const std::vector<Property<RandomNet>> kProperties{
      models::net_property<0>(PropertyKind::kInvariant), models::net_property<1>(PropertyKind::kReachable),
      models::net_property<2>(PropertyKind::kQuiescent), models::net_property<3>(PropertyKind::kReachable)};
  return kProperties;
}

struct How {
  bool symmetry = false;
  ReductionKind reduction = ReductionKind::kSleep;
  unsigned threads = 2;
  StoreKind store = StoreKind::kExact;
  Limits limits{};
  std::uint64_t check_every = 61;
};

template <Model M>
Report<M> searched(const M& model, std::type_identity_t<std::span<const Property<M>>> properties, const How& how) {
  Options options;
  options.symmetry = how.symmetry;
  options.reduction = how.reduction;
  options.threads = how.threads;
  options.store = how.store;
  options.limits = how.limits;
  options.check_every = how.check_every;
  return search(model, properties, options);
}

template <Model M>
void expect_same(const Report<M>& lean, const Report<M>& full) {
  EXPECT_EQ(lean.verdict, full.verdict);
  EXPECT_EQ(lean.counterexample, full.counterexample);
  EXPECT_EQ(lean.overflowing, full.overflowing);
  EXPECT_EQ(lean.witnesses, full.witnesses);
  EXPECT_EQ(lean.representatives, full.representatives);
  EXPECT_TRUE(lean.reduction.used);
  EXPECT_LE(lean.taken, full.taken);
}

TEST(Reduction, RandomNetsGiveTheAnswerOfTheReference) {
  std::uint64_t transitions = 0;
  std::uint64_t taken = 0;
  for (std::uint64_t seed = 0; seed < kSeeds && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    const RandomNet model(seed);
    const auto full = reference::search(model, net_properties());
    const Report<RandomNet> lean = searched(model, net_properties(), {});
    ASSERT_TRUE(lean.reduction.used);
    EXPECT_EQ(lean.verdict, full.verdict);
    EXPECT_EQ(lean.counterexample, full.counterexample);
    EXPECT_EQ(lean.overflowing, full.overflowing);
    for (const Witness<RandomNet>& witness : lean.witnesses) {
      EXPECT_EQ(witness.trace, full.witnesses.at(witness.property));
    }
    const Report<RandomNet> whole = searched(model, {}, {});
    transitions += whole.verdict.transitions;
    taken += whole.taken;
  }
  EXPECT_GT(transitions * 3, taken * 4) << "sleeping is worth something here";
}

TEST(Reduction, SocietiesGiveTheAnswerOfTheReference) {
  for (std::uint64_t seed = 0; seed < kSeeds / 2 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    const RandomSociety model(seed);
    const auto full = reference::search(model, society_properties());
    const Report<RandomSociety> lean = searched(model, society_properties(), {});
    EXPECT_EQ(lean.verdict, full.verdict);
    EXPECT_EQ(lean.counterexample, full.counterexample);
  }
}

TEST(Reduction, SymmetryAndItTogetherGiveTheAnswerOfSymmetry) {
  std::uint64_t saved = 0;
  for (std::uint64_t seed = 0; seed < kSeeds / 2 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    const RandomSociety model(seed);
    const Report<RandomSociety> full =
        searched(model, society_properties(), {.symmetry = true, .reduction = ReductionKind::kNone});
    const Report<RandomSociety> lean = searched(model, society_properties(), {.symmetry = true});
    expect_same(lean, full);
    saved += full.taken - lean.taken;
  }
  EXPECT_GT(saved, 0U);
}

TEST(Reduction, BoundsCutTheSame) {
  for (std::uint64_t seed = 0; seed < kSeeds / 4 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    How how;
    how.limits.states_max = 1 + seed % 60;
    how.limits.states_declared = seed % 2 == 0;
    if (seed % 3 == 0) how.limits.depth_max = static_cast<std::uint32_t>(1 + seed % 5);
    How full = how;
    full.reduction = ReductionKind::kNone;
    expect_same(searched(RandomNet(seed), net_properties(), how), searched(RandomNet(seed), net_properties(), full));
  }
}

TEST(Reduction, EveryThreadCountAndStoreGivesOneReport) {
  for (std::uint64_t seed = 0; seed < kSeeds / 50; ++seed) {
    SCOPED_TRACE(seed);
    for (const bool symmetry : {false, true}) {
      const RandomSociety model(2 * seed + 1);
      const Report<RandomSociety> one = searched(model, society_properties(), {.symmetry = symmetry, .threads = 1});
      for (const unsigned threads : {2U, 3U, 8U}) {
        for (const StoreKind store : {StoreKind::kExact, StoreKind::kFingerprint}) {
          const Report<RandomSociety> other =
              searched(model, society_properties(), {.symmetry = symmetry, .threads = threads, .store = store});
          expect_same(other, one);
          EXPECT_EQ(other.taken, one.taken);
        }
      }
    }
  }
}

// Hundreds of states in a level, so that threads meet at one state.
TEST(Reduction, WideLevelsGiveOneReport) {
  for (std::uint64_t seed = 0, wide = 0; wide < 12; ++seed) {
    const RandomNet model(seed);
    const Report<RandomNet> full = searched(model, {}, {.reduction = ReductionKind::kNone});
    if (full.verdict.states < 2000) continue;
    ++wide;
    SCOPED_TRACE(seed);
    const Report<RandomNet> one = searched(model, {}, {.threads = 1});
    for (const unsigned threads : {2U, 3U, 8U}) {
      for (const StoreKind store : {StoreKind::kExact, StoreKind::kFingerprint}) {
        const Report<RandomNet> lean = searched(model, {}, {.threads = threads, .store = store});
        expect_same(lean, full);
        EXPECT_EQ(lean.taken, one.taken);
      }
    }
  }
}

TEST(Reduction, SwitchedOffEveryTransitionIsTaken) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Report<RandomNet> report = searched(RandomNet(seed), {}, {.reduction = ReductionKind::kNone});
    EXPECT_FALSE(report.reduction.used);
    EXPECT_EQ(report.taken, report.verdict.transitions);
  }
}

TEST(Reduction, EqualLabelsSaveNothingAndBreakNothing) {
  for (std::uint64_t seed = 0; seed < kSeeds / 10; ++seed) {
    const RandomSociety model(seed, RandomSociety::Bug::kLabelsAreEqual);
    const Report<RandomSociety> full = searched(model, society_properties(), {.reduction = ReductionKind::kNone});
    expect_same(searched(model, society_properties(), {}), full);
  }
}

TEST(Reduction, LivenessRefusesIt) {
  const std::vector<Property<RandomNet>> properties{models::net_property<0>(PropertyKind::kEventually)};
  const Report<RandomNet> report = searched(RandomNet(3), properties, {});
  EXPECT_FALSE(report.reduction.used);
  EXPECT_NE(report.reduction.refused.find("n0 is judged on runs"), std::string::npos) << report.reduction.refused;
  EXPECT_EQ(report.verdict, searched(RandomNet(3), properties, {.reduction = ReductionKind::kNone}).verdict);
}

TEST(Reduction, WhatHoldsNoNotesRefusesIt) {
  const RandomSociety model(43);
  const auto refused = [&](const std::function<void(Options&)>& asked) {
    Options options;
    options.reduction = ReductionKind::kSleep;
    EXPECT_TRUE(search(model, {}, options).reduction.used);
    asked(options);
    const Report<RandomSociety> report = search(model, {}, options);
    EXPECT_FALSE(report.reduction.used);
    EXPECT_NE(report.reduction.refused.find("holds what it notes"), std::string::npos) << report.reduction.refused;
    EXPECT_EQ(report.verdict, search(model, {}).verdict);
  };
  support::MemoryKeeper keeper(2);
  refused([&](Options& options) { options.keeper = &keeper; });
  ASSERT_GT(keeper.saves(), 0);
  refused([&](Options& options) { options.resume = &keeper.kept(); });
  refused([](Options& options) {
    options.store = StoreKind::kFingerprint;
    options.frontier = FrontierPlace::kDisk;
    options.disk = std::filesystem::temp_directory_path();
  });
}

/// A society that does not say by which renaming it makes a representative.
class Secretive {
 public:
  using State = RandomSociety::State;
  using Action = RandomSociety::Action;
  explicit Secretive(std::uint64_t seed) : society_(seed) {}
  [[nodiscard]] std::vector<State> initial_states() const { return society_.initial_states(); }
  void enabled(const State& s, std::vector<Action>& actions) const { society_.enabled(s, actions); }
  [[nodiscard]] State apply(const State& s, const Action& a) const { return society_.apply(s, a); }
  void encode(const State& s, ByteSink& out) const { society_.encode(s, out); }
  [[nodiscard]] State decode(ByteSource& in) const { return society_.decode(in); }
  [[nodiscard]] std::uint32_t renamings() const { return society_.renamings(); }
  [[nodiscard]] State renamed(const State& s, std::uint32_t number) const { return society_.renamed(s, number); }
  [[nodiscard]] Action renamed(const Action& a, std::uint32_t number) const { return society_.renamed(a, number); }
  std::uint32_t canonicalize(const State& s, ByteSink& out) const { return society_.canonicalize(s, out); }
  [[nodiscard]] Footprint footprint(const State& s, const Action& a) const { return society_.footprint(s, a); }
  [[nodiscard]] std::uint64_t label(const Action& a) const { return society_.label(a); }

 private:
  RandomSociety society_;
};

TEST(Reduction, SymmetryThatDoesNotTellItsRenamingsRefusesIt) {
  static_assert(Symmetric<Secretive> && Reducible<Secretive> && !Retracing<Secretive>);
  const Report<Secretive> report = searched(Secretive(1), {}, {.symmetry = true});
  EXPECT_FALSE(report.reduction.used);
  EXPECT_NE(report.reduction.refused.find("which renaming"), std::string::npos) << report.reduction.refused;
  EXPECT_TRUE(searched(Secretive(1), {}, {}).reduction.used);
}

// What a transition does not say it reads may be anything.
TEST(Reduction, FootprintsOfNetsSayWhatIsRead) {
  std::mt19937_64 random(1);
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const RandomNet model(seed);
    RandomNet::State state;
    for (std::uint8_t& tokens : state.tokens) tokens = static_cast<std::uint8_t>(random() % 3);
    std::vector<RandomNet::Action> actions;
    model.enabled(state, actions);
    for (const RandomNet::Action& action : actions) {
      const Footprint print = model.footprint(state, action);
      RandomNet::State other = state;
      for (std::size_t place = 0; place < RandomNet::kPlaces; ++place) {
        Places one;
        one.add(place);
        if (!print.reads.meets(one)) other.tokens[place] = static_cast<std::uint8_t>(random() % 3);
      }
      std::vector<RandomNet::Action> enabled;
      model.enabled(other, enabled);
      ASSERT_NE(std::find(enabled.begin(), enabled.end(), action), enabled.end());
      const auto step = swap_step(model, state, action);
      const auto other_step = swap_step(model, other, action);
      ASSERT_EQ(step.has_value(), other_step.has_value());
      if (!step) continue;
      EXPECT_EQ(step->fired, other_step->fired);
      for (std::size_t place = 0; place < RandomNet::kPlaces; ++place) {
        Places one;
        one.add(place);
        const bool written = print.writes.meets(one);
        const RandomNet::State& from = written ? step->state : other;
        EXPECT_EQ(other_step->state.tokens[place], from.tokens[place]);
      }
    }
  }
}

template <class M>
std::set<AuditCheck> noticed(typename M::Bug bug) {
  std::set<AuditCheck> checks;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    for (const auto& finding : audit(M(seed, bug)).findings) checks.insert(finding.check);
  }
  return checks;
}

TEST(Reduction, TheAuditNoticesEachWayToBeWrong) {
  using Net = RandomNet::Bug;
  using Society = RandomSociety::Bug;
  EXPECT_TRUE(noticed<RandomNet>(Net::kNone).empty());
  for (const Net bug :
       {Net::kForgetsWhatItTakes, Net::kForgetsWhatItGives, Net::kForgetsWhatItLooksAt, Net::kRulesDiffer}) {
    EXPECT_EQ(noticed<RandomNet>(bug), std::set{AuditCheck::kIndependent}) << static_cast<int>(bug);
  }
  for (const Society bug : {Society::kCommonIsForgotten, Society::kPartnerIsForgotten}) {
    EXPECT_EQ(noticed<RandomSociety>(bug), std::set{AuditCheck::kIndependent}) << static_cast<int>(bug);
  }
}

// The comparison with the full search has teeth: it, too, notices each bug.
template <class M>
bool differs(typename M::Bug bug, bool symmetry) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const M model(seed, bug);
    const auto full = searched(model, {}, {.symmetry = symmetry, .reduction = ReductionKind::kNone});
    const auto lean = searched(model, {}, {.symmetry = symmetry, .check_every = 0});
    if (lean.verdict != full.verdict) return true;
  }
  return false;
}

TEST(Reduction, TheComparisonNoticesEachWayToBeWrong) {
  using Net = RandomNet::Bug;
  using Society = RandomSociety::Bug;
  EXPECT_FALSE(differs<RandomNet>(Net::kNone, false));
  for (const Net bug :
       {Net::kForgetsWhatItTakes, Net::kForgetsWhatItGives, Net::kForgetsWhatItLooksAt, Net::kRulesDiffer}) {
    EXPECT_TRUE(differs<RandomNet>(bug, false)) << static_cast<int>(bug);
  }
  for (const Society bug : {Society::kCommonIsForgotten, Society::kPartnerIsForgotten}) {
    EXPECT_TRUE(differs<RandomSociety>(bug, false)) << static_cast<int>(bug);
  }
  EXPECT_TRUE(differs<RandomSociety>(Society::kSleepersKeepNames, true)) << "names must be carried along";
}

using ReductionDeathTest = ::testing::Test;

TEST(ReductionDeathTest, AWrongFootprintEndsALongSearch) {
  const auto explore = [] {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      static_cast<void>(searched(RandomNet(seed, RandomNet::Bug::kForgetsWhatItTakes), {}, {.threads = 1}));
    }
  };
  EXPECT_EXIT(explore(), testing::ExitedWithCode(70), "must commute");
}

}  // namespace
}  // namespace mc
