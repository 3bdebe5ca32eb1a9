// Estimates of what is left, bars, and lines that fit.
#include "checker/report/progress.hpp"

#include <gtest/gtest.h>

#include "checker/report/coverage_text.hpp"

namespace {

TEST(StatesLeft, ComeFromTheScenarioIfItSaysHowManyThereAre) {
  EXPECT_EQ(mc::states_left(30, 100, {}), 70U);
  EXPECT_EQ(mc::states_left(100, 100, {}), 0U);
  EXPECT_EQ(mc::states_left(101, 100, {}), std::nullopt) << "what it says is wrong, so nothing is known";
}

TEST(StatesLeft, AreNotGuessedWhileLevelsGrow) {
  EXPECT_EQ(mc::states_left(99, {}, {1, 2, 4, 8, 16, 32}), std::nullopt);
  EXPECT_EQ(mc::states_left(99, {}, {64, 32, 16}), std::nullopt) << "two levels that shrink say little";
  EXPECT_EQ(mc::states_left(99, {}, {64, 32, 16, 16, 8}), std::nullopt);
  EXPECT_EQ(mc::states_left(99, {}, {64, 32, 0, 16, 8}), std::nullopt) << "a level that nobody looked at";
}

TEST(StatesLeft, AreExtrapolatedOnceThreeLevelsShrank) {
  EXPECT_EQ(mc::states_left(99, {}, {10, 800, 400, 200, 100}), 100U) << "50 + 25 + 12.5 + ...";
}

TEST(Bars, ShowTheLastLevelsAgainstTheWidestOfThem) {
  EXPECT_EQ(mc::bars({}, 5), "");
  EXPECT_EQ(mc::bars({1000, 1, 4, 7}, 3), "▂▅█");
  EXPECT_EQ(mc::bars({0, 0}, 3), "▁▁");
}

TEST(Clipped, CountsCharactersAndNotBytes) {
  EXPECT_EQ(mc::clipped("ab▁▂▃", 3), "ab▁");
  EXPECT_EQ(mc::clipped("ab▁▂▃", 5), "ab▁▂▃");
  EXPECT_EQ(mc::clipped("ab", 9), "ab");
  EXPECT_EQ(mc::clipped("ab", 0), "");
}

TEST(CoverageText, TellsFaultsByPhase) {
  EXPECT_EQ(
      mc::coverage_text(std::vector<mc::RuleCount>{
          {"a", 3}, {"crash", 5}, {"crash@leased", 4}, {"crash@idle", 1}, {"crash@starting", 0}, {"", 0}, {"b", 0}}),
      "\ncoverage\n  2 of 3 rules fired; these never did:\n  b\n"
      "\nfaults by phase\n  crash: leased 4, idle 1; never: starting\n");
  EXPECT_EQ(mc::coverage_text({}), "");
}

TEST(LevelsText, NamesTheWidest) {
  EXPECT_EQ(mc::levels_text(std::vector<std::uint64_t>{1, 5, 9, 5, 1}),
            "\nlevels\n  widest: 9 states at depth 2, 5 states at depth 1, 5 states at depth 3\n  last: 1 state at "
            "depth 4\n");
}

}  // namespace
