#include "checker/store/visited_set.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <new>
#include <thread>

#include "checker/store/exact_set.hpp"
#include "checker/store/fingerprint_set.hpp"
#include "checker/store/parallel.hpp"

namespace mc {
namespace {

// Of the slots of a table. Lines of many slots stay short to search up to here; see results/bench.
constexpr double kLoadMax = 0.95;     // within a level
constexpr double kLoadCalm = 0.92;    // expected at the end of the next level
constexpr double kLoadMade = 0.90;    // the same, when a table is made
constexpr double kGrowthSmall = 2.0;  // of a table of fewer slots than kSmall; its memory does not count
constexpr double kSmall = 1 << 20;
constexpr double kFarAway = 1e15;
constexpr std::uint64_t kParallelFrom = 4096;

std::uint64_t rounded(double number) {
  return static_cast<std::uint64_t>(number) + 1;
}

/// Narrow levels are closed on one thread: waking others would take longer.
template <class Body>
void for_all(std::size_t count, bool in_parallel, const Body& body) {
  if (in_parallel) return parallel_for(count, body);
  for (std::size_t i = 0; i < count; ++i) body(i);
}

/// Shows in a seat that its thread is inside, as long as it lives.
class Inside {
 public:
  explicit Inside(Seat& seat) : seat_(seat) {}
  ~Inside() { seat_.inside.store(false, std::memory_order_release); }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  Seat& seat_;
};

}  // namespace

std::string_view to_string(StoreKind kind) {
  switch (kind) {
    case StoreKind::kExact: return "exact";
    case StoreKind::kFingerprint: return "fingerprint";
  }
  MC_ASSERT(false, "every store has a word");
}

std::optional<StoreKind> store_kind(std::string_view name) {
  for (const StoreKind kind : {StoreKind::kExact, StoreKind::kFingerprint}) {
    if (name == to_string(kind)) return kind;
  }
  return std::nullopt;
}

std::unique_ptr<VisitedSet> make_visited_set(StoreKind kind, VisitedSet::Hash hash) {
  if (kind == StoreKind::kExact) return std::make_unique<ExactSet>(hash);
  return std::make_unique<FingerprintSet>(hash);
}

Seat& VisitedSet::add_seat() {
  const std::lock_guard lock(grow_mutex_);
  seat_count_.fetch_add(1, std::memory_order_relaxed);
  return seats_.emplace_back();
}

template <class Body>
void VisitedSet::go_inside(Seat& seat, const Body& body) {
  for (;;) {
    seat.inside.store(true, std::memory_order_seq_cst);
    if (!growing_.load(std::memory_order_seq_cst)) break;
    seat.inside.store(false, std::memory_order_release);
    const std::lock_guard wait(grow_mutex_);
  }
  const Inside inside(seat);
  body();
}

void VisitedSet::insert(Seat& seat, const std::byte* buffer, std::span<const Candidate> candidates, Insertion* done) {
  while (!candidates.empty()) {
    std::size_t count = 0;
    go_inside(seat, [&] {
      if (has_room(0)) count = insert_some(seat, buffer, candidates, done);
    });
    candidates = candidates.subspan(count);
    done += count;
    if (!candidates.empty()) grow_within_level(candidates.front().length);
  }
}

bool VisitedSet::has_room(std::size_t length) const {
  return closed_ + added_.load(std::memory_order_relaxed) + seat_count_.load(std::memory_order_relaxed) * kBatchMax <=
             states_max_ &&
         open_.has_room(seat_count_.load(std::memory_order_relaxed), length);
}

void VisitedSet::grow_within_level(std::size_t length) {
  const std::lock_guard lock(grow_mutex_);
  if (has_room(length)) return;  // somebody else was faster
  growing_.store(true, std::memory_order_seq_cst);
  for (const Seat& seat : seats_) {
    while (seat.inside.load(std::memory_order_seq_cst)) std::this_thread::yield();
  }
  const auto added = static_cast<double>(added_.load(std::memory_order_relaxed));
  const std::uint64_t slack = seat_count_.load(std::memory_order_relaxed) * kBatchMax;
  Forecast forecast;
  forecast.states = closed_ + rounded(2 * added) + slack;
  forecast.last = static_cast<std::uint64_t>(kFarAway);
  forecast.open_units =
      2 * (open_.units() + seat_count_.load(std::memory_order_relaxed) * OpenArea::units_with_block(length));
  try {
    open_.set_limit(open_units_max(), forecast.open_units);
    if (!has_room(length)) rebuild(forecast, true);
    if (!has_room(length)) throw std::bad_alloc();  // nor would the next table bring it
  } catch (...) {
    growing_.store(false, std::memory_order_seq_cst);
    throw;
  }
  growing_.store(false, std::memory_order_seq_cst);
}

void VisitedSet::begin_level(bool lean) {
  MC_ASSERT(!lean || !keeps_encodings(), "a store that keeps encodings is not lean");
  lean_ = lean;
  const std::uint64_t used = open_.bytes();
  open_.clear(used);
  for (Seat& seat : seats_) seat.block = {};
  added_.store(0, std::memory_order_relaxed);
  first_open_ = closed_;
  open_.set_limit(open_units_max(), open_units_wanted_);
}

std::uint64_t VisitedSet::close_level(std::vector<Findings>& findings, Links& links) {
  std::vector<EncodingLengths> lengths(findings.size());
  const bool wide = added_.load(std::memory_order_relaxed) >= kParallelFrom;
  for_all(findings.size(), wide, [&](std::size_t i) { lengths[i] = settle(findings[i]); });
  std::vector<PartStart> starts;
  if (!keeps_encodings()) {
    states_.clear();
    first_kept_ = closed_;
  }
  std::uint64_t found = 0;
  EncodingLengths all;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    starts.push_back({closed_ + found, states_.bytes() + all.bytes});
    found += findings[i].states.size();
    all.add(lengths[i]);
  }
  if (found == 0) return 0;
  if (!lean_) {
    require(states_.extra_bytes(found, all));
    states_.extend(found, all);
  }
  const Forecast next = forecast(closed_ + found, found, all.bytes);
  open_units_wanted_ = next.open_units;
  const bool fits_next = fits(next);
  const bool tell_table = fits_next || !keeps_encodings();
  std::vector<PackedLinks> packed(findings.size());
  for_all(findings.size(), wide, [&](std::size_t i) {
    packed[i] = close_part(findings[i], starts[i], tell_table);
    std::vector<StateRef>().swap(findings[i].states);
  });
  links.append_level(packed);
  last_found_ = found;
  closed_ += found;
  if (!fits_next) {
    if (!keeps_encodings()) open_.release();  // before the table takes more
    rebuild(next, false);
  }
  return found;
}

