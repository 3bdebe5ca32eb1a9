// The first line of a report, and the warnings below it.
#include "checker/report/headline.hpp"

#include <gtest/gtest.h>

#include "checker/report/vacuity.hpp"

namespace {

using mc::Outcome;
using mc::PropertyKind;

mc::Answer answer_of(Outcome outcome) {
  mc::Answer answer;
  answer.system = "Ray 8dcdff8";
  answer.faults = "1 raylet crash";
  answer.verdict.outcome = outcome;
  answer.verdict.states = 4'352'123;
  answer.verdict.judgements = {{"M1.exclusive", PropertyKind::kInvariant, outcome, 12},
                               {"M2.someone_lives", PropertyKind::kQuiescent, Outcome::kHolds, 0}};
  return answer;
}

TEST(Headline, SaysWhatCameOutOverHowMuchAndOfWhat) {
  EXPECT_EQ(mc::headline(answer_of(Outcome::kHolds)),
            "holds: 2 properties, 4.35 M states, 1 raylet crash, Ray 8dcdff8");
  mc::Answer bounded = answer_of(Outcome::kHoldsWithinBounds);
  bounded.bounds = "depth at most 24";
  EXPECT_EQ(mc::headline(bounded),
            "holds within bounds: 2 properties, 4.35 M states, depth at most 24, 1 raylet crash, Ray 8dcdff8");
  mc::Answer violated = answer_of(Outcome::kViolated);
  violated.verdict.violated = "M1.exclusive";
  violated.verdict.states = 1;
  EXPECT_EQ(mc::headline(violated), "violated: M1.exclusive after 12 steps, 1 state, 1 raylet crash, Ray 8dcdff8");
  mc::Answer unreached = answer_of(Outcome::kUnreached);
  unreached.verdict.violated = "M1.exclusive";
  EXPECT_EQ(mc::headline(unreached),
            "unreached: no reachable state satisfies M1.exclusive, 4.35 M states, 1 raylet crash, Ray 8dcdff8");
  mc::Answer open = answer_of(Outcome::kInconclusive);
  open.verdict.reason = "out of memory";
  open.faults.clear();
  EXPECT_EQ(mc::headline(open), "inconclusive: out of memory; 2 properties, 4.35 M states, Ray 8dcdff8");
}

TEST(Headline, CountsHaveThreeDigits) {
  EXPECT_EQ(mc::count_words(0), "0");
  EXPECT_EQ(mc::count_words(99'999), "99999");
  EXPECT_EQ(mc::count_words(576'905), "576 k");
  EXPECT_EQ(mc::count_words(1'000'000), "1.00 M");
  EXPECT_EQ(mc::count_words(24'680'000), "24.6 M");
  EXPECT_EQ(mc::count_words(999'999'999), "999 M");
  EXPECT_EQ(mc::count_words(1'020'000'000), "1.02 G");
}

TEST(Vacuity, IsSaidOfFaultsAndOfProperties) {
  mc::Verdict verdict = answer_of(Outcome::kHolds).verdict;
  EXPECT_TRUE(mc::vacuities(verdict, 1, {}).empty());
  EXPECT_EQ(mc::vacuities(verdict, 0, {"crash"}), (std::vector<std::string>{"the scenario has no fault"}));
  EXPECT_EQ(mc::vacuities(verdict, std::nullopt, {"crash"}),
            (std::vector<std::string>{"the fault crash never strikes: no reachable state allows it"}));
  verdict.judgements[1].occurs = false;
  EXPECT_EQ(mc::vacuities(verdict, 1, {}),
            (std::vector<std::string>{"a property is about what never occurs here: M2.someone_lives"}));
  verdict.judgements[0].occurs = false;
  EXPECT_EQ(
      mc::vacuities(verdict, 1, {}),
      (std::vector<std::string>{"2 properties are about what never occurs here: M1.exclusive, M2.someone_lives"}));
  verdict.outcome = Outcome::kViolated;
  EXPECT_TRUE(mc::vacuities(verdict, 0, {"crash"}).empty()) << "the search did not see everything";
}

}  // namespace
