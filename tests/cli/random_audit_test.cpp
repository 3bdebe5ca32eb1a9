// The command audit over random scenarios: what it counts, what it says of one that fails, and that a scenario which
// ends its process is a finding like any other.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "checker/cli/isolated_jobs.hpp"
#include "tests/cli/run.hpp"

namespace {

using toy::Folder;
using toy::Ran;

TEST(RandomAudit, CountsWhatIsWellAndWhatIsRefused) {
  const Folder folder;
  const Ran ran = folder.run("audit --random 5");
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  EXPECT_TRUE(ran.out.starts_with("# toy 0.0.1, manual r1\nseed\t1\nscenarios\t5\nrefused\t0\n")) << ran.out;
  EXPECT_TRUE(ran.out.ends_with("failed\t0\n")) << ran.out;
  const Ran refused = folder.run("audit --only 9");
  EXPECT_EQ(refused.exit_code, 0);
  EXPECT_TRUE(refused.out.starts_with("# toy 0.0.1, manual r1\nseed\t1\nscenarios\t1\nrefused\t1\n")) << refused.out;
}

TEST(RandomAudit, AFindingIsOneLineWithACommandThatRepeatsItAndASmallScenario) {
  const Folder folder;
  const Ran ran = folder.run("audit --random 40 --seed 2 --threads 1");
  EXPECT_EQ(ran.exit_code, 70);
  const std::string line =
      "scenario 5: audit.ends: ended with code 70: exception: the toy is broken; repeat with: toy audit --seed 2 "
      "--only "
      "5\n";
  EXPECT_TRUE(ran.out.starts_with(line)) << ran.out;
  // Number 5 has two crashes and three cells.
  EXPECT_NE(ran.out.find("crashes 0\ncells 0\nbroken on\n"), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("scenario 21: "), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("scenarios\t40\nrefused\t2\n"), std::string::npos) << ran.out;
  EXPECT_TRUE(ran.out.ends_with("failed\t3\n")) << ran.out;
  EXPECT_EQ(folder.run("audit --random 40 --seed 2 --threads 3").out, ran.out);
  EXPECT_EQ(folder.run("audit --seed 2 --only 5").exit_code, 70);
}

TEST(RandomAudit, WritesTheScenarios) {
  const Folder folder;
  const Ran ran = folder.run("audit --random 2 --seed 3 --out there");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(folder.read("there/random-3-0.toml"), "crashes 0\ncells 3\ncheck M1.exclusive\n");
  EXPECT_TRUE(folder.has("there/random-3-1.toml"));
  EXPECT_EQ(folder.run("audit --out there").exit_code, 64);
  EXPECT_EQ(folder.run("audit --random 2 seed.toml").exit_code, 64);
}

TEST(IsolatedJobs, EveryWayToEndIsAResultAndResultsComeInOrder) {
  const auto job = [](std::uint64_t number) -> std::string {
    if (number == 12) _exit(3);
    if (number == 13) std::abort();
    if (number == 40) throw std::runtime_error("no");
    return std::string(number * 1000, 'x');
  };
  std::vector<mc::JobEnd> ends;
  mc::run_isolated(
      10, 60, 3, job, [&](const mc::JobEnd& end) { ends.push_back(end); }, nullptr);
  ASSERT_EQ(ends.size(), 60U);
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const std::uint64_t number = 10 + i;
    EXPECT_EQ(ends[i].number, number);
    const bool dies = number == 12 || number == 13 || number == 40;
    EXPECT_EQ(ends[i].died, dies);
    EXPECT_EQ(ends[i].text.size() == number * 1000, !dies);
  }
  EXPECT_EQ(ends[2].text, "ended with code 3");
  EXPECT_EQ(ends[3].text, "ended by signal 6");
  EXPECT_EQ(ends[30].text, "ended with code 70: exception: no");
}

}  // namespace
