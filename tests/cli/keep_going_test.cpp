// A violation does not silence the others: what --keep-going reports, and what a report says of properties that a
// search did not get to judge.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/run.hpp"

namespace {

using Json = nlohmann::json;
using toy::Folder;
using toy::Ran;

// Two claims break: after two steps without the fence, and after two crashes. Nobody ever reaches M4.
constexpr std::string_view kTwoBreak =
    "question What breaks?\nfence off\ncrashes 3\ncheck M4.is_idle_after_two\ncheck M2.someone_lives\ncheck "
    "M1.exclusive\n";

Json answer_of(const Ran& ran) {
  return Json::parse(ran.out).at("answers").at(0);
}

TEST(KeepGoing, EveryViolatedPropertyHasItsTrace) {
  const Folder folder;
  folder.write(
      "one.toml",
      "question What breaks?\nfence off\ncrashes 2\ncheck M3.is_taken\ncheck M2.someone_lives\ncheck M1.exclusive\n");
  const Json stopped = answer_of(folder.run("check one.toml --format json"));
  const Ran ran = folder.run("check one.toml --keep-going --format json --out o");
  EXPECT_EQ(ran.exit_code, 10);
  const Json whole = answer_of(ran);
  for (const Json& property : whole.at("verdict").at("properties")) EXPECT_NE(property.at("outcome"), "inconclusive");
  EXPECT_EQ(whole.at("verdict").at("violated"), stopped.at("verdict").at("violated"));
  EXPECT_EQ(whole.at("trace"), stopped.at("trace"));
  EXPECT_EQ(whole.at("verdict").at("reason"), "");
  EXPECT_EQ(whole.at("explored"), "all behaviours with at most 2 faults");
  ASSERT_EQ(whole.at("other_traces").size(), 1U);
  const std::string other = whole.at("other_traces").at(0).at("property").get<std::string>();
  EXPECT_NE(other, whole.at("verdict").at("violated"));
  // Each is a file by itself, which replays.
  EXPECT_TRUE(folder.has("o/one.trace.json"));
  EXPECT_TRUE(folder.has("o/one." + other + ".trace.json"));
  for (const std::string& file : {std::string("o/one.trace.json"), "o/one." + other + ".trace.json"}) {
    EXPECT_EQ(folder.run("replay " + file).exit_code, 0) << file;
  }
}

TEST(KeepGoing, ReportsTheSameOnAnyNumberOfThreadsAndWithEitherStore) {
  const Folder folder;
  folder.write("one.toml", kTwoBreak);
  for (const std::string format : {"text", "json", "junit", "github"}) {
    const std::string command = "check one.toml --keep-going --format " + format;
    const Ran one = folder.run(command + " --threads 1");
    EXPECT_EQ(one.exit_code, 10);
    for (const char* other : {"--threads 2", "--threads 8", "--threads 8 --store fingerprint"}) {
      EXPECT_EQ(folder.run(command + " " + other).out, one.out) << format << " " << other;
    }
    for (const char* property : {"M1.exclusive", "M2.someone_lives"}) {
      EXPECT_NE(one.out.find(property), std::string::npos) << format;
    }
  }
}

TEST(KeepGoing, WithoutItTheReportSaysWhatWasNotJudged) {
  const Folder folder;
  folder.write("one.toml", kTwoBreak);
  const Ran ran = folder.run("check one.toml");
  EXPECT_EQ(ran.exit_code, 10);
  EXPECT_NE(ran.out.find("  not judged "), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("  not judged: the search stopped at the violation; --keep-going goes on\n"),
            std::string::npos)
      << ran.out;
  EXPECT_EQ(ran.out.find("not decided"), std::string::npos) << ran.out;
  EXPECT_NE(folder.run("check one.toml --format junit").out.find("<skipped message=\"not judged: "), std::string::npos);
  const Ran whole = folder.run("check one.toml --keep-going");
  EXPECT_EQ(whole.out.find("not judged"), std::string::npos) << whole.out;
  EXPECT_NE(whole.out.find("never reached"), std::string::npos) << whole.out;
}

TEST(KeepGoing, CountsMoreThanTheScenarioExpectsAndStillMeetsIt) {
  const Folder folder;
  const std::string large = std::string(kTwoBreak) + "cells 3\n";  // deeper than the violation
  const std::string expects = large + "expect violated\nexpect_states ";
  const std::uint64_t states = [&] {
    folder.write("one.toml", large);
    return answer_of(folder.run("check one.toml --format json")).at("verdict").at("states").get<std::uint64_t>();
  }();
  folder.write("one.toml", expects + std::to_string(states) + "\n");
  EXPECT_EQ(folder.run("check one.toml").exit_code, 0);
  const Ran ran = folder.run("check one.toml --keep-going --format json");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_GT(answer_of(ran).at("verdict").at("states").get<std::uint64_t>(), states);
  // Where nothing breaks there is nothing to go on after, and everything is compared.
  folder.write("two.toml", "question ?\ncheck M1.exclusive\nexpect holds\nexpect_states 8\n");
  EXPECT_EQ(folder.run("check two.toml --keep-going").exit_code, 10);
}

TEST(KeepGoing, IsAnotherSearchToACheckpoint) {
  const Folder folder;
  folder.write("one.toml", std::string(kTwoBreak) + "cells 12\n");
  const Ran whole = folder.run("check one.toml --keep-going --quiet");
  const Ran cut =
      folder.run("check one.toml --keep-going --quiet --checkpoint c --checkpoint-every 1ms --time-max 30ms");
  if (cut.exit_code == 20 || cut.out != whole.out) {
    EXPECT_EQ(folder.run("check one.toml --quiet --checkpoint c --resume").exit_code, 65) << "another question";
  }
  const Ran resumed = folder.run("check one.toml --keep-going --quiet --checkpoint c --resume");
  EXPECT_EQ(resumed.out, whole.out);
  EXPECT_EQ(resumed.exit_code, whole.exit_code);
}

TEST(HeldBy, TheTwinIsSearchedAndToldOf) {
  const Folder folder;
  const std::string defect = "question Is it noticed?\nfence off\ncheck M1.exclusive\nexpect violated\nheld_by fence\n";
  folder.write("one.toml", defect);
  const Ran met = folder.run("check one.toml");
  EXPECT_EQ(met.exit_code, 0) << met.out;
  EXPECT_NE(met.out.find("expectation: met\n  with fence on: expected holds, got holds (7 states)\n"),
            std::string::npos)
      << met.out;
  EXPECT_EQ(folder.run("check one.toml --quiet").out, met.out);
}

TEST(HeldBy, ATwinThatBreaksMissesTheExpectation) {
  const Folder folder;
  // The fence does not keep the nodes alive.
  folder.write("one.toml",
               "question ?\nfence off\ncrashes 2\ncheck M2.someone_lives\nexpect violated\nheld_by fence\n");
  const Ran missed = folder.run("check one.toml");
  EXPECT_EQ(missed.exit_code, 10);
  EXPECT_NE(missed.out.find("expectation: not met\n  with fence on: expected holds, got violated M2.someone_lives\n"),
            std::string::npos)
      << missed.out;
  EXPECT_EQ(answer_of(folder.run("check one.toml --format json")).at("expectation").at("comparison"), "not met");
  EXPECT_EQ(folder.run("check one.toml --set fence=off").exit_code, 10) << "another question: the twin is left out";
}

TEST(HeldBy, ATwinWithoutTimeIsNotDecided) {
  const Folder folder;
  folder.write("one.toml", "question ?\nfence off\ncells 24\ncheck M1.exclusive\nexpect violated\nheld_by fence\n");
  const Ran ran = folder.run("check one.toml --time-max 2s");
  EXPECT_EQ(ran.exit_code, 20);
  EXPECT_NE(ran.out.find("expectation: not decided\n  with fence on: expected holds, got inconclusive: the time limit"),
            std::string::npos)
      << ran.out;
}

}  // namespace
