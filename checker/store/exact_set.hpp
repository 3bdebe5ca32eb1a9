// The exact store: a state is known by its whole encoding, so no state is ever omitted.
// Cost per state: its encoding, one or two bytes of length, and 11 to 21 bytes of table.
#pragma once

#include "checker/store/closed_table.hpp"
#include "checker/store/open_table.hpp"
#include "checker/store/record.hpp"
#include "checker/store/sharding.hpp"
#include "checker/store/visited_set.hpp"

namespace mc {

/// Thread-safety and phases as in VisitedSet. Invariants, beyond those of every store:
///  4. The closed table and the records it refers to are written between levels only; the barrier of the level makes
///     them visible to every thread, so that they are read without a lock.
///  5. The open table and the arena of a shard are touched within a level only under its lock. The arena appends
///     behind what closed words refer to and never moves a record.
///  6. A closed word is 16 bits of the fingerprint above a 48-bit address of a record.
class ExactSet final : public VisitedSet {
 public:
  void prefetch(Fingerprint fingerprint) const override;
  Insertion insert(Fingerprint fingerprint, std::span<const std::byte> bytes, Link link) override;
  [[nodiscard]] OpenState open(OpenHandle handle) const override;
  void close_level() override;
  [[nodiscard]] StoreKind kind() const override { return StoreKind::kExact; }
  [[nodiscard]] double omission_odds(std::uint64_t /*states*/) const override { return 0.0; }

 private:
  struct Content {
    ClosedTable closed;
    OpenTable open;
    RecordArena arena;
  };
  Shards<Content> shards_;
};

}  // namespace mc
