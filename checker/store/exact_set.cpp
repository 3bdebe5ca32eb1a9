#include "checker/store/exact_set.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <new>

#include "checker/store/parallel.hpp"

namespace mc {
namespace {

constexpr std::size_t kAhead = 8;  // how many candidates ahead states are fetched that are to be compared
constexpr std::uint64_t kStatesPerTask = 4096;
constexpr std::size_t kBytesPerTask = std::size_t{1} << 20U;
constexpr double kGrowth = 1.25;  // a new table is made from all states, so that smaller steps would cost time
constexpr StateRef kNobody = ~StateRef{0};
constexpr std::uint64_t kNamesMax = (std::uint64_t{1} << 32U) - 2;

/// Calls `body(first, end)` for pieces of [0, count).
template <class Body>
void for_pieces(std::uint64_t count, std::uint64_t piece, bool in_parallel, const Body& body) {
  const std::uint64_t pieces = (count + piece - 1) / piece;
  const auto one = [&](std::size_t i) { body(i * piece, std::min(count, (i + 1) * piece)); };
  if (in_parallel) return parallel_for(pieces, one);
  for (std::size_t i = 0; i < pieces; ++i) one(i);
}

}  // namespace

ExactSet::ExactSet(Hash hash) : VisitedSet(hash) {
  rebuild({.states = 2048, .last = 2048, .open_units = std::uint64_t{1} << 17U}, false);
}

std::size_t ExactSet::insert_some(Seat& seat, const std::byte* buffer, std::span<const Candidate> candidates,
                                  Insertion* done) {
  if (wide_) return insert_as(WideLines(), seat, buffer, candidates, done);
  return insert_as(NarrowLines(index_bits_), seat, buffer, candidates, done);
}

template <class Lines>
std::size_t ExactSet::insert_as(Lines lines, Seat& seat, const std::byte* buffer, std::span<const Candidate> candidates,
                                Insertion* done) {
  // The state that a candidate will be compared with first; most candidates are known, and are that one.
  std::array<StateRef, kAhead> likely{};
  const auto fetch = [&](std::size_t i) {
    const Candidate& candidate = candidates[i];
    std::byte* const line = line_at(home_of(candidate.fingerprint, this->lines()));
    const LineView view = lines.look(line, candidate.fingerprint);
    StateRef& state = likely[i % kAhead];
    state = kNobody;
    if (view.matches == 0) return;
    state = lines.index(line, static_cast<std::size_t>(std::countr_zero(view.matches)));
    if (state < first_open_) {
      states_.prefetch(state);
    } else {
      open_.prefetch(place_of(state));
    }
  };
  const std::size_t count = candidates.size();
  std::size_t added = 0;
  std::size_t i = 0;
  for (; i < std::min(kAhead, count); ++i) fetch(i);
  for (i = 0; i < count; ++i) {
    const Candidate& candidate = candidates[i];
    const std::span<const std::byte> encoding(buffer + candidate.offset, candidate.length);
    const StateRef state = likely[i % kAhead];
    if (i + kAhead < count) fetch(i + kAhead);
    if (state != kNobody && equal(encoding_of(state), encoding)) {
      done[i] = meet(state, candidate.link);
      continue;
    }
    if (!insert_one(lines, seat, candidate, encoding, done[i])) break;
    if (done[i].kind == Insertion::Kind::kNew) ++added;
  }
  if (added > 0) added_.fetch_add(added, std::memory_order_relaxed);
  return i;
}

// False if there is no room for a new state.
template <class Lines>
bool ExactSet::insert_one(Lines lines, Seat& seat, const Candidate& candidate, std::span<const std::byte> encoding,
                          Insertion& done) {
  std::uint64_t at = home_of(candidate.fingerprint, this->lines());
  std::optional<OpenPlace> mine;
  for (;;) {
    std::byte* const line = line_at(at);
    const LineView view = lines.look(line, candidate.fingerprint);
    for (std::uint32_t left = view.matches; left != 0; left &= left - 1) {
      const StateRef state = lines.index(line, static_cast<std::size_t>(std::countr_zero(left)));
      if (!equal(encoding_of(state), encoding)) continue;
      if (mine) OpenArea::take_back(seat.block, *mine);
      done = meet(state, candidate.link);
      return true;
    }
    if (view.free == 0) {
      at = at + 1 == this->lines() ? 0 : at + 1;
      continue;
    }
    if (!mine) mine = open_.add(seat.block, candidate.link, encoding);
    if (!mine) return false;
    const auto state = static_cast<StateRef>(first_open_ + *mine);
    if (lines.claim(line, static_cast<std::size_t>(std::countr_zero(view.free)), candidate.fingerprint, state)) {
      done = {Insertion::Kind::kNew, state};
      return true;
    }
    // Somebody else took the slot, perhaps for the same state: the line is looked at again.
  }
}

void ExactSet::close(std::span<const Move> moves) {
  if (wide_) return close_as(WideLines(), moves);
  close_as(NarrowLines(index_bits_), moves);
}

template <class Lines>
void ExactSet::close_as(Lines lines, std::span<const Move> moves) {
  for (const Move& move : moves) {
    const auto from = static_cast<StateRef>(first_open_ + move.from);
    bool found = false;
    for (std::uint64_t at = home_of(move.fingerprint, this->lines()); !found;
         at = at + 1 == this->lines() ? 0 : at + 1) {
      std::byte* const line = line_at(at);
      const LineView view = lines.look(line, move.fingerprint);
      for (std::uint32_t left = view.matches; left != 0 && !found; left &= left - 1) {
        const auto slot = static_cast<std::size_t>(std::countr_zero(left));
        if (lines.index(line, slot) != from) continue;
        lines.renumber(line, slot, static_cast<StateRef>(move.to));
        found = true;
      }
      MC_ASSERT(found || view.free == 0, "every open state is in the table");
    }
  }
}

bool ExactSet::fits(const Forecast& forecast) const {
  // Names that do not suffice are no reason for a new table once they are as long as they can be.
  const bool names = wide_ || forecast.states + forecast.open_units <= states_limit_;
  return names && fits_lines(forecast, wide_ ? WideLines::kSlots : NarrowLines::kSlots);
}

void ExactSet::rebuild(const Forecast& forecast, bool within_level) {
  const std::vector<StateRef> open = within_level ? open_states() : std::vector<StateRef>();
  const std::uint64_t names = forecast.states + forecast.open_units;
  const bool wide = wide_ || names > (std::uint64_t{1} << NarrowLines::kIndexBitsMax) - 2;
  const std::uint64_t slots = wide ? WideLines::kSlots : NarrowLines::kSlots;
  const std::uint64_t lines = lines_for(forecast, slots, kGrowth);
  const std::uint64_t bytes = lines * kLineBytes;
  if (within_level && wide_ && open_.units() + first_open_ + (1U << 20U) > kNamesMax) throw std::bad_alloc();
  require(bytes > table_bytes_ ? bytes - table_bytes_ : 0);
  table_memory_.announce(bytes);
  for_pieces(table_bytes_, kBytesPerTask, !within_level, [&](std::uint64_t first, std::uint64_t end) {
    std::memset(table_memory_.data() + first, 0, end - first);
  });
  table_bytes_ = std::max(table_bytes_, bytes);
  wide_ = wide;
  index_bits_ = wide ? 0 : std::max(index_bits_, static_cast<unsigned>(std::bit_width(names + 2)));
  states_limit_ = wide ? kNamesMax : (std::uint64_t{1} << index_bits_) - 2;
  open_.set_limit(open_units_max(), forecast.open_units);
  use_table(table_memory_.data(), lines, slots);
  if (wide_) return fill(WideLines(), open, !within_level);
  fill(NarrowLines(index_bits_), open, !within_level);
}

// The open states by what the table still says.
std::vector<StateRef> ExactSet::open_states() const {
  std::vector<StateRef> open;
  const std::size_t slots = wide_ ? WideLines::kSlots : NarrowLines::kSlots;
  for (std::uint64_t at = 0; at < lines(); ++at) {
    std::byte* const line = line_at(at);
    for (std::size_t slot = 0; slot < slots; ++slot) {
      if (word_at(line, slot).load(std::memory_order_relaxed) == 0) continue;
      const StateRef state = wide_ ? WideLines().index(line, slot) : NarrowLines(index_bits_).index(line, slot);
      if (state >= first_open_) open.push_back(state);
    }
  }
  return open;
}

template <class Lines>
void ExactSet::place(Lines lines, Fingerprint fingerprint, StateRef state) {
  std::uint64_t at = home_of(fingerprint, this->lines());
  for (;;) {
    std::byte* const line = line_at(at);
    const std::uint32_t free = lines.look(line, fingerprint).free;
    if (free == 0) {
      at = at + 1 == this->lines() ? 0 : at + 1;
    } else if (lines.claim(line, static_cast<std::size_t>(std::countr_zero(free)), fingerprint, state)) {
      return;
    }
  }
}

template <class Lines>
void ExactSet::fill(Lines lines, std::span<const StateRef> open, bool in_parallel) {
  for_pieces(closed_, kStatesPerTask, in_parallel, [&](std::uint64_t first, std::uint64_t end) {
    std::array<Fingerprint, kBatchMax> batch{};
    for (std::uint64_t id = first; id < end; id += kBatchMax) {
      const std::uint64_t count = std::min<std::uint64_t>(kBatchMax, end - id);
      for (std::uint64_t i = 0; i < count; ++i) {
        batch[i] = hash_of(states_[id + i]);
        prefetch(batch[i]);
      }
      for (std::uint64_t i = 0; i < count; ++i) place(lines, batch[i], static_cast<StateRef>(id + i));
    }
  });
  for (const StateRef state : open) place(lines, hash_of(encoding_of(state)), state);
}

}  // namespace mc
