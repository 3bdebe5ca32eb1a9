// What an action reads and what it writes, as sets of places: parts of the state that the model numbers as it likes.
// Used by reductions, which ask whether two actions may be swapped. ADR-0015.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "checker/core/assert.hpp"

namespace mc {

/// How many places a model may tell apart.
inline constexpr std::size_t kPlacesMax = 128;

/// A set of places.
class Places {
 public:
  constexpr Places() = default;
  [[nodiscard]] static constexpr Places all() {
    Places places;
    for (std::uint64_t& word : places.words_) word = ~std::uint64_t{0};
    return places;
  }

  constexpr void add(std::size_t place) {
    MC_ASSERT(place < kPlacesMax, "a place has a number below kPlacesMax");
    words_[place / 64] |= std::uint64_t{1} << (place % 64);
  }
  [[nodiscard]] constexpr bool meets(const Places& other) const {
    return ((words_[0] & other.words_[0]) | (words_[1] & other.words_[1])) != 0;
  }
  constexpr Places& operator|=(const Places& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  [[nodiscard]] friend constexpr Places operator|(Places a, const Places& b) { return a |= b; }
  friend constexpr bool operator==(const Places&, const Places&) = default;

 private:
  static_assert(kPlacesMax == 128);
  std::array<std::uint64_t, 2> words_{};
};

/// What an action does in a state. It reads whatever decides that it is enabled, what it does, and which rules it
/// fires; more may be said, never less. Nothing need be said of what only properties read.
struct Footprint {
  Places reads;
  Places writes;

  /// Of an action of which nothing is known: independent of none that touches anything.
  [[nodiscard]] static constexpr Footprint everything() { return {Places::all(), Places::all()}; }
  constexpr void touch(std::size_t place) {
    reads.add(place);
    writes.add(place);
  }
};

/// True if neither action writes what the other one reads or writes. Then, in a state in which both are enabled, each
/// stays enabled after the other, both orders lead to one state, and each fires the same rules in either order.
[[nodiscard]] constexpr bool independent(const Footprint& a, const Footprint& b) {
  return !a.writes.meets(b.writes) && !a.writes.meets(b.reads) && !b.writes.meets(a.reads);
}

}  // namespace mc
