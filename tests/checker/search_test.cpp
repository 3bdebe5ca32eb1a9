// What a search does at its edges: limits, cancelling, progress, exceptions, overflow, empty models.
#include "checker/engine/search.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/models/counter.hpp"
#include "tests/models/recovery.hpp"
#include "tests/models/two_node_lock.hpp"

namespace mc {
namespace {

using models::Counter;
using Properties = std::vector<Property<Counter>>;

Property<Counter> property(std::string_view id, PropertyKind kind,
                           bool (*holds)(const Counter&, const std::uint32_t&)) {
  Property<Counter> made;
  made.id = id;
  made.kind = kind;
  made.holds = holds;
  return made;
}

const Property<Counter> kBelow7 =
    property("below7", PropertyKind::kInvariant, [](const Counter&, const auto& s) { return s < 7; });
const Property<Counter> kBelow8 =
    property("below8", PropertyKind::kInvariant, [](const Counter&, const auto& s) { return s < 8; });
const Property<Counter> kEndsAt10 =
    property("ends", PropertyKind::kQuiescent, [](const Counter&, const auto& s) { return s == 10; });
const Property<Counter> kReaches9 =
    property("reaches9", PropertyKind::kReachable, [](const Counter&, const auto& s) { return s == 9; });
const Property<Counter> kReaches99 =
    property("reaches99", PropertyKind::kReachable, [](const Counter&, const auto& s) { return s == 99; });

TEST(SearchTest, CountsASmallModel) {
  const Verdict verdict = check(Counter{}, Properties{kEndsAt10, kReaches9});
  EXPECT_EQ(verdict.outcome, Outcome::kHolds);
  EXPECT_EQ(verdict.states, 11U);
  EXPECT_EQ(verdict.transitions, 19U);
  EXPECT_EQ(verdict.depth, 5U);
  EXPECT_EQ(verdict.quiescent, 1U);
  EXPECT_EQ(verdict.levels, (std::vector<std::uint64_t>{1, 2, 2, 2, 2, 2}));
  EXPECT_EQ(verdict.judgements[1].depth, 5U);
  EXPECT_TRUE(verdict.coverage.empty());
}

TEST(SearchTest, AModelWithoutInitialStatesHolds) {
  const Verdict verdict = check(Counter{.initial = {}}, Properties{kBelow7});
  EXPECT_EQ(verdict.outcome, Outcome::kHolds);
  EXPECT_EQ(verdict.states, 0U);
  EXPECT_TRUE(verdict.levels.empty());
}

TEST(SearchTest, RepeatedInitialStatesCountOnce) {
  const auto report = search(Counter{.initial = {9, 10, 9}}, Properties{kReaches9});
  EXPECT_EQ(report.verdict.states, 2U);
  ASSERT_EQ(report.witnesses.size(), 1U);
  EXPECT_EQ(report.witnesses[0].trace.states, (std::vector<std::uint32_t>{9}));
}

TEST(SearchTest, AViolationCompletesItsLevel) {
  const auto report = search(Counter{.last = 20}, Properties{kReaches99, kBelow8, kBelow7, kReaches9});
  EXPECT_EQ(report.verdict.outcome, Outcome::kViolated);
  EXPECT_EQ(report.verdict.violated, "below8") << "7 and 8 stand in level 4; the first property in the list counts";
  EXPECT_EQ(report.verdict.states, 9U);
  EXPECT_EQ(report.verdict.transitions, 18U);
  EXPECT_EQ(report.verdict.depth, 4U);
  EXPECT_EQ(report.counterexample->states, (std::vector<std::uint32_t>{0, 2, 4, 6, 8}));
  EXPECT_EQ(report.verdict.judgements,
            (std::vector<Judgement>{{"reaches99", PropertyKind::kReachable, Outcome::kInconclusive, 0},
                                    {"below8", PropertyKind::kInvariant, Outcome::kViolated, 4},
                                    {"below7", PropertyKind::kInvariant, Outcome::kViolated, 4},
                                    {"reaches9", PropertyKind::kReachable, Outcome::kInconclusive, 0}}));
}

TEST(SearchTest, QuiescentLooksOnlyWhereNothingIsEnabled) {
  const auto report = search(Counter{.last = 11}, Properties{kEndsAt10});
  EXPECT_EQ(report.verdict.violated, "ends");
  EXPECT_EQ(report.counterexample->states.back(), 11U);
  EXPECT_EQ(report.counterexample->actions.size(), 6U);
}

TEST(SearchTest, UnreachedNamesTheProperty) {
  const Verdict verdict = check(Counter{}, Properties{kReaches9, kReaches99});
  EXPECT_EQ(verdict.outcome, Outcome::kUnreached);
  EXPECT_EQ(verdict.violated, "reaches99");
  EXPECT_EQ(verdict.judgements[0].outcome, Outcome::kHolds);
  EXPECT_EQ(verdict.judgements[1].outcome, Outcome::kUnreached);
}

TEST(LimitsTest, DepthIsBoundedOnlyIfSomethingIsCut) {
  for (const bool declared : {false, true}) {
    Limits limits;
    limits.depth_max = 3;
    limits.depth_declared = declared;
    const Verdict cut = check(Counter{}, Properties{kBelow7, kReaches99}, limits);
    EXPECT_EQ(cut.outcome, declared ? Outcome::kHoldsWithinBounds : Outcome::kInconclusive);
    EXPECT_EQ(cut.reason, "states at depth 3 were not expanded (depth_max); not reached so far: reaches99");
    EXPECT_EQ(cut.states, 7U);
    EXPECT_EQ(cut.transitions, 10U);
    EXPECT_EQ(cut.depth, 3U);
    EXPECT_EQ(cut.judgements[0].outcome, cut.outcome);
    EXPECT_EQ(cut.judgements[1].outcome, Outcome::kInconclusive);
    limits.depth_max = 5;
    EXPECT_EQ(check(Counter{}, Properties{kEndsAt10}, limits).outcome, cut.outcome)
        << "state 9 stands at depth 5 and has an action";
    limits.depth_max = 1;
    EXPECT_EQ(check(Counter{.last = 1}, Properties{}, limits).outcome, Outcome::kHolds);
    EXPECT_EQ(check(Counter{.last = 1}, Properties{kReaches99}, limits).outcome, Outcome::kUnreached);
  }
}

TEST(LimitsTest, TheLastLevelIsJudged) {
  Limits limits;
  limits.depth_max = 4;
  EXPECT_EQ(check(Counter{}, Properties{kBelow8}, limits).outcome, Outcome::kViolated);
  limits.depth_max = 3;
  EXPECT_EQ(check(Counter{}, Properties{kBelow8}, limits).outcome, Outcome::kInconclusive);
}

TEST(LimitsTest, StatesAreLookedAtBetweenLevels) {
  Limits limits;
  limits.states_max = 6;
  limits.states_declared = true;
  const Verdict verdict = check(Counter{}, Properties{kBelow7}, limits);
  EXPECT_EQ(verdict.outcome, Outcome::kHoldsWithinBounds);
  EXPECT_EQ(verdict.states, 7U);
  EXPECT_EQ(verdict.transitions, 10U);
  EXPECT_EQ(verdict.reason, "after 7 states no level was begun (states_max 6)");
  limits.states_max = 7;
  EXPECT_EQ(check(Counter{}, Properties{}, limits).states, 9U);
  limits.states_max = 11;
  EXPECT_EQ(check(Counter{}, Properties{}, limits).outcome, Outcome::kHolds);
}

TEST(LimitsTest, NoTimeGivesACleanEmptyAnswer) {
  Options options;
  options.limits.time_max = std::chrono::milliseconds(0);
  const auto report = search(Counter{}, Properties{kBelow7, kReaches9}, options);
  EXPECT_EQ(report.verdict.outcome, Outcome::kInconclusive);
  EXPECT_EQ(report.verdict.reason, "the time limit of 0 ms was hit; not reached so far: reaches9");
  EXPECT_EQ(report.verdict.states, 0U);
  EXPECT_TRUE(report.verdict.levels.empty());
  EXPECT_FALSE(report.counterexample.has_value());
}

TEST(LimitsTest, TimeEndsALevelInTheMiddle) {
  Options options;
  options.threads = 2;
  options.limits.time_max = std::chrono::milliseconds(50);
  const auto report = search(models::Recovery({3, 3, 2, 2}), models::kRecoveryProperties, options);
  EXPECT_EQ(report.verdict.outcome, Outcome::kInconclusive);
  EXPECT_LT(report.seconds, 5.0);
  std::uint64_t states = 0;
  for (const std::uint64_t level : report.verdict.levels) states += level;
  EXPECT_EQ(report.verdict.states, states);
}

TEST(LimitsTest, MemoryEndsTheSearch) {
  Options options;
  options.limits.memory_max_bytes = 1;
  const auto report = search(models::Recovery({3, 3, 2, 2}), models::kRecoveryProperties, options);
  EXPECT_EQ(report.verdict.outcome, Outcome::kInconclusive);
  EXPECT_EQ(report.verdict.reason, "the memory limit of 1 bytes was hit");
  EXPECT_GT(report.peak_resident_bytes, 1U);
}

TEST(LimitsTest, MemoryIsAskedForBeforeItIsTaken) {
  Options options;
  options.limits.memory_max_bytes = std::size_t{1} << 40U;
  Monitor within(options);
  EXPECT_TRUE(within.allows(1 << 20U));
  EXPECT_FALSE(within.allows(std::uint64_t{1} << 40U));
  EXPECT_EQ(within.reason(), "the memory limit of 1099511627776 bytes was hit");
  const Options none;
  Monitor machine(none);
  EXPECT_TRUE(machine.allows(1 << 20U));
  EXPECT_FALSE(machine.allows(std::uint64_t{1} << 50U)) << "no machine has a pebibyte to give";
  EXPECT_TRUE(machine.reason().starts_with("out of memory")) << machine.reason();
}

TEST(CancelTest, TheFlagEndsTheSearch) {
  std::atomic<bool> cancel = false;
  Options options;
  options.threads = 2;
  options.cancel = &cancel;
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    cancel = true;
  });
  const auto report = search(models::Recovery({3, 3, 2, 2}), models::kRecoveryProperties, options);
  canceller.join();
  EXPECT_EQ(report.verdict.outcome, Outcome::kInconclusive);
  EXPECT_EQ(report.verdict.reason, "interrupted");
}

