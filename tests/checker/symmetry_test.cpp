// Exploring representatives gives the answer of exploring everything: counts level by level, coverage, judgements,
// lengths of traces. And what is wrong with a symmetry is noticed.
#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "checker/audit/audit.hpp"
#include "checker/engine/search.hpp"
#include "tests/models/random_society.hpp"
#include "tests/models/symmetric_recovery.hpp"
#include "tests/reference/reference_search.hpp"
#include "tests/support/sanitized.hpp"

namespace mc {
namespace {

using models::RandomSociety;
using models::Recovery;
using models::society_properties;
using models::SymmetricRecovery;

constexpr std::uint64_t kSeeds = mc::support::kSanitized ? 200 : 3000;
constexpr std::uint64_t kFactor = mc::support::kSanitized ? 2 : 3;  // what so many societies give, at least

template <Model M>
Report<M> searched(const M& model, std::type_identity_t<std::span<const Property<M>>> properties, bool symmetry,
                   const Limits& limits = {}, unsigned threads = 2, StoreKind store = StoreKind::kExact) {
  Options options;
  options.symmetry = symmetry;
  options.limits = limits;
  options.threads = threads;
  options.store = store;
  return search(model, properties, options);
}

template <Model M>
void expect_same_answer(const M& model, std::type_identity_t<std::span<const Property<M>>> properties,
                        const Limits& limits = {}) {
  const auto full = reference::search(model, properties, limits);
  const Report<M> report = searched(model, properties, true, limits);
  ASSERT_TRUE(report.symmetry.used);
  EXPECT_EQ(report.verdict, full.verdict);
  ASSERT_EQ(report.counterexample.has_value(), full.counterexample.has_value());
  if (report.counterexample) {
    EXPECT_TRUE(replays(model, *report.counterexample));
    EXPECT_EQ(report.counterexample->actions.size(), full.counterexample->actions.size());
  }
  ASSERT_EQ(report.overflowing.has_value(), full.overflowing.has_value());
  if (report.overflowing) {
    EXPECT_THROW(static_cast<void>(model.apply(report.counterexample->states.back(), *report.overflowing)),
                 CapacityExceeded);
  }
  ASSERT_EQ(report.witnesses.size(), full.witnesses.size());
  for (const Witness<M>& witness : report.witnesses) {
    EXPECT_EQ(witness.trace.actions.size(), full.witnesses.at(witness.property).actions.size());
  }
}

TEST(Symmetry, RandomSocietiesGiveTheAnswerOfTheFullSearch) {
  std::uint64_t states = 0;
  std::uint64_t representatives = 0;
  for (std::uint64_t seed = 0; seed < kSeeds && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    const RandomSociety model(seed);
    expect_same_answer(model, society_properties());
    const Report<RandomSociety> report = searched(model, {}, true);
    states += report.verdict.states;
    representatives += report.representatives;
  }
  EXPECT_GT(states, kFactor * representatives) << "symmetry is worth something here";
}

TEST(Symmetry, BoundsCountFullStates) {
  for (std::uint64_t seed = 0; seed < kSeeds / 4 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    const RandomSociety model(seed);
    Limits limits;
    limits.states_max = 1 + seed % 60;
    limits.states_declared = seed % 2 == 0;
    expect_same_answer(model, society_properties(), limits);
    limits.depth_max = static_cast<std::uint32_t>(1 + seed % 5);
    limits.depth_declared = seed % 3 == 0;
    expect_same_answer(model, society_properties(), limits);
  }
}

TEST(Symmetry, RecoveryGivesTheAnswerOfTheFullSearch) {
  for (const Recovery::Sizes sizes : {Recovery::Sizes{2, 2, 1, 1}, {3, 2, 0, 1}, {2, 3, 1, 1}, {1, 4, 1, 2}}) {
    expect_same_answer(SymmetricRecovery(sizes), {});
  }
}

TEST(Symmetry, EveryThreadCountAndStoreGivesOneReport) {
  for (std::uint64_t seed = 0; seed < kSeeds / 30; ++seed) {
    SCOPED_TRACE(seed);
    const RandomSociety model(seed);
    const Report<RandomSociety> one = searched(model, society_properties(), true, {}, 1);
    for (const unsigned threads : {2U, 3U, 8U}) {
      for (const StoreKind store : {StoreKind::kExact, StoreKind::kFingerprint}) {
        const Report<RandomSociety> other = searched(model, society_properties(), true, {}, threads, store);
        EXPECT_EQ(other.verdict, one.verdict);
        EXPECT_EQ(other.counterexample, one.counterexample);
        EXPECT_EQ(other.witnesses, one.witnesses);
        EXPECT_EQ(other.representatives, one.representatives);
      }
    }
  }
}

TEST(Symmetry, SwitchedOffEveryStateIsExplored) {
  const RandomSociety model(3);
  const Report<RandomSociety> report = searched(model, {}, false);
  EXPECT_FALSE(report.symmetry.used);
  EXPECT_EQ(report.representatives, report.verdict.states);
}

TEST(Symmetry, LivenessRefusesIt) {
  const RandomSociety model(3);
  const std::vector<Property<RandomSociety>> properties{models::society_property<0>(PropertyKind::kEventually)};
  const Report<RandomSociety> report = searched(model, properties, true);
  EXPECT_FALSE(report.symmetry.used);
  EXPECT_NE(report.symmetry.refused.find("s0"), std::string::npos) << report.symmetry.refused;
  EXPECT_EQ(report.verdict, searched(model, properties, false).verdict);
}

TEST(Symmetry, APropertyThatSinglesOneOutRefusesIt) {
  const RandomSociety model(3);
  std::vector<Property<RandomSociety>> properties{models::society_property<0>(PropertyKind::kInvariant)};
  properties[0].names_one = true;
  properties[0].holds = [](const RandomSociety&, const RandomSociety::State& s) { return s.phase[1] != 1; };
  const Report<RandomSociety> report = searched(model, properties, true);
  EXPECT_FALSE(report.symmetry.used);
  EXPECT_NE(report.symmetry.refused.find("singles out"), std::string::npos) << report.symmetry.refused;
}

TEST(Symmetry, OrbitsOfAnySizeAreStored) {
  const RandomSociety model(3);
  const Canonicalizer<RandomSociety> canonical(model, true);
  ByteSink sink;
  canonical.encode(RandomSociety::State{}, sink);
  EXPECT_EQ(canonical.orbit_of(sink.view()), 1U);
  // The largest orbit of four raylets and four tasks, 4! * 4!, needs more than a byte.
  const SymmetricRecovery large({4, 4, 1, 1});
  SymmetricRecovery::State state = large.initial_states().front();
  for (std::uint8_t i = 0; i < 4; ++i) {
    state.attempt[i] = i % 2;
    state.status[i] = i < 2 ? SymmetricRecovery::Status::kPending : SymmetricRecovery::Status::kFailed;
    state.node[i] = static_cast<SymmetricRecovery::Node>(i);
  }
  ByteSink other;
  Canonicalizer<SymmetricRecovery>(large, true).encode(state, other);
  EXPECT_EQ((Canonicalizer<SymmetricRecovery>(large, true).orbit_of(other.view())), 24U * 24U);
}

/// The checks that fail on the society with a bug, over the seeds.
std::set<AuditCheck> noticed(RandomSociety::Bug bug, std::span<const Property<RandomSociety>> properties = {}) {
  std::set<AuditCheck> checks;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    for (const auto& finding : audit(RandomSociety(seed, bug), {}, properties).findings) checks.insert(finding.check);
  }
  return checks;
}

TEST(Symmetry, TheAuditFindsNothingWrongWithSoundSymmetries) {
  EXPECT_TRUE(noticed(RandomSociety::Bug::kNone, society_properties()).empty());
  EXPECT_TRUE(audit(SymmetricRecovery({2, 2, 1, 1})).findings.empty());
}

TEST(Symmetry, TheAuditNoticesEachWayToBeWrong) {
  using Bug = RandomSociety::Bug;
  EXPECT_TRUE(noticed(Bug::kFirstIsSpecial).contains(AuditCheck::kRenamedEnabled));
  EXPECT_TRUE(noticed(Bug::kCanonForgetsNames).contains(AuditCheck::kCanonical));
  EXPECT_TRUE(noticed(Bug::kOrbitIsTheGroup).contains(AuditCheck::kCanonical));
  EXPECT_TRUE(noticed(Bug::kCanonIsTheState).contains(AuditCheck::kCanonical));
  std::vector<Property<RandomSociety>> properties{models::society_property<0>(PropertyKind::kInvariant)};
  properties[0].holds = [](const RandomSociety&, const RandomSociety::State& s) { return s.phase[1] != 1; };
  EXPECT_EQ(noticed(Bug::kNone, properties), std::set{AuditCheck::kRenamedProperty});
}

// The comparison with the full search has teeth: it, too, notices each bug.
TEST(Symmetry, TheComparisonNoticesEachWayToBeWrong) {
  using Bug = RandomSociety::Bug;
  for (const Bug bug : {Bug::kFirstIsSpecial, Bug::kCanonForgetsNames, Bug::kOrbitIsTheGroup, Bug::kCanonIsTheState}) {
    bool differs = false;
    for (std::uint64_t seed = 0; seed < 200 && !differs; ++seed) {
      const RandomSociety model(seed, bug);
      differs = searched(model, {}, true).verdict != reference::search(model, {}).verdict;
    }
    // A state that represents itself, counted once, is no symmetry at all: slow, and right.
    EXPECT_EQ(differs, bug != Bug::kCanonIsTheState) << static_cast<int>(bug);
  }
}

}  // namespace
}  // namespace mc
