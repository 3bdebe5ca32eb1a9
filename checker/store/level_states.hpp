// The states of one level in their order, wherever they stand: in the visited set or on disk.
#pragma once

#include <cstdint>
#include <span>

#include "checker/store/frontier.hpp"
#include "checker/store/spill.hpp"
#include "checker/store/visited_set.hpp"

namespace mc {

/// A view of a level between two levels; what it is made from must outlive it.
class LevelStates {
 public:
  /// `spilled`: null if the states are in the visited set.
  LevelStates(const Frontier& level, const VisitedSet& visited, const SpilledLevel* spilled)
      : level_(level), visited_(visited), spilled_(spilled) {}

  [[nodiscard]] const Frontier& level() const { return level_; }
  [[nodiscard]] std::uint64_t size() const { return level_.size(); }
  /// Calls `body(rank, encoding)` for the ranks in [begin, end). Thread-safe. Throws DiskError.
  template <class Body>
  void for_each(std::uint64_t begin, std::uint64_t end, const Body& body) const {
    SpillReader reader;
    for (std::uint64_t rank = begin; rank < end; ++rank) {
      body(rank, spilled_ != nullptr ? reader.encoding(*spilled_, rank)
                                     : visited_.encoding(StateId{level_.first.value + rank}));
    }
  }

 private:
  const Frontier& level_;
  const VisitedSet& visited_;
  const SpilledLevel* spilled_;
};

}  // namespace mc
