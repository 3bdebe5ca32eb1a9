// Threads that find the same states at the same time: each is new once, whoever comes first.
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "checker/store/visited_set.hpp"
#include "tests/support/sanitized.hpp"

namespace mc {
namespace {

// With the smallest table all have one path of lines.
Fingerprint crowded(std::span<const std::byte> bytes) {
  std::uint64_t state = 0;
  std::memcpy(&state, bytes.data(), sizeof state);
  return state << 6U;
}

/// One round: every thread inserts the same states in the same order; gives how many were new to somebody.
std::uint64_t newcomers(StoreKind kind, unsigned threads, std::uint64_t states, VisitedSet::Hash hash = fingerprint) {
  constexpr std::uint32_t kLength = 8;
  const std::unique_ptr<VisitedSet> visited = make_visited_set(kind, hash);
  std::atomic<unsigned> ready = 0;
  std::atomic<std::uint64_t> found = 0;
  std::vector<Seat*> seats;
  for (unsigned i = 0; i < threads; ++i) seats.push_back(&visited->add_seat());
  visited->begin_level();
  const auto work = [&](unsigned number) {
    std::vector<std::byte> buffer(VisitedSet::kBatchMax * kLength);
    std::vector<Candidate> candidates(VisitedSet::kBatchMax);
    std::vector<Insertion> done(VisitedSet::kBatchMax);
    ++ready;
    while (ready < threads) {
    }
    for (std::uint64_t first = 0; first < states; first += candidates.size()) {
      for (std::uint32_t i = 0; i < candidates.size(); ++i) {
        const std::uint64_t state = first + i;
        std::memcpy(buffer.data() + i * kLength, &state, kLength);
        candidates[i] = {hash({buffer.data() + i * kLength, kLength}), Link(StateId{state}, ActionIndex{number}),
                         i * kLength, kLength};
      }
      visited->insert(*seats[number], buffer.data(), candidates, done.data());
      for (const Insertion& one : done) found += one.kind == Insertion::Kind::kNew ? 1 : 0;
    }
  };
  std::vector<std::thread> team;
  for (unsigned i = 1; i < threads; ++i) team.emplace_back(work, i);
  work(0);
  for (std::thread& member : team) member.join();
  return found;
}

class StoreRace : public testing::TestWithParam<StoreKind> {};

TEST_P(StoreRace, AStateIsNewOnce) {
  constexpr std::uint64_t kStates = 64 * 150;
  // The least table of the fingerprint store takes longer to touch than these states to insert.
  const int rounds = support::kSanitized ? 20 : GetParam() == StoreKind::kExact ? 400 : 150;
  for (int round = 0; round < rounds; ++round) ASSERT_EQ(newcomers(GetParam(), 2, kStates), kStates) << round;
}

TEST_P(StoreRace, AStateIsNewOnceOnACrowdedPath) {
  constexpr std::uint64_t kStates = 64 * 10;
  const int rounds = support::kSanitized ? 20 : 400;
  for (int round = 0; round < rounds; ++round) {
    ASSERT_EQ(newcomers(GetParam(), 3, kStates, crowded), kStates) << round;
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreRace, testing::Values(StoreKind::kExact, StoreKind::kFingerprint),
                         [](const auto& kind) { return std::string(to_string(kind.param)); });

}  // namespace
}  // namespace mc
