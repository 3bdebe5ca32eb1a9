// Runs that are killed, refused, filled up and damaged: what a checkpoint is worth.
#include "checker/report/checkpoint.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/cli/run.hpp"
#include "tests/support/sanitized.hpp"

namespace {

using toy::Folder;
using toy::Ran;
namespace fs = std::filesystem;

// Some seconds of search in levels that are done in a tenth of one; the violation of M3 never comes.
constexpr std::string_view kLong = "question Is it long?\ncells 15\ncrashes 2\ncheck M1.exclusive\ncheck M3.is_taken\n";

/// Runs in the folder until the search is over, killed again and again by `kill_after`; gives how often it was killed.
int run_with_kills(const Folder& folder, const std::string& name, std::mt19937& random, int kills) {
  int killed = 0;
  for (int i = 0; i < kills; ++i) {
    const int milliseconds = static_cast<int>(random() % 400) + 5;
    const std::string threads = std::to_string(1 + random() % 3);
    const std::string store = "exact";
    const Ran ran = folder.shell("timeout -s KILL 0." + std::string(milliseconds < 100 ? "0" : "") +
                                 std::to_string(milliseconds < 10 ? 10 : milliseconds) + " \"$TOY\" toy check " + name +
                                 " --checkpoint kept --resume --checkpoint-every 1ms --threads " + threads +
                                 " --store " + store + " --format json");
    EXPECT_NE(ran.exit_code, 65) << ran.err << "what a killed process leaves is never refused";
    EXPECT_NE(ran.exit_code, 70) << ran.err;
    if (ran.exit_code == 137 || ran.exit_code == 128 + 9) ++killed;
    if (ran.exit_code == 0) break;
  }
  return killed;
}

TEST(Checkpoint, KilledFiftyTimesItEndsInTheSameReport) {
  const Folder folder;
  folder.write("long.toml", kLong);
  const Ran whole = folder.run("check long.toml --format json");
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  std::mt19937 random(20);
  int killed = 0;
  const int wanted = mc::support::kSanitized ? 5 : 50;
  // Each round is one search from its beginning to its end, however many processes that takes.
  for (int round = 0; killed < wanted && round < 200; ++round) {
    killed += run_with_kills(folder, "long.toml", random, wanted - killed);
    const Ran ended = folder.run("check long.toml --checkpoint kept --resume --format json");
    ASSERT_EQ(ended.exit_code, 0) << ended.err;
    ASSERT_EQ(ended.out, whole.out) << "after " << killed << " kills";
    fs::remove_all(fs::path(folder.path()) / "kept");
  }
  EXPECT_GE(killed, wanted);
}

TEST(Checkpoint, InterruptedAndTakenUpAgainOnOtherThreads) {
  for (const char* signal : {"INT", "TERM"}) {
    const Folder folder;
    folder.write("long.toml", std::string(kLong) + "cells 17\n");
    const Ran whole = folder.run("check long.toml");
    const Ran cut =
        folder.shell("\"$TOY\" toy check long.toml --threads 1 --checkpoint kept --checkpoint-every 1h &" +
                     toy::wait_for("kept/long/lock") + "sleep 0.1; kill -" + std::string(signal) + " $!; wait $!");
    EXPECT_EQ(cut.exit_code, 20) << cut.err;
    EXPECT_NE(cut.err.find("the checkpoint is in kept/long; go on with --resume"), std::string::npos) << cut.err;
    const Ran again = folder.run("check long.toml --threads 3 --checkpoint kept --resume");
    EXPECT_EQ(again.exit_code, 0);
    EXPECT_EQ(again.out, whole.out);
    EXPECT_NE(again.err.find("long: goes on at depth "), std::string::npos) << again.err;
  }
}

TEST(Checkpoint, ASuiteGoesOnWhereItStood) {
  const Folder folder;
  folder.write("s/a.toml", toy::kHolds);
  folder.write("s/b.toml", kLong);
  folder.write("s/c.toml", toy::kBroken);
  const Ran whole = folder.run("check s --format json");
  static_cast<void>(folder.shell("timeout -s KILL 0.5 \"$TOY\" toy check s --checkpoint kept --checkpoint-every 1ms"));
  EXPECT_TRUE(folder.has("kept/a/answer.json"));
  const Ran again = folder.run("check s --checkpoint kept --resume --format json");
  EXPECT_EQ(again.exit_code, 10);
  EXPECT_EQ(again.out, whole.out);
  EXPECT_EQ(folder.run("check s --checkpoint kept --resume --format json").out, whole.out) << "all from kept answers";
}

/// A folder with a checkpoint of a search that was cut by a limit on time.
void cut(const Folder& folder) {
  folder.write("long.toml", std::string(kLong) + "cells 20\n");
  const Ran ran = folder.run("check long.toml --checkpoint kept --checkpoint-every 1ms --time-max 300ms");
  EXPECT_EQ(ran.exit_code, 20) << ran.err;
  ASSERT_TRUE(folder.has("kept/long/manifest"));
}

TEST(Checkpoint, IsNotOverwrittenUnasked) {
  const Folder folder;
  cut(folder);
  const Ran ran = folder.run("check long.toml --checkpoint kept");
  EXPECT_EQ(ran.exit_code, 65);
  EXPECT_EQ(ran.err, "toy: kept/long: holds a checkpoint\n  hint: go on with it by --resume, or remove the folder\n");
}

TEST(Checkpoint, OfAnotherSearchIsRefusedWithTheReason) {
  const Folder folder;
  cut(folder);
  const std::string go_on = " --checkpoint kept --resume --time-max 1s";
  const auto refused = [&](const std::string& options, const std::string& reason) {
    const Ran ran = folder.run("check long.toml " + options + go_on);
    EXPECT_EQ(ran.exit_code, 65) << options;
    EXPECT_NE(ran.err.find("is of another search: its " + reason), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find("hint: remove the folder to begin again"), std::string::npos) << ran.err;
    EXPECT_EQ(ran.out.find("holds"), std::string::npos);
  };
  refused("--store fingerprint", "store is exact, and here it is fingerprint");
  refused("--set fence=off", "safeguards is the scenario's own, and here it is fence=off");
  refused("--depth-max 9", "depth_max is none, and here it is 9");
  refused("--symmetry off", "symmetry is on, and here it is off");
  folder.write("long.toml", std::string(kLong) + "cells 20\nimportance 2\n");
  refused("", "scenario text is ");
}

TEST(Checkpoint, ThatIsCorruptIsRefusedWithTheReason) {
  const Folder folder;
  cut(folder);
  const std::string manifest = folder.read("kept/long/manifest");
  const auto refused = [&](const std::string& reason) {
    const Ran ran = folder.run("check long.toml --checkpoint kept --resume --time-max 1s");
    EXPECT_EQ(ran.exit_code, 65);
    EXPECT_NE(ran.err.find(reason), std::string::npos) << ran.err;
  };
  folder.write("kept/long/manifest", manifest.substr(0, manifest.size() / 2));
  refused("kept/long/manifest: is corrupt: its checksum is wrong");
  folder.write("kept/long/manifest", "raymc.checkpoint 9 0123456789abcdef\n{}\n");
  refused("kept/long/manifest: has version 9, and this program reads version 1");
  folder.write("kept/long/manifest", "");
  refused("kept/long/manifest: is no manifest of a checkpoint");
  folder.write("kept/long/manifest", manifest);
  std::string segment = folder.read("kept/long/segment-000001.zst");
  ASSERT_FALSE(segment.empty());
  segment[segment.size() / 2] = static_cast<char>(segment[segment.size() / 2] ^ 1);
  folder.write("kept/long/segment-000001.zst", segment);
  refused("kept/long/segment-000001.zst: is corrupt: its checksum is wrong");
  fs::remove(fs::path(folder.path()) / "kept/long/segment-000001.zst");
  refused("kept/long/segment-000001.zst: cannot be read: No such file or directory");
}

TEST(Checkpoint, AnAnswerThatIsCorruptIsRefusedWithTheReason) {
  const Folder folder;
  folder.write("one.toml", toy::kHolds);
  ASSERT_EQ(folder.run("check one.toml --checkpoint kept").exit_code, 0);
  std::string answer = folder.read("kept/one/answer.json");
  const std::size_t at = answer.find("\"states\": 7");
  ASSERT_NE(at, std::string::npos) << answer;
  answer.replace(at, 11, "\"states\": 8");
  folder.write("kept/one/answer.json", answer);
  const Ran ran = folder.run("check one.toml --checkpoint kept --resume");
  EXPECT_EQ(ran.exit_code, 65);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "toy: kept/one/answer.json: is corrupt: its checksum is wrong\n");
}

