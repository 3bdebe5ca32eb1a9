// What is claimed about a model: a property has an id that is never reused, a kind, a sentence and a predicate.
// Used by specs/ (which states them) and by the engine (which judges them).
#pragma once

#include <cstdint>
#include <string_view>

namespace mc {

/// How the predicate is read over the reachable states.
enum class PropertyKind : std::uint8_t {
  kInvariant,   ///< holds in every reachable state
  kQuiescent,   ///< holds wherever no protocol action is enabled
  kReachable,   ///< some reachable state satisfies it; guards against vacuity
  kEventually,  ///< liveness under weak fairness; reserved, no engine judges it yet
};

/// The word for a kind in reports: "invariant", "quiescent", "reachable", "eventually".
[[nodiscard]] std::string_view to_string(PropertyKind kind);

/// One claim over the states of model `M`. `holds` is pure and may be called from several threads.
template <class M>
struct Property {
  std::string_view id{};  ///< stable, never reused: "D1.attempt_starts_once"
  PropertyKind kind = PropertyKind::kInvariant;
  std::string_view claim{};   ///< one sentence in words
  std::string_view source{};  ///< where the claim comes from: a section, a symbol of Ray, an ADR
  std::string_view mutant{};  ///< the safeguard whose loss this property notices; empty for Reachable
  bool (*holds)(const M& model, const typename M::State& state) = nullptr;
};

}  // namespace mc
