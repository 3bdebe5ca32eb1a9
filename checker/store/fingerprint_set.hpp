// The fingerprint store: a state is known by 64 bits of hash; two states with one hash count as one, and the later of
// the two in breadth-first order is omitted. Cost per closed state: seven to nine bytes of table, about
// seven where a search ends, and one of link, whatever the encoding; encodings are kept for one level.
#pragma once

#include <mutex>
#include <optional>
#include <unordered_set>
#include <vector>

#include "checker/store/fingerprint_lines.hpp"
#include "checker/store/visited_set.hpp"

namespace mc {

/// Thread-safety and phases as in VisitedSet. Invariants, beyond those of every store:
///  6. A state stands on the path of its fingerprint (FingerprintSpread), and every line before it is full. A closed
///     state stands at most FingerprintLine::kStepsMax steps from home, or it is a stray and not in the table at all:
///     no fingerprints, however they crowd, make the table grow before it is full.
///  7. An open state is written by the thread that found it, before it claims a slot. From then on its link changes
///     only downwards, until it is frozen: then a state with the same fingerprint and a smaller link takes its slot.
class FingerprintSet final : public VisitedSet {
 public:
  explicit FingerprintSet(Hash hash);
  [[nodiscard]] StoreKind kind() const override { return StoreKind::kFingerprint; }
  [[nodiscard]] double omission_odds(std::uint64_t states) const override { return mc::omission_odds(states); }

 private:
  std::size_t insert_some(Seat& seat, const std::byte* buffer, std::span<const Candidate> candidates,
                          Insertion* done) override;
  void close(std::span<const Move> moves) override;
  [[nodiscard]] bool fits(const Forecast& forecast) const override {
    return fits_lines(forecast, FingerprintLine::kSlots);
  }
  void rebuild(const Forecast& forecast, bool within_level) override;
  [[nodiscard]] bool keeps_encodings() const override { return false; }
  [[nodiscard]] std::uint64_t open_units_max() const override { return FingerprintLine::kPlacesMax; }
  [[nodiscard]] OpenPlace place_of(StateRef state) const override { return state; }

  bool insert_one(Seat& seat, const Candidate& candidate, std::span<const std::byte> kept, Insertion& done);
  bool meet(Seat& seat, FingerprintLine line, std::size_t slot, const Candidate& candidate,
            std::span<const std::byte> kept, Insertion& done);
  bool meet_same(OpenPlace place, const Candidate& candidate, Insertion& done) const;
  /// A state on its way to another table; `open` is its place if it stays open.
  struct Moving {
    Fingerprint fingerprint = 0;
    std::optional<OpenPlace> open;
  };
  struct Target {
    std::byte* table = nullptr;
    FingerprintSpread spread;
    /// Only into lines in [first, end). False if it finds no room there, or too far from home.
    template <class Used>
    [[nodiscard]] bool put(const Moving& state, std::uint64_t first, std::uint64_t end, const Used& used) const;
  };
  [[nodiscard]] std::vector<Moving> move_lines(std::uint64_t first, std::uint64_t end, const Target& target) const;

  Region memories_[2];  // NOLINT(modernize-avoid-c-arrays): the table, and the one that it moves to when it grows
  std::size_t current_ = 0;
  FingerprintSpread spread_{FingerprintSpread::kLinesMin};  // of the table
  std::unordered_set<Fingerprint> strays_;                  // about one in a thousand
  std::mutex stray_mutex_;                                  // who adds one
};

}  // namespace mc
