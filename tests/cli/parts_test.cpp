// Small parts of the command line and the reports: quantities, names, files, expectations, hints.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "checker/cli/quantity.hpp"
#include "checker/cli/scenarios.hpp"
#include "checker/core/expectation.hpp"
#include "checker/core/nearest.hpp"
#include "checker/report/files.hpp"
#include "tests/cli/run.hpp"

namespace {

using namespace std::chrono_literals;

TEST(Quantities, DurationsAndSizes) {
  EXPECT_EQ(mc::parse_duration("500ms"), 500ms);
  EXPECT_EQ(mc::parse_duration("60s"), 60s);
  EXPECT_EQ(mc::parse_duration("5m"), 5min);
  EXPECT_EQ(mc::parse_duration("2h"), 2h);
  EXPECT_EQ(mc::parse_size("8GiB"), std::size_t{8} << 30U);
  EXPECT_EQ(mc::parse_size("4096"), 4096U);
  for (const char* bad :
       {"", "s", "0s", "-1s", "1.5s", "60", "60 s", "99999999999999999999s", "9223372036854775807h"}) {
    EXPECT_FALSE(mc::parse_duration(bad).has_value()) << bad;
  }
  for (const char* bad : {"", "GiB", "0", "8GB", "-1", "99999999999GiB"})
    EXPECT_FALSE(mc::parse_size(bad).has_value()) << bad;
}

TEST(Nearest, FindsWhatWasMeantAndNothingElse) {
  const std::vector<std::string_view> ids{"check", "trace", "raylet.R31.return_lease", "L1.task_ends"};
  EXPECT_EQ(mc::nearest("chekc", ids), "check");
  EXPECT_EQ(mc::nearest("R31", ids), "raylet.R31.return_lease");
  EXPECT_EQ(mc::nearest("L1", ids), "L1.task_ends");
  EXPECT_EQ(mc::nearest("completely different", ids), "");
  EXPECT_EQ(mc::nearest("", ids), "");
  EXPECT_EQ(mc::edit_distance("kitten", "sitting"), 3U);
}

TEST(Expectation, OnlyStatedFieldsAreCompared) {
  mc::Verdict verdict;
  verdict.outcome = mc::Outcome::kViolated;
  verdict.violated = "M1";
  verdict.states = 8;
  mc::Expectation expected;
  expected.outcome = mc::Outcome::kViolated;
  EXPECT_TRUE(mc::mismatches(expected, verdict, 2).empty());
  expected.property = "M2";
  expected.trace_length = 3;
  expected.states = 9;
  expected.transitions = 0;
  expected.depth = 1;
  const std::vector<std::string> all{"property: expected M2, got M1", "trace_length: expected 3, got 2",
                                     "states: expected 9, got 8", "depth: expected 1, got 0"};
  EXPECT_EQ(mc::mismatches(expected, verdict, 2), all);
  EXPECT_EQ(mc::mismatches(expected, verdict, std::nullopt)[1], "trace_length: expected 3, got none");
}

TEST(Files, AFileIsReplacedWholeOrNotAtAll) {
  const toy::Folder folder;
  const std::string path = folder.write("file", "old");
  EXPECT_EQ(mc::write_file(path, "new"), std::nullopt);
  EXPECT_EQ(folder.read("file"), "new");
  EXPECT_EQ(mc::write_file(folder.path() + "/a/b/c", ""), std::nullopt) << "folders are made";
  folder.write("dir/inner", "");
  EXPECT_TRUE(mc::write_file(folder.path() + "/dir", "x").has_value()) << "a folder is in the way";
  std::size_t entries = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    EXPECT_FALSE(entry.path().filename().string().starts_with(".dir")) << "a temporary file is left";
    ++entries;
  }
  EXPECT_EQ(entries, 4U);  // a, dir, file, scenarios
}

TEST(Files, ReadingIsBounded) {
  EXPECT_EQ(mc::read_file("/dev/zero", 1U << 20U).error().message, "is larger than 1 MiB");
  EXPECT_EQ(mc::read_file("/", 10).error().message, "is a directory");
  EXPECT_EQ(mc::read_file("/nonexistent", 10).error().message, "cannot be read: No such file or directory");
}

TEST(Files, AReaderThatIsGoneIsNobodysMistake) {
  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  mc::Output out(ends[1]);
  out.write("x");
  EXPECT_TRUE(out.failed());
  EXPECT_EQ(out.failure(), "");
  ::close(ends[1]);
}

TEST(Scenarios, StemsAreUnique) {
  EXPECT_EQ(mc::output_stems({"a/x.toml", "b/x.toml", "b/y.toml", "c/b/x.toml"}),
            (std::vector<std::string>{"a-x", "b-x", "y", "b-x-2"}));
}

TEST(Scenarios, PathsBelowTheRootAreShownFromIt) {
  EXPECT_EQ(mc::shown_path("/r/a/../b/x.toml", "/r"), "b/x.toml");
  EXPECT_EQ(mc::shown_path("/other/x.toml", "/r"), "/other/x.toml");
}

}  // namespace
