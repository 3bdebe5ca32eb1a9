// Decides, level by level, whether the states that are explored next go to disk, and brings them there.
#pragma once

#include "checker/engine/options.hpp"
#include "checker/store/spill.hpp"

namespace mc {

/// One per search. Belongs to the coordinating thread.
class FrontierDisk {
 public:
  explicit FrontierDisk(const Options& options) : options_(options) {}

  /// A level begins. Gives where its states stand if it is on disk; null if they are in the visited set. What the disk
  /// does not take stays in memory, and a person is told once.
  [[nodiscard]] const SpilledLevel* begin_level(const Frontier& frontier, VisitedSet& visited);

 private:
  [[nodiscard]] bool wanted(const VisitedSet& visited) const;

  const Options& options_;
  SpilledLevel level_;
  bool told_ = false;
};

}  // namespace mc
