// Tallies merge to the same in any order.
#include "checker/engine/stats.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace mc {
namespace {

Link link(std::uint64_t parent) {
  return Link(StateId{parent}, ActionIndex{0});
}

TEST(TallyTest, MergesBySumsMinimaAndOr) {
  std::vector<Tally> parts(3, Tally(2, 2));
  parts[0].states = 7;
  parts[0].transitions = 5;
  parts[0].first_rank = {7, kNoRank};
  parts[0].note_overflow(link(9), "late");
  parts[1].quiescent = 2;
  parts[1].first_rank = {3, 8};
  parts[1].cut = true;
  parts[1].note_overflow(link(4), "early");
  parts[1].note_overflow(link(6), "in between");
  parts[2].transitions = 1;
  parts[2].states = 2;
  parts[2].note_fired(RuleSet{}.set(1), 3);
  std::array<std::size_t, 3> order{0, 1, 2};
  do {
    Tally whole(2, 2);
    for (const std::size_t part : order) whole.merge(parts[part]);
    EXPECT_EQ(whole.states, 9U);
    EXPECT_EQ(whole.transitions, 6U);
    EXPECT_EQ(whole.quiescent, 2U);
    EXPECT_TRUE(whole.cut);
    EXPECT_EQ(whole.fired, (std::vector<std::uint64_t>{0, 3}));
    EXPECT_EQ(whole.first_rank, (std::vector<std::uint64_t>{3, 8}));
    ASSERT_TRUE(whole.overflow.has_value());
    EXPECT_EQ(whole.overflow->link, link(4));
    EXPECT_EQ(whole.overflow->what, "early");
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(TallyTest, CountsEveryRuleOfAFullSet) {
  Tally tally(0, kRulesMax);
  tally.note_fired(~RuleSet{}, 1);
  tally.note_fired(RuleSet{}.set(0).set(63).set(64).set(255), 1);
  for (std::size_t rule = 0; rule < kRulesMax; ++rule) {
    EXPECT_EQ(tally.fired[rule], rule == 0 || rule == 63 || rule == 64 || rule == 255 ? 2U : 1U) << rule;
  }
}

}  // namespace
}  // namespace mc
