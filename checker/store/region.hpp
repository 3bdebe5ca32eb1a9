// Memory that grows without moving: address space is reserved at once, and pages come as they are touched.
// Used by everything in the store that grows with the number of states.
#pragma once

#include <cstddef>

namespace mc {

/// Zeroed memory at a fixed address; all that is reserved may be used. The calls are not thread-safe.
class Region {
 public:
  /// Reserves address space for several times the machine's memory, or less where the system refuses so much. Throws
  /// std::bad_alloc if it refuses even little.
  Region();
  ~Region();
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;
  Region(Region&& other) noexcept;
  Region& operator=(Region&& other) noexcept;

  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::size_t reserved() const { return reserved_; }

  /// Announces that the first `bytes` will be used; throws std::bad_alloc if less is reserved. A large region asks for
  /// huge pages.
  void announce(std::size_t bytes);
  /// Gives the whole pages in [from, to) back to the system; they read as zero afterwards.
  void release(std::size_t from, std::size_t to);

 private:
  std::byte* mapped_ = nullptr;  // what the system gave; data_ lies in it, at a multiple of a huge page
  std::byte* data_ = nullptr;
  std::size_t reserved_ = 0;
  bool huge_ = false;
};

}  // namespace mc
