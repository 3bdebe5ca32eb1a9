// The two ends of a state encoding: a sink that packs fields of a few bits, and a source that reads them back.
// Used by models (encode, decode) and by the engine (which owns the buffers). Knows nothing about states.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "checker/core/assert.hpp"

namespace mc {

/// Packs unsigned fields, least significant bit first, into bytes. Reused between states by `clear`; without it the
/// next encoding stands right behind the last one.
class ByteSink {
 public:
  /// Appends the lowest `width` bits of `value`; `width` is 1 to 32 and `value` must fit.
  void bits(std::uint32_t value, unsigned width) {
    MC_ASSERT(width >= 32 || (value >> width) == 0, "an encoded field must fit its width");
    pending_ |= static_cast<std::uint64_t>(value) << filled_;
    filled_ += width;
    if (filled_ < 32) return;
    store(4);
    pending_ >>= 32U;
    filled_ -= 32;
  }
  void flag(bool value) { bits(value ? 1U : 0U, 1); }
  void u8(std::uint8_t value) { bits(value, 8); }

  /// Appends whole bytes; requires that no field is unfinished.
  void append(std::span<const std::byte> bytes) {
    MC_ASSERT(filled_ == 0, "whole bytes begin with a new byte");
    if (bytes_.size() < size_ + bytes.size()) bytes_.resize(2 * (size_ + bytes.size()));
    std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += bytes.size();
  }

  /// Pads the last byte with zero bits; call after the last field. Fields after it begin with a new byte.
  void finish() {
    store((filled_ + 7) / 8);
    pending_ = 0;
    filled_ = 0;
  }
  void clear() { rewind(0); }
  /// Forgets what was written since `size()` was this; call where an encoding ends or has not begun.
  void rewind(std::size_t size) {
    size_ = size;
    pending_ = 0;
    filled_ = 0;
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::span<const std::byte> view() const { return {bytes_.data(), size_}; }

 private:
  // Writes four bytes, of which `used` count: one store instead of a loop over bytes.
  void store(unsigned used) {
    if (bytes_.size() - size_ < 4) bytes_.resize(2 * bytes_.size() + 64);
    std::byte* const to = bytes_.data() + size_;
    to[0] = static_cast<std::byte>(pending_ & 0xffU);
    to[1] = static_cast<std::byte>((pending_ >> 8U) & 0xffU);
    to[2] = static_cast<std::byte>((pending_ >> 16U) & 0xffU);
    to[3] = static_cast<std::byte>((pending_ >> 24U) & 0xffU);
    size_ += used;
  }

  std::vector<std::byte> bytes_;  // its size is what may be written; what counts is below size_
  std::size_t size_ = 0;
  std::uint64_t pending_ = 0;
  unsigned filled_ = 0;  // bits of pending_, fewer than 32 between calls
};

/// Reads the fields of one encoding in the order in which they were written.
class ByteSource {
 public:
  explicit ByteSource(std::span<const std::byte> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::uint32_t bits(unsigned width) {
    const std::size_t first = position_ / 8;
    const std::uint64_t window = bytes_.size() - first >= 8 ? word_at(first) : tail_at(first);
    const std::uint64_t value = (window >> (position_ % 8)) & ((std::uint64_t{1} << width) - 1);
    position_ += width;
    MC_ASSERT(position_ <= 8 * bytes_.size(), "an encoding must hold every field that is read from it");
    return static_cast<std::uint32_t>(value);
  }
  [[nodiscard]] bool flag() { return bits(1) != 0; }
  [[nodiscard]] std::uint8_t u8() { return static_cast<std::uint8_t>(bits(8)); }

  /// How many bytes have been read, a partly read one included.
  [[nodiscard]] std::size_t consumed() const { return (position_ + 7) / 8; }
  /// The bytes of which nothing has been read.
  [[nodiscard]] std::span<const std::byte> unread() const { return bytes_.subspan(consumed()); }

  /// Leaves out the next `count` bytes; requires that no byte has been read in part.
  void skip(std::size_t count) {
    MC_ASSERT(position_ % 8 == 0 && consumed() + count <= bytes_.size(), "whole bytes that are there are left out");
    position_ += 8 * count;
  }

  /// True when only the padding of the last byte is left.
  [[nodiscard]] bool exhausted() const {
    return consumed() == bytes_.size() && (position_ % 8 == 0 || (octet(position_ / 8) >> (position_ % 8)) == 0);
  }

 private:
  [[nodiscard]] std::uint64_t octet(std::size_t at) const { return std::to_integer<std::uint64_t>(bytes_[at]); }
  [[nodiscard]] std::uint64_t word_at(std::size_t at) const {
    return octet(at) | octet(at + 1) << 8U | octet(at + 2) << 16U | octet(at + 3) << 24U | octet(at + 4) << 32U |
           octet(at + 5) << 40U | octet(at + 6) << 48U | octet(at + 7) << 56U;
  }
  [[nodiscard]] std::uint64_t tail_at(std::size_t at) const {
    std::uint64_t window = 0;
    for (std::size_t i = at; i < bytes_.size(); ++i) window |= octet(i) << (8 * (i - at));
    return window;
  }

  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;  // in bits
};

}  // namespace mc
