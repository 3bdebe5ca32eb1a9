// A frontier on disk changes nothing but where its states stand.
#include "checker/store/spill.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "checker/engine/search.hpp"
#include "tests/models/random_graph.hpp"
#include "tests/models/symmetric_recovery.hpp"
#include "tests/models/two_phase_commit.hpp"
#include "tests/support/memory_keeper.hpp"
#include "tests/support/sanitized.hpp"

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

/// A level that is wide at once: the first state has `width` successors of 400 bytes, which end.
struct Fan {
  using State = std::uint32_t;
  using Action = std::uint32_t;
  std::uint32_t width = 0;

  [[nodiscard]] std::vector<State> initial_states() const { return {0}; }
  void enabled(State state, std::vector<Action>& actions) const {
    for (std::uint32_t i = 1; state == 0 && i <= width; ++i) actions.push_back(i);
  }
  [[nodiscard]] State apply(State /*state*/, Action action) const { return action; }
  void encode(State state, ByteSink& out) const {
    for (int i = 0; i < 100; ++i) out.bits(state, 32);
    out.finish();
  }
  [[nodiscard]] State decode(ByteSource& in) const {
    State state = 0;
    for (int i = 0; i < 100; ++i) state = static_cast<State>(in.bits(32));
    return state;
  }
};

TEST(Spill, ByItselfOnlyALevelThatIsLargeForTheLimitGoesToDisk) {
  const Fan model{100'000};
  Options options = on_disk(2);
  options.frontier = FrontierPlace::kAuto;
  options.disk = "/proc/no/such/folder";
  int told = 0;
  options.notice = [&](const std::string&) { ++told; };
  EXPECT_EQ(search(model, {}, options).verdict.states, 100'001U);
  EXPECT_EQ(told, 0) << "without a limit nothing goes to disk";
  options.limits.memory_max_bytes = std::size_t{8} << 30U;
  EXPECT_EQ(search(model, {}, options).verdict.states, 100'001U);
  EXPECT_EQ(told, 0) << "40 MB are little of 8 GiB";
  options.limits.memory_max_bytes = std::size_t{300} << 20U;
  if (support::kSanitized) return;  // the process alone takes more
  EXPECT_EQ(search(model, {}, options).verdict.states, 100'001U);
  EXPECT_EQ(told, 1);
}

/// Whether an open file is a frontier: one without a name, or one whose name is gone where there are none such.
bool is_frontier(const std::string& target) {
  return target.find("/#") != std::string::npos || target.find(".frontier.") != std::string::npos;
}

/// Takes from this process's frontiers what they wrote.
void truncate_frontiers() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code failed;
    const std::string target = std::filesystem::read_symlink(entry.path(), failed).string();
    if (is_frontier(target)) std::ofstream(entry.path(), std::ios::trunc);
  }
}

TEST(Spill, ADiskThatDoesNotGiveBackWhatItTookEndsTheSearchWithACheckpoint) {
  const models::TwoPhaseCommit model{6};
  const std::vector<Property<models::TwoPhaseCommit>> vandal{
      {.id = "V1", .kind = PropertyKind::kInvariant, .claim = "", .holds = [](const auto&, const auto&) {
         static int calls = 0;
         if (++calls % 1000 == 0) truncate_frontiers();
         return true;
       }}};
  support::MemoryKeeper keeper;
  Options options = on_disk(1);
  options.keeper = &keeper;
  const auto report = search(model, vandal, options);
  EXPECT_EQ(report.verdict.outcome, Outcome::kInconclusive);
  EXPECT_EQ(report.verdict.reason, "what was written of the frontier cannot be read back from the disk");
  EXPECT_TRUE(report.interrupted);
  EXPECT_GE(keeper.saves(), 1);
}

/// Turns a bit of the byte at `offset` of this process's frontier; false behind its end.
bool turn_bit(std::uint64_t offset) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code failed;
    const std::string target = std::filesystem::read_symlink(entry.path(), failed).string();
    if (!is_frontier(target)) continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    const int byte = file.get();
    if (byte == std::char_traits<char>::eof()) return false;
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(static_cast<char>(byte ^ 4));
    return true;
  }
  return false;
}

TEST(Spill, APageThatComesBackChangedIsNoticed) {
  SpilledLevel level;
  const auto source = [](std::uint64_t begin, std::uint64_t end, std::vector<std::byte>& states) {
    std::mt19937 random(7);
    for (std::uint64_t rank = begin; rank < end; ++rank) {
      std::vector<std::byte> state(16);
      for (std::byte& byte : state) byte = static_cast<std::byte>(random());
      append_state(state, states);
    }
  };
  ASSERT_FALSE(level.write(50, source, std::filesystem::temp_directory_path()));
  std::vector<std::byte> written;
  level.read(0, written);
  std::uint64_t offset = 0;
  for (; turn_bit(offset); ++offset) {
    std::vector<std::byte> states;
    EXPECT_THROW(level.read(0, states), DiskError) << "byte " << offset;
    ASSERT_TRUE(turn_bit(offset));
  }
  EXPECT_GT(offset, 50U * 16U);
  std::vector<std::byte> again;
  level.read(0, again);
  EXPECT_EQ(again, written);
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
