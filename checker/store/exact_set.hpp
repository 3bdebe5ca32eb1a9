// The exact store: a state is known by its whole encoding, so no state is ever omitted.
// Cost per state: its encoding, five to six bytes of table, one of link; while it is open a copy of the encoding and 14
// bytes more.
#pragma once

#include "checker/store/visited_set.hpp"

namespace mc {

/// Thread-safety and phases as in VisitedSet. Invariants, beyond those of every store:
///  6. A slot holds the name of a state: its id if it is closed, else its place in the open area behind all closed
///     ones.
///  7. Closed states are read without a lock; they are written between levels, and the barrier makes them visible.
///  8. An open state is written by the thread that found it, before it claims a slot. From then on only its link
///     changes, and only downwards.
/// Takes at most 2^32 - 2 states, the open ones counted in units of 8 bytes; one more is std::bad_alloc.
class ExactSet final : public VisitedSet {
 public:
  explicit ExactSet(Hash hash);
  [[nodiscard]] StoreKind kind() const override { return StoreKind::kExact; }
  [[nodiscard]] double omission_odds(std::uint64_t /*states*/) const override { return 0.0; }

 private:
  std::size_t insert_some(Seat& seat, const std::byte* buffer, std::span<const Candidate> candidates,
                          Insertion* done) override;
  void close(std::span<const Move> moves) override;
  [[nodiscard]] bool fits(const Forecast& forecast) const override;
  void rebuild(const Forecast& forecast, bool within_level) override;
  [[nodiscard]] bool keeps_encodings() const override { return true; }
  [[nodiscard]] std::uint64_t open_units_max() const override { return states_limit_ - closed_; }
  [[nodiscard]] OpenPlace place_of(StateRef state) const override {
    return static_cast<OpenPlace>(state - first_open_);
  }

  template <class Lines>
  std::size_t insert_as(Lines lines, Seat& seat, const std::byte* buffer, std::span<const Candidate> candidates,
                        Insertion* done);
  template <class Lines>
  bool insert_one(Lines lines, Seat& seat, const Candidate& candidate, std::span<const std::byte> encoding,
                  Insertion& done);
  /// Somebody was led to a state that is known.
  [[nodiscard]] Insertion meet(StateRef state, Link link) const {
    if (state < first_open_) return {Insertion::Kind::kKnown, state};
    const bool lowered = open_.lower(place_of(state), link);
    return {lowered ? Insertion::Kind::kLowered : Insertion::Kind::kKnown, state};
  }
  template <class Lines>
  void close_as(Lines lines, std::span<const Move> moves);
  template <class Lines>
  void place(Lines lines, Fingerprint fingerprint, StateRef state);
  template <class Lines>
  void fill(Lines lines, std::span<const StateRef> open, bool in_parallel);
  [[nodiscard]] std::vector<StateRef> open_states() const;

  [[nodiscard]] std::span<const std::byte> encoding_of(StateRef state) const {
    return state < first_open_ ? states_[state] : open_.encoding(place_of(state));
  }
  Region table_memory_;
  std::uint64_t table_bytes_ = 0;
  std::uint64_t states_limit_ = 0;  // names below
  unsigned index_bits_ = 0;         // of the slots of narrow lines
  bool wide_ = false;
};

}  // namespace mc
