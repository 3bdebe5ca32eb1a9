// Encodings at rest: one behind the other, in the order of their index, in memory that never moves.
// Used by the stores, and through them by whoever reads a state back.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "checker/core/assert.hpp"
#include "checker/store/region.hpp"

namespace mc {

/// Longest encoding that a store takes, in bytes.
inline constexpr std::size_t kEncodingBytesMax = 60'000;

/// Equality of encodings, most of which are short: words that may overlap instead of a call.
[[nodiscard]] inline bool equal(std::span<const std::byte> a, std::span<const std::byte> b) {
  const auto words = [&](std::size_t at) {
    std::uint64_t left = 0;
    std::uint64_t right = 0;
    std::memcpy(&left, a.data() + at, sizeof left);
    std::memcpy(&right, b.data() + at, sizeof right);
    return left ^ right;
  };
  if (a.size() != b.size()) return false;
  if (a.size() > 32) return std::memcmp(a.data(), b.data(), a.size()) == 0;
  if (a.size() >= 8) {
    std::uint64_t differs = words(a.size() - 8);
    for (std::size_t at = 0; at + 8 < a.size(); at += 8) differs |= words(at);
    return differs == 0;
  }
  if (a.size() >= 4) {
    return std::memcmp(a.data(), b.data(), 4) == 0 &&
           std::memcmp(a.data() + a.size() - 4, b.data() + b.size() - 4, 4) == 0;
  }
  return std::equal(a.begin(), a.end(), b.begin());
}

/// The lengths of a number of encodings, as far as an array must know them.
struct EncodingLengths {
  std::uint64_t bytes = 0;  ///< sum
  std::uint32_t least = kEncodingBytesMax;
  std::uint32_t greatest = 0;

  void add(std::uint32_t length) {
    bytes += length;
    least = length < least ? length : least;
    greatest = length > greatest ? length : greatest;
  }
  void add(const EncodingLengths& other) {
    bytes += other.bytes;
    least = other.least < least ? other.least : least;
    greatest = other.greatest > greatest ? other.greatest : greatest;
  }
};

/// An append-only array of encodings. As long as all have one length, nothing but their bytes is stored; from the first
/// that differs on, four bytes more for each. Reading is thread-safe while nobody calls `extend` or `clear`.
class StateArray {
 public:
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Of all encodings together.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

  [[nodiscard]] std::span<const std::byte> operator[](std::uint64_t index) const {
    if (width_ != kVarying) return {data_.data() + index * width_, width_};
    const std::uint64_t start = start_of(index);
    return {data_.data() + start, start_low(index + 1) - static_cast<std::uint32_t>(start)};
  }
  void prefetch(std::uint64_t index) const {
    // For a varying length the address is a second miss away; its first half is what can be had without waiting.
    __builtin_prefetch(width_ != kVarying ? data_.data() + index * width_ : starts_.data() + index * kStartBytes);
  }

  /// The memory that `extend` would add.
  [[nodiscard]] std::uint64_t extra_bytes(std::uint64_t count, const EncodingLengths& lengths) const;
  /// Makes room for `count` encodings behind the present ones, to be filled by `place`.
  void extend(std::uint64_t count, const EncodingLengths& lengths);
  /// Fills the place `index`; `start` is the sum of the lengths before it. Thread-safe for different places.
  void place(std::uint64_t index, std::uint64_t start, std::span<const std::byte> encoding) {
    if (!encoding.empty()) std::memcpy(data_.data() + start, encoding.data(), encoding.size());
    if (width_ == kVarying) set_start(index, start);
  }
  /// Forgets all encodings. Memory is kept as far as what comes next needs it.
  void clear();
  /// Forgets all encodings and gives the memory back to the system.
  void release();

 private:
  static constexpr std::uint32_t kVarying = 0xffff'ffffU;
  static constexpr std::size_t kStartBytes = sizeof(std::uint32_t);
  static constexpr std::uint64_t kStatesPerBase = 4096;

  [[nodiscard]] bool fits_width(const EncodingLengths& lengths) const {
    return lengths.least == lengths.greatest && (size_ == 0 || lengths.least == width_);
  }
  void vary();
  // A start is kept as its low half; the rest follows from the start of a state nearby.
  [[nodiscard]] std::uint32_t start_low(std::uint64_t index) const {
    std::uint32_t low = 0;
    std::memcpy(&low, starts_.data() + index * kStartBytes, kStartBytes);
    return low;
  }
  [[nodiscard]] std::uint64_t start_of(std::uint64_t index) const {
    const std::uint64_t base = bases_[index / kStatesPerBase];
    return base + static_cast<std::uint32_t>(start_low(index) - static_cast<std::uint32_t>(base));
  }
  void set_start(std::uint64_t index, std::uint64_t start) {
    const auto low = static_cast<std::uint32_t>(start);
    std::memcpy(starts_.data() + index * kStartBytes, &low, kStartBytes);
    if (index % kStatesPerBase == 0) bases_[index / kStatesPerBase] = start;
  }

  static_assert(kEncodingBytesMax * kStatesPerBase < (std::uint64_t{1} << 32U), "a low half must tell starts apart");

  Region data_;
  Region starts_;                     // only if the lengths vary: low half of each start, and of the end
  std::vector<std::uint64_t> bases_;  // only if the lengths vary: every kStatesPerBase-th start
  std::uint64_t size_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t cleared_bytes_ = 0;  // that were in use before `clear`
  std::uint32_t width_ = 0;          // of every encoding, or kVarying
};

}  // namespace mc