TEST(ProgressTest, IsCalledOnTheCallingThreadAndChangesNothing) {
  std::vector<Progress> seen;
  Options options;
  options.threads = 2;
  options.progress_seconds = 0.0;
  options.progress = [&, caller = std::this_thread::get_id()](const Progress& progress) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    seen.push_back(progress);
  };
  const models::Recovery model({2, 2, 1, 1});
  EXPECT_EQ(search(model, models::kRecoveryProperties, options).verdict, check(model, models::kRecoveryProperties));
  ASSERT_FALSE(seen.empty());
  EXPECT_GT(seen.back().states, 0U);
  EXPECT_GT(seen.back().resident_bytes, 0U);
}

// Nobody gets on before a second thread has come, so that other threads meet a report that is due.
TEST(ProgressTest, IsNeverCalledOnAnotherThread) {
  std::mutex mutex;
  std::condition_variable came;
  std::set<std::thread::id> threads;
  Counter model{.last = 1000};
  for (std::uint32_t i = 0; i < 200; ++i) model.initial.push_back(i);
  model.on_apply = [&](const std::uint32_t&, const Counter::Action&) {
    std::unique_lock lock(mutex);
    threads.insert(std::this_thread::get_id());
    came.notify_all();
    came.wait_for(lock, std::chrono::seconds(10), [&] { return threads.size() >= 2; });
  };
  Options options;
  options.threads = 2;
  options.progress_seconds = 0.0;
  options.progress = [caller = std::this_thread::get_id()](const Progress&) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
  };
  const Verdict verdict = search(model, Properties{}, options).verdict;
  EXPECT_EQ(verdict.states, 1001U);
  EXPECT_EQ(threads.size(), 2U) << "two threads must have worked";
}

