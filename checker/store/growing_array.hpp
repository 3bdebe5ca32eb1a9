// An array of plain values that grows with the number of states and is never copied while it does.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include "checker/store/region.hpp"

namespace mc {

/// Values that are zero until they are written. Nothing is reserved before the first. Not thread-safe, but different
/// values may be written by different threads.
template <class T>
class GrowingArray {
  static_assert(std::is_trivially_copyable_v<T>, "values are moved as bytes");

 public:
  GrowingArray() = default;
  GrowingArray(GrowingArray&& other) noexcept
      : memory_(std::exchange(other.memory_, std::nullopt)), size_(std::exchange(other.size_, 0)) {}
  GrowingArray(const GrowingArray&) = delete;
  GrowingArray& operator=(const GrowingArray&) = delete;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] T* data() const { return memory_ ? reinterpret_cast<T*>(memory_->data()) : nullptr; }
  [[nodiscard]] const T& operator[](std::size_t index) const { return data()[index]; }
  [[nodiscard]] T& operator[](std::size_t index) { return data()[index]; }
  /// `count` values from `first` on.
  [[nodiscard]] std::span<const T> part(std::size_t first, std::size_t count) const { return {data() + first, count}; }

  /// Appends `count` values. Throws std::bad_alloc, and changes nothing, if the system refuses.
  void extend(std::size_t count) {
    if (!memory_) memory_.emplace();
    memory_->announce((size_ + count) * sizeof(T));
    size_ += count;
  }

 private:
  std::optional<Region> memory_;
  std::size_t size_ = 0;
};

}  // namespace mc
