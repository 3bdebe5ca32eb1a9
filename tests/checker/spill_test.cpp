// A frontier on disk changes nothing but where its states stand.
#include "checker/store/spill.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "checker/engine/search.hpp"
#include "tests/models/random_graph.hpp"
#include "tests/models/symmetric_recovery.hpp"
#include "tests/models/two_phase_commit.hpp"
#include "tests/support/memory_keeper.hpp"

namespace mc {
namespace {

Options on_disk(unsigned threads) {
  Options options;
  options.threads = threads;
  options.store = StoreKind::kFingerprint;
  options.frontier = FrontierPlace::kDisk;
  options.disk = std::filesystem::temp_directory_path();
  return options;
}

TEST(Spill, TheAnswerIsTheSameOnAnyNumberOfThreads) {
  const models::TwoPhaseCommit model{6};
  const Report<models::TwoPhaseCommit> memory = search(model, {}, Options{});
  ASSERT_GT(*std::max_element(memory.verdict.levels.begin(), memory.verdict.levels.end()),
            SpilledLevel::kStatesPerPage);
  for (const unsigned threads : {1U, 2U, 3U}) EXPECT_EQ(search(model, {}, on_disk(threads)).verdict, memory.verdict);
}

TEST(Spill, RandomModelsWithTheirTraces) {
  models::RandomGraph::Options options;
  options.states_max = 3000;
  options.encoding_bytes_max = 300;
  const std::vector<Property<models::RandomGraph>> properties{models::random_property<0>(PropertyKind::kReachable),
                                                              models::random_property<2>(PropertyKind::kInvariant)};
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    const models::RandomGraph model(seed, options);
    const auto memory = search(model, properties, Options{});
    const auto disk = search(model, properties, on_disk(2));
    ASSERT_EQ(disk.verdict, memory.verdict) << seed;
    ASSERT_EQ(disk.counterexample, memory.counterexample) << seed;
  }
}

TEST(Spill, UnderSymmetryAndBoundsWithTheirCounts) {
  for (const std::uint64_t states_max : {300U, 3000U, 1'000'000U}) {
    const models::SymmetricRecovery model({2, 3, 1, 1});
    Options options;
    options.limits.states_max = states_max;
    const auto memory = search(model, {}, options);
    ASSERT_TRUE(memory.symmetry.used);
    Options disk = on_disk(2);
    disk.limits = options.limits;
    EXPECT_EQ(search(model, {}, disk).verdict, memory.verdict);
  }
}

TEST(Spill, TakenUpWithADiskOfItsOwn) {
  const models::TwoPhaseCommit model{5};
  const Verdict whole = search(model, {}, Options{}).verdict;
  for (const std::size_t levels : {1U, 4U, 9U}) {
    support::MemoryKeeper keeper(levels);
    Options first = on_disk(2);
    first.keeper = &keeper;
    EXPECT_EQ(search(model, {}, first).verdict, whole);
    Options again = on_disk(3);
    again.resume = &keeper.kept();
    EXPECT_EQ(search(model, {}, again).verdict, whole) << levels;
  }
}

TEST(Spill, WhatTheDiskDoesNotTakeStaysInMemoryAndIsToldOnce) {
  const models::TwoPhaseCommit model{4};
  const Verdict memory = search(model, {}, Options{}).verdict;
  Options options = on_disk(2);
  int told = 0;
  options.notice = [&](const std::string& what) {
    ++told;
    EXPECT_NE(what.find("; it stays in memory, packed"), std::string::npos) << what;
  };
  options.disk = "/proc/no/such/folder";
  EXPECT_EQ(search(model, {}, options).verdict, memory);
  EXPECT_EQ(told, 1);
}

TEST(Spill, AFileThatMayNotGrowIsNoEnd) {
  const models::TwoPhaseCommit model{5};
  const Verdict memory = search(model, {}, Options{}).verdict;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{2048, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const Verdict disk = search(model, {}, on_disk(2)).verdict;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(disk, memory);
}

TEST(Spill, TheExactStoreKeepsItsStates) {
  Options options = on_disk(1);
  options.store = StoreKind::kExact;
  options.disk = "/proc/no/such/folder";
  bool told = false;
  options.notice = [&](const std::string&) { told = true; };
  EXPECT_EQ(search(models::TwoPhaseCommit{3}, {}, options).verdict.states,
            search(models::TwoPhaseCommit{3}, {}, Options{}).verdict.states);
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace mc
