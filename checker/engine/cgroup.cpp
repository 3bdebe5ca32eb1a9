#include "checker/engine/cgroup.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <string_view>

#include "checker/store/address_space.hpp"

namespace mc {
namespace {

namespace fs = std::filesystem;

// Version 1 writes a number near 2^63 where there is no limit.
constexpr std::size_t kNoLimitFrom = std::size_t{1} << 62U;

/// The number in a small file; nothing if there is none, or "max".
std::optional<std::size_t> number_in(const fs::path& path) {
  std::ifstream file(path);
  std::size_t number = 0;
  if (!(file >> number)) return std::nullopt;
  return number;
}

std::size_t limit_in(const fs::path& path) {
  const std::size_t limit = number_in(path).value_or(kNoLimit);
  return limit >= kNoLimitFrom ? kNoLimit : limit;
}

/// The number behind `key` in a file of lines "key number"; 0 if it is not there.
std::size_t number_of(const std::string& key, const fs::path& path) {
  std::ifstream file(path);
  std::string name;
  for (std::size_t number = 0; file >> name >> number;) {
    if (name == key) return number;
  }
  return 0;
}

/// True if `controller` is in a list like "cpu,cpuacct".
bool names(std::string_view list, std::string_view controller) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    if (list.substr(0, end) == controller) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

/// The folders of the process's group and of those around it, as far as they can be seen from here. In a container the
/// path may be that of the host, of which only the last folder is there: it is the root.
void add_folders(const fs::path& mounted, const std::string& path, std::vector<fs::path>& folders) {
  if (path.find("..") == std::string::npos) {
    for (fs::path part = fs::path(path).relative_path(); !part.empty(); part = part.parent_path())
      folders.push_back(mounted / part);
  }
  folders.push_back(mounted);
}

/// The folders that can limit what `controller` counts, by version.
struct Folders {
  std::vector<fs::path> first;
  std::vector<fs::path> second;
};

Folders folders_of(const CgroupFiles& files, std::string_view controller) {
  Folders folders;
  std::ifstream membership(files.membership);
  for (std::string line; std::getline(membership, line);) {
    const std::size_t list = line.find(':');
    const std::size_t path = list == std::string::npos ? list : line.find(':', list + 1);
    if (path == std::string::npos) continue;
    const std::string controllers = line.substr(list + 1, path - list - 1);
    if (controllers.empty()) {
      add_folders(files.root, line.substr(path + 1), folders.second);
      add_folders(files.root / "unified", line.substr(path + 1), folders.second);
    } else if (names(controllers, controller)) {
      add_folders(files.root / controller, line.substr(path + 1), folders.first);
    }
  }
  return folders;
}

}  // namespace

MemoryGroups::MemoryGroups(const CgroupFiles& files) {
  const Folders folders = folders_of(files, "memory");
  std::vector<Group> found;
  for (const fs::path& folder : folders.first) {
    found.push_back({folder / "memory.limit_in_bytes",
                     {},
                     folder / "memory.usage_in_bytes",
                     folder / "memory.stat",
                     "total_inactive_file"});
  }
  for (const fs::path& folder : folders.second) {
    found.push_back({folder / "memory.max", folder / "memory.high", folder / "memory.current", folder / "memory.stat",
                     "inactive_file"});
  }
  for (const Group& group : found) {
    if (limit_in(group.limit) != kNoLimit || (!group.high.empty() && limit_in(group.high) != kNoLimit))
      groups_.push_back(group);
  }
}

CgroupRoom MemoryGroups::Group::room() const {
  const std::size_t most = std::min(limit_in(limit), high.empty() ? kNoLimit : limit_in(high));
  if (most == kNoLimit) return {kNoLimit, kNoLimit};
  const std::size_t all = number_in(used).value_or(0);
  const std::size_t taken = all - std::min(all, number_of(cached, statistics));
  return {most, most - std::min(most, taken)};
}

CgroupRoom MemoryGroups::room() const {
  CgroupRoom least{kNoLimit, kNoLimit};
  for (const Group& group : groups_) {
    const CgroupRoom room = group.room();
    if (room.left < least.left) least = room;
  }
  return least;
}

const MemoryGroups& memory_groups() {
  static const MemoryGroups groups;
  return groups;
}

std::size_t cgroup_threads_left(const CgroupFiles& files) {
  Folders folders = folders_of(files, "pids");
  folders.first.insert(folders.first.end(), folders.second.begin(), folders.second.end());
  std::size_t left = kNoLimit;
  for (const fs::path& folder : folders.first) {
    const std::size_t most = limit_in(folder / "pids.max");
    if (most == kNoLimit) continue;
    left = std::min(left, most - std::min(most, number_in(folder / "pids.current").value_or(0)));
  }
  return left;
}

}  // namespace mc
