// Memory that grows: address space is reserved ahead, and pages come as they are touched.
// Used by everything in the store that grows with the number of states.
#pragma once

#include <cstddef>

namespace mc {

/// Zeroed memory; all that is reserved may be used. Where address space is plentiful, much more is reserved than the
/// machine has memory, and `data` never changes. Under a limit on address space a region reserves little and grows in
/// steps, so that each leaves room for the others; then `data` may change whenever `announce` asks for more than is
/// reserved. The calls are not thread-safe.
class Region {
 public:
  /// Throws std::bad_alloc if the system refuses even little.
  Region();
  ~Region();
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;
  Region(Region&& other) noexcept;
  Region& operator=(Region&& other) noexcept;

  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::size_t reserved() const { return reserved_; }

  /// Announces that the first `bytes` will be used; reserves more if that is needed. Throws std::bad_alloc, and leaves
  /// everything as it was, if the system refuses. A large region asks for huge pages.
  void announce(std::size_t bytes);
  /// Reserves at least `bytes`. False, and all is as it was, if the system refuses.
  [[nodiscard]] bool reserve(std::size_t bytes);
  /// Gives the whole pages in [from, to) back to the system; they read as zero afterwards.
  void release(std::size_t from, std::size_t to);
  /// Under a limit on address space, gives back what is reserved. Nothing in it is needed any more.
  void shrink();

 private:
  /// False if the system refuses.
  [[nodiscard]] bool resize(std::size_t bytes);

  std::byte* mapped_ = nullptr;  // what the system gave; data_ lies in it, at a multiple of a huge page if it is fixed
  std::byte* data_ = nullptr;
  std::size_t reserved_ = 0;
  bool fixed_ = false;  // much is reserved, once and for all
  bool huge_ = false;
};

}  // namespace mc
