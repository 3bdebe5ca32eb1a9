// A run that is killed before each of the steps in which a checkpoint is written, one after the other: the kernel stops
// it at its system calls (ptrace), so that no moment is left to chance.
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/cli/run.hpp"
#include "tests/support/sanitized.hpp"

namespace {

using toy::Folder;
using toy::Ran;
namespace fs = std::filesystem;

// A dozen levels, each of which is a checkpoint.
constexpr std::string_view kShort =
    "question Is it short?\ncells 9\ncrashes 2\ncheck M1.exclusive\ncheck M3.is_taken\n";

/// The system calls by which files are made, filled, brought to the disk, named and removed.
bool changes_files(std::uint64_t number) {
  static const std::set<std::uint64_t> kNumbers{SYS_write,    SYS_fsync,    SYS_fchmod,    SYS_renameat2,
#ifdef SYS_rename
                                                SYS_rename,   SYS_unlink,
#endif
                                                SYS_renameat, SYS_unlinkat, SYS_fdatasync, SYS_ftruncate,
#ifdef SYS_mkdir
                                                SYS_mkdir,
#endif
                                                SYS_pwrite64, SYS_linkat,   SYS_flock};
  return kNumbers.contains(number);
}

struct Stopped {
  bool possible = true;  ///< false: this process may not trace others
  bool killed = false;   ///< false: it ended before
  int exit_code = -1;
};

[[noreturn]] void become_the_program(const Folder& folder) {
  const std::string program = fs::read_symlink("/proc/self/exe").string();
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(99);
  if (::chdir(folder.path().c_str()) != 0 || std::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(98);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the child has one thread
  ::setenv("ASAN_OPTIONS", "detect_leaks=0", 1);  // its search for leaks would trace the process, too
  ::execl(program.c_str(), "cli_tests", "toy", "check", "short.toml", "--checkpoint", "kept", "--checkpoint-every",
          "1ms", "--resume", "--threads", "1", "--quiet", "--format", "json", "--out", "report", nullptr);
  ::_exit(97);
}

/// Runs a search under checkpoints and kills it when its thread is about to do the step of that number.
Stopped killed_before_step(const Folder& folder, int step) {
  const pid_t child = ::fork();
  if (child == 0) become_the_program(folder);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status)) return {WEXITSTATUS(status) != 99, false, WEXITSTATUS(status)};
  ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  int signal = 0;
  while (true) {
    ::ptrace(PTRACE_SYSCALL, child, nullptr, signal);
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status)) return {true, false, WEXITSTATUS(status)};
    if (WIFSIGNALED(status)) return {true, true, -1};
    signal = WSTOPSIG(status) == (SIGTRAP | 0x80) ? 0 : WSTOPSIG(status);
    if (signal != 0) continue;
    __ptrace_syscall_info call{};
    ::ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof call, &call);
    if (call.op != PTRACE_SYSCALL_INFO_ENTRY || !changes_files(call.entry.nr)) continue;
    if (step-- > 0) continue;
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    return {true, true, -1};
  }
}

/// Leaves of what was not renamed yet only a part, as if the kill had come in the middle of the write.
void tear_half_written_files(const Folder& folder) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(fs::path(folder.path()) / "kept" / "short", none)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(".") && name != ".raymc" && entry.file_size() > 1)
      fs::resize_file(entry.path(), entry.file_size() / 2);
  }
}

TEST(Checkpoint, KilledBeforeEachStepOfItsWritingItEndsInTheSameReport) {
  const Folder folder;
  folder.write("short.toml", kShort);
  const Ran whole = folder.run("check short.toml --quiet --format json");
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  std::set<std::string> left;  // the kinds of files that a killed process left behind
  int kills = 0;
  for (int step = 0;; step += mc::support::kSanitized ? 7 : 1) {
    const Stopped stopped = killed_before_step(folder, step);
    if (!stopped.possible) GTEST_SKIP() << "no right to trace a process here";
    if (!stopped.killed) {
      EXPECT_EQ(stopped.exit_code, 0);
      break;
    }
    ++kills;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(fs::path(folder.path()) / "kept" / "short", none))
      left.insert(entry.path().filename().string().substr(0, 5));
    tear_half_written_files(folder);
    const Ran again = folder.run("check short.toml --quiet --format json --checkpoint kept --resume");
    ASSERT_EQ(again.exit_code, 0) << again.err << "after a kill before step " << step;
    ASSERT_EQ(again.out, whole.out) << "after a kill before step " << step;
    ASSERT_EQ(folder.shell("ls -A kept/short").out, ".raymc\nanswer.json\nlock\n") << "nothing else is left";
    fs::remove_all(fs::path(folder.path()) / "kept");
  }
  EXPECT_GE(kills, mc::support::kSanitized ? 3 : 20);
  for (const char* kind : {".segm", "segme", ".mani", "manif", ".answ", "answe"})
    EXPECT_TRUE(left.contains(kind)) << kind;
}

}  // namespace