TEST(ProgressTest, MayStopTheSearchByThrowing) {
  Options options;
  options.progress_seconds = 0.0;
  options.progress = [](const Progress&) { throw std::runtime_error("enough"); };
  EXPECT_THROW(static_cast<void>(search(Counter{}, Properties{}, options)), std::runtime_error);
}

TEST(OverflowTest, NamesContainerAndActionWithATraceToTheStateBefore) {
  Counter model{.last = 100};
  model.on_apply = [](const std::uint32_t& state, const Counter::Action& action) {
    if (state + action.by >= 8) throw CapacityExceeded("counter: 7");
  };
  for (const unsigned threads : {1U, 2U, 8U}) {
    Options options;
    options.threads = threads;
    const auto report = search(model, Properties{kReaches99}, options);
    EXPECT_EQ(report.verdict.outcome, Outcome::kInconclusive);
    EXPECT_EQ(report.verdict.reason, "capacity exceeded: counter: 7, by add(2); not reached so far: reaches99");
    EXPECT_EQ(report.verdict.depth, 3U);
    EXPECT_EQ(report.verdict.states, 7U);
    EXPECT_EQ(report.verdict.transitions, 14U);
    ASSERT_TRUE(report.counterexample.has_value());
    EXPECT_EQ(report.counterexample->states, (std::vector<std::uint32_t>{0, 2, 4, 6}));
    EXPECT_EQ(report.overflowing, Counter::Action{2});
  }
}

