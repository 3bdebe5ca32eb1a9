// Encodings at rest: a record is an encoding behind its length, in memory that never moves.
// Used by the stores and by the frontier, which refers to a state by its record.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "checker/core/assert.hpp"

namespace mc {

/// Points at the length of a stored encoding; the bytes follow.
using Record = const std::byte*;

/// Longest encoding that a store takes, in bytes.
inline constexpr std::size_t kEncodingBytesMax = 60'000;

/// The bytes of a record. The length takes one byte below 255, else a byte 255 and two bytes, low byte first.
[[nodiscard]] inline std::span<const std::byte> bytes_of(Record record) {
  const auto at = [record](std::size_t i) { return std::to_integer<std::size_t>(record[i]); };
  if (at(0) < 255) return {record + 1, at(0)};
  return {record + 3, at(1) | (at(2) << 8U)};
}

/// Memory for records, given out in order and freed all at once. Not thread-safe.
class RecordArena {
 public:
  /// Copies `bytes` into a new record. Cost: linear in their number; allocates once per chunk of 1 to 64 KiB.
  Record add(std::span<const std::byte> bytes) {
    MC_ASSERT(bytes.size() <= kEncodingBytesMax, "an encoding must fit a chunk of the store");
    const std::size_t length = bytes.size() + (bytes.size() < 255 ? 1 : 3);
    if (length > size_ - used_) add_chunk(length);
    std::byte* const record = chunks_.back().get() + used_;
    std::byte* next = record;
    if (bytes.size() < 255) {
      *next++ = static_cast<std::byte>(bytes.size());
    } else {
      *next++ = std::byte{255};
      *next++ = static_cast<std::byte>(bytes.size() & 0xffU);
      *next++ = static_cast<std::byte>(bytes.size() >> 8U);
    }
    if (!bytes.empty()) std::memcpy(next, bytes.data(), bytes.size());
    used_ += length;
    return record;
  }
  void clear() {
    chunks_.clear();
    size_ = 0;
    used_ = 0;
  }

 private:
  // Chunks grow, since most arenas of a small search hold a handful of records.
  static constexpr std::size_t kFirstChunkBytes = std::size_t{1} << 10U;
  static constexpr std::size_t kLastChunkBytes = std::size_t{1} << 16U;

  void add_chunk(std::size_t length) {
    std::size_t size = size_ == 0 ? kFirstChunkBytes : std::min(2 * size_, kLastChunkBytes);
    while (size < length) size *= 2;
    // Not value-initialised: untouched pages of the chunk stay untouched.
    chunks_.emplace_back(new std::byte[size]);
    size_ = size;
    used_ = 0;
  }

  std::vector<std::unique_ptr<std::byte[]>> chunks_;  // NOLINT(modernize-avoid-c-arrays)
  std::size_t size_ = 0;                              // of the last chunk
  std::size_t used_ = 0;                              // of the last chunk
};

/// True when the record holds exactly these bytes.
[[nodiscard]] inline bool equal(Record record, std::span<const std::byte> bytes) {
  const std::span<const std::byte> stored = bytes_of(record);
  return stored.size() == bytes.size() &&
         (bytes.empty() || std::memcmp(stored.data(), bytes.data(), bytes.size()) == 0);
}

}  // namespace mc
