// The states found in the present level, in the order of their arrival: each with its link, in memory that all threads
// share and every thread takes in blocks of its own. Used by the stores.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "checker/store/link.hpp"
#include "checker/store/region.hpp"

namespace mc {

/// Place of an open state, in units of 8 bytes from the beginning of the area.
using OpenPlace = std::uint32_t;

/// Memory that one thread takes entries from.
struct OpenBlock {
  std::uint64_t next = 0;
  std::uint64_t end = 0;
};

/// Entries of a link, a length and the bytes of an encoding. `add`, `take_back` and everything on entries is
/// thread-safe within a level.
class OpenArea {
 public:
  /// Adds an entry from the thread's block, or from a new one if it is used up. Empty if the area would then have more
  /// than `limit` units.
  [[nodiscard]] std::optional<OpenPlace> add(OpenBlock& block, Link link, std::span<const std::byte> encoding) {
    const std::uint64_t units = units_of(encoding.size());
    if (block.end - block.next < units && !refill(block, units)) return std::nullopt;
    const auto place = static_cast<OpenPlace>(block.next);
    block.next += units;
    std::byte* const entry = at(place);
    const std::uint64_t word = link.word();
    std::memcpy(entry, &word, sizeof word);
    const auto length = static_cast<std::uint16_t>(encoding.size());
    std::memcpy(entry + kLengthAt, &length, sizeof length);
    if (!encoding.empty()) std::memcpy(entry + kBytesAt, encoding.data(), encoding.size());
    return place;
  }
  /// Undoes the thread's last `add`, which nobody else has seen.
  static void take_back(OpenBlock& block, OpenPlace place) { block.next = place; }

  [[nodiscard]] std::span<const std::byte> encoding(OpenPlace place) const {
    const std::byte* const entry = at(place);
    std::uint16_t length = 0;
    std::memcpy(&length, entry + kLengthAt, sizeof length);
    return {entry + kBytesAt, length};
  }
  /// The word of the entry's link, or what the store has put in its place.
  [[nodiscard]] std::atomic_ref<std::uint64_t> link_word(OpenPlace place) const {
    return std::atomic_ref<std::uint64_t>(*reinterpret_cast<std::uint64_t*>(at(place)));
  }
  /// Gives the entry this link if it is the smaller one; true if it was. Relaxed: the barrier of the level comes before
  /// anybody reads the link for good.
  bool lower(OpenPlace place, Link link) const {
    const std::atomic_ref<std::uint64_t> word = link_word(place);
    std::uint64_t held = word.load(std::memory_order_relaxed);
    while (link.word() < held) {
      if (word.compare_exchange_weak(held, link.word(), std::memory_order_relaxed)) return true;
    }
    return false;
  }
  void prefetch(OpenPlace place) const { __builtin_prefetch(at(place)); }

  /// Of all entries so far, holes at the ends of blocks included.
  [[nodiscard]] std::uint64_t units() const { return next_.load(std::memory_order_relaxed); }
  /// What a thread may take at most for one entry.
  [[nodiscard]] static std::uint64_t units_with_block(std::size_t length) { return kBlockUnits + units_of(length); }
  [[nodiscard]] static std::uint64_t units_of(std::size_t length) { return (kBytesAt + length + kUnit - 1) / kUnit; }
  /// The area may grow to `most` units. Under a limit on address space it makes room for `wanted` of them, or for as
  /// many as the system gives. Between levels, or while every other thread waits.
  void set_limit(std::uint64_t most, std::uint64_t wanted) {
    constexpr std::uint64_t kLeastGain = 8 * kBlockUnits;
    const std::uint64_t reserved = memory_.reserved() / kUnit;
    for (wanted = std::min(wanted, most); wanted > reserved && !memory_.reserve(wanted * kUnit);) {
      if (wanted < reserved + kLeastGain) break;
      wanted = reserved + (wanted - reserved) / 2;
    }
    limit_ = std::min<std::uint64_t>(most, memory_.reserved() / kUnit);
  }
  /// True if so many threads can each take one more block, and an encoding of that length from it.
  [[nodiscard]] bool has_room(std::uint64_t threads, std::size_t length) const {
    return units() + threads * units_with_block(length) <= limit_;
  }
  [[nodiscard]] std::uint64_t bytes() const { return units() * kUnit; }

  /// Gives the memory of all entries back, whose contents nobody needs any more; `clear` must follow.
  void release() {
    memory_.release(0, std::max(touched_, bytes()));
    touched_ = 0;
    released_ = true;
  }
  /// Forgets all entries, between levels; every block must be forgotten, too. Gives memory back that the level before
  /// needed and the coming one, of about `bytes`, hardly will.
  void clear(std::uint64_t bytes) {
    if (!released_) touched_ = std::max(touched_, this->bytes());
    released_ = false;
    if (touched_ > bytes + kKeepBytes) {
      memory_.release(bytes, touched_);
      touched_ = bytes;
    }
    memory_.announce(std::min<std::uint64_t>(bytes, memory_.reserved()));
    next_.store(0, std::memory_order_relaxed);
  }

 private:
  static constexpr std::size_t kUnit = 8;
  static constexpr std::size_t kLengthAt = 8;
  static constexpr std::size_t kBytesAt = 10;
  static constexpr std::uint64_t kBlockUnits = 4096;
  static constexpr std::uint64_t kKeepBytes = std::uint64_t{4} << 20U;

  [[nodiscard]] std::byte* at(OpenPlace place) const { return memory_.data() + std::size_t{place} * kUnit; }
  [[nodiscard]] bool refill(OpenBlock& block, std::uint64_t units) {
    const std::uint64_t wanted = std::max(units, kBlockUnits);
    // Relaxed: the counter only hands out places; entries are published by the table.
    const std::uint64_t first = next_.fetch_add(wanted, std::memory_order_relaxed);
    if (first + wanted > limit_) {
      next_.fetch_sub(wanted, std::memory_order_relaxed);
      return false;
    }
    block = {first, first + wanted};
    return true;
  }

  Region memory_;
  std::atomic<std::uint64_t> next_ = 0;
  std::uint64_t limit_ = 0;    // units
  std::uint64_t touched_ = 0;  // bytes that may be backed by pages
  bool released_ = false;
};

}  // namespace mc
