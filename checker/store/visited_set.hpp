// Who has been seen. One interface for the stores: `exact` keeps whole encodings, `fingerprint` keeps 64-bit hashes.
// Used by the engine; knows encodings as bytes only. A set alternates between two phases that never overlap:
// within a level any number of threads call `prefetch` and `insert`; between levels one thread calls the rest.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "checker/core/fingerprint.hpp"
#include "checker/store/lines.hpp"
#include "checker/store/link.hpp"
#include "checker/store/links.hpp"
#include "checker/store/open_area.hpp"
#include "checker/store/region.hpp"
#include "checker/store/state_array.hpp"

namespace mc {

enum class StoreKind : std::uint8_t {
  kExact,        ///< whole encodings: no state is ever omitted
  kFingerprint,  ///< 64-bit fingerprints: smaller, and a state is omitted with the odds that the report states
};

/// The word for a store in options and reports: "exact", "fingerprint".
[[nodiscard]] std::string_view to_string(StoreKind kind);
/// The store of that name; empty if there is none.
[[nodiscard]] std::optional<StoreKind> store_kind(std::string_view name);

/// A state that somebody was led to. `fingerprint` is that of its encoding, which stands in a buffer of the caller's.
struct Candidate {
  Fingerprint fingerprint = 0;
  Link link;
  std::uint32_t offset = 0;  ///< in the buffer
  std::uint32_t length = 0;  ///< at most kEncodingBytesMax
};

/// Names a state until the next level begins: an open one by its place, in the exact store behind all closed ones,
/// which are named by their id. The fingerprint store does not name closed states.
using StateRef = std::uint32_t;

/// What an insertion did.
struct Insertion {
  enum class Kind : std::uint8_t {
    kKnown,    ///< nothing: the state was closed, or open with a smaller link
    kNew,      ///< the state is open now
    kLowered,  ///< the state was open and has this smaller link now
  };
  Kind kind = Kind::kKnown;
  StateRef state = 0;
};

/// What one run of parents found: states that were new or got a smaller link when they were inserted, in the order of
/// those links.
struct Findings {
  StateId first_parent;
  StateId end_parent;  ///< one behind the last
  std::vector<StateRef> states;
};

/// The seat of one thread in a set. Belongs to the set.
struct alignas(64) Seat {
  OpenBlock block;
  std::atomic<bool> inside = false;
};

/// Invariants of every store:
///  1. A state is either closed (found in an earlier level) or open (found in this level), never both.
///  2. Closed states do not change within a level, so they are read without a lock.
///  3. The link of an open state is the minimum of the links with which it was inserted: it does not depend on the
///     order of insertions. With fingerprints, the bytes kept for the frontier belong to that minimal link too.
///  4. The table is an array of lines. A fingerprint has a path of lines from its home on; slots fill from the first of
///     the home line on and are not emptied within a level, so that two threads that insert one state compete for one
///     slot.
///  5. Nobody is inside `insert` while the table is rebuilt: whoever goes in shows it in its seat first and then looks
///     whether somebody rebuilds, who waits for all seats after saying so (both sequentially consistent).
class VisitedSet {
 public:
  using Hash = Fingerprint (*)(std::span<const std::byte>);
  /// Asked before the store takes this many more bytes at once.
  using Permit = std::function<bool(std::uint64_t bytes)>;

  /// `hash` gives the fingerprints that `insert` is called with; null stands for `fingerprint`.
  explicit VisitedSet(Hash hash) : hash_(hash) {}
  VisitedSet(const VisitedSet&) = delete;
  VisitedSet& operator=(const VisitedSet&) = delete;
  virtual ~VisitedSet() = default;

  /// A seat for one more thread. Thread-safe.
  [[nodiscard]] Seat& add_seat();
  /// Whom to ask for more memory; a refusal ends in std::bad_alloc. May be asked by any thread.
  void ask(Permit permit) { permit_ = std::move(permit); }

