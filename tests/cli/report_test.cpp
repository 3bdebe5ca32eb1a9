// Reports: every format byte for byte, and the same bytes whatever the search was run on.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/cli/run.hpp"

namespace {

using toy::expect_golden;
using toy::Folder;
using toy::Ran;

/// A folder with one scenario of each outcome.
void fill(const Folder& folder) {
  folder.write("scenarios/seed/holds.toml", toy::kHolds);
  folder.write("scenarios/ci/bounded.toml", toy::kBounded);
  folder.write("scenarios/ci/broken.toml", toy::kBroken);
  folder.write("scenarios/ci/overflow.toml", toy::kOverflow);
  folder.write("scenarios/ci/quiet.toml", toy::kQuiet);
  folder.write("scenarios/ci/unreached.toml", toy::kUnreached);
  folder.write("scenarios/defects/fence.toml", toy::kDefect);
}

class Format : public testing::TestWithParam<const char*> {};

TEST_P(Format, IsAsApproved) {
  const Folder folder;
  fill(folder);
  const std::string format = GetParam();
  const Ran ran = folder.run("check scenarios --threads 2 --format " + format);
  EXPECT_EQ(ran.exit_code, 10);
  expect_golden("check." + format + ".txt", ran.out);
}

TEST_P(Format, IsTheSameOnAnyNumberOfThreadsAndWithEitherStore) {
  const Folder folder;
  fill(folder);
  folder.write("scenarios/large.toml", "question Many states?\ncells 10\ncheck M1.exclusive\ncheck M3.is_taken\n");
  const std::string command = std::string("check scenarios --format ") + GetParam();
  const Ran one = folder.run(command + " --threads 1");
  for (const char* other : {"--threads 2", "--threads 8", "--threads 2 --store fingerprint", "--threads 8 --quiet"}) {
    const Ran ran = folder.run(command + " " + other);
    EXPECT_EQ(ran.out, one.out) << other;
    EXPECT_EQ(ran.exit_code, one.exit_code) << other;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Format, testing::Values("text", "json", "junit", "github"),
                         [](const testing::TestParamInfo<const char*>& format) { return std::string(format.param); });

TEST(Report, WithoutArgumentsTheDefaultFolderIsChecked) {
  const Folder folder;
  fill(folder);
  const Ran ran = folder.run("check");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out.find("holds: 2 properties, 7 states, manual r1\n"), 0U);
  EXPECT_NE(ran.out.find("\nscenario    holds (scenarios/seed/holds.toml)\nquestion    Is the lock exclusive?\n"),
            std::string::npos);
}

TEST(Report, ThePathIsShownFromTheRootWhereverOneStands) {
  const Folder folder;
  fill(folder);
  const Ran here = folder.run("check scenarios/seed");
  const Ran there = folder.shell("cd / && exec \"$TOY\" toy check \"$RAYMC_ROOT/scenarios/seed/holds.toml\"");
  EXPECT_EQ(here.out, there.out);
}

TEST(Report, OverridesAreSaidAndTheExpectationIsNotCompared) {
  const Folder folder;
  fill(folder);
  const Ran ran = folder.run("check --set fence=off --depth-max 7");
  EXPECT_EQ(ran.exit_code, 10);
  expect_golden("overrides.txt", ran.out);
}

TEST(Report, AProfileReplacesTheScenariosChoice) {
  const Folder folder;
  fill(folder);
  EXPECT_EQ(folder.run("check --profile bare").exit_code, 10);
  EXPECT_EQ(folder.run("check --profile fenced").exit_code, 0);
  EXPECT_EQ(folder.run("check --profile bare --set fence=on").exit_code, 0);
}

TEST(Report, MeasurementsGoToStderrOnly) {
  const Folder folder;
  fill(folder);
  const Ran ran = folder.run("check --threads 2 --store fingerprint");
  EXPECT_NE(ran.err.find("threads 2, fingerprint store, odds of an omitted state at most 1.3e-18"), std::string::npos)
      << ran.err;
  for (const char* word : {"fingerprint", "threads", " s ", "MiB"})
    EXPECT_EQ(ran.out.find(word), std::string::npos) << word;
  EXPECT_NE(folder.run("check --store exact").err.find("exact store, no state omitted"), std::string::npos);
  EXPECT_EQ(folder.run("check --quiet").err, "");
}

TEST(Report, NoColoursOutsideATerminal) {
  const Folder folder;
  fill(folder);
  EXPECT_EQ(folder.run("check scenarios").out.find('\033'), std::string::npos);
}

TEST(Report, OutHoldsAnswerMeasurementsAndTrace) {
  const Folder folder;
  fill(folder);
  EXPECT_EQ(folder.run("check scenarios --out 'my results' --store fingerprint --threads 2").exit_code, 10);
  EXPECT_TRUE(folder.has("my results/holds.report.json"));
  EXPECT_FALSE(folder.has("my results/holds.trace.json"));
  EXPECT_TRUE(folder.has("my results/fence.trace.json"));
  expect_golden("broken.trace.json", folder.read("my results/broken.trace.json"));
  const auto run = nlohmann::json::parse(folder.read("my results/broken.run.json"));
  EXPECT_EQ(run["store"], "fingerprint");
  EXPECT_EQ(run["threads"], 2);
  EXPECT_GT(run["omission_odds"], 0.0);
  const auto report = nlohmann::json::parse(folder.read("my results/holds.report.json"));
  EXPECT_EQ(report["answers"][0]["verdict"]["states"], 7);
}

TEST(Report, ScenariosOfOneNameGetFilesOfTheirOwn) {
  const Folder folder;
  folder.write("a/x.toml", toy::kHolds);
  folder.write("b/x.toml", toy::kHolds);
  EXPECT_EQ(folder.run("check a b --out out").exit_code, 0);
  EXPECT_TRUE(folder.has("out/a-x.report.json"));
  EXPECT_TRUE(folder.has("out/b-x.report.json"));
}

TEST(Report, PlainProgressComesAtGrowingIntervals) {
  const Folder folder;
  folder.write("one.toml", toy::kEndless);
  const Ran ran = folder.run("check one.toml --time-max 9s");
  // The first line is due after 5 s; a busy machine may be late with it.
  EXPECT_EQ(ran.err.find("one: "), 0U) << ran.err;
  EXPECT_NE(ran.err.find(" s, depth "), std::string::npos) << ran.err;
  EXPECT_EQ(ran.err.find('\r'), std::string::npos);
}

TEST(Catalogue, ListsAreAsApproved) {
  const Folder folder;
  fill(folder);
  std::string text;
  for (const char* kind : {"transitions", "properties", "scenarios", "safeguards", "faults", "features"}) {
    const Ran ran = folder.run(std::string("list ") + kind);
    EXPECT_EQ(ran.exit_code, 0);
    text += std::string("$ toy list ") + kind + "\n" + ran.out;
  }
  expect_golden("list.txt", text);
}

TEST(Catalogue, ListsAreAlsoJson) {
  const Folder folder;
  fill(folder);
  for (const char* kind : {"transitions", "properties", "scenarios", "safeguards", "faults", "features"}) {
    const Ran text = folder.run(std::string("list ") + kind);
    const Ran json = folder.run(std::string("list ") + kind + " --format json");
    EXPECT_EQ(json.exit_code, 0);
    for (const nlohmann::json& entry : nlohmann::json::parse(json.out)) {
      const std::string id = entry.at("id");
      EXPECT_NE(text.out.find(id + " "), std::string::npos) << id;
      EXPECT_NE(text.out.find(entry.at("says").get<std::string>()), std::string::npos) << id;
    }
    // An entry on each line, between the brackets.
    EXPECT_EQ(std::count(json.out.begin(), json.out.end(), '\n'),
              std::count(text.out.begin(), text.out.end(), '\n') + 2);
  }
}

TEST(Catalogue, ExplanationsAreAsApproved) {
  const Folder folder;
  fill(folder);
  std::string text;
  for (const char* id : {"lock.A1.take", "fence", "crash", "M1.exclusive"}) {
    const Ran ran = folder.run(std::string("explain ") + id);
    EXPECT_EQ(ran.exit_code, 0);
    text += std::string("$ toy explain ") + id + "\n" + ran.out;
  }
  expect_golden("explain.txt", text);
}

TEST(Help, IsAsApproved) {
  const Folder folder;
  std::string text;
  for (const char* arguments : {"--help", "check --help", "trace --help", "replay --help", "audit --help",
                                "list --help", "explain --help", "safeguards --help", "--version"}) {
    const Ran ran = folder.run(arguments);
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_EQ(ran.err, "");
    text += std::string("$ toy ") + arguments + "\n" + ran.out;
  }
  expect_golden("help.txt", text);
}

TEST(Audit, AModelThatKeepsItsWordPasses) {
  const Folder folder;
  fill(folder);
  const Ran ran = folder.run("audit");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out, "audit of holds (scenarios/seed/holds.toml): nothing found; 7 states, 14 transitions, depth 2\n");
}

TEST(Safeguards, TheTableSaysWhatNoticesEachLoss) {
  const Folder folder;
  folder.write("holds.toml", toy::kHolds);
  const Ran shown = folder.run("safeguards holds.toml --quiet");
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_EQ(shown.err, "");
  expect_golden("safeguards.tsv", shown.out);
  EXPECT_EQ(folder.run("safeguards holds.toml --threads 2 --out tables").err, "toy: fence: M1.exclusive\n");
  EXPECT_EQ(folder.read("tables/safeguards.tsv"), shown.out);
}

TEST(Results, TablesAreAsApproved) {
  const Folder folder;
  fill(folder);
  EXPECT_EQ(folder.run("results --out results --quiet").exit_code, 10);
  expect_golden("golden.tsv", folder.read("results/golden.tsv"));
  expect_golden("coverage.tsv", folder.read("results/coverage.tsv"));
  EXPECT_EQ(folder.run("results --out /dev/null/x --quiet").exit_code, 74);
}

}  // namespace
