// The notes of the states of one finished level, by rank, for as long as the level is expanded.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "checker/store/open_area.hpp"

namespace mc {

/// Reading is thread-safe while nobody calls anything else; `place` is for different ranks.
class LevelNotes {
 public:
  /// Forgets everything.
  void clear() { resize(0, 0); }
  /// Room for the notes of so many states, with so many details together.
  void resize(std::uint64_t states, std::uint64_t details) {
    notes_.assign(states, {});
    details_.resize(details);
  }
  /// Fills the place of the rank: the details of `set` go to `start` and behind. Returns where the next ones go.
  std::uint64_t place(std::uint64_t rank, std::uint64_t start, const OpenArea& area, OpenPlace from) {
    notes_[rank] = {area.note_set(from).load(std::memory_order_relaxed), start};
    area.for_details(from, [&](std::uint32_t detail) { details_[start++] = detail; });
    return start;
  }
  /// The note of a state; empty if none are kept.
  [[nodiscard]] OpenNote operator[](std::uint64_t rank) const {
    if (rank >= notes_.size()) return {};
    const Note& note = notes_[rank];
    return {note.set, {details_.data() + note.start, static_cast<std::size_t>(std::popcount(note.set))}};
  }

 private:
  struct Note {
    std::uint64_t set = 0;
    std::uint64_t start = 0;  // of its details
  };
  std::vector<Note> notes_;
  std::vector<std::uint32_t> details_;
};

}  // namespace mc