TEST(OverflowTest, AViolationInTheSameLevelGoesFirst) {
  Counter model{.last = 100};
  model.on_apply = [](const std::uint32_t& state, const Counter::Action&) {
    if (state >= 7) throw CapacityExceeded("counter: 7");
  };
  const auto report = search(model, Properties{kBelow8});
  EXPECT_EQ(report.verdict.outcome, Outcome::kViolated);
  EXPECT_FALSE(report.overflowing.has_value());
}

TEST(ExceptionTest, OutOfMemoryIsAnOutcome) {
  Counter model{.last = 100};
  model.on_apply = [](const std::uint32_t& state, const Counter::Action&) {
    if (state == 5) throw std::bad_alloc();
  };
  const auto report = search(model, Properties{kReaches9});
  EXPECT_EQ(report.verdict.outcome, Outcome::kInconclusive);
  EXPECT_EQ(report.verdict.reason, "out of memory; not reached so far: reaches9");
  EXPECT_EQ(report.verdict.depth, 2U);
}

TEST(ExceptionTest, OthersLeaveTheSearch) {
  Counter model{.last = 5000};
  model.on_apply = [](const std::uint32_t& state, const Counter::Action&) {
    if (state == 4000) throw std::domain_error("the model is broken");
  };
  for (const unsigned threads : {1U, 8U}) {
    Options options;
    options.threads = threads;
    EXPECT_THROW(static_cast<void>(search(model, Properties{}, options)), std::domain_error);
  }
}

TEST(ReportTest, ApartFromTheVerdictItSaysHowItWasFound) {
  Options options;
  options.threads = 3;
  options.store = StoreKind::kFingerprint;
  const auto report = search(models::Recovery({2, 2, 1, 1}), models::kRecoveryProperties, options);
  EXPECT_EQ(report.store, StoreKind::kFingerprint);
  EXPECT_EQ(report.threads, 3U);
  EXPECT_EQ(report.omission_odds, omission_odds(14'803));
  EXPECT_GT(report.seconds, 0.0);
  EXPECT_GT(report.peak_resident_bytes, 0U);
  options.store = StoreKind::kExact;
  EXPECT_EQ(search(models::Recovery({2, 2, 1, 1}), models::kRecoveryProperties, options).omission_odds, 0.0);
}

TEST(TraceTest, ReplayNoticesEveryKindOfDamage) {
  const models::TwoNodeLock model{.acquires_blindly = true};
  const auto report = search(model, models::kLockProperties);
  Trace<models::TwoNodeLock> trace = *report.counterexample;
  EXPECT_TRUE(replays(model, trace));
  EXPECT_TRUE(shows(model, trace, models::kLockProperties[0]));
  EXPECT_FALSE(replays(models::TwoNodeLock{}, trace)) << "the mended lock does not let the second node in";
  std::swap(trace.actions[0], trace.actions[1]);
  EXPECT_FALSE(replays(model, trace));
  trace.actions.pop_back();
  EXPECT_FALSE(replays(model, trace));
}

}  // namespace
}  // namespace mc
