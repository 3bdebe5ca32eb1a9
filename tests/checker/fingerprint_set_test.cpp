// The fingerprint store's own ways: what a slot leaves out and how it comes back, crowded paths, and growth.
#include "checker/store/fingerprint_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <random>
#include <set>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "checker/store/fingerprint_lines.hpp"
#include "checker/store/links.hpp"
#include "tests/support/sanitized.hpp"

namespace mc {
namespace {

constexpr std::uint64_t kLeast = FingerprintSpread::kLinesMin;
constexpr Fingerprint kGreatest = ~Fingerprint{0};

class SpreadTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(SpreadTest, GivesEveryFingerprintBack) {
  const std::uint64_t lines = GetParam();
  const FingerprintSpread spread(lines);
  const auto check = [&](Fingerprint fingerprint) {
    const FingerprintKey key = spread.key_of(fingerprint);
    ASSERT_LT(key.home, lines);
    ASSERT_EQ(key.rest >> 47U, 1U);
    ASSERT_EQ(spread.fingerprint_of(key), fingerprint);
    std::uint64_t at = key.home;
    for (std::uint64_t steps = 0; steps <= FingerprintLine::kStepsMax; ++steps, at = spread.next(at, key)) {
      ASSERT_LT(at, lines);
      ASSERT_EQ(spread.home_of(at, key.rest, steps), key.home);
    }
  };
  const Fingerprint width = kGreatest / lines;
  std::mt19937_64 random(lines);
  for (int i = 0; i < 100'000; ++i) check(random());
  // Around the ends of lines, where a rounding would first go wrong.
  for (const std::uint64_t line : {std::uint64_t{0}, std::uint64_t{1}, lines / 3, lines / 2, lines - 1, lines}) {
    for (int i = -2000; i <= 2000; ++i) check(line * width + static_cast<Fingerprint>(i));
  }
  for (Fingerprint i = 0; i < 4000; ++i) check(kGreatest - i);
}

INSTANTIATE_TEST_SUITE_P(Lines, SpreadTest,
                         testing::Values(kLeast, kLeast + 2, 3 * kLeast / 2, 2 * kLeast - 2, 2 * kLeast, 1'234'568,
                                         std::uint64_t{1} << 32U, (std::uint64_t{1} << 33U) - 2,
                                         (std::uint64_t{1} << 37U) + 6));

TEST(FingerprintLineTest, TellsOpenFromClosedAndHowFarFromHome) {
  alignas(kLineBytes) std::array<std::byte, kLineBytes> bytes{};
  const FingerprintLine line(bytes.data());
  const FingerprintSpread spread(kLeast);
  const auto key = [&](std::uint64_t i) { return spread.key_of(i << 16U); };  // one tag for all
  const auto place = [](std::uint32_t slot) {
    return slot == 0 ? OpenPlace{0} : static_cast<OpenPlace>(FingerprintLine::kPlacesMax - slot);
  };
  const auto slots = [](std::uint32_t mask) { return static_cast<std::size_t>(std::popcount(mask)); };
  for (std::uint32_t i = 0; i < FingerprintLine::kSlots; ++i) {
    const FingerprintLine::View view = line.look(key(i), 0);
    EXPECT_EQ(view.free, (1U << FingerprintLine::kSlots) - (1U << i));
    EXPECT_EQ(slots(view.open), i);
    EXPECT_FALSE(view.closed);
    EXPECT_NE(line.guess(key(i)).kind, FingerprintLine::Guess::Kind::kElsewhere);
    EXPECT_TRUE(line.claim(i, key(i), place(i)));
    EXPECT_FALSE(line.claim(i, key(i), 7));
  }
  EXPECT_EQ(line.used(), FingerprintLine::kSlots);
  EXPECT_EQ(line.look(spread.key_of(1), 0).open, 0U);
  EXPECT_EQ(line.guess(spread.key_of(1)).kind, FingerprintLine::Guess::Kind::kElsewhere);
  EXPECT_EQ(line.guess(key(0)).kind, FingerprintLine::Guess::Kind::kOpen);
  // Slot i is closed i steps from home, but 8 has to go away and 9 stays open.
  for (std::uint32_t i = 0; i < 8; ++i) line.close(i, key(i), i);
  line.vacate(8);
  EXPECT_EQ(line.guess(key(0)).kind, FingerprintLine::Guess::Kind::kClosed);
  for (std::uint32_t i = 0; i < FingerprintLine::kSlots; ++i) {
    for (std::uint64_t steps = 0; steps < 20; ++steps) {
      const FingerprintLine::View view = line.look(key(i), steps);
      EXPECT_EQ(view.closed, i < 8 && steps == i) << i << " " << steps;
      EXPECT_EQ(view.free, 0U);
      if (!view.closed) {
        EXPECT_EQ(view.open, 1U << 9U);
      }
    }
  }
  EXPECT_EQ(line.place(9), place(9));
  EXPECT_EQ(line.slot_of(place(9)), 9U);
  EXPECT_EQ(line.slot_of(0), std::nullopt);
  std::set<std::pair<std::uint64_t, std::uint64_t>> closed;
  std::vector<OpenPlace> open;
  line.for_each([&](std::uint64_t rest, std::uint64_t steps) { closed.emplace(rest, steps); },
                [&](OpenPlace one) { open.push_back(one); });
  std::set<std::pair<std::uint64_t, std::uint64_t>> expected;
  for (std::uint32_t i = 0; i < 8; ++i) expected.emplace(key(i).rest, i);
  EXPECT_EQ(closed, expected);
  EXPECT_EQ(open, std::vector{place(9)});
}

// The fingerprint of an encoding is what its eight bytes say.
Fingerprint told(std::span<const std::byte> bytes) {
  Fingerprint fingerprint = 0;
  std::memcpy(&fingerprint, bytes.data(), sizeof fingerprint);
  return fingerprint;
}

/// A store that is told fingerprints, level by level.
class ToldSet {
 public:
  explicit ToldSet(bool lean = false) : lean_(lean), set_(told), seat_(set_.add_seat()) { set_.begin_level(lean_); }

