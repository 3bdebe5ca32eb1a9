// What continuous integration reads: the schema of the JSON report, the job summary, bounds in words, and the plan of a
// time budget.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "checker/cli/catalogue.hpp"
#include "checker/cli/time_budget.hpp"
#include "checker/report/ci_formats.hpp"
#include "checker/report/explored.hpp"
#include "checker/report/summary.hpp"
#include "tests/cli/run.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/support/places.hpp"

namespace {

using namespace std::chrono_literals;
using mc::support::JsonSchema;
using nlohmann::json;
using toy::Folder;
using toy::Ran;

/// Scenarios of every outcome.
void fill(const Folder& folder) {
  folder.write("s/bounded.toml", toy::kBounded);
  folder.write("s/broken.toml", toy::kBroken);
  folder.write("s/holds.toml", toy::kHolds);
  folder.write("s/overflow.toml", toy::kOverflow);
  folder.write("s/quiet.toml", toy::kQuiet);
  folder.write("s/unreached.toml", toy::kUnreached);
}

JsonSchema schema() {
  std::ifstream file(raymc::support::source_dir() + "/specs/schema/report.schema.json");
  return JsonSchema(json::parse(file));
}

TEST(JsonReport, FitsThePublishedSchema) {
  const Folder folder;
  fill(folder);
  const json report = json::parse(folder.run("check s --format json").out);
  EXPECT_EQ(report["answers"].size(), 6U);
  EXPECT_EQ(schema().mistake(report), "");
  folder.write("long.toml", std::string(toy::kEndless) + "importance 1\n");
  const json budgeted = json::parse(folder.run("check s long.toml --format json --budget 1s").out);
  EXPECT_EQ(schema().mistake(budgeted), "");
}

TEST(JsonReport, TheSchemaRefusesWhatItDoesNotDescribe) {
  const Folder folder;
  fill(folder);
  const json whole = json::parse(folder.run("check s --format json").out);
  const auto mismatch = [&](const char* pointer, const json& value) {
    json changed = whole;
    changed[json::json_pointer(pointer)] = value;
    return schema().mistake(changed);
  };
  EXPECT_EQ(mismatch("/version", 1), "#/version is not 4");
  EXPECT_EQ(mismatch("/colour", 1), "# has the unknown member colour");
  EXPECT_EQ(mismatch("/answers/0/verdict/states", -1), "#/answers/0/verdict/states is too small");
  EXPECT_EQ(mismatch("/answers/0/verdict/states", "7"), "#/answers/0/verdict/states is no integer");
  EXPECT_NE(mismatch("/answers/0/verdict/outcome", "fine").find("#/answers/0/verdict/outcome is \"fine\", not one of"),
            std::string::npos);
  json shorter = whole;
  shorter["answers"][1].erase("explored");
  EXPECT_EQ(schema().mistake(shorter), "#/answers/1 lacks \"explored\"");
}

TEST(Explored, AFaultIsNeverPossibleIfNoneOfItsTransitionsFires) {
  using enum mc::EntryKind;
  const auto entry = [](mc::EntryKind kind, const char* id, std::vector<std::string> related) {
    return mc::CatalogueEntry{kind, id, "", "", "", {}, std::move(related)};
  };
  const std::vector<mc::CatalogueEntry> catalogue{entry(kTransition, "both.1", {"core", "both"}),
                                                  entry(kTransition, "both.2", {"core", "both"}),
                                                  entry(kTransition, "none.1", {"core", "none"}),
                                                  entry(kFault, "both", {}),
                                                  entry(kFault, "none", {}),
                                                  entry(kFault, "unasked", {}),
                                                  entry(kFault, "without transitions", {})};
  const std::vector<mc::RuleCount> coverage{{"both.1", 0}, {"both.2", 1}, {"none.1", 0}};
  EXPECT_EQ(mc::never_possible(catalogue, {"both", "none", "without transitions"}, coverage),
            std::vector<std::string>{"none"});
}

TEST(Explored, StatesTheBoundsInWords) {
  mc::Verdict verdict;
  EXPECT_EQ(mc::explored_words(verdict, false, 2), "nothing");
  verdict.levels = {1, 2};
  verdict.depth = 40;
  EXPECT_EQ(mc::explored_words(verdict, false, 2), "all behaviours of up to 40 steps with at most 2 faults");
  EXPECT_EQ(mc::explored_words(verdict, true, 1), "all behaviours with at most 1 fault");
  EXPECT_EQ(mc::explored_words(verdict, true, 2, {"a", "b"}),
            "all behaviours with at most 2 faults; never possible: a, b");
  EXPECT_EQ(mc::explored_words(verdict, true, 0), "all behaviours without a fault");
  verdict.depth = 1;
  EXPECT_EQ(mc::explored_words(verdict, false, std::nullopt), "all behaviours of up to 1 step");
}

TEST(Junit, HasOneCaseForEachScenarioAndProperty) {
  const Folder folder;
  fill(folder);
  folder.write("out.xml", folder.run("check s --format junit").out);
  const std::string text = folder.read("out.xml");
  std::size_t cases = 0;
  for (std::size_t at = text.find("<testcase "); at != std::string::npos; at = text.find("<testcase ", at + 1)) ++cases;
  EXPECT_EQ(cases, 1U + 2 + 2 + 1 + 1 + 1 + 6) << "each property, and each scenario's outcome";
  if (folder.shell("command -v xmllint").exit_code == 0) {
    EXPECT_EQ(folder.shell("xmllint --noout out.xml").exit_code, 0);
  }
}

TEST(JobSummary, IsAddedToTheFileOfTheJob) {
  const Folder folder;
  fill(folder);
  folder.write("summary.md", "before\n");
  const Ran ran = folder.shell("GITHUB_STEP_SUMMARY=summary.md \"$TOY\" toy check s --format github");
  EXPECT_EQ(ran.exit_code, 10);
  EXPECT_EQ(folder.read("summary.md").find("before\n## raymc: 2 of 6 scenarios as expected\n"), 0U);
  toy::expect_golden("summary.md", folder.read("summary.md"));
}

TEST(JobSummary, ThatCannotBeWrittenIsSeventyFour) {
  const Folder folder;
  folder.write("one.toml", toy::kHolds);
  const Ran ran = folder.shell("GITHUB_STEP_SUMMARY=/dev/full \"$TOY\" toy check one.toml --quiet --format github");
  EXPECT_EQ(ran.exit_code, 74);
  EXPECT_EQ(ran.err, "toy: cannot write /dev/full: No space left on device\n");
}

TEST(JobSummary, EscapesWhatScenariosSay) {
  EXPECT_EQ(mc::markdown("<img src=x onerror=y> | a*b [c](d) `e`\n# f & \\"),
            "&lt;img src=x onerror=y&gt; \\| a\\*b \\[c\\]\\(d\\) \\`e\\` \\# f &amp; \\\\");
  EXPECT_EQ(mc::fenced("text", "a\n```\nb"), "````text\na\n```\nb\n````\n");
}

mc::Grant whole(std::uint64_t states) {
  return {mc::Grant::Kind::kWhole, states};
}

TEST(TimeBudget, WhoeverNeedsLittleGetsItAndLeavesTheRest) {
  // 10 s are a million states.
  const std::vector<mc::Wish> wishes{{1, 100, false}, {1, 900'000, false}, {1, 50'000, true}};
  EXPECT_EQ(mc::divide(10s, wishes), (std::vector<mc::Grant>{whole(100), whole(900'000), whole(50'000)}));
}

TEST(TimeBudget, WhatIsTooLargeGetsItsShareByImportance) {
  const std::vector<mc::Wish> wishes{{1, 5'000'000, false}, {3, std::nullopt, false}};
  EXPECT_EQ(mc::divide(10s, wishes),
            (std::vector<mc::Grant>{{mc::Grant::Kind::kPart, 250'000}, {mc::Grant::Kind::kPart, 750'000}}));
}

TEST(TimeBudget, WhereOnlyTheWholeCountsTheLeastImportantGoesWithout) {
  const std::vector<mc::Wish> wishes{{2, 600'000, true}, {1, 600'000, true}, {1, std::nullopt, false}};
  EXPECT_EQ(mc::divide(10s, wishes),
            (std::vector<mc::Grant>{whole(600'000), {mc::Grant::Kind::kNone, 0}, {mc::Grant::Kind::kPart, 400'000}}));
}

TEST(TimeBudget, SaysWhatItHadNoTimeForTheSameWayEachTime) {
  const Folder folder;
  folder.write("s/large.toml", "question Large?\ncells 16\ncheck M1.exclusive\nexpect holds\nexpect_states 458752\n");
  folder.write("s/small.toml", "question Small?\nimportance 99\ncheck M1.exclusive\n");
  // Its share is a thousand states, which takes no time anywhere.
  const Ran ran = folder.run("check s --budget 1s --threads 1");
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_NE(ran.out.find("holds within bounds"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("--budget 1s: states-max 1000\n"), std::string::npos) << ran.out;
  EXPECT_LT(ran.out.find("scenario    small"), ran.out.find("scenario    large")) << "the important one comes first";
  EXPECT_EQ(ran.out, folder.run("check s --budget 1s --threads 2").out);
}

}  // namespace
