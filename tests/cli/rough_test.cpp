// Rough places: disks that are full or cannot be written, users who may not, streams that are closed, terminals that
// are tiny, files that may not grow.
#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>

#include "tests/cli/run.hpp"

namespace {

using toy::Folder;
using toy::Ran;

/// A folder that anybody may enter, with a copy of the program that anybody may run.
class OpenFolder : public Folder {
 public:
  OpenFolder() {
    write("one.toml", toy::kBroken);
    ready_ =
        shell("chmod 755 . && cp \"$TOY\" toy && chmod 755 toy && mkdir theirs && chown 65534 theirs").exit_code == 0;
  }
  /// Runs a shell command as a user without rights; $AS runs it.
  [[nodiscard]] Ran as_nobody(const std::string& command) const {
    return shell("AS='setpriv --reuid=65534 --regid=65534 --clear-groups'\n" + command);
  }
  /// False where this test cannot be done.
  [[nodiscard]] bool ready() const {
    return ready_ && ::geteuid() == 0 && as_nobody("$AS ./toy toy --version").exit_code == 0;
  }

 private:
  bool ready_ = false;
};

TEST(Rough, AScenarioThatMayNotBeReadIsABadFile) {
  const OpenFolder folder;
  if (!folder.ready()) GTEST_SKIP() << "cannot become another user here";
  const Ran ran = folder.as_nobody("chmod 600 one.toml; $AS ./toy toy check one.toml");
  EXPECT_EQ(ran.exit_code, 65);
  EXPECT_EQ(ran.err, "toy: one.toml: cannot be read: Permission denied\n");
}

TEST(Rough, AFolderThatMayNotBeWrittenIsSeventyFourBeforeAnythingIsSearched) {
  const OpenFolder folder;
  if (!folder.ready()) GTEST_SKIP() << "cannot become another user here";
  folder.write("endless.toml", toy::kEndless);
  static_cast<void>(folder.as_nobody("mkdir mine; mkdir -p kept/endless; chown 65534 kept"));
  for (const char* command :
       {"check endless.toml --out mine", "check endless.toml --out mine/sub", "check endless.toml --checkpoint mine",
        "check endless.toml --checkpoint kept", "check endless.toml --disk mine", "audit endless.toml --disk mine/sub",
        "results endless.toml --out mine", "release endless.toml --out mine",
        "release endless.toml --out theirs --checkpoint mine", "simulate endless.toml --walks 1000000000 --out mine",
        "safeguards endless.toml --out mine"}) {
    const Ran ran = folder.as_nobody("timeout 20 $AS ./toy toy " + std::string(command));
    EXPECT_EQ(ran.exit_code, 74) << command;
    EXPECT_EQ(ran.out, "") << command;
    EXPECT_NE(ran.err.find("toy: cannot "), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("Permission denied\n"), std::string::npos) << ran.err;
  }
  EXPECT_EQ(folder.as_nobody("cd theirs && $AS ../toy toy check ../one.toml --quiet --out .").exit_code, 10);
}

TEST(Rough, WithoutOutAFolderThatMayNotBeWrittenIsNoMatter) {
  const OpenFolder folder;
  if (!folder.ready()) GTEST_SKIP() << "cannot become another user here";
  const Ran ran = folder.as_nobody("$AS ./toy toy check one.toml --quiet");
  EXPECT_EQ(ran.exit_code, 10);
  EXPECT_EQ(ran.err, "");
}

TEST(Rough, AFolderThatMayNotBeListedIsABadFile) {
  const OpenFolder folder;
  if (!folder.ready()) GTEST_SKIP() << "cannot become another user here";
  const Ran ran = folder.as_nobody("mkdir -m 700 shut; cp one.toml shut; $AS ./toy toy check shut");
  EXPECT_EQ(ran.exit_code, 65);
  EXPECT_NE(ran.err.find("Permission denied"), std::string::npos) << ran.err;
}

TEST(Rough, AReadOnlyDiskIsSeventyFour) {
  const Folder folder;
  folder.write("one.toml", toy::kBroken);
  const Ran ran = folder.shell(
      "mkdir disk && mount -t tmpfs -o ro tmpfs disk 2>/dev/null || exit 99\n"
      "\"$TOY\" toy check one.toml --quiet --out disk; code=$?; umount disk; exit $code");
  if (ran.exit_code == 99) GTEST_SKIP() << "no right to mount here";
  EXPECT_EQ(ran.exit_code, 74);
  EXPECT_NE(ran.err.find("Read-only file system"), std::string::npos) << ran.err;
}

TEST(Rough, ADiskThatIsFullAtTheStartIsSeventyFourAtOnce) {
  const Folder folder;
  folder.write("one.toml", toy::kEndless);
  for (const char* options : {"--out disk", "--out disk/sub", "--checkpoint disk", "--disk disk"}) {
    const Ran ran = folder.shell(
        "mkdir -p disk && mount -t tmpfs -o size=16k tmpfs disk 2>/dev/null || exit 99\n"
        "head -c 100000 /dev/zero >disk/full 2>/dev/null\n"
        "timeout 20 \"$TOY\" toy check one.toml " +
        std::string(options) + "; code=$?; umount disk; exit $code");
    if (ran.exit_code == 99) GTEST_SKIP() << "no right to mount here";
    EXPECT_EQ(ran.exit_code, 74) << options;
    EXPECT_NE(ran.err.find("No space left on device"), std::string::npos) << ran.err;
  }
}

TEST(Rough, ADiskThatIsFullAtTheEndIsSeventyFourAndTheReportIsGiven) {
  const Folder folder;
  folder.write("one.toml", toy::kBroken);
  const Ran ran = folder.shell(
      "mkdir disk && mount -t tmpfs -o size=8k tmpfs disk 2>/dev/null || exit 99\n"
      "\"$TOY\" toy check one.toml --quiet --out disk; code=$?; ls -A disk >left; umount disk; exit $code");
  if (ran.exit_code == 99) GTEST_SKIP() << "no right to mount here";
  EXPECT_EQ(ran.exit_code, 74);
  EXPECT_NE(ran.out.find("violated: M1.exclusive"), std::string::npos) << ran.out;
  EXPECT_NE(ran.err.find("toy: cannot write disk/one."), std::string::npos) << ran.err;
  EXPECT_EQ(folder.read("left").find("one.trace.json"), std::string::npos) << "nothing half-written";
  EXPECT_EQ(folder.read("left").find(".raymc-"), std::string::npos) << "no temporary file is left";
}

TEST(Rough, AFileThatMayNotGrowIsSeventyFourAndNoDeath) {
  const Folder folder;
  folder.write("one.toml", toy::kBroken);
  const Ran ran = folder.shell("ulimit -f 1; \"$TOY\" toy check one.toml --quiet --out out >/dev/null; echo $? >&2");
  EXPECT_NE(ran.err.find("File too large\n"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("\n74\n"), std::string::npos) << ran.err;
  EXPECT_EQ(folder.shell("ls -A out | grep -c raymc-").out, "0\n") << "no temporary file is left";
}

TEST(Rough, ClosedStreamsChangeNothingElse) {
  const Folder folder;
  folder.write("one.toml", toy::kHolds);
  const Ran open = folder.run("check one.toml");
  for (const char* closed : {"2>&-", "<&-", "<&- 2>&-"}) {
    const Ran ran = folder.shell("\"$TOY\" toy check one.toml " + std::string(closed));
    EXPECT_EQ(ran.exit_code, 0) << closed;
    EXPECT_EQ(ran.out, open.out) << closed;
  }
}

TEST(Rough, HeadTakesWhatItWantsAndNothingIsSaid) {
  const Folder folder;
  folder.write("one.toml", toy::kHolds);
  const Ran ran = folder.shell(
      "for i in 1 2 3 4 5 6 7 8; do cp one.toml $i.toml; done\n"
      "{ \"$TOY\" toy check --quiet [1-8].toml --format json; echo $? >code; } | head -n 1");
  EXPECT_EQ(ran.out, "{\n");
  EXPECT_EQ(ran.err, "");
  const std::string code = folder.read("code");
  EXPECT_TRUE(code == "74\n" || code == "0\n") << "0 if all fitted the pipe before head went away: " << code;
}

/// Runs a search under a terminal of so many columns; gives what the terminal saw.
std::string on_terminal(const Folder& folder, int columns, const std::string& environment) {
  folder.write("one.toml", toy::kEndless);
  folder.write("run.sh", "stty cols " + std::to_string(columns) + " rows 4; " + environment +
                             " \"$TOY\" toy check one.toml --time-max 1500ms\n");
  return folder.shell("script -qec 'sh run.sh' /dev/null").out;
}

TEST(Rough, ATinyTerminalSeesNoLineThatWraps) {
  const Folder folder;
  if (folder.shell("command -v script && command -v stty").exit_code != 0) GTEST_SKIP() << "no script, no terminal";
  const std::string seen = on_terminal(folder, 12, "NO_COLOR=1");
  std::size_t lines = 0;
  const std::string begin = "\r\033[2K";
  for (std::size_t at = seen.find(begin); at != std::string::npos; at = seen.find(begin, at + 1)) {
    const std::size_t from = at + begin.size();
    const std::string line = seen.substr(from, seen.find_first_of("\r\n", from) - from);
    if (line.empty() || line.find("one:") != 0 || line.find("states in") != std::string::npos) continue;
    EXPECT_LE(line.size(), 11U) << line;
    ++lines;
  }
  EXPECT_GE(lines, 2U) << seen;
}

TEST(Rough, ATerminalSeesBarsGrowthAndDuplicates) {
  const Folder folder;
  if (folder.shell("command -v script && command -v stty").exit_code != 0) GTEST_SKIP() << "no script, no terminal";
  const std::string seen = on_terminal(folder, 250, "NO_COLOR=1");
  for (const char* words : {"states/s", "% duplicates", "MiB", "level x ", "█"})
    EXPECT_NE(seen.find(words), std::string::npos) << words;
  EXPECT_EQ(seen.find("\033[1;3"), std::string::npos) << "no colours with NO_COLOR";
  EXPECT_NE(on_terminal(folder, 80, "NO_COLOR=").find("\033[1;33m"), std::string::npos) << "colours on a terminal";
}

}  // namespace
