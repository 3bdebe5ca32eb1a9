// Decides, level by level, whether the states that are explored next go to disk, and brings them there.
//
// Once a level is on disk, all that come after it are: of the states that are found while it is explored the visited
// set keeps fingerprints and links only, and when the level is done they are made again, one step each, from the level
// on disk, and go to disk page by page. So memory never holds the encodings of a level.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checker/engine/options.hpp"
#include "checker/store/frontier.hpp"
#include "checker/store/spill.hpp"

namespace mc {

/// One per search. Belongs to the coordinating thread.
class FrontierDisk {
 public:
  /// Makes the states of `level` with ranks in [begin, end) again from those of `from`, which are in `states`, and
  /// appends them by `append_state`. Called by several threads at once.
  using Remake = std::function<void(const Frontier& from, const SpilledLevel& states, const Frontier& level,
                                    std::uint64_t begin, std::uint64_t end, std::vector<std::byte>& made)>;

  FrontierDisk(const Options& options, Remake remake) : options_(options), remake_(std::move(remake)) {}

  /// A level begins. Gives where its states stand if that is not the visited set, which is then explored lean; else
  /// null. What the disk does not take stays in memory, packed, and a person is told once. Asked again for the same
  /// level it gives the same.
  [[nodiscard]] const SpilledLevel* begin_level(const Frontier& level, VisitedSet& visited);

 private:
  [[nodiscard]] bool wanted(const VisitedSet& visited) const;
  void tell(const std::optional<std::string>& failure);

  const Options& options_;
  Remake remake_;
  std::array<SpilledLevel, 2> levels_;  // the present one and, while it is made, the next
  std::size_t present_ = 0;
  bool on_ = false;
  std::optional<Frontier> level_;
  bool told_ = false;
};

}  // namespace mc