TEST(Checkpoint, TwoProcessesDoNotWorkInOneFolder) {
  const Folder folder;
  folder.write("one.toml", toy::kEndless);
  const Ran ran =
      folder.shell("\"$TOY\" toy check one.toml --quiet --checkpoint kept >/dev/null 2>&1 & echo $! >first\n" +
                   toy::wait_for("kept/one/lock") +
                   "\"$TOY\" toy check one.toml --checkpoint kept --resume; code=$?; kill $!; wait; exit $code");
  EXPECT_EQ(ran.exit_code, 65);
  std::string first = folder.read("first");
  first.pop_back();
  EXPECT_NE(ran.err.find("toy: one: waits up to 5 s for process " + first + ", which works in kept/one\n"),
            std::string::npos)
      << ran.err;
  EXPECT_NE(
      ran.err.find("toy: kept/one/lock: process " + first + " works in this folder, and did not end within 5 s\n"),
      std::string::npos)
      << ran.err;
}

TEST(Checkpoint, ResumedWhileTheProcessBeforeStillEndsItWaits) {
  const Folder folder;
  folder.write("long.toml", kLong);
  const Ran whole = folder.run("check long.toml --quiet");
  const Ran again = folder.shell(
      "\"$TOY\" toy check long.toml --quiet --checkpoint kept --checkpoint-every 1ms >/dev/null 2>&1 & first=$!\n" +
      toy::wait_for("kept/long/manifest") +
      "kill -STOP $first; { sleep 1.5; kill -KILL $first; } & \"$TOY\" toy check long.toml --checkpoint kept --resume");
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.out, whole.out);
  EXPECT_NE(again.err.find("waits up to 5 s for process "), std::string::npos) << again.err;
}

