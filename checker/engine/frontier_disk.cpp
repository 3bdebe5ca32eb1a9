#include "checker/engine/frontier_disk.hpp"

#include "checker/store/level_states.hpp"

namespace mc {

bool FrontierDisk::wanted(const VisitedSet& visited) const {
  const std::optional<std::uint64_t> bytes = visited.last_level_bytes();
  if (!bytes || options_.disk.empty()) return false;
  if (options_.frontier == FrontierPlace::kDisk) return true;
  if (options_.frontier == FrontierPlace::kMemory || !options_.limits.memory_max_bytes) return false;
  return *bytes > *options_.limits.memory_max_bytes / 8;
}

const SpilledLevel* FrontierDisk::begin_level(const Frontier& level, VisitedSet& visited) {
  if (level_ && level_->depth == level.depth) return on_ ? &levels_[present_] : nullptr;
  if (on_) {
    const auto made = [&](std::uint64_t begin, std::uint64_t end, std::vector<std::byte>& states) {
      remake_(*level_, levels_[present_], level, begin, end, states);
    };
    tell(levels_[1 - present_].write(level.size(), made, options_.disk));
    levels_[present_].forget();
    present_ = 1 - present_;
  } else if (wanted(visited)) {
    const LevelStates known(level, visited, nullptr);
    const auto copied = [&](std::uint64_t begin, std::uint64_t end, std::vector<std::byte>& states) {
      known.for_each(begin, end, [&](std::uint64_t /*rank*/, auto encoding) { append_state(encoding, states); });
    };
    tell(levels_[present_].write(level.size(), copied, options_.disk));
    visited.forget_encodings();
    on_ = true;
  }
  level_ = level;
  return on_ ? &levels_[present_] : nullptr;
}

void FrontierDisk::tell(const std::optional<std::string>& failure) {
  if (!failure || told_) return;
  if (options_.notice) options_.notice(*failure + "; it stays in memory, packed");
  told_ = true;
}

}  // namespace mc
