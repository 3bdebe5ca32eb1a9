// Notes of open states: merged by intersection, whoever comes first, and handed on when the level is closed.
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "checker/store/visited_set.hpp"

namespace mc {
namespace {

std::vector<std::byte> encoding(std::uint32_t value) {
  std::vector<std::byte> bytes(5 + value % 7);
  for (std::size_t i = 0; i < 4; ++i) bytes[i] = static_cast<std::byte>(value >> (8 * i));
  return bytes;
}

/// The details of a set: a number that follows from the state and the member, as it must.
std::vector<std::uint32_t> details(std::uint32_t value, std::uint64_t set) {
  std::vector<std::uint32_t> all;
  for (; set != 0; set &= set - 1) all.push_back(1000 * value + static_cast<std::uint32_t>(std::countr_zero(set)));
  return all;
}

Insertion insert(VisitedSet& set, Seat& seat, std::uint32_t value, Link link, std::uint64_t members, Fingerprint hash) {
  const std::vector<std::byte> bytes = encoding(value);
  const Candidate candidate{hash, link, 0, static_cast<std::uint32_t>(bytes.size())};
  const std::vector<std::uint32_t> numbers = details(value, members);
  const OpenNote note{members, numbers};
  Insertion done;
  set.insert(seat, bytes.data(), {&candidate, 1}, &done, &note);
  return done;
}

class NotesTest : public ::testing::TestWithParam<StoreKind> {};

TEST_P(NotesTest, AreIntersectionsInAnyOrderOnAnyNumberOfThreads) {
  constexpr std::uint32_t kStates = 3000;
  constexpr unsigned kThreads = 4;
  const auto members = [](std::uint32_t value, unsigned thread) {
    std::mt19937_64 random(value * kThreads + thread);
    return random() | random() | random();
  };
  const std::unique_ptr<VisitedSet> set = make_visited_set(GetParam());
  set->keep_notes();
  std::vector<Seat*> seats;
  for (unsigned thread = 0; thread < kThreads; ++thread) seats.push_back(&set->add_seat());
  set->begin_level();
  std::vector<Findings> findings(kThreads);
  std::vector<std::thread> threads;
  for (unsigned thread = 0; thread < kThreads; ++thread) {
    findings[thread] = {StateId{thread}, StateId{thread + 1}, {}};
    threads.emplace_back([&, thread] {
      for (std::uint32_t i = 0; i < kStates; ++i) {
        const std::uint32_t value = (i + thread * 700) % kStates;
        const Link link(StateId{thread}, ActionIndex{i});
        const Fingerprint hash = fingerprint(encoding(value));
        const Insertion done = insert(*set, *seats[thread], value, link, members(value, thread), hash);
        if (done.kind != Insertion::Kind::kKnown) findings[thread].states.push_back(done.state);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Links links;
  ASSERT_EQ(set->close_level(findings, links), kStates);
  set->begin_level();
  for (std::uint64_t id = 0; id < kStates; ++id) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      value |= std::to_integer<std::uint32_t>(set->encoding(StateId{id})[i]) << (8 * i);
    }
    std::uint64_t expected = ~std::uint64_t{0};
    for (unsigned thread = 0; thread < kThreads; ++thread) expected &= members(value, thread);
    const OpenNote note = set->note(StateId{id});
    ASSERT_EQ(note.set, expected);
    ASSERT_EQ(std::vector<std::uint32_t>(note.details.begin(), note.details.end()), details(value, expected));
  }
}

TEST_P(NotesTest, WithoutOneTheNoteIsEmpty) {
  const std::unique_ptr<VisitedSet> set = make_visited_set(GetParam());
  set->keep_notes();
  Seat& seat = set->add_seat();
  set->begin_level();
  const std::vector<std::byte> bytes = encoding(7);
  const Candidate candidate{fingerprint(bytes), Link::initial(0), 0, static_cast<std::uint32_t>(bytes.size())};
  Insertion done;
  set->insert(seat, bytes.data(), {&candidate, 1}, &done);
  std::vector<Findings> findings{{StateId{0}, StateId{1}, {done.state}}};
  Links links;
  ASSERT_EQ(set->close_level(findings, links), 1U);
  EXPECT_EQ(set->note(StateId{0}).set, 0U);
}

TEST(NotesOfCollisions, AStateThatAnotherOneIsTakenForHasNone) {
  // All states of one fingerprint, in either order: the one with the smaller link survives, with an empty note.
  for (const bool smaller_first : {true, false}) {
    const auto one_hash = [](std::span<const std::byte>) { return Fingerprint{0x1234'5678'9abc'def0}; };
    const std::unique_ptr<VisitedSet> set = make_visited_set(StoreKind::kFingerprint, one_hash);
    set->keep_notes();
    Seat& seat = set->add_seat();
    set->begin_level();
    std::vector<Findings> findings{{StateId{0}, StateId{9}, {}}};
    for (const std::uint32_t value :
         smaller_first ? std::vector<std::uint32_t>{1, 2, 1, 2} : std::vector<std::uint32_t>{2, 1, 2, 1}) {
      const Link link(StateId{value}, ActionIndex{0});
      const Insertion done = insert(*set, seat, value, link, 0xff, one_hash({}));
      if (done.kind != Insertion::Kind::kKnown) findings[0].states.push_back(done.state);
    }
    Links links;
    ASSERT_EQ(set->close_level(findings, links), 1U);
    EXPECT_EQ(set->encoding(StateId{0}).front(), std::byte{1});
    EXPECT_EQ(set->note(StateId{0}).set, 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, NotesTest, ::testing::Values(StoreKind::kExact, StoreKind::kFingerprint),
                         [](const auto& chosen) { return std::string(to_string(chosen.param)); });

}  // namespace
}  // namespace mc
