// The closed states of one shard: an open-addressing table of one word per state, frozen within a level.
// Used by both stores. What a word means is the store's affair; 0 is a free slot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "checker/core/fingerprint.hpp"

namespace mc {

/// Linear probing from the low bits of the fingerprint; at most 3/4 full. `contains` may be called from many threads
/// while nobody calls `reserve` or `add`.
class ClosedTable {
 public:
  /// True if `same(word)` is true for a word on the probe path of the fingerprint.
  template <class Same>
  [[nodiscard]] bool contains(Fingerprint fingerprint, Same same) const {
    if (words_.empty()) return false;
    const std::size_t mask = words_.size() - 1;
    for (std::size_t i = fingerprint & mask; words_[i] != 0; i = (i + 1) & mask) {
      if (same(words_[i])) return true;
    }
    return false;
  }
  void prefetch(Fingerprint fingerprint) const {
    if (!words_.empty()) __builtin_prefetch(&words_[fingerprint & (words_.size() - 1)]);
  }

  /// Makes room for `more` words; `fingerprint_of(word)` is asked for when words must move.
  template <class FingerprintOf>
  void reserve(std::size_t more, FingerprintOf fingerprint_of) {
    if (more == 0) return;
    std::size_t capacity = words_.empty() ? 16 : words_.size();
    while ((size_ + more) * 4 > capacity * 3) capacity *= 2;
    if (capacity == words_.size()) return;
    std::vector<std::uint64_t> old(capacity);
    old.swap(words_);
    for (const std::uint64_t word : old) {
      if (word != 0) place(fingerprint_of(word), word);
    }
  }
  /// Adds a word that is not there; requires room.
  void add(Fingerprint fingerprint, std::uint64_t word) {
    place(fingerprint, word);
    ++size_;
  }

 private:
  void place(Fingerprint fingerprint, std::uint64_t word) {
    const std::size_t mask = words_.size() - 1;
    std::size_t i = fingerprint & mask;
    while (words_[i] != 0) i = (i + 1) & mask;
    words_[i] = word;
  }

  std::vector<std::uint64_t> words_;  // size 0 or a power of two
  std::size_t size_ = 0;
};

}  // namespace mc
