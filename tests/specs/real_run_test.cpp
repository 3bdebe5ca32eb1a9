// What the page of a trace says about running it in Ray.
#include "specs/real_run.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace {

/// A folder with a table of what was executed, removed at the end.
class Root {
 public:
  explicit Root(const std::string& table)
      : path_(::testing::TempDir() + "real_run_" + ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::create_directories(path_ / "results");
    std::ofstream(path_ / "results" / "executed.tsv") << table;
  }
  Root(const Root&) = delete;
  Root& operator=(const Root&) = delete;
  ~Root() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

constexpr const char* kTable =
    "# a comment\nfinding\trelease\ttries\thappened\tseconds\treason\tdate\n"
    "lost\t2.55.1\t2\t2\t30\thappened: a task hangs\t2026-11-30\n"
    "lost\t2.60.0\t1\t0\t9\twent another way at step 3 of 7: refused\n"
    "other\t2.55.1\t1\t1\t9\thappened: another\t2026-11-29\n"
    "lost\tno such columns\n";

TEST(RealRun, NamesTheCommandsAndWhatCameOfThem) {
  const Root root(kTable);
  const mc::RealRun run = raymc::real_run("lost", "specs/scenarios/defects/lost.toml", {}, root.path());
  EXPECT_EQ(run.commands, (std::vector<std::string>{"./raymc check specs/scenarios/defects/lost.toml --out out",
                                                    "./raymc ray conduct out/lost.trace.json",
                                                    "./raymc ray report out/lost.trace.json"}));
  EXPECT_EQ(run.seen,
            (std::vector<std::string>{"Ray 2.55.1, 2026-11-30: in 2 of 2 tries; happened: a task hangs",
                                      "Ray 2.60.0: in 0 of 1 try; went another way at step 3 of 7: refused"}));
}

TEST(RealRun, OfAMissingSafeguardRayIsAskedToStand) {
  const Root root("");
  std::ofstream(root.path() / "results" / "stands.tsv")
      << "safeguard\trelease\tscenario\tacts\ttries\tstood\tseconds\treason\n"
         "fence\t2.55.1\tsplit\t4\t2\t1\t30\tstands at step 4: refused\n";
  const mc::RealRun run = raymc::stands_run({"fence", "lock"}, root.path());
  EXPECT_EQ(run.commands, std::vector<std::string>{"./raymc ray conduct --safeguards --again --only fence,lock"});
  EXPECT_EQ(run.seen, std::vector<std::string>{"Ray 2.55.1: in 1 of 2 tries; stands at step 4: refused"});
}

TEST(RealRun, SaysNothingWhereNothingIsKnown) {
  const Root root(kTable);
  EXPECT_TRUE(raymc::real_run("mine", "mine.toml", {}, root.path()).seen.empty());
  EXPECT_TRUE(raymc::real_run("lost", "lost.toml", {}, root.path() / "nowhere").seen.empty());
}

TEST(RealRun, KeepsTheSettingsOfTheTrace) {
  const mc::RealRun run = raymc::real_run("lost", "lost.toml", {"--set fence=off"}, "/nowhere");
  EXPECT_EQ(run.commands.front(), "./raymc check lost.toml --set fence=off --out out");
}

TEST(RealRun, AShellTakesAHostileNameForAName) {
  EXPECT_EQ(raymc::shell_word("a/b_c-1.toml"), "a/b_c-1.toml");
  EXPECT_EQ(raymc::shell_word(""), "''");
  EXPECT_EQ(raymc::shell_word("a;rm -rf ~"), "'a;rm -rf ~'");
  EXPECT_EQ(raymc::shell_word("it's"), "'it'\\''s'");
  const mc::RealRun run = raymc::real_run("$(x)", "$(y).toml", {}, "/nowhere");
  EXPECT_EQ(run.commands[0], "./raymc check '$(y).toml' --out out");
  EXPECT_EQ(run.commands[1], "./raymc ray conduct 'out/$(x).trace.json'");
}

}  // namespace
