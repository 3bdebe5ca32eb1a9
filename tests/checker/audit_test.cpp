// The audit finds nothing wrong with sound models, and every check catches a model that breaks just what it guards.
#include "checker/audit/audit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/models/random_graph.hpp"
#include "tests/models/recovery.hpp"
#include "tests/models/two_node_lock.hpp"
#include "tests/models/two_phase_commit.hpp"

namespace mc {
namespace {

// Counts from 0 to 9 by one or two; each way of being broken is a switch.
enum class Fault : std::uint8_t {
  kNone,
  kEnabledFlips,
  kEnabledClears,
  kEnabledRepeats,
  kEnabledWrites,
  kOriginFlips,
  kApplyDrifts,
  kApplyOverflowsOnce,
  kApplyWrites,
  kRulesFlip,
  kRulesDiffer,
  kRulesUnknown,
  kRulesUnnamed,
  kEncodeFlips,
  kEncodeWrites,
  kDecodeForgets,
  kDecodeReadsLess,
  kDecodeReadsMore,
  kEncodeSpellsTwice,
  kEncodeMerges,
  kInitialThrows,
  kEnabledThrows,
  kOriginThrows,
  kApplyThrows,
  kApplyThrowsNumber,
  kRulesThrow,
  kEncodeThrows,
  kDecodeThrows,
};

struct Broken {
  struct State {
    mutable std::uint8_t value = 0;
    std::uint8_t spelling = 0;  // no part of equality
    friend bool operator==(const State& a, const State& b) { return a.value == b.value; }
  };
  struct Action {
    std::uint8_t by = 1;
    friend bool operator==(const Action&, const Action&) = default;
  };

  Fault fault = Fault::kNone;
  static inline std::atomic<unsigned> calls = 0;  // what makes an impure model impure

  [[nodiscard]] bool at(Fault which, const State& state) const { return fault == which && state.value == 5; }

  void explode(Fault which, const State& state) const {
    if (at(which, state)) throw std::runtime_error("boom");
  }

