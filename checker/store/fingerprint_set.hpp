// The fingerprint store: a state is known by 64 bits of hash; two states with one hash count as one, and the later of
// the two in breadth-first order is omitted. Cost per closed state: nine to eleven bytes of table and one of link,
// whatever the encoding; encodings are kept for one level.
#pragma once

#include "checker/store/visited_set.hpp"

namespace mc {

/// Thread-safety and phases as in VisitedSet. Invariants, beyond those of every store:
///  7. A slot is a word. Of a closed state it is the lower 63 bits of the fingerprint, with 1 in place of 0; the
///     highest bit follows from the half of the table, of whose lines each stands in the half of its fingerprints. Of
///     an open state it is the highest bit, 31 bits of the fingerprint and the place of the state in the open area.
///  8. An open state is written by the thread that found it, before it claims a slot. From then on its link changes
///     only downwards, and what is left in its note, until it is frozen: then a state with the same fingerprint and a
///     smaller link takes its slot.
class FingerprintSet final : public VisitedSet {
 public:
  explicit FingerprintSet(Hash hash);
  [[nodiscard]] StoreKind kind() const override { return StoreKind::kFingerprint; }
  [[nodiscard]] double omission_odds(std::uint64_t states) const override { return mc::omission_odds(states); }

 private:
  static constexpr std::size_t kSlots = 8;
  using Slot = std::atomic_ref<std::uint64_t>;

  std::size_t insert_some(Seat& seat, const std::byte* buffer, std::span<const Candidate> candidates, Insertion* done,
                          const OpenNote* notes) override;
  [[nodiscard]] bool holds_closed(Fingerprint fingerprint, std::span<const std::byte> encoding) const override;
  void close(std::span<const Move> moves) override;
  [[nodiscard]] bool fits(const Forecast& forecast) const override { return fits_lines(forecast, kSlots); }
  void rebuild(const Forecast& forecast, bool within_level) override;
  [[nodiscard]] bool keeps_encodings() const override { return false; }
  [[nodiscard]] std::uint64_t open_units_max() const override { return std::uint64_t{1} << 32U; }
  [[nodiscard]] OpenPlace place_of(StateRef state) const override { return state; }

  void fetch(Fingerprint fingerprint) const;
  bool insert_one(Seat& seat, const Candidate& candidate, std::span<const std::byte> kept, const OpenNote* note,
                  Insertion& done);
  bool meet(Seat& seat, Slot slot, const Candidate& candidate, std::span<const std::byte> kept, const OpenNote* note,
            Insertion& done);
  void move_lines(std::uint64_t first, std::uint64_t end, bool within_level, std::byte* to, std::uint64_t to_lines);

  Region memories_[2];  // NOLINT(modernize-avoid-c-arrays): the table, and the one that it moves to when it grows
  std::size_t current_ = 0;
};

}  // namespace mc
