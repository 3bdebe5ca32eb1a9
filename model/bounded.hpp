// A list with a fixed capacity whose overflow is an error that the search reports with a trace.
// Used by every container of the state; there is no other way for a state to grow. A short list is copied as one block
// of memory; of a long one only the elements, because most of it is empty and states are copied at every step.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <type_traits>

#include "checker/core/assert.hpp"
#include "checker/core/model.hpp"

namespace raymc {

/// At most `Capacity` elements of type `T`, in order. What lies beyond the last one is no part of the value.
template <class T, std::size_t Capacity>
class Bounded {
 public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;
  static_assert(Capacity < 256 && std::is_trivially_copyable_v<T>);
  static constexpr bool kIsShort = Capacity * sizeof(T) <= 128;

  Bounded() requires kIsShort : items_{} {}
  Bounded() requires(!kIsShort) {}  // NOLINT: what lies beyond the last element is not read
  Bounded(std::initializer_list<T> items) : Bounded() {
    for (const T& item : items) push_back(item);
  }
  Bounded(const Bounded& other) requires kIsShort = default;
  Bounded(const Bounded& other) requires(!kIsShort) : size_(other.size_) {
    std::uninitialized_copy(other.begin(), other.end(), begin());
  }
  Bounded& operator=(const Bounded& other) requires kIsShort = default;
  Bounded& operator=(const Bounded& other) requires(!kIsShort) {
    if (this == &other) return *this;
    size_ = other.size_;
    std::uninitialized_copy(other.begin(), other.end(), begin());
    return *this;
  }
  ~Bounded() = default;

  /// Appends; throws mc::CapacityExceeded naming `what` when the list is full.
  void add(const T& value, const char* what) {
    if (size_ == Capacity) throw mc::CapacityExceeded(std::string(what) + ": " + std::to_string(Capacity));
    items_[size_++] = value;
  }
  /// Appends; requires room.
  void push_back(const T& value) {
    MC_ASSERT(size_ < Capacity, "a list that may overflow is added to");
    items_[size_++] = value;
  }
  /// Takes one element out; the rest keeps its order.
  iterator erase(const_iterator place) { return erase(place, place + 1); }
  iterator erase(const_iterator from, const_iterator to) {
    iterator const gap = begin() + (from - begin());
    std::copy(begin() + (to - begin()), end(), gap);
    size_ = static_cast<std::uint8_t>(size_ - (to - from));
    return gap;
  }
  void clear() { size_ = 0; }
  /// Requires `size` to be at most the capacity. New elements are what `T{}` is.
  void resize(std::size_t size) {
    MC_ASSERT(size <= Capacity, "a list is not longer than its capacity");
    if (size > size_) std::fill(items_.begin() + size_, items_.begin() + size, T{});
    size_ = static_cast<std::uint8_t>(size);
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] iterator begin() { return items_.data(); }
  [[nodiscard]] iterator end() { return items_.data() + size_; }
  [[nodiscard]] const_iterator begin() const { return items_.data(); }
  [[nodiscard]] const_iterator end() const { return items_.data() + size_; }
  [[nodiscard]] T& operator[](std::size_t i) { return items_[i]; }
  [[nodiscard]] const T& operator[](std::size_t i) const { return items_[i]; }
  [[nodiscard]] const T& front() const { return items_[0]; }
  [[nodiscard]] T& front() { return items_[0]; }
  [[nodiscard]] const T& back() const { return items_[size_ - 1U]; }
  [[nodiscard]] T& back() { return items_[size_ - 1U]; }

  friend bool operator==(const Bounded& a, const Bounded& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  union {
    std::array<T, Capacity> items_;  // of which the first `size_` are there
  };
  std::uint8_t size_ = 0;
};

}  // namespace raymc