TEST(Checkpoint, InAFolderOfSomebodyElseIsRefusedBeforeAnythingIsSearched) {
  const Folder folder;
  folder.write("a.toml", toy::kEndless);
  folder.write("b.toml", toy::kHolds);
  folder.write("kept/b/letter", "x");
  const Ran ran = folder.run("check a.toml b.toml --checkpoint kept");
  EXPECT_EQ(ran.exit_code, 74);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err,
            "toy: cannot write kept/b: it holds letter, which raymc did not write\n  hint: choose another folder\n");
  EXPECT_FALSE(folder.has("kept/a"));
}

TEST(Checkpoint, WithoutAMarkNoFileIsTakenForOurs) {
  const Folder folder;
  folder.write("one.toml", toy::kHolds);
  ASSERT_EQ(folder.run("check one.toml --checkpoint kept").exit_code, 0);
  ASSERT_EQ(folder.shell("rm kept/one/.raymc").exit_code, 0);
  EXPECT_EQ(folder.run("check one.toml --checkpoint kept --resume").exit_code, 74);
  EXPECT_TRUE(folder.has("kept/one/answer.json"));
  // A file of somebody else, called as ours are, that begins as every zstd file does; and one that is empty.
  folder.write("foreign/one/segment-000007.zst", "\x28\xb5\x2f\xfdmine");
  folder.write("empty/one/lock", "");
  for (const std::string where : {"foreign", "empty"}) {
    EXPECT_EQ(folder.run("check one.toml --checkpoint " + where).exit_code, 74) << where;
  }
  EXPECT_EQ(folder.read("foreign/one/segment-000007.zst"), "\x28\xb5\x2f\xfdmine");
  EXPECT_EQ(folder.read("empty/one/lock"), "");
}

