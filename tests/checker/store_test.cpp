// The stores behind VisitedSet and their parts, each alone: insertion, minimal links, forged collisions, growth,
// threads.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "checker/store/link.hpp"
#include "checker/store/links.hpp"
#include "checker/store/state_array.hpp"
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

std::vector<std::byte> stored(std::span<const std::byte> bytes) {
  return {bytes.begin(), bytes.end()};
}

TEST(LinkTest, OrdersByParentThenAction) {
  EXPECT_LT(link(1, 9), link(2, 0));
  EXPECT_LT(link(2, 0), link(2, 1));
  EXPECT_EQ(link(Link::kStatesMax - 1, 16'777'214).parent(), StateId{Link::kStatesMax - 1});
  EXPECT_EQ(link(Link::kStatesMax - 1, 16'777'214).action(), ActionIndex{16'777'214});
  EXPECT_EQ(Link::from_word(link(7, 3).word()), link(7, 3));
  EXPECT_LT(link(Link::kStatesMax - 1, 16'777'214).word(), Link::kNoWord);
}

TEST(LinkDeathTest, RefusesMoreThanALinkCanName) {
  EXPECT_EXIT(link(Link::kStatesMax, 0), ::testing::ExitedWithCode(70), "2\\^40");
  EXPECT_EXIT(link(0, 16'777'215), ::testing::ExitedWithCode(70), "2\\^24");
}

std::vector<PackedLinks> packed(StateId first_parent, const std::vector<Link>& links) {
  PackedLinks part(first_parent);
  for (const Link& one : links) part.add(one);
  return {part};
}

TEST(LinksTest, FindTheirLevel) {
  Links links;
  links.append_level(packed(StateId{0}, {Link::initial(0), Link::initial(2)}));
  links.append_level(packed(StateId{0}, {link(0, 1)}));
  links.append_level({});
  links.append_level(packed(StateId{2}, {link(2, 0), link(2, 3)}));
  EXPECT_EQ(links.size(), 5U);
  EXPECT_EQ(links.first_level_size(), 2U);
  const std::array<std::size_t, 5> levels{0, 0, 1, 2, 2};
  for (std::uint64_t id = 0; id < 5; ++id) EXPECT_EQ(links.level_of(StateId{id}), levels[id]);
  EXPECT_EQ(links[StateId{4}], link(2, 3));
}

