// Limits of the machine as the store and the engine see them: address space, control groups, threads, and a limit on
// memory for searches that judge liveness.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "checker/engine/cgroup.hpp"
#include "checker/engine/memory.hpp"
#include "checker/engine/search.hpp"
#include "checker/engine/workers.hpp"
#include "checker/store/address_space.hpp"
#include "checker/store/growing_array.hpp"
#include "tests/support/sanitized.hpp"

namespace mc {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMiB = std::size_t{1} << 20U;

// --- Address space ---

/// Lowers a limit to what is in use and so much more. Only in a process that is about to end.
void leave(__rlimit_resource resource, std::size_t bytes) {
  unsigned long size = 0;
  unsigned long data = 0;
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr || std::fscanf(file, "%lu %*u %*u %*u %*u %lu", &size, &data) != 2) std::exit(90);
  std::fclose(file);
  const rlim_t used = (resource == RLIMIT_AS ? size : data) * 4096;
  const rlimit limit{used + bytes, RLIM_INFINITY};
  if (setrlimit(resource, &limit) != 0) std::exit(91);
}

/// Six arrays that grow in turn, as those of a search do, within 256 MiB. Ends the process: 0 if all got their share.
[[noreturn]] void grow_six(__rlimit_resource resource) {
  leave(resource, 256 * kMiB);
  std::vector<GrowingArray<std::uint64_t>> arrays(6);
  constexpr std::size_t kStep = 100'000;
  for (std::size_t round = 0; round < 45; ++round) {  // up to 34 MiB each
    for (std::size_t a = 0; a < arrays.size(); ++a) {
      arrays[a].extend(kStep);
      for (std::size_t i = round * kStep; i < arrays[a].size(); ++i) {
        if (arrays[a][i] != 0) std::exit(1);
        arrays[a][i] = 6 * i + a;
      }
    }
  }
  for (std::size_t a = 0; a < arrays.size(); ++a) {
    for (std::size_t i = 0; i < arrays[a].size(); ++i) {
      if (arrays[a][i] != 6 * i + a) std::exit(2);
    }
  }
  std::exit(0);
}

class AddressSpaceDeathTest : public testing::Test {
 protected:
  void SetUp() override {
    if (support::kSanitized) GTEST_SKIP() << "a sanitizer needs terabytes of address space";
    GTEST_FLAG_SET(death_test_style, "threadsafe");
  }
};

