// Every exit code of the program, and what stands on which stream.
#include "checker/cli/exit_code.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/cli/run.hpp"

namespace {

using toy::Folder;
using toy::Ran;

/// Runs `toy check` over one scenario.
Ran check(const Folder& folder, std::string_view scenario, const std::string& options = "") {
  folder.write("one.toml", scenario);
  return folder.run("check one.toml " + options);
}

TEST(ExitCode, ZeroWhenEveryPropertyHolds) {
  const Folder folder;
  const Ran ran = check(folder, toy::kHolds);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_NE(ran.out.find("expectation: met"), std::string::npos);
}

TEST(ExitCode, ZeroWhenTheExpectedViolationIsFound) {
  const Folder folder;
  EXPECT_EQ(check(folder, toy::kDefect).exit_code, 0);
}

TEST(ExitCode, ZeroWithinDeclaredBounds) {
  const Folder folder;
  EXPECT_EQ(check(folder, toy::kBounded).exit_code, 0);
}

TEST(ExitCode, TenWhenAPropertyIsViolated) {
  const Folder folder;
  EXPECT_EQ(check(folder, toy::kBroken).exit_code, 10);
}

TEST(ExitCode, NothingIsWrittenWithoutAFolderForIt) {
  const Folder folder;
  EXPECT_EQ(check(folder, toy::kOverflow).exit_code, 20);
  const Ran broken = check(folder, toy::kBroken);
  EXPECT_NE(broken.err.find("toy: --out DIR keeps the trace as a file\n"), std::string::npos) << broken.err;
  EXPECT_EQ(folder.run("simulate one.toml --walks 100").exit_code, 10);
  EXPECT_EQ(folder.shell("find . -name '*.json' -o -name 'raymc*'").out, "");
  EXPECT_EQ(check(folder, toy::kBroken, "--out kept").exit_code, 10);
  EXPECT_TRUE(folder.has("kept/one.trace.json"));
}

TEST(ExitCode, TenWhenTheExpectationIsNotMet) {
  const Folder folder;
  const Ran ran = check(folder, "question ?\ncheck M1.exclusive\nexpect violated\nexpect_states 8\n");
  EXPECT_EQ(ran.exit_code, 10);
  EXPECT_NE(
      ran.out.find("expectation: not met\n  outcome: expected violated, got holds\n  states: expected 8, got 7\n"),
      std::string::npos)
      << ran.out;
}

TEST(ExitCode, ElevenWhenAReachablePropertyIsNeverReached) {
  const Folder folder;
  EXPECT_EQ(check(folder, toy::kUnreached).exit_code, 11);
}

TEST(ExitCode, ElevenUnderStrictWhenTheVerdictIsVacuous) {
  const Folder folder;
  const std::string harmless = "question ?\ncrashes 0\ncheck M1.exclusive\n";
  const Ran ran = check(folder, harmless, "--strict");
  EXPECT_EQ(ran.exit_code, 11);
  EXPECT_NE(ran.out.find("warning: the scenario has no fault\n"), std::string::npos) << ran.out;
  EXPECT_EQ(check(folder, harmless).exit_code, 0) << "a warning alone changes nothing";
  EXPECT_EQ(check(folder, toy::kHolds, "--strict").exit_code, 0) << "there is nothing to warn of";
  EXPECT_EQ(check(folder, toy::kBroken, "--strict").exit_code, 10);
  const Ran idle = check(folder, "question ?\ncrashes 0\ncells 1\ncheck M1.exclusive\n", "--strict");
  EXPECT_NE(idle.out.find("warning: the fault crash never strikes: no reachable state allows it\n"), std::string::npos)
      << idle.out;
}

TEST(ExitCode, TwentyWhenALimitOfTheCommandLineIsHit) {
  const Folder folder;
  EXPECT_EQ(check(folder, toy::kHolds, "--depth-max 1").exit_code, 20);
  EXPECT_EQ(check(folder, toy::kHolds, "--states-max 2").exit_code, 20);
  EXPECT_EQ(check(folder, toy::kEndless, "--time-max 200ms").exit_code, 20);
  EXPECT_EQ(check(folder, toy::kEndless, "--memory-max 20MiB").exit_code, 20);
}

TEST(ExitCode, TwentyAlsoWhenSomethingWasExpectedOfASearchThatDidNotEnd) {
  const Folder folder;
  EXPECT_EQ(check(folder, std::string(toy::kEndless) + "expect holds\n", "--time-max 200ms").exit_code, 20);
}

TEST(ExitCode, TwentyWithATraceWhenAContainerOverflows) {
  const Folder folder;
  const Ran ran = check(folder, toy::kOverflow);
  EXPECT_EQ(ran.exit_code, 20);
  EXPECT_NE(ran.out.find("trace of 1 step to an overflow"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("graveyard: 1"), std::string::npos);
}

class Interrupt : public testing::TestWithParam<const char*> {};

TEST_P(Interrupt, TwentyWithAReport) {
  const Folder folder;
  folder.write("a.toml", toy::kEndless);
  folder.write("b.toml", toy::kHolds);
  const Ran ran =
      folder.shell("\"$TOY\" toy check a.toml b.toml & sleep 1; kill -" + std::string(GetParam()) + " $!; wait $!");
  EXPECT_EQ(ran.exit_code, 20) << ran.err;
  EXPECT_NE(ran.out.find("inconclusive: interrupted"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("2 scenarios: 0 as expected, 1 not, 1 not run"), std::string::npos) << ran.out;
}

// A shell starts background jobs with SIGINT ignored, and the handler replaces that.
INSTANTIATE_TEST_SUITE_P(Signals, Interrupt, testing::Values("INT", "TERM"));

TEST(ExitCode, SixtyFiveForAMissingOrBadScenarioBeforeAnythingIsSearched) {
  const Folder folder;
  EXPECT_EQ(folder.run("check nowhere.toml").exit_code, 65);
  EXPECT_EQ(folder.run("check scenarios").exit_code, 65) << "an empty folder";
  folder.write("good.toml", toy::kHolds);
  folder.write("bad.toml", "question ?\ncolour red\n");
  const Ran ran = folder.run("check good.toml bad.toml");
  EXPECT_EQ(ran.exit_code, 65);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "toy: bad.toml:2:1: unknown key\n");
}

TEST(ExitCode, SeventyForABugInTheModel) {
  const Folder folder;
  const Ran ran = check(folder, "question ?\nbroken on\ncheck M1.exclusive\n");
  EXPECT_EQ(ran.exit_code, 70);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "toy: internal error: the toy is broken\n");
}

TEST(ExitCode, SeventyFourWhenTheDiskIsFull) {
  const Folder folder;
  const Ran ran = check(folder, toy::kHolds, "--quiet >/dev/full");
  EXPECT_EQ(ran.exit_code, 74);
  EXPECT_EQ(ran.err, "toy: cannot write the report: No space left on device\n");
  EXPECT_EQ(folder.run("--help >/dev/full").exit_code, 74);
  EXPECT_EQ(folder.run("list properties >/dev/full").exit_code, 74);
}

TEST(ExitCode, SeventyFourWhenStdoutIsClosed) {
  const Folder folder;
  EXPECT_EQ(check(folder, toy::kBroken, "--out kept >&-").exit_code, 74);
  EXPECT_EQ(folder.read("kept/one.trace.json").substr(0, 1), "{") << "no file may take the place of stdout";
}

TEST(ExitCode, SeventyFourQuietlyWhenTheReaderIsGone) {
  const Folder folder;
  folder.write("one.toml", toy::kHolds);
  const Ran ran = folder.shell("{ sleep 0.3; \"$TOY\" toy check one.toml --quiet; echo $? >code; } | true; sleep 1");
  EXPECT_EQ(folder.read("code"), "74\n");
  EXPECT_EQ(ran.err, "");
}

TEST(ExitCode, SeventyFourWhenTheFolderForResultsCannotBeMade) {
  const Folder folder;
  folder.write("file", "");
  const Ran ran = check(folder, toy::kHolds, "--quiet --out file/results");
  EXPECT_EQ(ran.exit_code, 74);
  EXPECT_NE(ran.err.find("toy: cannot create file/results: "), std::string::npos) << ran.err;
  EXPECT_EQ(ran.out, "") << "seen before anything is searched";
}

TEST(ExitCode, SeventyFourWhenTheDiskForResultsIsFull) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can mount a small disk";
  const Folder folder;
  folder.write("one.toml", toy::kBroken);
  const Ran ran = folder.shell(
      "mkdir small && mount -t tmpfs -o size=8k tmpfs small 2>/dev/null || exit 99\n"
      "\"$TOY\" toy check one.toml --quiet --out small; code=$?\n"
      "ls -A small >left; umount small; exit $code");
  if (ran.exit_code == 99) GTEST_SKIP() << "no right to mount here";
  EXPECT_EQ(ran.exit_code, 74) << ran.err;
  EXPECT_NE(ran.err.find("No space left on device"), std::string::npos);
  EXPECT_EQ(folder.read("left").find(".X"), std::string::npos) << "no temporary file is left";
  EXPECT_EQ(folder.read("left").find("one.trace.json"), std::string::npos) << "nothing half-written";
}

