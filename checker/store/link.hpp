// How a state was first reached: the id of its parent and the index of the action among those enabled in the parent.
// Eight bytes while a state is open; the order of links is that in which a sequential breadth-first search finds
// states.
#pragma once

#include <compare>
#include <cstdint>

#include "checker/core/assert.hpp"

namespace mc {

/// A state by its place in breadth-first order over the whole search: the initial states come first, from 0.
struct StateId {
  std::uint64_t value = 0;
  friend auto operator<=>(const StateId&, const StateId&) = default;
};

/// Position of an action in what `Model::enabled` appends for one state.
struct ActionIndex {
  std::uint32_t value = 0;
  friend auto operator<=>(const ActionIndex&, const ActionIndex&) = default;
};

/// Parent and action in one word. Links into one level are ordered as (rank of the parent in its level, action), and a
/// link into a later level is greater than every link into an earlier one, since ids grow from level to level.
class Link {
 public:
  static constexpr unsigned kActionBits = 24;
  static constexpr std::uint64_t kStatesMax = std::uint64_t{1} << (64 - kActionBits);  ///< 2^40 parents
  static constexpr std::uint64_t kActionsMax = std::uint64_t{1} << kActionBits;  ///< actions in one state are fewer

  constexpr Link() = default;
  constexpr Link(StateId parent, ActionIndex action) : word_((parent.value << kActionBits) | action.value) {
    MC_ASSERT(parent.value < kStatesMax, "a search holds at most 2^40 states");
    MC_ASSERT(action.value < kActionsMax - 1, "a state has fewer than 2^24 enabled actions");
  }
  /// The link of an initial state: `index` is its position in `Model::initial_states`, the parent is meaningless.
  [[nodiscard]] static constexpr Link initial(std::uint32_t index) { return {StateId{0}, ActionIndex{index}}; }

  /// The whole as one number, in the order of links. No link is `kNoWord`.
  [[nodiscard]] constexpr std::uint64_t word() const { return word_; }
  [[nodiscard]] static constexpr Link from_word(std::uint64_t word) {
    Link link;
    link.word_ = word;
    return link;
  }
  static constexpr std::uint64_t kNoWord = ~std::uint64_t{0};

  [[nodiscard]] constexpr StateId parent() const { return {word_ >> kActionBits}; }
  [[nodiscard]] constexpr ActionIndex action() const { return {static_cast<std::uint32_t>(word_ & (kActionsMax - 1))}; }
  friend auto operator<=>(const Link&, const Link&) = default;

 private:
  std::uint64_t word_ = 0;
};

}  // namespace mc
