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

/// Packs unsigned fields, least significant bit first, into bytes. Reused between states by `clear`.
/// Fields are gathered in a word and leave it four bytes at a time.
class ByteSink {
 public:
  /// Appends the lowest `width` bits of `value`; `width` is 1 to 32 and `value` must fit.
  void bits(std::uint32_t value, unsigned width) {
    MC_ASSERT(width >= 32 || (value >> width) == 0, "an encoded field must fit its width");
    pending_ |= static_cast<std::uint64_t>(value) << filled_;
    filled_ += width;
    if (filled_ >= 32) {
      put(4);
      pending_ >>= 32U;
      filled_ -= 32;
    }
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
    put((filled_ + 7) / 8);
    pending_ = 0;
    filled_ = 0;
  }
  void clear() {
    size_ = 0;
    pending_ = 0;
    filled_ = 0;
  }
  /// What was finished.
  [[nodiscard]] std::span<const std::byte> view() const { return {bytes_.data(), size_}; }

 private:
  // Appends the lowest `count` bytes of what is pending, at most 4.
  void put(std::size_t count) {
    if (bytes_.size() < size_ + 4) bytes_.resize(2 * bytes_.size() + 64);
    for (std::size_t i = 0; i < 4; ++i) bytes_[size_ + i] = static_cast<std::byte>((pending_ >> (8 * i)) & 0xffU);
    size_ += count;
  }

  std::vector<std::byte> bytes_;  // of which `size_` are in use
  std::size_t size_ = 0;
  std::uint64_t pending_ = 0;
  unsigned filled_ = 0;
};

/// Reads the fields of one encoding in the order in which they were written.
class ByteSource {
 public:
  explicit ByteSource(std::span<const std::byte> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::uint32_t bits(unsigned width) {
    if (filled_ < width) refill(width);
    const auto value = static_cast<std::uint32_t>(pending_ & ((std::uint64_t{1} << width) - 1));
    pending_ >>= width;
    filled_ -= width;
    return value;
  }
  [[nodiscard]] bool flag() { return bits(1) != 0; }
  [[nodiscard]] std::uint8_t u8() { return static_cast<std::uint8_t>(bits(8)); }

  /// How many bytes have been read, a partly read one included.
  [[nodiscard]] std::size_t consumed() const { return next_ - filled_ / 8; }
  /// The bytes of which nothing has been read.
  [[nodiscard]] std::span<const std::byte> unread() const { return bytes_.subspan(consumed()); }

  /// Leaves out the next `count` bytes; requires that no byte has been read in part.
  void skip(std::size_t count) {
    MC_ASSERT(filled_ % 8 == 0 && consumed() + count <= bytes_.size(), "whole bytes that are there are left out");
    next_ = consumed() + count;
    pending_ = 0;
    filled_ = 0;
  }

  /// True when only the padding of the last byte is left.
  [[nodiscard]] bool exhausted() const { return next_ == bytes_.size() && filled_ < 8 && pending_ == 0; }

 private:
  // Takes up to four bytes more, at least as many as `width` bits need.
  void refill(unsigned width) {
    const std::size_t count = std::min<std::size_t>(4, bytes_.size() - next_);
    for (std::size_t i = 0; i < count; ++i) {
      pending_ |= std::to_integer<std::uint64_t>(bytes_[next_ + i]) << filled_;
      filled_ += 8;
    }
    next_ += count;
    MC_ASSERT(filled_ >= width, "an encoding must hold every field that is read from it");
  }

  std::span<const std::byte> bytes_;
  std::size_t next_ = 0;
  std::uint64_t pending_ = 0;
  unsigned filled_ = 0;
};

}  // namespace mc
