#include "checker/engine/frontier_disk.hpp"

namespace mc {

bool FrontierDisk::wanted(const VisitedSet& visited) const {
  const std::optional<std::uint64_t> bytes = visited.last_level_bytes();
  if (!bytes || options_.disk.empty()) return false;
  if (options_.frontier == FrontierPlace::kDisk) return true;
  if (options_.frontier == FrontierPlace::kMemory || !options_.limits.memory_max_bytes) return false;
  return *bytes > *options_.limits.memory_max_bytes / 8;
}

const SpilledLevel* FrontierDisk::begin_level(const Frontier& frontier, VisitedSet& visited) {
  level_.forget();
  if (!wanted(visited)) return nullptr;
  if (const std::optional<std::string> failure = level_.write(frontier, visited, options_.disk)) {
    if (!told_ && options_.notice) options_.notice(*failure + "; it stays in memory");
    told_ = true;
    return nullptr;
  }
  visited.forget_encodings();
  return &level_;
}

}  // namespace mc
