// Questions about traces: where two part ways, what a safeguard has to do with one, which is the smallest scenario that
// shows it; and stepping by hand.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "checker/report/trace_diff.hpp"
#include "checker/report/trace_words.hpp"
#include "tests/cli/run.hpp"

namespace {

using toy::Folder;
using toy::Ran;

/// Checks a scenario and leaves its trace in NAME.trace.json.
void make_trace(const Folder& folder, const std::string& name, std::string_view scenario,
                const std::string& options = "") {
  folder.write(name + ".toml", scenario);
  static_cast<void>(folder.run("check " + name + ".toml --quiet --out . " + options));
  EXPECT_TRUE(folder.has(name + ".trace.json"));
}

TEST(Words, OnlyWhatChangedIsSaid) {
  EXPECT_EQ(mc::changed_words("up, a, b", "up, a, c"), "b => c");
  EXPECT_EQ(mc::changed_words("up", "up, knows {n1, n2}"), "+ knows {n1, n2}");
  EXPECT_EQ(mc::changed_words("up, queue [L1, L2]", "up"), "- queue [L1, L2]");
  EXPECT_EQ(mc::changed_words("queue [L1, L2]", "queue [L1]"), "queue [L1, L2] => queue [L1]");
  EXPECT_EQ(mc::changed_words("", "up, a"), "- => up, a");
  EXPECT_EQ(mc::changed_words("up, a", ""), "up, a => -");
  EXPECT_EQ(mc::changed_words("a, b", "b, a"), "a, b => b, a");
  EXPECT_EQ(mc::changed_words("a, a", "a"), "- a");
}

TEST(Difference, SaysWhereTwoTracesPartWays) {
  const Folder folder;
  make_trace(folder, "broken", toy::kBroken);
  make_trace(folder, "quiet", toy::kQuiet);
  const Ran ran = folder.run("trace --diff broken.trace.json quiet.trace.json");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  toy::expect_golden("difference.txt", ran.out);
  EXPECT_NE(folder.run("trace --diff broken.trace.json broken.trace.json").out.find("all 2 steps are the same"),
            std::string::npos);
}

TEST(Difference, StepsOfBothStandSideBySide) {
  mc::TraceFile a;
  for (const char* action : {"x", "a", "s", "t"}) a.steps.emplace_back().action = action;
  mc::TraceFile b;
  for (const char* action : {"x", "s", "b", "t"}) b.steps.emplace_back().action = action;
  for (mc::TraceFile* trace : {&a, &b}) {
    for (mc::TraceStep& step : trace->steps) step.sentence = step.action;
  }
  const std::string text = mc::trace_difference(a, b);
  EXPECT_NE(text.find("the first step is the same\n"), std::string::npos) << text;
  EXPECT_NE(text.find("they part ways at step 2\n"
                      "  A       2       a\n"
                      "  both    3    2  s\n"
                      "  B            3  b\n"
                      "  both    4    4  t\n"),
            std::string::npos)
      << text;
}

TEST(WhatIf, ASafeguardActsWhereItFirstMakesADifference) {
  const Folder folder;
  make_trace(folder, "broken", toy::kBroken);
  const Ran ran = folder.run("trace broken.trace.json --with fence");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "fence switched on: it acts at step 2\n"
            "  step 2: n2 takes the lock\n"
            "  cannot happen any more\n"
            "from there M1.exclusive can be kept\n");
}

TEST(WhatIf, MayMakeNoDifference) {
  const Folder folder;
  make_trace(folder, "broken", toy::kBroken);
  make_trace(folder, "quiet", toy::kQuiet);
  const std::string none = "it makes no difference: every step of the trace is possible and does the same\n";
  EXPECT_EQ(folder.run("trace broken.trace.json --without fence").out, "fence switched off: " + none);
  EXPECT_EQ(folder.run("trace quiet.trace.json --without fence").out, "fence switched off: " + none);
}

TEST(WhatIf, TheRunWithTheSafeguardIsATraceOfItsOwn) {
  const Folder folder;
  make_trace(folder, "broken", toy::kBroken);
  const Ran ran = folder.run("trace broken.trace.json --with fence --format json");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  const mc::Result<mc::TraceFile> read = mc::parse_trace(ran.out, "kept");
  ASSERT_TRUE(read.ok());
  const mc::TraceFile& kept = read.value();
  EXPECT_EQ(kept.kind, mc::TraceFile::kPath);
  ASSERT_GE(kept.facts.size(), 2U);
  EXPECT_EQ(kept.facts[kept.facts.size() - 2], std::make_pair(std::string("acts at step"), std::string("2")));
  EXPECT_EQ(kept.facts.back(), std::make_pair(std::string("leaves the trace at step"), std::string("2")));
  ASSERT_GE(kept.steps.size(), 1U);
  EXPECT_EQ(kept.steps.front().sentence, "n1 takes the lock") << kept.steps.front().sentence;
  // What it replays to violates nothing, under the settings that it carries.
  folder.write("kept.json", ran.out);
  const Ran replayed = folder.run("replay kept.json");
  EXPECT_EQ(replayed.exit_code, 0) << replayed.err << replayed.out;
  EXPECT_NE(replayed.out.find("no property is judged along a path"), std::string::npos) << replayed.out;
}