// Steps and actions on both sides of every length that a packed link can have.
TEST(LinksTest, GiveBackWhatWasPackedInParts) {
  const std::vector<std::uint64_t> numbers{0, 1, 6, 7, 8, 30, 31, 32, 134, 135, 158, 159, 16'384, 1U << 20U};
  std::vector<Link> all;
  std::vector<PackedLinks> parts;
  std::uint64_t parent = 3;
  for (const std::uint64_t step : numbers) {
    parts.emplace_back(StateId{parent});
    parent += step;
    for (const std::uint64_t action : numbers) {
      all.push_back(link(parent, static_cast<std::uint32_t>(action)));
      parts.back().add(all.back());
    }
    parts.emplace_back(StateId{parent});  // and one that found nothing
  }
  Links links;
  links.append_level(parts);
  ASSERT_EQ(links.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(links[StateId{i}], all[i]) << i;
}

TEST(StateArrayTest, KeepsEveryLengthAndOneLengthWithoutStarts) {
  StateArray array;
  std::vector<std::vector<std::byte>> all;
  const auto append = [&](const std::vector<std::size_t>& lengths) {
    EncodingLengths sum;
    for (const std::size_t length : lengths) sum.add(static_cast<std::uint32_t>(length));
    const std::uint64_t extra = array.extra_bytes(lengths.size(), sum);
    std::uint64_t start = array.bytes();
    array.extend(lengths.size(), sum);
    for (const std::size_t length : lengths) {
      array.place(all.size(), start, encoding(static_cast<std::uint32_t>(all.size()), length));
      all.push_back(encoding(static_cast<std::uint32_t>(all.size()), length));
      start += length;
    }
    return extra;
  };
  EXPECT_EQ(append(std::vector<std::size_t>(5000, 7)), 35'000U);
  EXPECT_EQ(append({7, 7}), 14U);
  EXPECT_EQ(append({7, 0, 8}), 15U + 4 * 5005U) << "from now on each has a start";
  EXPECT_EQ(append({7}), 11U);
  append({0, 1, 254, 255, 256, 4096, kEncodingBytesMax, 3, 0});
  append(std::vector<std::size_t>(9000, 9));
  ASSERT_EQ(array.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(stored(array[i]), all[i]) << i;
  array.clear();
  all.clear();
  EXPECT_EQ(append({3, 3}), 6U) << "an array that was cleared has one length again";
  EXPECT_EQ(stored(array[1]), all[1]);
}

TEST(EqualTest, ComparesEveryLengthToItsLastByte) {
  for (std::size_t length = 0; length < 70; ++length) {
    const std::vector<std::byte> a = encoding(0x01020304, length);
    EXPECT_TRUE(equal(a, encoding(0x01020304, length)));
    EXPECT_FALSE(equal(a, encoding(0x01020304, length + 1)));
    for (std::size_t i = 0; i < length; ++i) {
      std::vector<std::byte> b = a;
      b[i] ^= std::byte{0x10};
      EXPECT_FALSE(equal(a, b)) << length << " " << i;
    }
  }
}

// A set, and what the engine would keep beside it.
class Level {
 public:
  explicit Level(StoreKind kind, VisitedSet::Hash hash = nullptr)
      : hash_(hash), set_(make_visited_set(kind, hash)), seat_(&set_->add_seat()) {
    set_->begin_level();
  }
  Insertion insert(Seat& seat, const std::vector<std::byte>& bytes, Link by) {
    const Fingerprint hash = hash_ == nullptr ? fingerprint(bytes) : hash_(bytes);
    const Candidate candidate{hash, by, 0, static_cast<std::uint32_t>(bytes.size())};
    Insertion done;
    set_->prefetch(hash);
    set_->insert(seat, bytes.data(), {&candidate, 1}, &done);
    return done;
  }
  Insertion insert(const std::vector<std::byte>& bytes, Link by) {
    const Insertion done = insert(*seat_, bytes, by);
    if (done.kind != Insertion::Kind::kKnown) found_[by] = done.state;
    return done;
  }
  Insertion insert(std::uint32_t value, Link by) { return insert(encoding(value), by); }
  /// Closes the level with what `insert` found, each link a run of its own.
  std::uint64_t close(Links& links) {
    std::vector<Findings> findings;
    for (const auto& [by, state] : found_) {
      if (findings.empty() || findings.back().first_parent != by.parent()) {
        findings.push_back({by.parent(), StateId{by.parent().value + 1}, {}});
      }
      findings.back().states.push_back(state);
    }
    found_.clear();
    const std::uint64_t count = set_->close_level(findings, links);
    return count;
  }
  std::uint64_t close() {
    const std::uint64_t count = close(links_);
    set_->begin_level();
    return count;
  }
  [[nodiscard]] VisitedSet& set() { return *set_; }
  [[nodiscard]] const Links& links() const { return links_; }

 private:
  VisitedSet::Hash hash_;
  std::unique_ptr<VisitedSet> set_;
  Seat* seat_;
  Links links_;
  std::map<Link, StateRef> found_;
};

class StoreTest : public ::testing::TestWithParam<StoreKind> {
 protected:
  Insertion insert(std::uint32_t value, Link by) { return level_.insert(value, by); }
  Level level_{GetParam()};
};

TEST_P(StoreTest, KnowsItsName) {
  EXPECT_EQ(level_.set().kind(), GetParam());
  EXPECT_EQ(store_kind(to_string(GetParam())), GetParam());
  EXPECT_EQ(store_kind("none"), std::nullopt);
}

TEST_P(StoreTest, StatesOddsOfOmission) {
  const bool exact = GetParam() == StoreKind::kExact;
  EXPECT_EQ(level_.set().omission_odds(1'000'000), exact ? 0.0 : omission_odds(1'000'000));
  EXPECT_GT(omission_odds(1'000'000), 0.0);
}

TEST_P(StoreTest, KeepsTheLeastLinkUntilTheLevelCloses) {
  EXPECT_EQ(insert(7, link(5, 1)).kind, Insertion::Kind::kNew);
  EXPECT_EQ(insert(7, link(5, 2)).kind, Insertion::Kind::kKnown);
  EXPECT_EQ(insert(7, link(5, 1)).kind, Insertion::Kind::kKnown);
  EXPECT_EQ(insert(7, link(4, 9)).kind, Insertion::Kind::kLowered);
  EXPECT_EQ(level_.close(), 1U);
  EXPECT_EQ(level_.links()[StateId{0}], link(4, 9));
  EXPECT_EQ(insert(7, link(0, 0)).kind, Insertion::Kind::kKnown) << "a closed state keeps its link";
  EXPECT_EQ(level_.close(), 0U);
}

TEST_P(StoreTest, RanksStatesInTheOrderOfTheirLinks) {
  insert(30, link(3, 0));
  insert(10, link(1, 5));
  insert(11, link(1, 2));
  insert(20, link(2, 0));
  insert(30, link(0, 7));
  EXPECT_EQ(level_.close(), 4U);
  const std::array<std::uint32_t, 4> values{30, 11, 10, 20};
  for (std::uint64_t id = 0; id < 4; ++id) EXPECT_EQ(stored(level_.set().encoding(StateId{id})), encoding(values[id]));
  for (std::uint32_t i = 100; i < 200; ++i) insert(i, link(4, i));
  EXPECT_EQ(stored(level_.set().encoding(StateId{3})), encoding(20)) << "a frontier is read while it is expanded";
}

TEST(ExactStore, TellsTheIdsOfWhatWasNamedInTheLevel) {
  Level level(StoreKind::kExact);
  Links links;
  const Insertion late = level.insert(5, link(2, 0));
  const Insertion early = level.insert(6, link(1, 0));
  level.close(links);
  EXPECT_EQ(level.set().id_of(late.state), StateId{1});
  EXPECT_EQ(level.set().id_of(early.state), StateId{0});
  level.set().begin_level();
  const Insertion again = level.insert(5, link(9, 0));
  EXPECT_EQ(again.kind, Insertion::Kind::kKnown);
  EXPECT_EQ(level.set().id_of(again.state), StateId{1});
}

TEST_P(StoreTest, TakesTheEmptyEncodingAndOneOfEveryLength) {
  std::uint32_t action = 0;
  for (std::size_t length = 0; length < 300; ++length) {
    EXPECT_EQ(level_.insert(encoding(9, length), link(0, action++)).kind, Insertion::Kind::kNew);
    EXPECT_EQ(level_.insert(encoding(9, length), link(1, action)).kind, Insertion::Kind::kKnown);
  }
  EXPECT_EQ(level_.insert(encoding(9, kEncodingBytesMax), link(0, action)).kind, Insertion::Kind::kNew);
  EXPECT_EQ(level_.close(), 301U);
  for (std::size_t length = 0; length < 300; ++length) {
    EXPECT_EQ(level_.insert(encoding(9, length), link(2, 0)).kind, Insertion::Kind::kKnown);
    EXPECT_EQ(stored(level_.set().encoding(StateId{length})), encoding(9, length));
  }
}

Fingerprint forged(std::span<const std::byte> /*bytes*/) {
  return 42;
}

// States with one fingerprint: the exact store keeps all, the other one keeps that with the least link.
TEST_P(StoreTest, SurvivesForgedCollisions) {
  for (const bool least_first : {false, true}) {
    Level level(GetParam(), forged);
    const auto put = [&](std::uint32_t value, Link by) { return level.insert(value, by); };
    static_cast<void>(least_first ? put(2, link(0, 1)) : put(1, link(0, 2)));
    const Insertion two = least_first ? put(1, link(0, 2)) : put(2, link(0, 1));
    if (GetParam() == StoreKind::kExact) {
      EXPECT_EQ(two.kind, Insertion::Kind::kNew);
      for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(put(1000 + i, link(3, i)).kind, Insertion::Kind::kNew);
      EXPECT_EQ(level.close(), 102U);
      EXPECT_EQ(put(1, link(4, 0)).kind, Insertion::Kind::kKnown);
      EXPECT_EQ(put(2, link(4, 0)).kind, Insertion::Kind::kKnown);
      EXPECT_EQ(put(1099, link(4, 0)).kind, Insertion::Kind::kKnown);
      EXPECT_EQ(put(3, link(4, 0)).kind, Insertion::Kind::kNew);
    } else {
      EXPECT_EQ(two.kind, least_first ? Insertion::Kind::kKnown : Insertion::Kind::kLowered);
      EXPECT_EQ(level.close(), 1U);
      EXPECT_EQ(level.links()[StateId{0}], link(0, 1));
      EXPECT_EQ(stored(level.set().encoding(StateId{0})), encoding(2));
      EXPECT_EQ(put(3, link(1, 0)).kind, Insertion::Kind::kKnown);
    }
  }
}

// Without encodings there are the same links and ranks, after collisions and growth, too.
TEST(LeanStore, KeepsLinksAndRanks) {
  for (const VisitedSet::Hash hash : {VisitedSet::Hash{nullptr}, VisitedSet::Hash{forged}}) {
    Level full(StoreKind::kFingerprint, hash);
    Level lean(StoreKind::kFingerprint, hash);
    for (std::uint32_t round = 0; round < 3; ++round) {
      lean.set().begin_level(true);
      for (std::uint32_t i = 0; i < 20'000; ++i) {
        const std::uint32_t value = (round * 7 + i * 7919) % 30'000;
        const Link by = link(100 * round + i * 31 % 97, i);
        ASSERT_EQ(lean.insert(value, by).kind, full.insert(value, by).kind) << i;
      }
      ASSERT_EQ(lean.close(), full.close());
    }
    ASSERT_EQ(lean.links().size(), full.links().size());
    for (std::uint64_t id = 0; id < full.links().size(); ++id)
      ASSERT_EQ(lean.links()[StateId{id}], full.links()[StateId{id}]);
  }
}

// The lowest and the highest bit, and nothing else, tell some of these apart.
Fingerprint extreme(std::span<const std::byte> bytes) {
  return std::array<Fingerprint, 5>{0, 1, ~std::uint64_t{0}, std::uint64_t{1} << 63U,
                                    ~(std::uint64_t{1} << 63U)}[std::to_integer<std::size_t>(bytes[0]) % 5];
}

TEST_P(StoreTest, KeepsExtremeFingerprintsApart) {
  Level level(GetParam(), extreme);
  for (std::uint32_t value = 0; value < 5; ++value) {
    EXPECT_EQ(level.insert(value, link(0, value)).kind, Insertion::Kind::kNew);
  }
  EXPECT_EQ(level.close(), 5U);
  for (std::uint32_t value = 0; value < 5; ++value) {
    EXPECT_EQ(level.insert(value, link(1, value)).kind, Insertion::Kind::kKnown);
  }
}

TEST_P(StoreTest, GrowsWithinALevelAndBetweenLevels) {
  std::uint32_t next = 0;
  for (const std::uint32_t width : {1U, 10U, 5000U, 100'000U, 3U, 1U, 0U, 20'000U}) {
    for (std::uint32_t i = 0; i < width; ++i) ASSERT_EQ(insert(next + i, link(0, i)).kind, Insertion::Kind::kNew);
    for (std::uint32_t i = 0; i < next + width; i += 7) {
      ASSERT_EQ(insert(i, link(1, 0)).kind, Insertion::Kind::kKnown);
    }
    ASSERT_EQ(level_.close(), width);
    next += width;
  }
  for (std::uint32_t i = 0; i < next; ++i) ASSERT_EQ(insert(i, link(1, 0)).kind, Insertion::Kind::kKnown);
}

TEST_P(StoreTest, AsksBeforeItTakesMemory) {
  std::uint64_t granted = 0;
  level_.set().ask([&](std::uint64_t bytes) {
    granted += bytes;
    return granted < 300'000;
  });
  Seat& seat = level_.set().add_seat();
  const auto fill = [&] {
    for (std::uint32_t i = 0; i < 2'000'000; ++i) level_.insert(seat, encoding(i), link(0, i));
  };
  EXPECT_THROW(fill(), std::bad_alloc);
  EXPECT_GE(granted, 300'000U);
}

// All threads insert the same states with different links, in different orders, and the table grows meanwhile.
TEST_P(StoreTest, ThreadsAgreeOnTheLeastLink) {
  constexpr std::uint32_t kStates = 5000;
  constexpr std::uint32_t kThreads = 4;
  const std::unique_ptr<VisitedSet> set = make_visited_set(GetParam());
  Links links;
  std::vector<Seat*> seats;
  for (std::uint32_t thread = 0; thread < kThreads; ++thread) seats.push_back(&set->add_seat());
  const auto put = [&](std::uint32_t thread, std::uint32_t value, Link by) {
    const std::vector<std::byte> bytes = encoding(value);
    const Candidate candidate{fingerprint(bytes), by, 0, 4};
    Insertion done;
    set->insert(*seats[thread], bytes.data(), {&candidate, 1}, &done);
    return done;
  };
  for (std::uint32_t level = 0; level < 3; ++level) {
    std::atomic<std::uint32_t> fresh = 0;
    // Thread t has the parents from 100 t on; state i is found by parent 100 t + i / 100, but least by thread i % 4.
    std::vector<Findings> findings(kThreads);
    set->begin_level();
    std::vector<std::thread> threads;
    for (std::uint32_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        findings[thread] = {StateId{100 * thread}, StateId{100 * thread + 100}, {}};
        for (std::uint32_t i = 0; i < kStates; ++i) {
          if (thread < i % kThreads) continue;
          const std::uint32_t value = level * kStates + i;
          const Insertion done = put(thread, value, link(100 * thread + i / 100, i % 100));
          if (done.kind == Insertion::Kind::kNew) ++fresh;
          if (done.kind != Insertion::Kind::kKnown) findings[thread].states.push_back(done.state);
          if (level > 0) {
            EXPECT_EQ(put(thread, value - kStates, link(0, 0)).kind, Insertion::Kind::kKnown);
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(fresh, kStates);
    ASSERT_EQ(set->close_level(findings, links), kStates);
    std::uint64_t id = level * kStates;
    for (std::uint32_t thread = 0; thread < kThreads; ++thread) {
      for (std::uint32_t i = thread; i < kStates; i += kThreads, ++id) {
        ASSERT_EQ(links[StateId{id}], link(100 * thread + i / 100, i % 100));
        ASSERT_EQ(stored(set->encoding(StateId{id})), encoding(level * kStates + i));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreTest, ::testing::Values(StoreKind::kExact, StoreKind::kFingerprint),
                         [](const auto& kind) { return std::string(to_string(kind.param)); });

}  // namespace
}  // namespace mc