TEST_F(AddressSpaceDeathTest, SixRegionsShareWhatThereIs) {
  EXPECT_EXIT(grow_six(RLIMIT_AS), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(grow_six(RLIMIT_DATA), testing::ExitedWithCode(0), "");
}

TEST_F(AddressSpaceDeathTest, TheLimitIsSeenAndNamed) {
  const auto look = [](__rlimit_resource resource, const char* name) {
    leave(resource, 64 * kMiB);
    const AddressSpace space = address_space();
    const bool left = space.left > 56 * kMiB && space.left <= 64 * kMiB;
    std::exit(left && words(space).find(name) != std::string::npos ? 0 : 1);
  };
  EXPECT_EXIT(look(RLIMIT_AS, "MiB on address space (ulimit -v)"), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(look(RLIMIT_DATA, "MiB on data (ulimit -d)"), testing::ExitedWithCode(0), "");
}

// --- Control groups ---

/// A folder with what the system would tell of control groups.
class FakeSystem : public testing::Test {
 protected:
  FakeSystem() {
    std::string pattern = (fs::temp_directory_path() / "raymc cgroups XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~FakeSystem() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  [[nodiscard]] CgroupFiles files() const { return {folder_ / "membership", folder_ / "cgroup"}; }
  [[nodiscard]] CgroupRoom room() const { return MemoryGroups(files()).room(); }

  /// One group of version 1 or 2: its limit, what is used, and how much of that is cached.
  void first(const std::string& group, const std::string& limit, std::size_t used, std::size_t cached) const {
    const std::string at = "cgroup/memory/" + group;
    write(at + "memory.limit_in_bytes", limit + "\n");
    write(at + "memory.usage_in_bytes", std::to_string(used) + "\n");
    write(at + "memory.stat", "inactive_file 1\ntotal_inactive_file " + std::to_string(cached) + "\n");
  }
  void second(const std::string& group, const std::string& limit, std::size_t used, std::size_t cached) const {
    const std::string at = "cgroup/" + group;
    write(at + "memory.max", limit + "\n");
    write(at + "memory.current", std::to_string(used) + "\n");
    write(at + "memory.stat", "anon 5\ninactive_file " + std::to_string(cached) + "\nactive_file 7\n");
  }

 private:
  fs::path folder_;
};

constexpr const char* kNoLimitOfVersion1 = "9223372036854771712";

TEST_F(FakeSystem, NothingIsNoLimit) {
  EXPECT_EQ(room().left, kNoLimit);
  write("membership", "0::/\n");
  second("", "max", 10, 0);
  EXPECT_TRUE(MemoryGroups(files()).empty());
  EXPECT_EQ(cgroup_threads_left(files()), kNoLimit);
}

TEST_F(FakeSystem, Version1) {
  write("membership", "9:name=systemd:/\n4:cpu,memory:/jobs/7\n0::/\n");
  first("", kNoLimitOfVersion1, 900, 0);
  first("jobs/", kNoLimitOfVersion1, 800, 0);
  first("jobs/7/", "1000", 700, 100);
  EXPECT_EQ(room().limit, 1000U);
  EXPECT_EQ(room().left, 400U);
}

TEST_F(FakeSystem, TheLeastAlongThePathCountsInBothVersions) {
  write("membership", "4:memory:/jobs/7\n");
  first("jobs/", "2000", 1900, 0);
  first("jobs/7/", "1000", 700, 0);
  EXPECT_EQ(room().left, 100U);
  EXPECT_EQ(room().limit, 2000U);
  write("membership", "0::/a/b/c\n");
  second("a/", "5000", 4990, 0);
  second("a/b/", "max", 100, 0);
  second("a/b/c/", "3000", 100, 0);
  EXPECT_EQ(room().left, 10U);
}

TEST_F(FakeSystem, MemoryHighIsALimit) {
  write("membership", "0::/a\n");
  second("a/", "max", 300, 50);
  write("cgroup/a/memory.high", "400\n");
  EXPECT_EQ(room().limit, 400U);
  EXPECT_EQ(room().left, 150U);
}

TEST_F(FakeSystem, InAContainerTheRootIsTheGroup) {
  // The path is the host's, which cannot be seen from here.
  write("membership", "4:memory:/docker/0123\n0::/../../docker/0123\n");
  first("", "640", 40, 0);
  EXPECT_EQ(room().left, 600U);
  write("membership", "0::/../../docker/0123\n");
  second("", "512", 500, 0);
  EXPECT_EQ(room().left, 12U);
}

TEST_F(FakeSystem, VersionsSideBySide) {
  write("membership", "4:memory:/\n0::/init\n");
  first("", "640", 40, 0);
  second("unified/init/", "100", 99, 0);
  EXPECT_EQ(room().left, 1U);
}

TEST_F(FakeSystem, MoreUsedThanAllowedLeavesNothing) {
  write("membership", "0::/\n");
  second("", "100", 150, 0);
  EXPECT_EQ(room().left, 0U);
}

TEST_F(FakeSystem, FilesThatMakeNoSenseAreNoLimit) {
  write("membership", "nonsense\n::\n4:memory\n0::/a\n");
  write("cgroup/a/memory.max", "many\n");
  EXPECT_EQ(room().left, kNoLimit);
}

TEST_F(FakeSystem, ThreadsAreLimitedToo) {
  write("membership", "8:pids:/jobs\n");
  write("cgroup/pids/pids.max", "100\n");
  write("cgroup/pids/pids.current", "98\n");
  write("cgroup/pids/jobs/pids.max", "8\n");
  write("cgroup/pids/jobs/pids.current", "3\n");
  EXPECT_EQ(cgroup_threads_left(files()), 2U);
  write("cgroup/pids/pids.max", "max\n");
  EXPECT_EQ(cgroup_threads_left(files()), 5U);
  write("membership", "0::/x\n");
  write("cgroup/x/pids.max", "4\n");
  write("cgroup/x/pids.current", "4\n");
  EXPECT_EQ(cgroup_threads_left(files()), 0U);
}

// --- Threads ---

TEST(WorkersTest, AsManyAsAreWanted) {
  std::string said;
  const auto notice = [&](const std::string& what) { said += what; };
  EXPECT_EQ(Workers(3, notice).threads(), 3U);
  EXPECT_EQ(Workers(1, notice).threads(), 1U);
  EXPECT_EQ(said, "");
  EXPECT_EQ(threads_possible(2), 2U);
}

// --- Memory, with liveness ---

/// Bits that are flipped in any order: few states beside so many transitions.
struct Bits {
  using State = std::uint32_t;
  struct Action {
    std::uint8_t bit = 0;
    friend bool operator==(const Action&, const Action&) = default;
  };
  std::uint8_t count = 17;

  [[nodiscard]] std::vector<State> initial_states() const { return {0}; }
  void enabled(const State& /*state*/, std::vector<Action>& actions) const {
    for (std::uint8_t bit = 0; bit < count; ++bit) actions.push_back({bit});
  }
  [[nodiscard]] State apply(const State& state, const Action& action) const { return state ^ (1U << action.bit); }
  void encode(const State& state, ByteSink& out) const {
    out.bits(state, 32);
    out.finish();
  }
  [[nodiscard]] State decode(ByteSource& in) const { return in.bits(32); }
};

const std::vector<Property<Bits>>& all_set_at_last() {
  static const std::vector<Property<Bits>> properties{
      {.id = "B1.all_set",
       .kind = PropertyKind::kEventually,
       .claim = "all bits are set at last",
       .holds = [](const Bits& model, const std::uint32_t& state) { return state + 1 == 1U << model.count; }},
      {.id = "B2.can_be_set",
       .kind = PropertyKind::kPossible,
       .claim = "all bits can be set",
       .holds = [](const Bits& model, const std::uint32_t& state) { return state + 1 == 1U << model.count; }}};
  return properties;
}

/// Largest resident set of this program, without what the process was before it.
std::size_t high_water() {
  std::ifstream status("/proc/self/status");
  std::string key;
  for (std::size_t kib = 0; status >> key;) {
    if (key == "VmHWM:" && status >> kib) return kib * 1024;
  }
  return 0;
}

/// What the search takes, above what the process has when it begins; through a file, for it is measured in another
/// process.
[[noreturn]] void measure(const fs::path& file) {
  const std::size_t before = high_water();
  Options options;
  options.threads = 2;
  const auto report = search(Bits{}, all_set_at_last(), options);
  std::ofstream(file) << before << " " << high_water();
  std::exit(report.verdict.outcome == Outcome::kViolated ? 0 : 1);
}

/// Ends with 0 if the search ends inconclusive, with its reason, within the limit.
[[noreturn]] void stay_within(std::size_t limit) {
  Options options;
  options.threads = 2;
  options.limits.memory_max_bytes = limit;
  const auto report = search(Bits{}, all_set_at_last(), options);
  const std::string reason = "the memory limit of " + std::to_string(limit) + " bytes was hit; memory also holds every";
  std::fprintf(stderr, "%zu of %zu: %s\n", high_water(), limit, report.verdict.reason.c_str());
  const bool said = report.verdict.outcome == Outcome::kInconclusive && report.verdict.reason.starts_with(reason);
  // What two threads take for their stacks and arenas between two looks at the limit is not the search's.
  std::exit(said && high_water() <= limit + 4 * kMiB ? 0 : 1);
}

TEST(LivenessMemoryDeathTest, StaysWithinEveryLimitAndSaysWhyItEnds) {
  if (support::kSanitized) GTEST_SKIP() << "a sanitizer takes more than the search";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  // Every process that such a test starts begins at the top of it, and must find what the first one measured.
  constexpr const char* kFolder = "RAYMC_MEASURED_IN";
  if (std::getenv(kFolder) == nullptr) {
    std::string pattern = (fs::temp_directory_path() / "raymc memory XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    ::setenv(kFolder, pattern.c_str(), 1);
  }
  const fs::path folder = std::getenv(kFolder);
  EXPECT_EXIT(measure(folder / "measured"), testing::ExitedWithCode(0), "");
  std::size_t before = 0;
  std::size_t wants = 0;
  std::ifstream(folder / "measured") >> before >> wants;
  ASSERT_GT(wants, before + 16 * kMiB) << "else there is nothing to limit";
  for (const std::size_t eighths : {3U, 5U, 6U}) {
    EXPECT_EXIT(stay_within(before + (wants - before) * eighths / 8), testing::ExitedWithCode(0), "");
  }
  fs::remove_all(folder);
  ::unsetenv(kFolder);
}

}  // namespace
}  // namespace mc
