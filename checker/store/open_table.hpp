// The open states of one shard: a growing hash table over the states found in the present level.
// Used by both stores, under the lock of the shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "checker/core/assert.hpp"
#include "checker/core/fingerprint.hpp"
#include "checker/store/link.hpp"
#include "checker/store/record.hpp"

namespace mc {

/// A state found in this level.
struct OpenEntry {
  Fingerprint fingerprint = 0;
  Link link;
  Record record = nullptr;
};

/// Open addressing over entry numbers, with linear probing; at most 5/8 full. Not thread-safe.
class OpenTable {
 public:
  static constexpr std::uint32_t kAbsent = std::numeric_limits<std::uint32_t>::max();

  /// The number of the entry with this fingerprint for which `same(record)` is true, or kAbsent.
  template <class Same>
  [[nodiscard]] std::uint32_t find(Fingerprint fingerprint, Same same) const {
    if (slots_.empty()) return kAbsent;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = fingerprint & mask; slots_[i] != 0; i = (i + 1) & mask) {
      const OpenEntry& entry = entries_[slots_[i] - 1];
      if (entry.fingerprint == fingerprint && same(entry.record)) return slots_[i] - 1;
    }
    return kAbsent;
  }
  /// Adds an entry that `find` does not know and returns its number.
  std::uint32_t add(const OpenEntry& entry) {
    if ((entries_.size() + 1) * 8 > slots_.size() * 5) grow();
    MC_ASSERT(entries_.size() < kAbsent - 1, "a shard holds fewer than 2^32 open states");
    entries_.push_back(entry);
    place(entry.fingerprint, static_cast<std::uint32_t>(entries_.size()));
    return static_cast<std::uint32_t>(entries_.size() - 1);
  }
  [[nodiscard]] OpenEntry& operator[](std::uint32_t number) { return entries_[number]; }
  [[nodiscard]] const OpenEntry& operator[](std::uint32_t number) const { return entries_[number]; }
  [[nodiscard]] const std::vector<OpenEntry>& entries() const { return entries_; }

  /// Forgets all entries. Memory is kept for the next level unless this one used little of it.
  void clear() {
    if (entries_.size() * 16 < slots_.size()) {
      std::vector<std::uint32_t>(slots_.size() / 4).swap(slots_);
      std::vector<OpenEntry>().swap(entries_);
    } else {
      slots_.assign(slots_.size(), 0);
      entries_.clear();
    }
  }

 private:
  void place(Fingerprint fingerprint, std::uint32_t number_plus_one) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = fingerprint & mask;
    while (slots_[i] != 0) i = (i + 1) & mask;
    slots_[i] = number_plus_one;
  }
  void grow() {
    std::vector<std::uint32_t>(slots_.empty() ? 16 : slots_.size() * 2).swap(slots_);
    for (std::size_t i = 0; i < entries_.size(); ++i) place(entries_[i].fingerprint, static_cast<std::uint32_t>(i + 1));
  }

  std::vector<OpenEntry> entries_;    // in order of arrival
  std::vector<std::uint32_t> slots_;  // number of an entry plus one, 0 is free; size 0 or a power of two
};

}  // namespace mc