  /// How many of them were new.
  std::uint64_t insert(std::span<const Fingerprint> fingerprints) {
    std::uint64_t count = 0;
    std::array<Candidate, VisitedSet::kBatchMax> candidates;
    std::array<Insertion, VisitedSet::kBatchMax> done;
    while (!fingerprints.empty()) {
      const std::size_t size = std::min(fingerprints.size(), candidates.size());
      for (std::uint32_t i = 0; i < size; ++i) {
        candidates[i] = {fingerprints[i], Link(StateId{next_++}, ActionIndex{0}), i * 8, 8};
      }
      set_.insert(seat_, std::as_bytes(fingerprints).data(), std::span(candidates).first(size), done.data());
      for (const Insertion& one : std::span(done).first(size)) {
        EXPECT_NE(one.kind, Insertion::Kind::kLowered);
        if (one.kind != Insertion::Kind::kNew) continue;
        found_.states.push_back(one.state);
        ++count;
      }
      fingerprints = fingerprints.subspan(size);
    }
    return count;
  }
  void close() {
    found_.end_parent = StateId{next_};
    std::vector<Findings> findings(1);
    std::swap(findings[0], found_);
    const std::uint64_t found = findings[0].states.size();
    ASSERT_EQ(set_.close_level(findings, links_), found);
    set_.begin_level(lean_);
  }
  [[nodiscard]] double load() const { return set_.table_load(); }