  /// Brings the memory that `insert` will look at first closer. Thread-safe within a level.
  void prefetch(Fingerprint fingerprint) const {
    // Relaxed, and of no harm if the table is replaced just now: nothing is read.
    const std::uint64_t line = home_of(fingerprint, lines_.load(std::memory_order_relaxed));
    __builtin_prefetch(table_.load(std::memory_order_relaxed) + line * kLineBytes, 1);
  }
  /// Looks the candidates up and adds those that are new, in their order; `done[i]` says what became of candidate i. At
  /// most kBatchMax candidates. Thread-safe within a level, each thread with its own seat.
  void insert(Seat& seat, const std::byte* buffer, std::span<const Candidate> candidates, Insertion* done);
  static constexpr std::size_t kBatchMax = 64;

  /// A level begins: forgets what the last one left behind. `lean`: of the states that are found only fingerprints are
  /// kept, and `encoding` knows none of them after the level; requires a store that keeps no encodings of closed
  /// states.
  void begin_level(bool lean = false);
  /// Ends the level: puts the open states in the order of their links, which is their rank, closes them and appends
  /// their links. `findings` must hold every open state, in the order of their parents. Returns how many there were.
  /// Works in parallel.
  std::uint64_t close_level(std::vector<Findings>& findings, Links& links);
  /// After `close_level` and before `begin_level`: the id of a state that is named as in the level. Requires a store
  /// that keeps encodings.
  [[nodiscard]] StateId id_of(StateRef state) const;

  /// The encoding of a state of the last level that was closed; in the exact store of any closed state. Thread-safe.
  [[nodiscard]] std::span<const std::byte> encoding(StateId id) const { return states_[id.value - first_kept_]; }
  [[nodiscard]] std::uint64_t closed() const { return closed_; }
  /// How full the table is: states over slots. Belongs to the coordinating thread; within a level it is of the moment.
  [[nodiscard]] double table_load() const {
    return static_cast<double>(closed_ + added_.load(std::memory_order_relaxed)) /
           static_cast<double>(slots_.load(std::memory_order_relaxed));
  }
  /// Bytes of the encodings of the last level, if the store keeps no others; else nothing.
  [[nodiscard]] std::optional<std::uint64_t> last_level_bytes() const {
    return keeps_encodings() ? std::nullopt : std::optional(states_.bytes());
  }
  /// The encodings of the last level stand elsewhere now: gives their memory back. Between levels; requires a store
  /// that keeps no others.
  void forget_encodings() { states_.release(); }

  [[nodiscard]] virtual StoreKind kind() const = 0;
  /// Upper bound for the probability that a search that found `states` states omitted one.
  [[nodiscard]] virtual double omission_odds(std::uint64_t states) const = 0;

 protected:
  __extension__ typedef unsigned __int128 Product;  // NOLINT(modernize-use-using): `using` is no extension

  /// An open state that is closed.
  struct Move {
    Fingerprint fingerprint = 0;
    OpenPlace from = 0;
    std::uint64_t to = 0;  // id
  };
  /// What is known about the size of what comes.
  struct Forecast {
    std::uint64_t states = 0;      // closed, and open at the end of the next level
    std::uint64_t last = 0;        // closed at the end of the search, if levels go on shrinking; else a great number
    std::uint64_t open_units = 0;  // of the open area
  };

  /// Inserts candidates until one does not find room; returns how many.
  virtual std::size_t insert_some(Seat& seat, const std::byte* buffer, std::span<const Candidate> candidates,
                                  Insertion* done) = 0;
  /// Tells the table that open states are closed. Thread-safe between levels.
  virtual void close(std::span<const Move> moves) = 0;
  /// True if the table holds so many without growing.
  [[nodiscard]] virtual bool fits(const Forecast& forecast) const = 0;
  /// Makes a table for so many. Within a level the states of the area stay open; between levels they are closed, and
  /// `close` was told of them if only the table knows closed states.
  virtual void rebuild(const Forecast& forecast, bool within_level) = 0;
  /// True if closed states stay in `states_` for good, false if only those of the last level do.
  [[nodiscard]] virtual bool keeps_encodings() const = 0;
  /// How large the open area may become in this level.
  [[nodiscard]] virtual std::uint64_t open_units_max() const = 0;
  [[nodiscard]] virtual OpenPlace place_of(StateRef state) const = 0;

