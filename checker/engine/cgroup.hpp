// Limits that control groups set on this process: version 1, version 2 and both side by side. A group is also held to
// the limits of the groups around it, so that the least along its path counts.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace mc {

/// Where the system tells of control groups. Tests have files of their own.
struct CgroupFiles {
  std::filesystem::path membership = "/proc/self/cgroup";
  std::filesystem::path root = "/sys/fs/cgroup";
};

/// A limit in bytes and what is left below it; the greatest numbers if there is no limit.
struct CgroupRoom {
  std::size_t limit;
  std::size_t left;
};

/// The groups of this process that limit its memory.
class MemoryGroups {
 public:
  /// Finds them. Cost: some small file reads.
  explicit MemoryGroups(const CgroupFiles& files = {});

  /// True if no group limits memory; then `room` costs nothing.
  [[nodiscard]] bool empty() const { return groups_.empty(); }
  /// The limit that leaves the least. Above `memory.high` the kernel all but stops a process, so it counts as a limit.
  /// What files are cached is not counted as used, as far as it can be taken back at once. Thread-safe. Cost: four
  /// small file reads per group that has a limit.
  [[nodiscard]] CgroupRoom room() const;

 private:
  struct Group {
    std::filesystem::path limit;
    std::filesystem::path high;  // in version 2
    std::filesystem::path used;
    std::filesystem::path statistics;
    std::string cached;  // its key in the statistics
    [[nodiscard]] CgroupRoom room() const;
  };
  std::vector<Group> groups_;
};

/// Those of this process, as they were when it was first asked about. Thread-safe.
[[nodiscard]] const MemoryGroups& memory_groups();

/// How many more threads and processes the groups of this process allow; the greatest number if they do not say.
[[nodiscard]] std::size_t cgroup_threads_left(const CgroupFiles& files = {});

}  // namespace mc
