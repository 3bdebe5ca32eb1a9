// The stores behind VisitedSet, each alone: insertion, minimal links, forged collisions, growth, many threads.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "checker/store/link.hpp"
#include "checker/store/record.hpp"
#include "checker/store/visited_set.hpp"

namespace mc {
namespace {

std::vector<std::byte> encoding(std::uint32_t value, std::size_t length = 4) {
  std::vector<std::byte> bytes(length);
  for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<std::byte>((value >> (8 * (i % 4))) & 0xffU);
  return bytes;
}

Link link(std::uint64_t parent, std::uint32_t action) {
  return Link(StateId{parent}, ActionIndex{action});
}

std::vector<std::byte> stored(Record record) {
  const auto bytes = bytes_of(record);
  return {bytes.begin(), bytes.end()};
}

TEST(LinkTest, OrdersByParentThenAction) {
  EXPECT_LT(link(1, 9), link(2, 0));
  EXPECT_LT(link(2, 0), link(2, 1));
  EXPECT_EQ(link(Link::kStatesMax - 1, 16'777'215).parent(), StateId{Link::kStatesMax - 1});
  EXPECT_EQ(link(Link::kStatesMax - 1, 16'777'215).action(), ActionIndex{16'777'215});
}

TEST(LinkDeathTest, RefusesMoreStatesThanALinkCanName) {
  EXPECT_EXIT(link(Link::kStatesMax, 0), ::testing::ExitedWithCode(70), "2\\^40");
}

TEST(LinkTest, LinksFindTheirLevel) {
  Links links;
  links.append_level({Link::initial(0), Link::initial(2)});
  links.append_level({link(0, 1)});
  links.append_level({link(2, 0), link(2, 3)});
  EXPECT_EQ(links.size(), 5U);
  const std::array<std::size_t, 5> levels{0, 0, 1, 2, 2};
  for (std::uint64_t id = 0; id < 5; ++id) EXPECT_EQ(links.level_of(StateId{id}), levels[id]);
  EXPECT_EQ(links[StateId{4}], link(2, 3));
}

TEST(RecordTest, KeepsEveryLength) {
  RecordArena arena;
  std::vector<Record> records;
  std::vector<std::size_t> lengths{0, 1, 254, 255, 256, 4096, kEncodingBytesMax, 3, 65'000 - 5'000};
  for (const std::size_t length : lengths) records.push_back(arena.add(encoding(0x01020304, length)));
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    EXPECT_EQ(stored(records[i]), encoding(0x01020304, lengths[i]));
    EXPECT_TRUE(equal(records[i], encoding(0x01020304, lengths[i])));
    EXPECT_FALSE(equal(records[i], encoding(0x01020304, lengths[i] + 1)));
  }
}

class StoreTest : public ::testing::TestWithParam<StoreKind> {
 protected:
  Insertion insert(std::uint32_t value, Link by) {
    return set_->insert(fingerprint(encoding(value)), encoding(value), by);
  }
  std::unique_ptr<VisitedSet> set_ = make_visited_set(GetParam());
};

TEST_P(StoreTest, KnowsItsName) {
  EXPECT_EQ(set_->kind(), GetParam());
  EXPECT_EQ(store_kind(to_string(GetParam())), GetParam());
  EXPECT_EQ(store_kind("none"), std::nullopt);
}

TEST_P(StoreTest, StatesOddsOfOmission) {
  const bool exact = GetParam() == StoreKind::kExact;
  EXPECT_EQ(set_->omission_odds(1'000'000), exact ? 0.0 : omission_odds(1'000'000));
  EXPECT_GT(omission_odds(1'000'000), 0.0);
}

TEST_P(StoreTest, KeepsTheLeastLinkUntilTheLevelCloses) {
  const Insertion first = insert(7, link(5, 1));
  EXPECT_EQ(first.kind, Insertion::Kind::kNew);
  EXPECT_EQ(insert(7, link(5, 2)).kind, Insertion::Kind::kKnown);
  EXPECT_EQ(insert(7, link(5, 1)).kind, Insertion::Kind::kKnown);
  const Insertion lowered = insert(7, link(4, 9));
  EXPECT_EQ(lowered.kind, Insertion::Kind::kLowered);
  EXPECT_EQ(set_->open(first.handle).link, link(4, 9));
  EXPECT_EQ(set_->open(lowered.handle).link, link(4, 9));
  EXPECT_EQ(stored(set_->open(first.handle).record), encoding(7));
  set_->close_level();
  EXPECT_EQ(insert(7, link(0, 0)).kind, Insertion::Kind::kKnown) << "a closed state keeps its link";
}

TEST_P(StoreTest, RecordsOutliveTheNextLevel) {
  const Record record = set_->open(insert(7, link(0, 0)).handle).record;
  set_->close_level();
  for (std::uint32_t i = 100; i < 200; ++i) insert(i, link(1, i));
  EXPECT_EQ(stored(record), encoding(7));
}

TEST_P(StoreTest, TakesTheEmptyEncodingAndFingerprintZero) {
  EXPECT_EQ(set_->insert(0, {}, link(0, 0)).kind, Insertion::Kind::kNew);
  EXPECT_EQ(set_->insert(0, {}, link(0, 1)).kind, Insertion::Kind::kKnown);
  set_->close_level();
  EXPECT_EQ(set_->insert(0, {}, link(1, 0)).kind, Insertion::Kind::kKnown);
}

// Two states with one fingerprint: the exact store keeps both, the other one keeps the one with the least link.
TEST_P(StoreTest, SurvivesForgedCollisions) {
  for (const bool least_first : {false, true}) {
    const std::unique_ptr<VisitedSet> set = make_visited_set(GetParam());
    const auto put = [&](std::uint32_t value, Link by) { return set->insert(42, encoding(value), by); };
    const Insertion one = least_first ? put(2, link(0, 1)) : put(1, link(0, 2));
    const Insertion two = least_first ? put(1, link(0, 2)) : put(2, link(0, 1));
    if (GetParam() == StoreKind::kExact) {
      EXPECT_EQ(two.kind, Insertion::Kind::kNew);
      set->close_level();
      EXPECT_EQ(put(1, link(1, 0)).kind, Insertion::Kind::kKnown);
      EXPECT_EQ(put(2, link(1, 0)).kind, Insertion::Kind::kKnown);
      EXPECT_EQ(put(3, link(1, 0)).kind, Insertion::Kind::kNew);
    } else {
      EXPECT_EQ(two.kind, least_first ? Insertion::Kind::kKnown : Insertion::Kind::kLowered);
      EXPECT_EQ(set->open(one.handle).link, link(0, 1));
      EXPECT_EQ(stored(set->open(one.handle).record), encoding(2));
      set->close_level();
      EXPECT_EQ(put(3, link(1, 0)).kind, Insertion::Kind::kKnown);
    }
  }
}

TEST_P(StoreTest, GrowsOverManyLevels) {
  std::uint32_t next = 0;
  for (const std::uint32_t width : {1U, 10U, 5000U, 100'000U, 3U, 1U, 0U, 20'000U}) {
    for (std::uint32_t i = 0; i < width; ++i) ASSERT_EQ(insert(next + i, link(0, i)).kind, Insertion::Kind::kNew);
    for (std::uint32_t i = 0; i < next + width; i += 7) {
      ASSERT_EQ(insert(i, link(1, 0)).kind, Insertion::Kind::kKnown);
    }
    next += width;
    set_->close_level();
  }
  for (std::uint32_t i = 0; i < next; ++i) ASSERT_EQ(insert(i, link(1, 0)).kind, Insertion::Kind::kKnown);
}

// All threads insert the same states with different links, in different orders.
TEST_P(StoreTest, ThreadsAgreeOnTheLeastLink) {
  constexpr std::uint32_t kStates = 2000;
  constexpr std::uint32_t kThreads = 4;
  for (std::uint32_t level = 0; level < 3; ++level) {
    std::atomic<std::uint32_t> fresh = 0;
    std::vector<std::map<std::uint32_t, OpenHandle>> handles(kThreads);
    std::vector<std::thread> threads;
    for (std::uint32_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::uint32_t i = 0; i < kStates; ++i) {
          const std::uint32_t value = level * kStates + (thread % 2 == 0 ? i : kStates - 1 - i);
          const Insertion done = insert(value, link(10 + (value + thread) % kThreads, thread));
          if (done.kind == Insertion::Kind::kNew) ++fresh;
          if (done.kind != Insertion::Kind::kKnown) handles[thread][value] = done.handle;
          if (level > 0) {
            EXPECT_EQ(insert(value - kStates, link(0, 0)).kind, Insertion::Kind::kKnown);
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(fresh, kStates);
    for (const auto& of_thread : handles) {
      for (const auto& [value, handle] : of_thread) {
        EXPECT_EQ(set_->open(handle).link.parent(), StateId{10});
        EXPECT_EQ(stored(set_->open(handle).record), encoding(value));
      }
    }
    set_->close_level();
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreTest, ::testing::Values(StoreKind::kExact, StoreKind::kFingerprint),
                         [](const auto& kind) { return std::string(to_string(kind.param)); });

}  // namespace
}  // namespace mc
