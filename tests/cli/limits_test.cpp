// A machine that gives little: few threads, small stacks, little address space. The report is the same, or the program
// says what it lacks; no signal ends it. More of it, with real scenarios, in tests/program/limits.sh.
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "tests/cli/run.hpp"
#include "tests/support/places.hpp"
#include "tests/support/sanitized.hpp"

namespace {

using toy::Folder;
using toy::Ran;

constexpr std::string_view kMiddle = "question ?\ncells 12\ncheck M1.exclusive\nexpect holds\n";

/// `toy ARGUMENTS` where no more than `most` threads can be started.
Ran with_few_threads(const Folder& folder, int most, const std::string& arguments) {
  return folder.shell("export FEW_THREADS=" + std::to_string(most) + "\nexport LD_PRELOAD='" +
                      raymc::support::few_threads_library() + "'\nexec \"$TOY\" toy " + arguments);
}

TEST(FewThreads, ASearchRunsOnThoseThatThereAreAndSaysSo) {
  if (mc::support::kSanitized) GTEST_SKIP() << "a sanitizer must be loaded first";
  const Folder folder;
  folder.write("one.toml", kMiddle);
  const Ran all = folder.run("check one.toml --threads 8 --quiet --format json");
  ASSERT_EQ(all.exit_code, 0) << all.err;
  for (int most = 0; most <= 7; ++most) {
    const Ran ran = with_few_threads(folder, most, "check one.toml --threads 8 --quiet --format json");
    EXPECT_EQ(ran.exit_code, 0) << most << ran.err;
    EXPECT_EQ(ran.out, all.out) << most;
    const std::string said = "toy: one: runs on " + std::to_string(most + 1) +
                             " of 8 threads: the limit on processes " +
                             "and threads (ulimit -u, pids.max) allows no more; the answer is the same\n";
    EXPECT_EQ(ran.err, most == 7 ? "" : said);
  }
}

TEST(FewThreads, EveryCommandThatSearchesGetsByWithOne) {
  if (mc::support::kSanitized) GTEST_SKIP() << "a sanitizer must be loaded first";
  const Folder folder;
  folder.write("scenarios/seed/one.toml", kMiddle);
  folder.write("scenarios/seed/two.toml", toy::kDefect);
  for (const std::string command :
       {"check scenarios/seed", "simulate scenarios/seed/one.toml --walks 600", "audit scenarios/seed/one.toml",
        "safeguards scenarios/seed", "results scenarios/seed --out table", "release scenarios/seed --out page"}) {
    const Ran all = folder.run(command + " --quiet --threads 6");
    const Ran few = with_few_threads(folder, 0, command + " --quiet --threads 6");
    EXPECT_EQ(few.exit_code, all.exit_code) << command << few.err;
    EXPECT_EQ(few.out, all.out) << command;
    EXPECT_LT(few.exit_code, 64) << command << few.err;
  }
}

TEST(FewThreads, AUserWithFewProcessesGetsTheSameReport) {
  const Folder folder;
  folder.write("one.toml", kMiddle);
  const Ran all = folder.run("check one.toml --threads 8 --quiet --format json");
  // Root is not counted.
  const Ran ran = folder.shell(
      "chmod 755 . && cp \"$TOY\" toy && chmod 755 toy || exit 99\n"
      "AS='setpriv --reuid=65534 --regid=65534 --clear-groups'\n[ \"$(id -u)\" = 0 ] || AS=\n"
      "$AS ./toy toy --version >/dev/null 2>&1 || exit 99\n"
      "$AS prlimit --nproc=3 true 2>/dev/null || exit 99\n"
      "exec $AS prlimit --nproc=3 ./toy toy check one.toml --threads 8 --quiet --format json");
  if (ran.exit_code == 99) GTEST_SKIP() << "cannot be held to a few processes here";
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, all.out);
}

TEST(SmallStack, NoLimitOnStacksChangesAReport) {
  if (mc::support::kSanitized) GTEST_SKIP() << "a sanitizer needs more stack";
  const Folder folder;
  folder.write("one.toml", kMiddle);
  folder.write("two.toml", toy::kBroken);
  const Ran all = folder.run("check one.toml two.toml --threads 3 --quiet --format json");
  for (const char* kibibytes : {"32", "64", "128", "512", "4096", "unlimited"}) {
    const Ran ran = folder.shell(std::string("ulimit -s ") + kibibytes +
                                 "; exec \"$TOY\" toy check one.toml two.toml --threads 3 --quiet --format json");
    EXPECT_EQ(ran.exit_code, all.exit_code) << kibibytes << ran.err;
    EXPECT_EQ(ran.out, all.out) << kibibytes;
  }
}

TEST(LittleAddressSpace, TheReportIsTheSameOrSaysThatMemoryIsLacking) {
  if (mc::support::kSanitized) GTEST_SKIP() << "a sanitizer needs terabytes of address space";
  const Folder folder;
  folder.write("one.toml", kMiddle);
  for (const std::string store : {"exact", "fingerprint"}) {
    const std::string command = "exec \"$TOY\" toy check one.toml --threads 2 --quiet --format json --store " + store;
    const Ran all = folder.shell(command);
    int same = 0;
    for (const std::string limit : {"-v ", "-d "}) {
      for (int mebibytes = 4; mebibytes < 70'000; mebibytes += 1 + mebibytes / 3) {
        const Ran ran = folder.shell("ulimit " + limit + std::to_string(1024 * mebibytes) + "; " + command);
        const std::string where = store + ", ulimit " + limit + std::to_string(mebibytes) + " MiB: " + ran.err;
        if (ran.exit_code == 0) {
          EXPECT_EQ(ran.out, all.out) << where;
          ++same;
          continue;
        }
        EXPECT_LT(mebibytes, 300) << where << ran.out;
        // Below that the system ends the program or its loader before it begins.
        if (folder.shell("ulimit " + limit + std::to_string(1024 * mebibytes) + "; exec \"$TOY\" toy --version")
                .exit_code != 0)
          continue;
        EXPECT_EQ(ran.exit_code, 20) << where;
        EXPECT_NE((ran.out + ran.err).find("out of memory"), std::string::npos) << where;
      }
    }
    EXPECT_GT(same, 30) << store;
  }
}

TEST(LittleAddressSpace, ASearchThatIsTooLargeNamesTheLimit) {
  if (mc::support::kSanitized) GTEST_SKIP() << "a sanitizer needs terabytes of address space";
  const Folder folder;
  folder.write("one.toml", toy::kEndless);
  for (const std::string limit : {"-v 61440", "-d 20480"}) {
    const Ran ran = folder.shell("ulimit " + limit + "; exec \"$TOY\" toy check one.toml --threads 2 --quiet");
    EXPECT_EQ(ran.exit_code, 20) << ran.err;
    const std::string named = limit[1] == 'v' ? "the limit of 60 MiB on address space (ulimit -v)"
                                              : "the limit of 20 MiB on data (ulimit -d)";
    EXPECT_NE(ran.out.find("out of memory: " + named), std::string::npos) << ran.out << ran.err;
  }
}

}  // namespace