 private:
  bool lean_;
  FingerprintSet set_;
  Seat& seat_;
  Findings found_;
  Links links_;
  std::uint64_t next_ = 0;
};

/// Fingerprints with one path: home is the first or the last line, and the step is one.
std::vector<Fingerprint> crowd(std::uint64_t from, std::uint64_t count, bool at_the_end) {
  std::vector<Fingerprint> all;
  // With the least number of lines the rest is the fingerprint, as far as 47 bits go.
  for (std::uint64_t i = from; i < from + count; ++i) all.push_back(at_the_end ? kGreatest - 63 - 64 * i : 64 * i);
  return all;
}

std::vector<Fingerprint> scattered(std::uint64_t seed, std::uint64_t count) {
  std::mt19937_64 random(seed);
  std::vector<Fingerprint> all(count);
  for (Fingerprint& one : all) one = random();
  return all;
}

class CrowdTest : public testing::TestWithParam<std::tuple<std::uint64_t, bool, bool>> {};

// Up to the last line that a closed state may stand in, and beyond it, from the end of the table to its beginning, too.
TEST_P(CrowdTest, KeepsEveryStateOfOnePath) {
  const auto [count, at_the_end, lean] = GetParam();
  ToldSet set(lean);
  const FingerprintSpread spread(kLeast);
  for (const Fingerprint one : crowd(0, count, at_the_end)) {
    ASSERT_EQ(spread.key_of(one).home, at_the_end ? kLeast - 1 : 0);
    ASSERT_EQ(spread.next(0, spread.key_of(one)), 1U);
  }
  std::uint64_t known = 0;
  for (const std::uint64_t size : {count / 2, std::uint64_t{0}, count - count / 2}) {
    EXPECT_EQ(set.insert(crowd(0, known, at_the_end)), 0U);
    EXPECT_EQ(set.insert(crowd(known, size, at_the_end)), size);
    known += size;
    EXPECT_EQ(set.insert(crowd(0, known, at_the_end)), 0U);
    set.close();
  }
  EXPECT_EQ(set.insert(crowd(0, known, at_the_end)), 0U);
  EXPECT_EQ(set.insert(crowd(known, 5, at_the_end)), 5U);
}

INSTANTIATE_TEST_SUITE_P(Counts, CrowdTest,
                         testing::Combine(testing::Values(1, 10, 79, 80, 81, 200, 1000), testing::Bool(),
                                          testing::Bool()));

// Within one level, between levels, and with states that stand far from home or nowhere in the table.
TEST(FingerprintStore, KnowsAllAfterSeveralRebuildsLarge) {
  if (support::kSanitized) GTEST_SKIP() << "millions of states";
  // Each level has so many pieces of scattered fingerprints, which are made as they are needed.
  constexpr std::uint64_t kPiece = 100'000;
  for (const std::vector<std::uint64_t>& pieces : {std::vector<std::uint64_t>{29}, {9, 9, 7, 5, 9, 1}, {1, 28}}) {
    ToldSet set;
    std::vector<Fingerprint> crowds = crowd(0, 300, false);
    const std::vector<Fingerprint> end = crowd(0, 300, true);
    crowds.insert(crowds.end(), end.begin(), end.end());
    crowds.insert(crowds.end(), {1, kGreatest, kGreatest / 2, kGreatest / 2 + 1});
    ASSERT_EQ(set.insert(crowds), crowds.size());
    std::uint64_t seed = 0;
    for (const std::uint64_t count : pieces) {
      for (const std::uint64_t last = seed + count; seed < last; ++seed) {
        ASSERT_EQ(set.insert(scattered(seed, kPiece)), kPiece);
        ASSERT_LE(set.load(), 0.95);
      }
      ASSERT_EQ(set.insert(crowds), 0U);
      set.close();
      ASSERT_EQ(set.insert(crowds), 0U);
    }
    for (std::uint64_t known = 0; known < seed; ++known) ASSERT_EQ(set.insert(scattered(known, kPiece)), 0U);
    ASSERT_EQ(set.insert(scattered(seed, kPiece)), kPiece);
  }
}

}  // namespace
}  // namespace mc
