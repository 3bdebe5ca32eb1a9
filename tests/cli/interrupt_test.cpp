// One SIGINT or SIGTERM ends every command within a second, whatever it does at the moment.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>
#include <vector>

#include "tests/cli/run.hpp"
#include "tests/support/sanitized.hpp"

namespace {

using toy::Folder;
using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

/// A command and what holds it up: a pipe that nobody writes into or reads from, a lock, or work without end.
struct Busy {
  const char* name;
  const char* command;  ///< shell text; exec's the program
};

void PrintTo(const Busy& busy, std::ostream* out) {
  *out << busy.name;
}

/// The files that the commands work on.
void furnish(const Folder& folder) {
  folder.write("holds.toml", toy::kHolds);
  folder.write("endless.toml", toy::kEndless);
  folder.write("broken.toml", toy::kBroken);
  folder.write("many/a.toml", toy::kEndless);
  folder.write("many/b.toml", toy::kHolds);
  // A walk that breaks something late, in a world in which the search for a shorter one takes long.
  folder.write("late.toml", "question Late?\nfence off\ncells 24\ncheck M1.exclusive\n");
  ASSERT_EQ(folder.run("check broken.toml --quiet --out out").exit_code, 10);
  ASSERT_EQ(folder.shell("mkfifo pipe.toml pipe.json scenarios/seed/pipe.toml").exit_code, 0);
  for (int i = 0; i < 300; ++i) folder.write("lines/" + std::to_string(i) + ".toml", toy::kHolds);
}

class BusyCommand : public testing::TestWithParam<Busy> {};

TEST_P(BusyCommand, EndsWithinASecondOfOneSignal) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const Folder folder;
    furnish(folder);
    const std::string program = fs::read_symlink("/proc/self/exe").string();
    const std::string text = "cd '" + folder.path() + "'; TOY='" + program + "'; export RAYMC_ROOT='" + folder.path() +
                             "'; mkfifo in; exec 2>err; exec 5<>in; echo $$ >ready; " + GetParam().command;
    const pid_t child = ::fork();
    if (child == 0) {
      // As a shell starts what is in the foreground: nothing ignored.
      std::signal(SIGINT, SIG_DFL);
      ::execl("/bin/sh", "sh", "-c", text.c_str(), nullptr);
      ::_exit(99);
    }
    while (!folder.has("ready")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::this_thread::sleep_for(std::chrono::milliseconds(mc::support::kSanitized ? 2000 : 700));
    ASSERT_EQ(::waitpid(child, nullptr, WNOHANG), 0) << "it is busy: " << folder.read("err");
    const Clock::time_point begin = Clock::now();
    ASSERT_EQ(::kill(child, signal), 0);
    int status = 0;
    // A second, and as much again for a machine that has other things to do.
    while (::waitpid(child, &status, WNOHANG) == 0 && Clock::now() - begin < std::chrono::seconds(2))
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    if (Clock::now() - begin >= std::chrono::seconds(2)) {
      ::kill(child, SIGKILL);
      ::waitpid(child, &status, 0);
      FAIL() << "it goes on after signal " << signal;
    }
    ASSERT_TRUE(WIFEXITED(status)) << "it dies of signal " << WTERMSIG(status);
    // 74 if the reader is what holds it up: the report could not be written.
    EXPECT_TRUE(WEXITSTATUS(status) == 20 ||
                (WEXITSTATUS(status) == 74 && std::string(GetParam().name).find("Reader") != std::string::npos))
        << WEXITSTATUS(status) << " " << folder.read("err");
    EXPECT_EQ(folder.shell("find . -name '*.raymc-*'").out, "") << "nothing half-written is left";
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, BusyCommand,
    testing::Values(
        Busy{"CheckReadingAPipe", "exec $TOY toy check pipe.toml"},
        Busy{"CheckReadingAPipeWithAWriter", "exec 6<>pipe.toml; exec $TOY toy check pipe.toml"},
        Busy{"CheckReadingStdin", "exec $TOY toy check /dev/stdin <in"},
        Busy{"SimulateReadingAPipe", "exec $TOY toy simulate pipe.toml"},
        Busy{"AuditReadingAPipe", "exec $TOY toy audit pipe.toml"},
        Busy{"SafeguardsReadingAPipe", "exec $TOY toy safeguards pipe.toml"},
        Busy{"ReleaseReadingAPipe", "exec $TOY toy release pipe.toml --out new"},
        Busy{"ResultsReadingAPipe", "exec $TOY toy results pipe.toml --out new"},
        Busy{"GraphReadingAPipe", "exec $TOY toy graph pipe.toml"},
        Busy{"ExploreReadingAPipe", "exec $TOY toy explore pipe.toml"},
        Busy{"TraceReadingAPipe", "exec $TOY toy trace pipe.json"},
        Busy{"TraceComparingWithAPipe", "exec $TOY toy trace --diff out/broken.trace.json pipe.json"},
        Busy{"ReplayReadingAPipe", "exec $TOY toy replay pipe.json"},
        Busy{"ExploreAtItsPrompt", "exec $TOY toy explore broken.toml <in >said"},
        Busy{"ExploreJumpingToAPipe", "echo jump pipe.json >&5; exec $TOY toy explore broken.toml <in >said"},
        Busy{"ExploreAfterASave", "echo save walk.json >&5; exec $TOY toy explore broken.toml <in >said"},
        Busy{"Check", "exec $TOY toy check endless.toml >said"},
        Busy{"CheckOnOneThread", "exec $TOY toy check endless.toml --threads 1 >said"},
        Busy{"CheckOfMany", "exec $TOY toy check many --out new >said"},
        Busy{"CheckUnderACheckpoint",
             "exec $TOY toy check endless.toml --checkpoint kept --checkpoint-every 10ms >said"},
        Busy{"CheckOnDisk", "exec $TOY toy check endless.toml --store fingerprint --frontier disk --disk disk >said"},
        Busy{"CheckWaitingForALock",
             "mkdir -p kept/holds; printf 'raymc.folder 1\\n+\"lock\"\\n' >kept/holds/.raymc; "
             "exec 7>kept/holds/lock; flock 7; exec $TOY toy check holds.toml --checkpoint kept "
             ">said"},
        Busy{"CheckWhoseReaderTakesNothing", "exec $TOY toy check lines --format json --quiet >in"},
        Busy{"TraceWhoseReaderTakesNothing", "exec $TOY toy trace out/broken.trace.json --format html >in"},
        Busy{"Simulate", "exec $TOY toy simulate endless.toml --walks 1000000000 >said"},
        Busy{"SimulateALongWalk", "exec $TOY toy simulate endless.toml --depth 1000000 --threads 1 >said"},
        Busy{"Audit", "exec $TOY toy audit endless.toml >said"},
        Busy{"Release", "exec $TOY toy release endless.toml --out new >said"},
        Busy{"Results", "exec $TOY toy results endless.toml --out new >said"}),
    [](const testing::TestParamInfo<Busy>& busy) { return std::string(busy.param.name); });

TEST(Interrupted, TellsWhatItFoundSoFar) {
  const Folder folder;
  folder.write("endless.toml", toy::kEndless);
  const toy::Ran ran = folder.shell("\"$TOY\" toy check endless.toml --out out & sleep 1; kill -TERM $!; wait $!");
  EXPECT_EQ(ran.exit_code, 20);
  EXPECT_NE(ran.out.find("inconclusive: interrupted"), std::string::npos) << ran.out;
  EXPECT_TRUE(folder.has("out/endless.report.json"));
}

}  // namespace
