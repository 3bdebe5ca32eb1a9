// The table of what was found in Ray: which scenarios are in it, how each stands, and what came of it in a stock Ray.
#include "specs/findings.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "specs/properties/catalogue.hpp"
#include "specs/shrink.hpp"
#include "tests/support/places.hpp"

namespace raymc {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHead =
    "schema = 1\nquestion = \"Does it leak?\"\nthreads = [\"C1\", \"#65938\"]\n[shape]\nnodes = 1\n[[shape.task]]\nid "
    "= "
    "\"t1\"\n[check]\nproperties = [\"I3.resources_conserved\"]\n";
constexpr const char* kFinding =
    "[finding]\nstatus = \"conditional\"\nlikelihood = \"narrow\"\nneeds = \"a worker that dies\"\n";
constexpr const char* kViolated = "[expect]\noutcome = \"violated\"\ntrace_length = 9\n";

mc::Result<Scenario> read(const std::string& text) {
  return parse_scenario(text, "leak.toml", all_properties());
}

/// A project with two scenarios, one of them judged.
class Root {
 public:
  Root() : path_(testing::TempDir() + "findings_" + testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(path_);
    write("specs/scenarios/defects/leak.toml", std::string(kHead) + kFinding + kViolated);
    write("specs/scenarios/ci/fine.toml", kHead);
  }
  Root(const Root&) = delete;
  Root& operator=(const Root&) = delete;
  ~Root() { fs::remove_all(path_); }
  [[nodiscard]] const fs::path& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name) << text;
  }
  [[nodiscard]] std::string table() const {
    const auto judged = judged_scenarios(path_, all_properties());
    return judged.ok() ? findings_table(judged.value(), "0123", path_) : judged.error().text();
  }

 private:
  fs::path path_;
};

TEST(Findings, ARowSaysHowItStandsAndWhatCameOfIt) {
  const Root root;
  EXPECT_NE(root.table().find("## In Ray, under a condition\n"), std::string::npos) << root.table();
  EXPECT_NE(root.table().find("| [leak](../specs/scenarios/defects/leak.toml) | Does it leak? | a worker that dies | "
                              "within milliseconds | #65938 | 9 | - | none | not tried |\n"),
            std::string::npos)
      << root.table();
  EXPECT_EQ(root.table().find("fine"), std::string::npos);
  root.write(
      "results/executed.tsv",
      "leak\t2.55.1\t5\t4\t30\thappened: 0 of 1 CPUs\t-\nleak\t2.60.0\t3\t0\t9\twent another way at step 2 of 9: "
      "ended\nleak\tno such columns\n");
  root.write("results/reports/leak/report.md", "");
  EXPECT_NE(root.table().find("| 2.55.1: 4 of 5; 2.60.0: went another way; [report](reports/leak/report.md) |\n"),
            std::string::npos)
      << root.table();
  EXPECT_NE(root.table().find("Findings: 1, of which 1 were made to happen"), std::string::npos);
}

TEST(Findings, ARowNamesTheReleasesByTheModelAndMarksThoseThatWereTried) {
  const Root root;
  root.write("results/releases.tsv", "finding\t2.55\nleak\tviolated 9\tviolated 9\tholds\tholds\tholds\tviolated 8\n");
  EXPECT_NE(root.table().find("| - | 2.55, 2.56, 2.60 | not tried |\n"), std::string::npos) << root.table();
  root.write("results/executed.tsv",
             "leak\t2.55.1\t5\t4\t30\thappened: x\t-\nleak\t2.60.0\t3\t0\t9\twent another way at step 2 of 9\t-\n");
  EXPECT_NE(root.table().find("| - | **2.55**, 2.56, ~~2.60~~ | 2.55.1: 4 of 5;"), std::string::npos) << root.table();
  EXPECT_NE(root.table().find("| leak | 2.60.0 | violated 8 | went another way |\n"), std::string::npos)
      << root.table();
  EXPECT_EQ(root.table().find("| leak | 2.55.1 |"), std::string::npos) << root.table();
  // A release that lacks what the schedule rests on is no difference.
  root.write("results/executed.tsv", "leak\t2.60.0\t1\t0\t0\tnot in this release: it has no such fix\t-\n");
  EXPECT_EQ(root.table().find("Where the model and"), std::string::npos) << root.table();
}

TEST(Findings, AFindingIsAViolationOfRayAsItIs) {
  EXPECT_TRUE(read(std::string(kHead) + kFinding + kViolated).ok());
  const auto without = read(std::string(kHead) + kFinding);
  ASSERT_FALSE(without.ok());
  EXPECT_NE(without.error().text().find("none is expected"), std::string::npos) << without.error().text();
  const auto off =
      read(std::string(kHead) + "[protocol.safeguards]\nfailure_ends_task = false\n" + kFinding + kViolated);
  ASSERT_FALSE(off.ok());
  EXPECT_NE(off.error().text().find("has the safeguard"), std::string::npos) << off.error().text();
  std::string patched = std::string(kHead) + kFinding + kViolated;
  patched.replace(patched.find("conditional"), 11, "patched");
  ASSERT_FALSE(read(patched).ok());
  EXPECT_TRUE(read(std::string(patched).insert(patched.find("[finding]"),
                                               "[protocol.safeguards]\ngrant_checks_worker = true\n"))
                  .ok());
}

TEST(Findings, ARestatedScenarioIsNotTheFinding) {
  const std::string text = restated(std::string(kHead) + kFinding + kViolated, "I3.resources_conserved", 9, {}, "");
  EXPECT_EQ(text.find("[finding]"), std::string::npos) << text;
}

}  // namespace
}  // namespace raymc