struct Usage {
  const char* name;
  const char* arguments;
  const char* err;
};

class BadCommandLine : public testing::TestWithParam<Usage> {};

TEST_P(BadCommandLine, SixtyFourWithAHint) {
  const Folder folder;
  const Ran ran = folder.run(GetParam().arguments);
  EXPECT_EQ(ran.exit_code, 64);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, std::string("toy: ") + GetParam().err);
}

INSTANTIATE_TEST_SUITE_P(
    Flags, BadCommandLine,
    testing::Values(
        Usage{"Nothing", "", "A subcommand is required\n  try: toy --help\n"},
        Usage{"Command", "chek", "there is no command \"chek\"\n  hint: did you mean \"check\"?\n  try: toy --help\n"},
        Usage{"Flag", "check --thread 2",
              "The following argument was not expected: --thread\n  hint: did you mean \"--threads\"?\n  try: toy "
              "--help\n"},
        Usage{"NoThreads", "check --threads 0",
              "--threads: \"0\" is no whole number from 1 to 256\n  try: toy --help\n"},
        Usage{"Symmetry", "check --symmetry maybe", "--symmetry: maybe not in {on,off}\n  try: toy --help\n"},
        Usage{"Store", "check --store disk", "--store: disk not in {exact,fingerprint}\n  try: toy --help\n"},
        Usage{"Format", "check --format yaml", "--format: yaml not in {text,json,junit,github}\n  try: toy --help\n"},
        Usage{"Duration", "check --time-max 1d", "--time-max: \"1d\" is no duration such as 500ms, 60s, 5m or 2h\n"},
        Usage{"Size", "check --memory-max lots", "--memory-max: \"lots\" is no size such as 512MiB or 8GiB\n"},
        Usage{"SetWithoutValue", "check --set fence", "--set: \"fence\" is not SAFEGUARD=on or SAFEGUARD=off\n"},
        Usage{"SetOfAnotherValue", "check --set fence=maybe",
              "--set: \"fence=maybe\" is not SAFEGUARD=on or SAFEGUARD=off\n"},
        Usage{"UnknownSafeguard", "check --set fense=off",
              "--set: unknown safeguard \"fense\"\n  hint: did you mean \"fence\"?\n"},
        Usage{"Kind", "list colours",
              "kind: colours not in "
              "{findings,releases,transitions,properties,scenarios,safeguards,faults,features,keys}\n  try: "
              "toy --help\n"},
        Usage{"FindingsAsJson", "list findings --format json", "no scenario of this project is a finding\n"},
        Usage{"EmptyOut", "check --out ''", "--out: is an empty text\n  try: toy --help\n"},
        Usage{"EmptyOutOfRelease", "release --out ''", "--out: is an empty text\n  try: toy --help\n"},
        Usage{"EmptyOutOfResults", "results --out ''", "--out: is an empty text\n  try: toy --help\n"},
        Usage{"EmptyOutOfSimulate", "simulate --out ''", "--out: is an empty text\n  try: toy --help\n"},
        Usage{"EmptyOutOfSafeguards", "safeguards --out ''", "--out: is an empty text\n  try: toy --help\n"},
        Usage{"EmptyCheckpoint", "check --checkpoint ''", "--checkpoint: is an empty text\n  try: toy --help\n"},
        Usage{"EmptyDisk", "audit --disk ''", "--disk: is an empty text\n  try: toy --help\n"},
        Usage{"EmptyCompare", "release --out o --compare ''", "--compare: is an empty text\n  try: toy --help\n"},
        Usage{"EmptyTimeMax", "check --time-max ''", "--time-max: is an empty text\n  try: toy --help\n"},
        Usage{"EmptyMemoryMax", "check --memory-max ''", "--memory-max: is an empty text\n  try: toy --help\n"},
        Usage{"EmptyBudget", "check --budget ''", "--budget: is an empty text\n  try: toy --help\n"},
        Usage{"EmptyEvery", "check --checkpoint-every ''", "--checkpoint-every: is an empty text\n  try: toy --help\n"},
        Usage{"EmptySet", "check --set ''", "--set: is an empty text\n  try: toy --help\n"},
        Usage{"EmptyWithout", "trace a.json --without ''", "--without: is an empty text\n  try: toy --help\n"},
        Usage{"EmptyScenario", "check ''", "scenarios: is an empty text\n  try: toy --help\n"},
        Usage{"EmptyTrace", "trace ''", "files: is an empty text\n  try: toy --help\n"},
        Usage{"EmptyReplay", "replay ''", "file: is an empty text\n  try: toy --help\n"},
        Usage{"EmptyExplore", "explore ''", "scenario: is an empty text\n  try: toy --help\n"},
        Usage{"Explain", "explain lock.A1.tale",
              "nothing has the id \"lock.A1.tale\"\n  hint: did you mean \"lock.A1.take\"?\n"},
        Usage{"ExplainPart", "explain A2", "nothing has the id \"A2\"\n  hint: did you mean \"lock.A2.release\"?\n"}),
    [](const testing::TestParamInfo<Usage>& usage) { return std::string(usage.param.name); });

TEST(ExitCode, OfSeveralScenariosTheMostSevere) {
  const Folder folder;
  folder.write("a.toml", toy::kHolds);
  folder.write("b.toml", toy::kUnreached);
  folder.write("c.toml", toy::kBroken);
  EXPECT_EQ(folder.run("check a.toml b.toml").exit_code, 11);
  EXPECT_EQ(folder.run("check a.toml b.toml c.toml").exit_code, 10);
  EXPECT_EQ(folder.run("check c.toml b.toml a.toml").exit_code, 10);
}

TEST(ExitCode, SeverityIsATotalOrder) {
  using enum mc::ExitCode;
  EXPECT_EQ(mc::worse(kAsExpected, kInconclusive), kInconclusive);
  EXPECT_EQ(mc::worse(kUnreached, kInconclusive), kUnreached);
  EXPECT_EQ(mc::worse(kUnreached, kViolated), kViolated);
  EXPECT_EQ(mc::worse(kCannotWrite, kViolated), kCannotWrite);
  EXPECT_EQ(mc::worse(kCannotWrite, kInternal), kInternal);
}

}  // namespace
