#include "checker/store/fingerprint_set.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "checker/store/parallel.hpp"

namespace mc {
namespace {

constexpr double kGrowth = 1.20;   // lines move to the new table in order, which is cheap
constexpr std::size_t kAhead = 8;  // how many candidates ahead states are fetched that are to be compared
constexpr std::uint64_t kLinesAhead = 8;
// Old lines are given back in pieces of this size as the new table fills, so that two tables never lie side by side.
constexpr std::uint64_t kLinesPerTask = (std::uint64_t{2} << 20U) / kLineBytes;

std::size_t first_of(std::uint32_t slots) {
  return static_cast<std::size_t>(std::countr_zero(slots));
}

}  // namespace

FingerprintSet::FingerprintSet(Hash hash) : VisitedSet(hash) {
  rebuild({.states = 0, .last = 0, .open_units = 0}, false);
}

std::size_t FingerprintSet::insert_some(Seat& seat, const std::byte* buffer, std::span<const Candidate> candidates,
                                        Insertion* done) {
  using Guess = FingerprintLine::Guess;
  // Most candidates are known: closed ones at a glance, open ones by their encoding, which is brought closer.
  std::array<Guess, kAhead> guesses{};
  const auto guess = [&](std::size_t i) {
    const FingerprintKey key = spread_.key_of(candidates[i].fingerprint);
    const Guess guessed = FingerprintLine(line_at(key.home)).guess(key);
    guesses[i % kAhead] = guessed;
    if (guessed.kind == Guess::Kind::kOpen) open_.prefetch(guessed.place);
    if (guessed.kind != Guess::Kind::kElsewhere) return;
    const std::uint64_t next = spread_.next(key.home, key);
    __builtin_prefetch(line_at(next), 1);
    __builtin_prefetch(line_at(spread_.next(next, key)), 1);
  };
  const std::size_t count = candidates.size();
  std::size_t added = 0;
  std::size_t i = 0;
  for (; i < std::min(kAhead, count); ++i) guess(i);
  for (i = 0; i < count; ++i) {
    const Candidate& candidate = candidates[i];
    const Guess guessed = guesses[i % kAhead];
    if (i + kAhead < count) guess(i + kAhead);
    if (guessed.kind == Guess::Kind::kClosed) {
      done[i] = {};
      continue;
    }
    const auto kept = lean_ ? std::as_bytes(std::span(&candidate.fingerprint, 1))
                            : std::span(buffer + candidate.offset, candidate.length);
    if (guessed.kind == Guess::Kind::kOpen && equal(open_.encoding(guessed.place), kept) &&
        meet_same(guessed.place, candidate, done[i])) {
      continue;
    }
    if (!insert_one(seat, candidate, kept, done[i])) break;
    if (done[i].kind == Insertion::Kind::kNew) ++added;
  }
  if (added > 0) added_.fetch_add(added, std::memory_order_relaxed);
  return i;
}

// False if there is no room for a new state. `kept` is what the area keeps of the candidate.
bool FingerprintSet::insert_one(Seat& seat, const Candidate& candidate, std::span<const std::byte> kept,
                                Insertion& done) {
  const FingerprintKey key = spread_.key_of(candidate.fingerprint);
  std::uint64_t at = key.home;
  std::uint64_t steps = 0;
  std::optional<OpenPlace> mine;
  for (;;) {
    const FingerprintLine line(line_at(at));
    const FingerprintLine::View view = line.look(key, steps);
    if (view.closed || (steps == FingerprintLine::kStepsMax + 1 && strays_.contains(candidate.fingerprint))) {
      if (mine) OpenArea::take_back(seat.block, *mine);
      done = {};
      return true;
    }
    for (std::uint32_t left = view.open; left != 0; left &= left - 1) {
      const OpenPlace known = line.place(first_of(left));
      if (!equal(open_.encoding(known), kept) && fingerprint_of(known) != candidate.fingerprint) continue;
      if (mine) OpenArea::take_back(seat.block, *mine);
      return meet(seat, line, first_of(left), candidate, kept, done);
    }
    if (view.free == 0) {
      at = spread_.next(at, key);
      ++steps;
      continue;
    }
    if (!mine) mine = open_.add(seat.block, candidate.link, kept);
    if (!mine) return false;
    if (line.claim(first_of(view.free), key, *mine)) {
      done = {Insertion::Kind::kNew, *mine};
      return true;
    }
    // Somebody else took the slot, perhaps for the same state: the line is looked at again.
  }
}

// The slot holds an open state of the same fingerprint, usually the same state. False if there is no room for this one.
bool FingerprintSet::meet(Seat& seat, FingerprintLine line, std::size_t slot, const Candidate& candidate,
                          std::span<const std::byte> kept, Insertion& done) {
  for (;;) {
    const OpenPlace place = line.place(slot);
    if (equal(open_.encoding(place), kept)) {
      if (meet_same(place, candidate, done)) return true;
      continue;
    }
    // After a collision the state with the smaller link must be the one that survives, so that it takes the slot.
    done = {Insertion::Kind::kKnown, place};
    const std::atomic_ref<std::uint64_t> link = open_.link_word(place);
    std::uint64_t held = link.load(std::memory_order_relaxed);
    if (held <= candidate.link.word()) return true;
    if (held == Link::kNoWord) continue;
    if (!open_.has_room(1, kept.size())) return false;
    if (!link.compare_exchange_strong(held, Link::kNoWord, std::memory_order_relaxed)) continue;
    const std::optional<OpenPlace> mine = open_.add(seat.block, candidate.link, kept);
    MC_ASSERT(mine, "there was room for another state");
    line.replace(slot, *mine);
    done = {Insertion::Kind::kLowered, *mine};
    return true;
  }
}

// The open state of that place is the candidate's. False if it is frozen: another state is about to take the slot.
bool FingerprintSet::meet_same(OpenPlace place, const Candidate& candidate, Insertion& done) const {
  const std::atomic_ref<std::uint64_t> link = open_.link_word(place);
  done = {Insertion::Kind::kKnown, place};
  std::uint64_t held = link.load(std::memory_order_relaxed);
  while (candidate.link.word() < held) {
    if (held == Link::kNoWord) return false;
    if (!link.compare_exchange_weak(held, candidate.link.word(), std::memory_order_relaxed)) continue;
    done.kind = Insertion::Kind::kLowered;
    break;
  }
  return true;
}

// All states go along their paths together, so that their cache misses overlap.
void FingerprintSet::close(std::span<const Move> moves) {
  struct Walk {
    const Move* move = nullptr;
    FingerprintKey key;
    std::uint64_t at = 0;
  };
  MC_ASSERT(moves.size() <= kBatchMax, "states are closed in batches");
  std::array<Walk, kBatchMax> walks;
  std::size_t left = 0;
  for (const Move& move : moves) {
    const FingerprintKey key = spread_.key_of(move.fingerprint);
    walks[left++] = {&move, key, key.home};
  }
  for (std::uint64_t steps = 0; left > 0; ++steps) {
    const std::span<const Walk> walking(walks.data(), std::exchange(left, 0));
    for (const Walk& walk : walking) {
      const FingerprintLine line(line_at(walk.at));
      const std::optional<std::size_t> slot = line.slot_of(walk.move->from);
      if (!slot) {
        const std::uint64_t next = spread_.next(walk.at, walk.key);
        __builtin_prefetch(line_at(next), 1);
        walks[left++] = {walk.move, walk.key, next};
      } else if (steps <= FingerprintLine::kStepsMax) {
        line.close(*slot, walk.key, steps);
      } else {
        line.vacate(*slot);
        const std::lock_guard lock(stray_mutex_);
        strays_.insert(walk.move->fingerprint);
      }
    }
  }
}

// `used` tells how many slots of a line are in use, and is told if it wants to be.
template <class Used>
bool FingerprintSet::Target::put(const Moving& state, std::uint64_t first, std::uint64_t end, const Used& used) const {
  const FingerprintKey key = spread.key_of(state.fingerprint);
  std::uint64_t at = key.home;
  for (std::uint64_t steps = 0; state.open || steps <= FingerprintLine::kStepsMax; ++steps, at = spread.next(at, key)) {
    if (at < first || at >= end) return false;
    auto&& slot = used(at);
    if (slot == FingerprintLine::kSlots) continue;
    const FingerprintLine line(table + at * kLineBytes);
    if (state.open) {
      line.put_open(slot, key, *state.open);
    } else {
      line.put_closed(slot, key, steps);
    }
    ++slot;
    return true;
  }
  return false;
}

void FingerprintSet::rebuild(const Forecast& forecast, bool within_level) {
  const std::uint64_t to_lines =
      std::max(lines_for(forecast, FingerprintLine::kSlots, kGrowth), FingerprintSpread::kLinesMin);
  require((to_lines - lines()) * kLineBytes);
  // In order, and every piece to a part of the new table that is its own; what has to go elsewhere, last, as it may go
  // anywhere, and memory is taken where something goes.
  Region& from = memories_[current_];
  Region& to = memories_[1 - current_];
  to.announce(to_lines * kLineBytes);
  const Target target{to.data(), FingerprintSpread(to_lines)};
  const std::uint64_t tasks = (lines() + kLinesPerTask - 1) / kLinesPerTask;
  std::vector<std::vector<Moving>> left(tasks);
  const auto move = [&](std::size_t i) {
    const std::uint64_t first = i * kLinesPerTask;
    const std::uint64_t end = std::min(lines(), first + kLinesPerTask);
    left[i] = move_lines(first, end, target);
    from.release(first * kLineBytes, end * kLineBytes);
  };
  if (within_level) {
    for (std::size_t i = 0; i < tasks; ++i) move(i);
  } else {
    parallel_for(tasks, move);
  }
  const std::unordered_set<Fingerprint> strays = std::exchange(strays_, {});
  const auto settle = [&](const Moving& state) {
    const auto used = [&](std::uint64_t line) { return FingerprintLine(to.data() + line * kLineBytes).used(); };
    if (!target.put(state, 0, to_lines, used)) strays_.insert(state.fingerprint);
  };
  for (const std::vector<Moving>& states : left) std::for_each(states.begin(), states.end(), settle);
  for (const Fingerprint fingerprint : strays) settle({fingerprint, std::nullopt});
  from.shrink();
  current_ = 1 - current_;
  spread_ = target.spread;
  use_table(to.data(), to_lines, FingerprintLine::kSlots);
}

// Moves the states of these lines to the part of the target that is theirs alone. Returns those that need other lines.
std::vector<FingerprintSet::Moving> FingerprintSet::move_lines(std::uint64_t first, std::uint64_t end,
                                                               const Target& target) const {
  const auto scaled = [&](std::uint64_t line) {
    return static_cast<std::uint64_t>(static_cast<Product>(line) * target.spread.lines() / lines());
  };
  const std::uint64_t to_first = scaled(first);
  const std::uint64_t to_end = scaled(end);
  // Counted here: reading back what has just been written in smaller pieces would make the processor wait.
  std::vector<std::uint8_t> counts(to_end - to_first);
  const auto used = [&](std::uint64_t line) -> std::uint8_t& { return counts[line - to_first]; };
  std::vector<Moving> left;
  const auto move = [&](const Moving& state) {
    if (!target.put(state, to_first, to_end, used)) left.push_back(state);
  };
  for (std::uint64_t at = first; at < end; ++at) {
    __builtin_prefetch(line_at(at + kLinesAhead));
    __builtin_prefetch(target.table + scaled(at + kLinesAhead) * kLineBytes, 1);
    FingerprintLine(line_at(at))
        .for_each(
            [&](std::uint64_t rest, std::uint64_t steps) {
              move({spread_.fingerprint_of({spread_.home_of(at, rest, steps), rest}), std::nullopt});
            },
            [&](OpenPlace place) {
              move({fingerprint_of(place), place});
            });
  }
  return left;
}

}  // namespace mc
