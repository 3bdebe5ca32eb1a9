// Who has been seen. One interface for the stores: `exact` keeps whole encodings, `fingerprint` keeps 64-bit hashes.
// Used by the engine; knows encodings as bytes only. A set alternates between two phases that never overlap:
// within a level any number of threads call `prefetch` and `insert`; between levels one thread calls the rest.
//
// Invariants of every store:
//  1. A state is either closed (found in an earlier level) or open (found in this level), never both.
//  2. Closed states do not change within a level, so they are read without a lock.
//  3. The link of an open state is the minimum of the links with which it was inserted: it does not depend on the
//     order of insertions. With fingerprints, the bytes kept for the frontier belong to that minimal link too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "checker/core/fingerprint.hpp"
#include "checker/store/link.hpp"
#include "checker/store/record.hpp"

namespace mc {

enum class StoreKind : std::uint8_t {
  kExact,        ///< whole encodings: no state is ever omitted
  kFingerprint,  ///< 64-bit fingerprints: smaller, and a state is omitted with the odds that the report states
};

/// The word for a store in options and reports: "exact", "fingerprint".
[[nodiscard]] std::string_view to_string(StoreKind kind);
/// The store of that name; empty if there is none.
[[nodiscard]] std::optional<StoreKind> store_kind(std::string_view name);

/// Names an open state until the end of its level.
struct OpenHandle {
  std::uint32_t shard = 0;
  std::uint32_t entry = 0;
};

/// What an insertion did.
struct Insertion {
  enum class Kind : std::uint8_t {
    kKnown,    ///< nothing: the state was closed, or open with a smaller link
    kNew,      ///< the state is open now
    kLowered,  ///< the state was open and has this smaller link now
  };
  Kind kind = Kind::kKnown;
  OpenHandle handle;        ///< of the open state; meaningless for kKnown
  Record record = nullptr;  ///< which names the state, whatever was done; null in a store that keeps no encodings
};

/// An open state as it stands at the end of the level.
struct OpenState {
  Link link;
  Record record = nullptr;  ///< valid until the end of the next level (fingerprint) or as long as the set (exact)
};

class VisitedSet {
 public:
  VisitedSet() = default;
  VisitedSet(const VisitedSet&) = delete;
  VisitedSet& operator=(const VisitedSet&) = delete;
  virtual ~VisitedSet() = default;

  /// Brings the memory that `insert` will look at closer. Thread-safe within a level.
  virtual void prefetch(Fingerprint fingerprint) const = 0;
  /// Looks the encoding up and adds it if it is new. `fingerprint` must be that of `bytes`, which must be at most
  /// kEncodingBytesMax long. Thread-safe within a level; takes at most one lock.
  virtual Insertion insert(Fingerprint fingerprint, std::span<const std::byte> bytes, Link link) = 0;

  /// The open state behind a handle of this level. Thread-safe between levels.
  [[nodiscard]] virtual OpenState open(OpenHandle handle) const = 0;
  /// Ends the level: every open state becomes closed. Works on the shards in parallel with oneTBB.
  virtual void close_level() = 0;

  [[nodiscard]] virtual StoreKind kind() const = 0;
  /// Upper bound for the probability that a search that found `states` states omitted one.
  [[nodiscard]] virtual double omission_odds(std::uint64_t states) const = 0;
};

[[nodiscard]] std::unique_ptr<VisitedSet> make_visited_set(StoreKind kind);

}  // namespace mc
