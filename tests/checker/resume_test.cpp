// A search that was handed over at any level ends as if it had not been: on other numbers of threads, in either store.
#include "checker/engine/resume.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "checker/core/random.hpp"
#include "checker/engine/search.hpp"
#include "tests/models/counter.hpp"
#include "tests/models/random_graph.hpp"
#include "tests/models/symmetric_recovery.hpp"
#include "tests/models/two_phase_commit.hpp"
#include "tests/support/memory_keeper.hpp"
#include "tests/support/sanitized.hpp"

namespace mc {
namespace {

Options options_of(unsigned threads, StoreKind store) {
  Options options;
  options.threads = threads;
  options.store = store;
  return options;
}

/// Hands a search over at every level and takes each up again.
template <Model M>
void expect_same_from_everywhere(const M& model, std::span<const Property<M>> properties, Limits limits) {
  Options options = options_of(2, StoreKind::kExact);
  options.limits = limits;
  const Report<M> whole = search(model, properties, options);
  for (std::size_t levels = 1; levels < whole.verdict.levels.size(); levels += 1 + levels / 3) {
    support::MemoryKeeper keeper(levels);
    Options first = options;
    first.keeper = &keeper;
    EXPECT_EQ(search(model, properties, first).verdict, whole.verdict) << "keeping changes nothing";
    for (const unsigned threads : {1U, 3U}) {
      for (const StoreKind store : {StoreKind::kExact, StoreKind::kFingerprint}) {
        Options again = options_of(threads, store);
        again.limits = limits;
        again.resume = &keeper.kept();
        const Report<M> report = search(model, properties, again);
        EXPECT_EQ(report.mismatch, "");
        ASSERT_EQ(report.verdict, whole.verdict) << levels;
        ASSERT_EQ(report.counterexample, whole.counterexample);
        ASSERT_EQ(report.witnesses, whole.witnesses);
      }
    }
  }
}

TEST(Resume, ASearchThatGoesOnAfterAViolationFromEveryLevel) {
  using models::RandomGraph;
  const std::vector<Property<RandomGraph>> properties{
      models::random_property<0>(PropertyKind::kInvariant), models::random_property<1>(PropertyKind::kReachable),
      models::random_property<2>(PropertyKind::kQuiescent), models::random_property<3>(PropertyKind::kInvariant),
      models::random_property<4>(PropertyKind::kInvariant)};
  int several = 0;
  for (std::uint64_t seed = 0; seed < (support::kSanitized ? 60 : 200); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const RandomGraph model(seed, {.states_max = 400});
    Options options = options_of(2, StoreKind::kExact);
    options.keep_going = true;
    const Report<RandomGraph> whole = search<RandomGraph>(model, properties, options);
    if (whole.other_violations.empty()) continue;
    ++several;
    for (std::size_t levels = 2; levels < whole.verdict.levels.size(); levels += 2) {
      support::MemoryKeeper keeper(levels);
      Options first = options;
      first.keeper = &keeper;
      static_cast<void>(search<RandomGraph>(model, properties, first));
      Options again = options;
      again.threads = 3;
      again.resume = &keeper.kept();
      const Report<RandomGraph> report = search<RandomGraph>(model, properties, again);
      EXPECT_EQ(report.mismatch, "");
      EXPECT_EQ(report.verdict, whole.verdict);
      EXPECT_EQ(report.counterexample, whole.counterexample);
      EXPECT_EQ(report.other_violations, whole.other_violations);
      EXPECT_EQ(report.witnesses, whole.witnesses);
    }
  }
  EXPECT_GT(several, 3);
}

// Whoever has too little time for the steps of the checkpoint is told so, and loses nothing.
TEST(Resume, AnInterruptionBeforeItStandsWhereItStoodKeepsTheCounts) {
  const models::TwoPhaseCommit model{6};
  support::MemoryKeeper keeper(7);
  Options options = options_of(2, StoreKind::kExact);
  options.keeper = &keeper;
  const Verdict whole = search(model, {}, options).verdict;
  const std::size_t depth = keeper.kept().levels.size() - 1;
  std::uint64_t states = 0;
  for (std::size_t level = 0; level < depth; ++level) states += whole.levels[level];
  Options again = options_of(2, StoreKind::kExact);
  again.resume = &keeper.kept();
  again.limits.time_max = std::chrono::milliseconds(0);
  const Report<models::TwoPhaseCommit> report = search(model, {}, again);
  EXPECT_TRUE(report.interrupted);
  EXPECT_EQ(report.verdict.outcome, Outcome::kInconclusive);
  EXPECT_EQ(report.verdict.states, states);
  EXPECT_EQ(report.verdict.reason,
            "the time limit of 0 ms was hit while the steps of the checkpoint were done again, at depth 0 of " +
                std::to_string(depth) + ": to get on takes more");
}

/// Cancels a search when its first level begins.
class Canceller final : public SearchKeeper {
 public:
  explicit Canceller(std::size_t levels) : levels_(levels) {}
  [[nodiscard]] bool due() override {
    cancel_ = true;
    return false;
  }
  [[nodiscard]] std::size_t levels_kept() const override { return levels_; }
  void save(const SavedSearch& /*search*/) noexcept override {}
  [[nodiscard]] const std::atomic<bool>& cancel() const { return cancel_; }

