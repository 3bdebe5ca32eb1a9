// The fingerprint store: a state is known by 64 bits of hash; two states with one hash count as one, and the later of
// the two in breadth-first order is omitted. Cost per closed state: 11 to 21 bytes, whatever the encoding.
#pragma once

#include "checker/store/closed_table.hpp"
#include "checker/store/open_table.hpp"
#include "checker/store/record.hpp"
#include "checker/store/sharding.hpp"
#include "checker/store/visited_set.hpp"

namespace mc {

/// Thread-safety and phases as in VisitedSet. Invariants, beyond those of every store:
///  4. The closed table is written between levels only and read without a lock.
///  5. The open table and the arenas of a shard are touched within a level only under its lock.
///  6. `incoming` holds the records of this level's open states, `outgoing` those of the states that the frontier
///     refers to; a record of a link that was lowered stays in `incoming` unused until the arena goes.
///  7. A closed word is the fingerprint itself, with 1 in place of 0; the same holds for open states.
class FingerprintSet final : public VisitedSet {
 public:
  void prefetch(Fingerprint fingerprint) const override;
  Insertion insert(Fingerprint fingerprint, std::span<const std::byte> bytes, Link link) override;
  [[nodiscard]] OpenState open(OpenHandle handle) const override;
  void close_level() override;
  [[nodiscard]] StoreKind kind() const override { return StoreKind::kFingerprint; }
  [[nodiscard]] double omission_odds(std::uint64_t states) const override { return mc::omission_odds(states); }

 private:
  struct Content {
    ClosedTable closed;
    OpenTable open;
    RecordArena incoming;
    RecordArena outgoing;
  };
  Shards<Content> shards_;
};

}  // namespace mc