  [[nodiscard]] std::vector<State> initial_states() const {
    if (fault == Fault::kInitialThrows) throw std::runtime_error("boom");
    return {State{}};
  }
  void enabled(const State& state, std::vector<Action>& actions) const {
    explode(Fault::kEnabledThrows, state);
    if (at(Fault::kEnabledClears, state)) actions.clear();
    if (at(Fault::kEnabledFlips, state) && ++calls % 2 == 0) return;
    for (const std::uint8_t by : {std::uint8_t{1}, std::uint8_t{2}}) {
      if (state.value + by < 10) actions.push_back({by});
    }
    if (at(Fault::kEnabledRepeats, state)) actions.push_back({1});
    if (at(Fault::kEnabledWrites, state)) state.value = 6;
  }
  [[nodiscard]] State apply(const State& state, const Action& action) const {
    explode(Fault::kApplyThrows, state);
    if (at(Fault::kApplyThrowsNumber, state)) throw 5;
    State next{static_cast<std::uint8_t>(state.value + action.by), 0};
    if (at(Fault::kApplyDrifts, state) && ++calls % 2 == 0) next.value = 9;
    if (at(Fault::kApplyOverflowsOnce, state) && ++calls % 2 == 0) throw CapacityExceeded("second call");
    if (at(Fault::kApplyWrites, state)) state.value = 6;
    if (fault == Fault::kEncodeSpellsTwice) next.spelling = action.by;
    return next;
  }
  [[nodiscard]] State apply(const State& state, const Action& action, RuleSet& fired) const {
    explode(Fault::kRulesThrow, state);
    fired.set(action.by - 1U);
    if (at(Fault::kRulesFlip, state) && ++calls % 2 == 0) fired.set(0).set(1);
    if (at(Fault::kRulesUnknown, state)) fired.set(7);
    if (at(Fault::kRulesUnnamed, state)) fired.set(2);
    if (at(Fault::kRulesDiffer, state)) return State{9, 0};
    return apply(state, action);
  }
  [[nodiscard]] std::vector<std::string_view> rules() const { return {"one", "two", ""}; }
  [[nodiscard]] bool is_environment(const Action& action) const {
    if (fault == Fault::kOriginThrows && action.by == 2) throw std::runtime_error("boom");
    return fault == Fault::kOriginFlips && action.by == 2 && ++calls % 2 == 0;
  }
  void encode(const State& state, ByteSink& out) const {
    explode(Fault::kEncodeThrows, state);
    const bool merged = fault == Fault::kEncodeMerges && state.value == 6;
    out.u8(merged ? std::uint8_t{5} : state.value);
    out.u8(state.spelling);
    if (at(Fault::kEncodeFlips, state)) out.u8(static_cast<std::uint8_t>(++calls));
    if (at(Fault::kEncodeWrites, state)) state.value = 6;
    out.finish();
  }
  [[nodiscard]] State decode(ByteSource& in) const {
    State state;
    state.value = in.u8();
    explode(Fault::kDecodeThrows, state);
    if (!at(Fault::kDecodeReadsLess, state)) state.spelling = in.u8();
    if (at(Fault::kDecodeReadsMore, state)) static_cast<void>(in.bits(32));
    if (at(Fault::kDecodeForgets, state)) state.value = 4;
    return state;
  }
};

struct Tooth {
  Fault fault;
  AuditCheck check;
};

class AuditTeeth : public ::testing::TestWithParam<Tooth> {};

TEST_P(AuditTeeth, CatchTheirFault) {
  Options options;
  options.threads = 1;
  options.limits.depth_max = 20;
  const auto report = audit(Broken{GetParam().fault}, options);
  bool caught = false;
  for (const auto& finding : report.findings) {
    if (finding.check != GetParam().check) continue;
    caught = true;
    EXPECT_EQ(finding.action.has_value(),
              finding.check != AuditCheck::kEnabledPure && finding.check != AuditCheck::kEnabledAppends &&
                  finding.check != AuditCheck::kEnabledReadsOnly && finding.check != AuditCheck::kEncodePure &&
                  finding.check != AuditCheck::kRoundTrip)
        << "an action belongs to a finding exactly if the check is about one";
  }
  EXPECT_TRUE(caught) << to_string(GetParam().check);
}

INSTANTIATE_TEST_SUITE_P(
    Faults, AuditTeeth,
    ::testing::Values(
        Tooth{Fault::kEnabledFlips, AuditCheck::kEnabledPure},
        Tooth{Fault::kEnabledClears, AuditCheck::kEnabledAppends},
        Tooth{Fault::kEnabledRepeats, AuditCheck::kEnabledDistinct},
        Tooth{Fault::kEnabledWrites, AuditCheck::kEnabledReadsOnly},
        Tooth{Fault::kOriginFlips, AuditCheck::kOriginPure}, Tooth{Fault::kApplyDrifts, AuditCheck::kApplyPure},
        Tooth{Fault::kApplyOverflowsOnce, AuditCheck::kApplyPure},
        Tooth{Fault::kApplyWrites, AuditCheck::kApplyReadsOnly}, Tooth{Fault::kRulesFlip, AuditCheck::kRulesPure},
        Tooth{Fault::kRulesDiffer, AuditCheck::kRulesPure}, Tooth{Fault::kRulesUnknown, AuditCheck::kRulesKnown},
        Tooth{Fault::kRulesUnnamed, AuditCheck::kRulesKnown}, Tooth{Fault::kEncodeFlips, AuditCheck::kEncodePure},
        Tooth{Fault::kEncodeWrites, AuditCheck::kEncodePure}, Tooth{Fault::kDecodeForgets, AuditCheck::kRoundTrip},
        Tooth{Fault::kDecodeReadsLess, AuditCheck::kRoundTrip}, Tooth{Fault::kDecodeReadsMore, AuditCheck::kRoundTrip},
        Tooth{Fault::kEncodeMerges, AuditCheck::kRoundTrip},
        Tooth{Fault::kEncodeSpellsTwice, AuditCheck::kEqualBytes}));

template <Model M>
void expect_sound(const M& model) {
  const auto report = audit(model);
  for (const auto& finding : report.findings) ADD_FAILURE() << to_string(finding.check);
  Verdict plain = check(model, {});
  EXPECT_EQ(report.verdict, plain) << "an audit explores what a search explores";
}

TEST(AuditTest, SoundModelsPass) {
  expect_sound(Broken{});
  expect_sound(models::TwoNodeLock{});
  expect_sound(models::TwoPhaseCommit(3));
  expect_sound(models::Recovery({1, 2, 1, 1}));
  expect_sound(models::Recovery({2, 2, 1, 1}));
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    expect_sound(models::RandomGraph(seed, {.overflow_per_mille = seed % 2 == 0 ? 0U : 20U}));
  }
}

TEST(AuditTest, KeepsTheRefinementsOfTheModel) {
  static_assert(Printable<Audited<models::TwoNodeLock>> && Instrumented<Audited<models::TwoNodeLock>>);
  static_assert(!Environmental<Audited<models::TwoNodeLock>>);
  static_assert(Environmental<Audited<models::Recovery>> && !Printable<Audited<models::Recovery>>);
}

TEST(AuditTest, ReportsTheSameFindingOnAnyNumberOfThreads) {
  Options options;
  for (const Fault fault : {Fault::kEnabledRepeats, Fault::kRulesUnknown, Fault::kEncodeSpellsTwice}) {
    options.threads = 1;
    const auto expected = audit(Broken{fault}, options);
    ASSERT_FALSE(expected.findings.empty());
    for (const unsigned threads : {2U, 8U}) {
      options.threads = threads;
      const auto actual = audit(Broken{fault}, options);
      ASSERT_EQ(actual.findings.size(), expected.findings.size());
      for (std::size_t i = 0; i < actual.findings.size(); ++i) {
        EXPECT_EQ(actual.findings[i].check, expected.findings[i].check);
        EXPECT_EQ(actual.findings[i].state, expected.findings[i].state);
        EXPECT_EQ(actual.findings[i].action, expected.findings[i].action);
      }
      EXPECT_EQ(actual.verdict, expected.verdict);
    }
  }
}

// A model that throws is found out and told of; the audit of the rest goes on wherever it can.
TEST(AuditTest, SurvivesWhateverAModelThrows) {
  const auto stops = [](Fault fault) {
    return fault == Fault::kInitialThrows || fault == Fault::kEncodeThrows || fault == Fault::kDecodeThrows;
  };
  for (const Fault fault :
       {Fault::kInitialThrows, Fault::kEnabledThrows, Fault::kOriginThrows, Fault::kApplyThrows,
        Fault::kApplyThrowsNumber, Fault::kRulesThrow, Fault::kEncodeThrows, Fault::kDecodeThrows}) {
    for (const unsigned threads : {1U, 3U}) {
      SCOPED_TRACE(std::to_string(static_cast<int>(fault)) + " on " + std::to_string(threads));
      Options options;
      options.threads = threads;
      const auto report = audit(Broken{fault}, options);
      const auto thrown = std::find_if(report.findings.begin(), report.findings.end(),
                                       [](const auto& finding) { return finding.check == AuditCheck::kThrows; });
      ASSERT_NE(thrown, report.findings.end());
      const std::string what = fault == Fault::kApplyThrowsNumber ? "something that is no std::exception" : "boom";
      EXPECT_TRUE(thrown->thrown.ends_with(" throws: " + what)) << thrown->thrown;
      EXPECT_EQ(report.verdict.outcome, stops(fault) ? Outcome::kInconclusive : Outcome::kHolds);
      EXPECT_EQ(report.verdict.states > 5, !stops(fault)) << report.verdict.states;
      EXPECT_EQ(report.verdict.reason.ends_with(" throws: boom"), stops(fault)) << report.verdict.reason;
    }
  }
  const auto report = audit(Broken{Fault::kApplyThrows});
  const auto& finding = report.findings.back();
  ASSERT_EQ(finding.check, AuditCheck::kThrows);
  EXPECT_EQ(finding.thrown, "apply throws: boom");
  EXPECT_EQ(finding.state.value, 5);
  ASSERT_TRUE(finding.action.has_value());
  EXPECT_EQ(finding.action->by, 1);
}

TEST(AuditTest, EveryCheckHasItsWords) {
  for (int check = 0; check <= static_cast<int>(AuditCheck::kThrows); ++check) {
    EXPECT_EQ(to_string(static_cast<AuditCheck>(check)).rfind("audit.", 0), 0U);
    EXPECT_FALSE(claim(static_cast<AuditCheck>(check)).empty());
  }
}

}  // namespace
}  // namespace mc