TEST(Checkpoint, AFullDiskLosesNothingButTheCheckpoint) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can mount a small disk";
  const Folder folder;
  folder.write("long.toml", kLong);
  const Ran whole = folder.run("check long.toml");
  const Ran ran = folder.shell(
      "mkdir small && mount -t tmpfs -o size=16k tmpfs small 2>/dev/null || exit 99\n"
      "\"$TOY\" toy check long.toml --checkpoint small --checkpoint-every 1ms; code=$?; umount small; exit $code");
  if (ran.exit_code == 99) GTEST_SKIP() << "no right to mount here";
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out, whole.out);
  EXPECT_NE(ran.err.find("toy: long: no checkpoint: cannot write small/long/"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("No space left on device; the search goes on"), std::string::npos) << ran.err;
}

TEST(Checkpoint, AFolderThatCannotBeMadeIsSaidAtOnce) {
  const Folder folder;
  folder.write("one.toml", toy::kHolds);
  folder.write("file", "");
  const Ran ran = folder.run("check one.toml --checkpoint file/kept");
  EXPECT_EQ(ran.exit_code, 74);
  EXPECT_EQ(ran.err, "toy: cannot create file/kept: Not a directory\n");
}

TEST(Memory, AFrontierOnDiskGivesTheSameReport) {
  const Folder folder;
  folder.write("long.toml", kLong);
  const Ran whole = folder.run("check long.toml --store fingerprint");
  static_cast<void>(folder.shell("mkdir disk"));
  const Ran disk = folder.run("check long.toml --store fingerprint --frontier disk --disk disk --threads 2");
  EXPECT_EQ(disk.out, whole.out);
  EXPECT_EQ(disk.exit_code, 0);
  EXPECT_EQ(folder.shell("ls -A disk").out, "") << "nothing is left";
  const Ran exact = folder.run("check long.toml --frontier disk");
  EXPECT_EQ(exact.exit_code, 64);
  EXPECT_EQ(exact.err, "toy: --frontier disk needs --store fingerprint: the exact store keeps every state in memory\n");
}

TEST(Memory, AQuarterOfWhatItNeedsEndsInconclusiveWithACheckpointThatIsGoneOnWith) {
  const Folder folder;
  folder.write("large.toml", "question Large?\ncells 16\ncheck M1.exclusive\n");
  folder.write("small.toml", toy::kHolds);
  const Ran whole = folder.run("check large.toml --out out");
  ASSERT_EQ(whole.exit_code, 0);
  ASSERT_EQ(folder.run("check small.toml --out out").exit_code, 0);
  const auto peak_of = [&](const std::string& name) {
    return nlohmann::json::parse(folder.read("out/" + name + ".run.json"))["peak_resident_bytes"].get<std::uint64_t>();
  };
  // What the program needs itself is not the search's.
  const std::uint64_t program = peak_of("small");
  const std::string limit = " --memory-max " + std::to_string(program + (peak_of("large") - program) / 4);
  const Ran cut = folder.run("check large.toml --checkpoint kept" + limit);
  EXPECT_EQ(cut.exit_code, 20) << cut.err;
  EXPECT_NE(cut.out.find("inconclusive: the memory limit of "), std::string::npos) << cut.out;
  EXPECT_NE(cut.err.find("toy: memory: at most "), std::string::npos) << cut.err;
  EXPECT_NE(cut.err.find("ends inconclusive, with a checkpoint in kept; of a scenario with promises nothing is kept"),
            std::string::npos)
      << cut.err;
  ASSERT_TRUE(folder.has("kept/large/manifest")) << cut.err;
  const Ran again = folder.run("check large.toml --checkpoint kept --resume");
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(again.out, whole.out);
}

}  // namespace
