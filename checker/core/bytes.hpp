// The two ends of a state encoding: a sink that packs fields of a few bits, and a source that reads them back.
// Used by models (encode, decode) and by the engine (which owns the buffers). Knows nothing about states.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "checker/core/assert.hpp"

namespace mc {

/// Packs unsigned fields, least significant bit first, into bytes. Reused between states by `clear`.
class ByteSink {
 public:
  /// Appends the lowest `width` bits of `value`; `width` is 1 to 32 and `value` must fit.
  void bits(std::uint32_t value, unsigned width) {
    MC_ASSERT(width >= 32 || (value >> width) == 0, "an encoded field must fit its width");
    pending_ |= static_cast<std::uint64_t>(value) << filled_;
    filled_ += width;
    while (filled_ >= 8) {
      bytes_.push_back(static_cast<std::byte>(pending_ & 0xffU));
      pending_ >>= 8U;
      filled_ -= 8;
    }
  }
  void flag(bool value) { bits(value ? 1U : 0U, 1); }
  void u8(std::uint8_t value) { bits(value, 8); }

  /// Pads the last byte with zero bits; call once after the last field.
  void finish() {
    if (filled_ > 0) bytes_.push_back(static_cast<std::byte>(pending_ & 0xffU));
    pending_ = 0;
    filled_ = 0;
  }
  void clear() {
    bytes_.clear();
    pending_ = 0;
    filled_ = 0;
  }
  [[nodiscard]] std::span<const std::byte> view() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
  std::uint64_t pending_ = 0;
  unsigned filled_ = 0;
};

/// Reads the fields of one encoding in the order in which they were written.
class ByteSource {
 public:
  explicit ByteSource(std::span<const std::byte> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::uint32_t bits(unsigned width) {
    while (filled_ < width) {
      MC_ASSERT(next_ < bytes_.size(), "an encoding must hold every field that is read from it");
      pending_ |= static_cast<std::uint64_t>(std::to_integer<std::uint8_t>(bytes_[next_++])) << filled_;
      filled_ += 8;
    }
    const auto value = static_cast<std::uint32_t>(pending_ & ((std::uint64_t{1} << width) - 1));
    pending_ >>= width;
    filled_ -= width;
    return value;
  }
  [[nodiscard]] bool flag() { return bits(1) != 0; }
  [[nodiscard]] std::uint8_t u8() { return static_cast<std::uint8_t>(bits(8)); }

  /// How many bytes have been read, a partly read one included.
  [[nodiscard]] std::size_t consumed() const { return next_; }
  /// The bytes of which nothing has been read.
  [[nodiscard]] std::span<const std::byte> unread() const { return bytes_.subspan(next_); }

  /// True when only the padding of the last byte is left.
  [[nodiscard]] bool exhausted() const { return next_ == bytes_.size() && pending_ == 0; }

 private:
  std::span<const std::byte> bytes_;
  std::size_t next_ = 0;
  std::uint64_t pending_ = 0;
  unsigned filled_ = 0;
};

}  // namespace mc