 private:
  std::size_t levels_;
  std::atomic<bool> cancel_ = false;
};

TEST(Resume, AnInterruptionBeforeALevelIsFinishedSaysThatItStandsStill) {
  const models::TwoPhaseCommit model{6};
  support::MemoryKeeper keeper(7);
  Options options = options_of(2, StoreKind::kExact);
  options.keeper = &keeper;
  const Verdict whole = search(model, {}, options).verdict;
  Canceller canceller(keeper.levels_kept());
  Options again = options_of(2, StoreKind::kExact);
  again.resume = &keeper.kept();
  again.keeper = &canceller;
  again.cancel = &canceller.cancel();
  const Report<models::TwoPhaseCommit> report = search(model, {}, again);
  EXPECT_TRUE(report.interrupted);
  EXPECT_EQ(report.verdict.reason, "interrupted; no level was finished since the checkpoint: this takes more");
  std::uint64_t states = 0;
  for (std::size_t level = 0; level + 1 < keeper.levels_kept(); ++level) states += whole.levels[level];
  EXPECT_EQ(report.verdict.states, states);
}

TEST(Resume, TwoPhaseCommitFromEveryLevel) {
  const models::TwoPhaseCommit model{4};
  expect_same_from_everywhere<models::TwoPhaseCommit>(model, {}, Limits::none());
}

TEST(Resume, ASearchOfRepresentativesFromEveryLevel) {
  const models::SymmetricRecovery model({2, 3, 1, 1});
  expect_same_from_everywhere<models::SymmetricRecovery>(model, {}, Limits::none());
  Limits limits;
  limits.states_max = 2000;
  expect_same_from_everywhere<models::SymmetricRecovery>(model, {}, limits);
}

TEST(Resume, WithSymmetryIsAnotherSearchThanWithout) {
  const models::SymmetricRecovery model({2, 2, 1, 1});
  support::MemoryKeeper keeper(6);
  Options options = options_of(2, StoreKind::kExact);
  options.keeper = &keeper;
  static_cast<void>(search(model, {}, options));
  Options again = options_of(2, StoreKind::kExact);
  again.symmetry = false;
  again.resume = &keeper.kept();
  EXPECT_NE(search(model, {}, again).mismatch, "");
}

TEST(Resume, RandomModelsWithViolationsAndBounds) {
  using models::RandomGraph;
  RandomGraph::Options options;
  options.states_max = 600;
  options.overflow_per_mille = 1;
  for (std::uint64_t seed = 1; seed <= 80 / (support::kSanitized ? 8 : 1); ++seed) {
    const RandomGraph model(seed, options);
    const std::vector<Property<RandomGraph>> all{models::random_property<0>(PropertyKind::kReachable),
                                                 models::random_property<1>(PropertyKind::kQuiescent),
                                                 models::random_property<2>(PropertyKind::kInvariant)};
    const std::span<const Property<RandomGraph>> properties = std::span(all).first(seed % 4);
    Limits limits;
    if (seed % 5 == 0) limits.depth_max = 4;
    if (seed % 5 == 1) limits.states_max = 30;
    limits.depth_declared = seed % 2 == 0;
    expect_same_from_everywhere<RandomGraph>(model, properties, limits);
  }
}

TEST(Resume, AnotherModelIsNoticed) {
  support::MemoryKeeper keeper(5);
  Options options = options_of(2, StoreKind::kExact);
  options.keeper = &keeper;
  static_cast<void>(search(models::Counter{.last = 40}, {}, options));
  ASSERT_EQ(keeper.kept().levels.size(), 5U);
  Options again = options_of(2, StoreKind::kExact);
  again.resume = &keeper.kept();
  const auto shorter = search(models::Counter{.last = 4}, {}, again);
  EXPECT_NE(shorter.mismatch, "");
  EXPECT_EQ(shorter.verdict.outcome, Outcome::kInconclusive);
  const auto other_start = search(models::Counter{.last = 40, .initial = {7}}, {}, again);
  EXPECT_EQ(other_start.mismatch, "the model gives other states at depth 4 than it did");
  const std::vector<Property<models::Counter>> more{
      {.id = "C1", .kind = PropertyKind::kInvariant, .claim = "", .holds = [](const auto&, const auto&) {
         return true;
       }}};
  EXPECT_EQ(search(models::Counter{.last = 40}, more, again).mismatch,
            "the scenario has other properties or rules than it had");
}

TEST(Resume, DamagedStepsAreNoticedAndNeverAsserted) {
  support::MemoryKeeper keeper(6);
  const models::TwoPhaseCommit model{3};
  Options options = options_of(1, StoreKind::kExact);
  options.keeper = &keeper;
  const auto whole = search(model, {}, options);
  Random random(11);
  for (int round = 0; round < 400; ++round) {
    SavedSearch damaged = keeper.kept();
    SavedLevel& level = damaged.levels[1 + random.below(damaged.levels.size() - 1)];
    if (level.links.empty()) continue;
    const std::size_t at = random.below(level.links.size());
    switch (random.below(4)) {
      case 0: level.links[at] ^= static_cast<std::uint8_t>(1U << random.below(8)); break;
      case 1: level.links.erase(level.links.begin() + static_cast<std::ptrdiff_t>(at)); break;
      case 2: level.links.insert(level.links.begin() + static_cast<std::ptrdiff_t>(at), 0xff); break;
      default: level.states += 1 + random.below(3); break;
    }
    Options again = options_of(2, StoreKind::kExact);
    again.resume = &damaged;
    const auto report = search(model, {}, again);
    if (report.mismatch.empty()) {
      EXPECT_EQ(report.verdict, whole.verdict) << "what is not noticed changes nothing";
    }
  }
}

TEST(SavedLinks, AreReadAsTheyWereWrittenAndNothingElse) {
  const std::vector<Link> links{Link(StateId{5}, ActionIndex{0}), Link(StateId{5}, ActionIndex{300}),
                                Link(StateId{6}, ActionIndex{0}), Link(StateId{1'000'000'000}, ActionIndex{7})};
  LinkPacker packer;
  for (const Link link : links) packer.add(link);
  const std::vector<std::uint8_t> bytes = packer.take();
  EXPECT_EQ(unpacked_links(bytes, links.size()), links);
  EXPECT_EQ(unpacked_links(bytes, links.size() - 1), std::nullopt);
  EXPECT_EQ(unpacked_links(bytes, links.size() + 1), std::nullopt);
  EXPECT_EQ(unpacked_links(std::vector<std::uint8_t>(40, 0xff), 4), std::nullopt) << "numbers without an end";
  EXPECT_EQ(unpacked_links({}, std::uint64_t{1} << 60U), std::nullopt);
  EXPECT_EQ(unpacked_links(std::vector<std::uint8_t>{1, 2, 0, 2}, 2), std::nullopt) << "the same link twice";
}

}  // namespace
}  // namespace mc
