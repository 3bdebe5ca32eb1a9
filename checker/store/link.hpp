// How a state was first reached: the id of its parent and the index of the action among those enabled in the parent.
// Eight bytes per state; the order of links is the order in which a sequential breadth-first search finds states.
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

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
  static constexpr std::uint64_t kActionsMax = std::uint64_t{1} << kActionBits;        ///< 2^24 actions in one state

  constexpr Link() = default;
  constexpr Link(StateId parent, ActionIndex action) : word_((parent.value << kActionBits) | action.value) {
    MC_ASSERT(parent.value < kStatesMax, "a search holds at most 2^40 states");
    MC_ASSERT(action.value < kActionsMax, "a state has at most 2^24 enabled actions");
  }
  /// The link of an initial state: `index` is its position in `Model::initial_states`, the parent is meaningless.
  [[nodiscard]] static constexpr Link initial(std::uint32_t index) { return {StateId{0}, ActionIndex{index}}; }

  [[nodiscard]] constexpr StateId parent() const { return {word_ >> kActionBits}; }
  [[nodiscard]] constexpr ActionIndex action() const { return {static_cast<std::uint32_t>(word_ & (kActionsMax - 1))}; }
  friend auto operator<=>(const Link&, const Link&) = default;

 private:
  std::uint64_t word_ = 0;
};

/// The links of all states of the finished levels, by state id. Not thread-safe; grows only between levels.
class Links {
 public:
  /// Appends the links of one level, in rank order.
  void append_level(std::vector<Link> level) {
    firsts_.push_back(size_);
    size_ += level.size();
    levels_.push_back(std::move(level));
  }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::uint64_t first_level_size() const { return levels_.empty() ? 0 : levels_.front().size(); }

  /// The level in which `id` lies; requires `id.value < size()`. Cost: logarithmic in the number of levels.
  [[nodiscard]] std::size_t level_of(StateId id) const {
    MC_ASSERT(id.value < size_, "a state id must belong to a finished level");
    return static_cast<std::size_t>(std::upper_bound(firsts_.begin(), firsts_.end(), id.value) - firsts_.begin()) - 1;
  }
  [[nodiscard]] Link operator[](StateId id) const {
    const std::size_t level = level_of(id);
    return levels_[level][static_cast<std::size_t>(id.value - firsts_[level])];
  }

 private:
  std::vector<std::vector<Link>> levels_;
  std::vector<std::uint64_t> firsts_;  // id of the first state of each level; no level is empty
  std::uint64_t size_ = 0;
};

}  // namespace mc
