// Fields of a few bits in 64-bit words on the stack: what one state is written to and read from. ByteSink and
// ByteSource carry the bytes between the engine and the model; these do the work in between, without a vector and byte
// by byte.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "checker/core/assert.hpp"

namespace raymc {

static_assert(std::endian::native == std::endian::little, "words are written as they stand, low byte first");

/// More than any state takes (tests/model/encoding_test.cpp).
inline constexpr std::size_t kPackedBytesMax = 1024;

/// The encoding of one state.
class Packed {
 public:
  [[nodiscard]] std::span<const std::byte> view() const {
    return {reinterpret_cast<const std::byte*>(words_.data()), size_};
  }

 private:
  friend class PackedWriter;
  std::array<std::uint64_t, kPackedBytesMax / 8> words_;  // NOLINT: what is not written is not read
  std::size_t size_ = 0;                                  // in bytes
};

/// Packs unsigned fields, least significant bit first. A local of the function that writes a state, with everything
/// that writes inlined, so that the word at hand stays in a register.
class PackedWriter {
 public:
  explicit PackedWriter(Packed& out) : out_(out) {}

  /// Appends `value`, which must fit `width` bits, 0 to 32. Without a test for a full word, hence cheap: at most 64
  /// bits between two calls of `seam`.
  void bits(std::uint64_t value, unsigned width) {
    misfit_ |= value >> width;
    gathered_ |= value << gathered_bits_;
    gathered_bits_ += width;
  }
  /// Puts what was gathered behind what was written before.
  void seam() {
    MC_ASSERT(gathered_bits_ <= 64, "no more than a word is gathered");
    const std::uint64_t value = gathered_;
    const unsigned width = gathered_bits_;
    gathered_ = 0;
    gathered_bits_ = 0;
    pending_ |= value << filled_;
    filled_ += width;
    if (filled_ < 64) return;
    MC_ASSERT(size_ + 1 < out_.words_.size(), "an encoding must fit the writer");
    out_.words_[size_++] = pending_;
    filled_ -= 64;
    pending_ = filled_ == 0 ? 0 : value >> (width - filled_);
  }
  /// Pads with zero bits to a whole byte; call once after the last field. Checks that every field fitted its width.
  void finish() {
    seam();
    MC_ASSERT(misfit_ == 0, "an encoded field must fit its width");
    out_.words_[size_] = pending_;
    out_.size_ = 8 * size_ + (filled_ + 7) / 8;
  }

 private:
  Packed& out_;
  std::size_t size_ = 0;  // full words
  std::uint64_t pending_ = 0;
  std::uint64_t gathered_ = 0;
  std::uint64_t misfit_ = 0;
  unsigned filled_ = 0;
  unsigned gathered_bits_ = 0;
};

/// Reads the fields of one encoding in the order in which they were written.
class PackedReader {
 public:
  /// Copies what it reads from: at most kPackedBytesMax bytes of `bytes`.
  explicit PackedReader(std::span<const std::byte> bytes) : size_(std::min(bytes.size(), kPackedBytesMax)) {
    std::memcpy(bytes_.data(), bytes.data(), size_);
    std::memset(bytes_.data() + size_, 0, 8);
  }

  /// `width` is 0 to 32. Beyond the end zeros are read; `consumed` tells.
  [[nodiscard]] std::uint32_t bits(unsigned width) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes_.data() + std::min(next_ / 8, size_), 8);
    const std::uint64_t value = (word >> (next_ % 8)) & ((std::uint64_t{1} << width) - 1);
    next_ += width;
    return static_cast<std::uint32_t>(value);
  }
  /// How many bytes have been read, a partly read one included. Requires that there were as many.
  [[nodiscard]] std::size_t consumed() const {
    MC_ASSERT(next_ <= 8 * size_, "an encoding must hold every field that is read from it");
    return (next_ + 7) / 8;
  }

 private:
  std::array<std::byte, kPackedBytesMax + 8> bytes_;  // of which `size_` are in use, with zeros behind
  std::size_t size_ = 0;
  std::size_t next_ = 0;  // in bits
};

}  // namespace raymc