  [[nodiscard]] static std::uint64_t home_of(Fingerprint fingerprint, std::uint64_t lines) {
    return static_cast<std::uint64_t>((static_cast<Product>(fingerprint) * lines) >> 64U);
  }
  [[nodiscard]] std::byte* line_at(std::uint64_t line) const {
    return table_.load(std::memory_order_relaxed) + line * kLineBytes;
  }
  [[nodiscard]] std::uint64_t lines() const { return lines_.load(std::memory_order_relaxed); }
  [[nodiscard]] Fingerprint hash_of(std::span<const std::byte> bytes) const {
    return hash_ == nullptr ? fingerprint(bytes) : hash_(bytes);
  }
  /// Of an open state.
  [[nodiscard]] Fingerprint fingerprint_of(OpenPlace place) const {
    const std::span<const std::byte> kept = open_.encoding(place);
    if (!lean_) return hash_of(kept);
    Fingerprint fingerprint = 0;
    std::memcpy(&fingerprint, kept.data(), sizeof fingerprint);
    return fingerprint;
  }
  /// Throws std::bad_alloc if nobody may take so many more bytes.
  void require(std::uint64_t bytes) const;
  /// The table is this one from now on, and takes so many states.
  void use_table(std::byte* table, std::uint64_t lines, std::uint64_t slots_per_line);
  [[nodiscard]] bool fits_lines(const Forecast& forecast, std::uint64_t slots_per_line) const;
  /// How many lines a table for the forecast has, at least as many as now.
  [[nodiscard]] std::uint64_t lines_for(const Forecast& forecast, std::uint64_t slots_per_line, double growth) const;

  OpenArea open_;
  StateArray states_;
  std::uint64_t closed_ = 0;      // states
  std::uint64_t first_open_ = 0;  // `closed_` when the level began; in the exact store the first name of an open state
  std::atomic<std::uint64_t> added_ = 0;  // open states
  bool lean_ = false;                     // the area holds fingerprints and not encodings

 private:
  /// Calls `body` while the table stays: at once, or after somebody has rebuilt it.
  template <class Body>
  void go_inside(Seat& seat, const Body& body);
  [[nodiscard]] bool has_room(std::size_t length) const;
  void grow_within_level(std::size_t length);
  [[nodiscard]] Forecast forecast(std::uint64_t closed, std::uint64_t found, std::uint64_t bytes) const;
  /// Where the first state of a part goes.
  struct PartStart {
    std::uint64_t id = 0;
    std::uint64_t bytes = 0;
  };
  /// Returns the lengths of the states that it left.
  EncodingLengths settle(Findings& findings) const;
  PackedLinks close_part(const Findings& findings, PartStart start, bool tell_table);

  Hash hash_;
  Permit permit_;
  std::atomic<std::byte*> table_ = nullptr;
  std::atomic<std::uint64_t> lines_ = 0;
  std::atomic<std::uint64_t> slots_ = 1;
  std::uint64_t states_max_ = 0;         // more do not go into the table
  std::uint64_t first_kept_ = 0;         // id of the first state in states_
  std::uint64_t last_found_ = 1;         // in the level before
  std::uint64_t open_units_wanted_ = 0;  // in the next level, by its forecast
  std::mutex grow_mutex_;                // who rebuilds within a level, or changes seats_
  std::atomic<bool> growing_ = false;
  std::list<Seat> seats_;
  std::atomic<std::uint64_t> seat_count_ = 0;
};

/// `hash` as in the constructor of VisitedSet.
[[nodiscard]] std::unique_ptr<VisitedSet> make_visited_set(StoreKind kind, VisitedSet::Hash hash = nullptr);

}  // namespace mc
