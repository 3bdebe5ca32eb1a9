#include "checker/store/fingerprint_set.hpp"

#include <algorithm>
#include <utility>

#include "checker/store/parallel.hpp"

namespace mc {
namespace {

constexpr std::uint64_t kHighest = std::uint64_t{1} << 63U;
constexpr unsigned kPlaceBits = 32;
constexpr double kGrowth = 1.12;   // lines move to the new table in order, which is cheap
constexpr std::size_t kAhead = 8;  // how many candidates ahead states are fetched that are to be compared
// Old lines are given back in pieces of this size as the new table fills, so that two tables never lie side by side.
constexpr std::uint64_t kLinesPerTask = (std::uint64_t{2} << 20U) / kLineBytes;

constexpr std::uint64_t closed_word(Fingerprint fingerprint) {
  const std::uint64_t word = fingerprint & ~kHighest;
  return word == 0 ? 1 : word;
}

constexpr std::uint64_t open_tag(Fingerprint fingerprint) {
  return (fingerprint << kPlaceBits) | kHighest;
}

constexpr std::uint64_t open_word(Fingerprint fingerprint, OpenPlace place) {
  return open_tag(fingerprint) | place;
}

constexpr bool is_open(std::uint64_t word) {
  return (word & kHighest) != 0;
}

constexpr OpenPlace place_in(std::uint64_t word) {
  return static_cast<OpenPlace>(word);
}

// Goes round within the half.
constexpr std::uint64_t line_after(std::uint64_t line, std::uint64_t lines) {
  return line + 1 == lines / 2 ? 0 : line + 1 == lines ? lines / 2 : line + 1;
}

std::atomic_ref<std::uint64_t> slot_at(std::byte* line, std::size_t slot) {
  return std::atomic_ref<std::uint64_t>(reinterpret_cast<std::uint64_t*>(line)[slot]);
}

}  // namespace

FingerprintSet::FingerprintSet(Hash hash) : VisitedSet(hash) {
  rebuild({.states = 2048, .last = 2048, .open_units = 0}, false);
}

std::size_t FingerprintSet::insert_some(Seat& seat, const std::byte* buffer, std::span<const Candidate> candidates,
                                        Insertion* done, const OpenNote* notes) {
  std::size_t added = 0;
  std::size_t i = 0;
  for (; i < std::min(kAhead, candidates.size()); ++i) fetch(candidates[i].fingerprint);
  for (i = 0; i < candidates.size(); ++i) {
    if (i + kAhead < candidates.size()) fetch(candidates[i + kAhead].fingerprint);
    const Candidate& candidate = candidates[i];
    const auto kept = lean_ ? std::as_bytes(std::span(&candidate.fingerprint, 1))
                            : std::span(buffer + candidate.offset, candidate.length);
    const OpenNote* const note = notes == nullptr ? nullptr : notes + i;
    if (!insert_one(seat, candidate, kept, note, done[i])) break;
    if (done[i].kind == Insertion::Kind::kNew) ++added;
  }
  if (added > 0) added_.fetch_add(added, std::memory_order_relaxed);
  return i;
}

// Brings the open state closer that will be looked at, if there is one.
void FingerprintSet::fetch(Fingerprint fingerprint) const {
  std::byte* const line = line_at(home_of(fingerprint, lines()));
  for (std::size_t i = 0; i < kSlots; ++i) {
    const std::uint64_t word = slot_at(line, i).load(std::memory_order_relaxed);
    if (word == 0) return;
    if (word >> kPlaceBits == open_tag(fingerprint) >> kPlaceBits) return open_.prefetch(place_in(word));
  }
}

// False if there is no room for a new state. `kept` is what the area keeps of the candidate.
bool FingerprintSet::insert_one(Seat& seat, const Candidate& candidate, std::span<const std::byte> kept,
                                const OpenNote* note, Insertion& done) {
  const std::uint64_t closed = closed_word(candidate.fingerprint);
  const std::uint64_t tag = open_tag(candidate.fingerprint) >> kPlaceBits;
  std::uint64_t at = home_of(candidate.fingerprint, lines());
  std::optional<OpenPlace> mine;
  for (;; at = line_after(at, lines())) {
    std::byte* const line = line_at(at);
    for (std::size_t i = 0; i < kSlots; ++i) {
      const Slot slot = slot_at(line, i);
      // Acquire: what an open word refers to was written before the word.
      std::uint64_t word = slot.load(std::memory_order_acquire);
      if (word == 0) {
        if (!mine) mine = open_.add(seat.block, candidate.link, kept, note);
        if (!mine) return false;
        if (slot.compare_exchange_strong(word, open_word(candidate.fingerprint, *mine), std::memory_order_acq_rel,
                                         std::memory_order_acquire)) {
          done = {Insertion::Kind::kNew, *mine};
          return true;
        }
      }
      if (word == closed) {
        if (mine) open_.take_back(seat.block, *mine);
        done = {};
        return true;
      }
      if (word >> kPlaceBits != tag) continue;
      const OpenPlace known = place_in(word);
      if (!equal(open_.encoding(known), kept) && fingerprint_of(known) != candidate.fingerprint) continue;
      if (mine) open_.take_back(seat.block, *mine);
      return meet(seat, slot, candidate, kept, note, done);
    }
  }
}

// The slot holds an open state of the same fingerprint, usually the same state.
bool FingerprintSet::meet(Seat& seat, Slot slot, const Candidate& candidate, std::span<const std::byte> kept,
                          const OpenNote* note, Insertion& done) {
  static constexpr OpenNote kEmpty;
  for (;;) {
    const OpenPlace place = place_in(slot.load(std::memory_order_acquire));
    done = {Insertion::Kind::kKnown, place};
    const std::atomic_ref<std::uint64_t> link = open_.link_word(place);
    std::uint64_t held = link.load(std::memory_order_relaxed);
    if (note == nullptr && held <= candidate.link.word()) return true;
    const bool same = equal(open_.encoding(place), kept);
    if (note != nullptr) open_.merge_note(place, same ? note->set : 0);
    if (held <= candidate.link.word()) return true;
    if (held == Link::kNoWord) continue;  // frozen: another state is about to take the slot
    // After a collision the state with the smaller link must be the one that survives, so that it takes the slot.
    const std::uint64_t lowered = same ? candidate.link.word() : Link::kNoWord;
    if (!same && !open_.has_room(1, kept.size())) return false;
    if (!link.compare_exchange_strong(held, lowered, std::memory_order_relaxed)) continue;
    if (same) {
      done.kind = Insertion::Kind::kLowered;
      return true;
    }
    const std::optional<OpenPlace> mine =
        open_.add(seat.block, candidate.link, kept, note == nullptr ? nullptr : &kEmpty);
    MC_ASSERT(mine, "there was room for another state");
    slot.store(open_word(candidate.fingerprint, *mine), std::memory_order_release);
    done = {Insertion::Kind::kLowered, *mine};
    return true;
  }
}

bool FingerprintSet::holds_closed(Fingerprint fingerprint, std::span<const std::byte> /*encoding*/) const {
  for (std::uint64_t at = home_of(fingerprint, lines());; at = line_after(at, lines())) {
    for (std::size_t i = 0; i < kSlots; ++i) {
      const std::uint64_t word = slot_at(line_at(at), i).load(std::memory_order_relaxed);
      if (word == 0) return false;
      if (word == closed_word(fingerprint)) return true;
    }
  }
}

void FingerprintSet::close(std::span<const Move> moves) {
  for (const Move& move : moves) {
    const std::uint64_t word = open_word(move.fingerprint, move.from);
    bool found = false;
    for (std::uint64_t at = home_of(move.fingerprint, lines()); !found; at = line_after(at, lines())) {
      for (std::size_t i = 0; i < kSlots && !found; ++i) {
        const Slot slot = slot_at(line_at(at), i);
        const std::uint64_t held = slot.load(std::memory_order_relaxed);
        MC_ASSERT(held != 0, "every open state is in the table");
        if (held != word) continue;
        slot.store(closed_word(move.fingerprint), std::memory_order_relaxed);
        found = true;
      }
    }
  }
}

void FingerprintSet::rebuild(const Forecast& forecast, bool within_level) {
  const std::uint64_t to_lines = lines_for(forecast, kSlots, kGrowth);
  require((to_lines - lines()) * kLineBytes);
  Region& from = memories_[current_];
  Region& to = memories_[1 - current_];
  to.announce(to_lines * kLineBytes);
  const std::uint64_t tasks = (lines() + kLinesPerTask - 1) / kLinesPerTask;
  const auto move = [&](std::size_t i) {
    const std::uint64_t first = i * kLinesPerTask;
    const std::uint64_t end = std::min(lines(), first + kLinesPerTask);
    move_lines(first, end, within_level, to.data(), to_lines);
    from.release(first * kLineBytes, end * kLineBytes);
  };
  if (within_level) {
    for (std::size_t i = 0; i < tasks; ++i) move(i);
  } else {
    parallel_for(tasks, move);
  }
  current_ = 1 - current_;
  use_table(to.data(), to_lines, kSlots);
}

void FingerprintSet::move_lines(std::uint64_t first, std::uint64_t end, bool within_level, std::byte* to,
                                std::uint64_t to_lines) {
  for (std::uint64_t at = first; at < end; ++at) {
    const std::uint64_t highest = at >= lines() / 2 ? kHighest : 0;
    for (std::size_t i = 0; i < kSlots; ++i) {
      std::uint64_t word = slot_at(line_at(at), i).load(std::memory_order_relaxed);
      if (word == 0) break;  // lines fill from the front
      Fingerprint fingerprint = word | highest;
      if (is_open(word)) {
        fingerprint = fingerprint_of(place_in(word));
        if (!within_level) word = closed_word(fingerprint);
      }
      bool placed = false;
      for (std::uint64_t line = home_of(fingerprint, to_lines); !placed; line = line_after(line, to_lines)) {
        for (std::size_t k = 0; k < kSlots && !placed; ++k) {
          std::uint64_t free = 0;
          const Slot slot = slot_at(to + line * kLineBytes, k);
          placed = slot.load(std::memory_order_relaxed) == 0 &&
                   slot.compare_exchange_strong(free, word, std::memory_order_relaxed);
        }
      }
    }
  }
}

}  // namespace mc