TEST(WhatIf, ASwitchThatMakesNoDifferenceActsAtNoStep) {
  const Folder folder;
  make_trace(folder, "quiet", toy::kQuiet);
  const Ran ran = folder.run("trace quiet.trace.json --without fence --format json");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out.find("acts at step"), std::string::npos) << ran.out;
}

TEST(Questions, ContradictionsAreBadCommandLines) {
  const Folder folder;
  make_trace(folder, "broken", toy::kBroken);
  for (const char* arguments : {"broken.trace.json broken.trace.json", "broken.trace.json --diff",
                                "broken.trace.json --minimise --with fence", "broken.trace.json --with fense",
                                "broken.trace.json --with fence --format dot", "broken.trace.json --format pdf"}) {
    const Ran ran = folder.run("trace " + std::string(arguments));
    EXPECT_EQ(ran.exit_code, 64) << arguments;
    EXPECT_EQ(ran.out, "") << arguments;
  }
}

TEST(Minimiser, FindsTheSmallestScenario) {
  const Folder folder;
  make_trace(folder, "large",
             "question Is it exclusive?\ncrashes 3\ncells 2\nfence off\ncheck M3.is_taken\n"
             "check M1.exclusive\n");
  const Ran ran = folder.run("trace large.trace.json --minimise");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_NE(ran.out.find("crashes 0\ncells 0\nfence off\ncheck M1.exclusive\nexpect violated\nexpect_steps 2\n"),
            std::string::npos)
      << ran.out;
  EXPECT_NE(ran.err.find("still violated, after 2 steps"), std::string::npos) << ran.err;
  folder.write("small.toml", ran.out);
  EXPECT_EQ(folder.run("check small.toml").exit_code, 0);
}

TEST(Minimiser, KeepsWhatTheViolationNeeds) {
  const Folder folder;
  make_trace(folder, "quiet", toy::kQuiet);
  EXPECT_NE(folder.run("trace quiet.trace.json --minimise --states-max 100").out.find("crashes 2\n"),
            std::string::npos);
  const Ran ran = folder.run("trace quiet.trace.json --minimise --states-max 1");
  EXPECT_EQ(ran.exit_code, 20);
  EXPECT_EQ(ran.out, "");
}

TEST(Minimiser, KeepsTheSafeguardsOfTheCommandLine) {
  const Folder folder;
  make_trace(folder, "holds", toy::kHolds, "--set fence=off");
  EXPECT_NE(folder.run("trace holds.trace.json --minimise").out.find("fence off\n"), std::string::npos);
}

/// What explore answers to lines.
Ran explore(const Folder& folder, const std::string& lines) {
  folder.write("commands", lines);
  return folder.shell("exec \"$TOY\" toy explore one.toml <commands");
}

TEST(Explore, AnswersLineByLine) {
  const Folder folder;
  folder.write("one.toml", toy::kBroken);
  const Ran ran = explore(folder, "1\nstate\n3\nundo\nlist\ndiff\n\n3\npath\nhelp\nquit\n1\n");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.err, "");
  toy::expect_golden("explore.txt", ran.out);
}

TEST(Explore, SavesAPathThatReplaysAndJumpsToIt) {
  const Folder folder;
  folder.write("one.toml", toy::kBroken);
  const Ran saved = explore(folder, "1\n3\nsave walk.json\nundo\nsave half.json\n");
  EXPECT_EQ(saved.exit_code, 0) << saved.err;
  EXPECT_EQ(folder.run("replay walk.json").out, "the trace fits: 2 steps, M1.exclusive is violated at the end\n");
  EXPECT_EQ(folder.run("replay half.json").out, "the trace fits: 1 steps, no property is judged along a path\n");
  EXPECT_NE(folder.run("trace half.json").out.find("trace of 1 step\n"), std::string::npos);
  EXPECT_EQ(folder.run("trace half.json --minimise").exit_code, 64);
  const Ran jumped = explore(folder, "jump walk.json 1\npath\njump walk.json\npath\nj walk.json 0\np\n");
  EXPECT_EQ(jumped.exit_code, 0) << jumped.err;
  EXPECT_NE(jumped.out.find("after step 1, possible"), std::string::npos);
  EXPECT_NE(jumped.out.find("  2  n2 takes the lock\nafter step 0"), std::string::npos) << jumped.out;
}

TEST(Explore, WhatMakesNoSenseIsSaidAndSkipped) {
  const Folder folder;
  folder.write("one.toml", toy::kBroken);
  for (const char* line : {"0", "99", "1x", "undo", "undo 5", "dance", "save", "jump nowhere.json", "jump one.toml",
                           "diff", "state now"}) {
    const Ran ran = explore(folder, std::string(line) + "\n1\n");
    EXPECT_EQ(ran.exit_code, 64) << line;
    EXPECT_NE(ran.err.find("toy: explore: \"" + std::string(line) + "\" is no command"), std::string::npos) << ran.err;
    EXPECT_NE(ran.out.find("after step 1"), std::string::npos) << line;
  }
}

TEST(Explore, AnEmptyInputIsAnEnd) {
  const Folder folder;
  folder.write("one.toml", toy::kBroken);
  EXPECT_EQ(explore(folder, "").exit_code, 0);
  EXPECT_EQ(folder.run("explore nowhere.toml").exit_code, 65);
}

}  // namespace