// Keeps those states whose link comes from these parents: the others got a smaller one elsewhere.
EncodingLengths VisitedSet::settle(Findings& findings) const {
  EncodingLengths lengths;
  std::erase_if(findings.states, [&](StateRef state) {
    const std::uint64_t word = open_.link_word(place_of(state)).load(std::memory_order_relaxed);
    const StateId parent = Link::from_word(word).parent();
    if (word == Link::kNoWord || parent < findings.first_parent || parent >= findings.end_parent) return true;
    lengths.add(static_cast<std::uint32_t>(open_.encoding(place_of(state)).size()));
    return false;
  });
  return lengths;
}

PackedLinks VisitedSet::close_part(const Findings& findings, PartStart start, bool tell_table) {
  PackedLinks packed(findings.first_parent);
  std::uint64_t& id = start.id;
  std::vector<Move> moves;
  moves.reserve(kBatchMax);
  for (const StateRef state : findings.states) {
    const OpenPlace place = place_of(state);
    const std::span<const std::byte> encoding = open_.encoding(place);
    const std::atomic_ref<std::uint64_t> word = open_.link_word(place);
    packed.add(Link::from_word(word.load(std::memory_order_relaxed)));
    if (!lean_) states_.place(id - first_kept_, start.bytes, encoding);
    word.store(id, std::memory_order_relaxed);  // for id_of
    if (tell_table) {
      moves.push_back({fingerprint_of(place), place, id});
      prefetch(moves.back().fingerprint);
      if (moves.size() == kBatchMax) {
        close(moves);
        moves.clear();
      }
    }
    start.bytes += encoding.size();
    ++id;
  }
  close(moves);
  return packed;
}

StateId VisitedSet::id_of(StateRef state) const {
  MC_ASSERT(keeps_encodings(), "a store that keeps no encodings does not name closed states");
  if (state < first_open_) return {state};
  return {open_.link_word(place_of(state)).load(std::memory_order_relaxed)};
}

VisitedSet::Forecast VisitedSet::forecast(std::uint64_t closed, std::uint64_t found, std::uint64_t bytes) const {
  const double ratio = std::min(4.0, static_cast<double>(found) / static_cast<double>(last_found_));
  const double next = 1.1 * ratio * static_cast<double>(found);
  const double rest = ratio < 0.97 ? next / (1.0 - ratio) : kFarAway;
  const std::uint64_t slack = seat_count_.load(std::memory_order_relaxed) * kBatchMax;
  Forecast forecast;
  forecast.states = closed + rounded(next) + slack;
  forecast.last = closed + rounded(rest) + slack;
  forecast.open_units = rounded(1.2 * next) * OpenArea::units_of(bytes / found + 1) +
                        2 * seat_count_.load(std::memory_order_relaxed) * OpenArea::units_with_block(0);
  return forecast;
}

void VisitedSet::require(std::uint64_t bytes) const {
  if (permit_ && !permit_(bytes)) throw std::bad_alloc();
}

void VisitedSet::use_table(std::byte* table, std::uint64_t lines, std::uint64_t slots_per_line) {
  table_.store(table, std::memory_order_relaxed);
  lines_.store(lines, std::memory_order_relaxed);
  slots_.store(lines * slots_per_line, std::memory_order_relaxed);
  states_max_ = static_cast<std::uint64_t>(kLoadMax * static_cast<double>(lines * slots_per_line));
}

bool VisitedSet::fits_lines(const Forecast& forecast, std::uint64_t slots_per_line) const {
  return static_cast<double>(forecast.states) <= kLoadCalm * static_cast<double>(lines() * slots_per_line);
}

std::uint64_t VisitedSet::lines_for(const Forecast& forecast, std::uint64_t slots_per_line, double growth) const {
  const auto now = static_cast<double>(lines() * slots_per_line);
  const double grown = now * (now < kSmall ? kGrowthSmall : growth);
  const double needed = static_cast<double>(forecast.states) / kLoadMade;
  const double last = static_cast<double>(forecast.last) / kLoadMade;
  const double slots = std::max({needed, std::min(grown, last), now});
  return 2 * rounded(slots / static_cast<double>(2 * slots_per_line));
}

}  // namespace mc
