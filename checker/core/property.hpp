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
  kEventually,  ///< on every fair run some state satisfies it
  kLeadsTo,     ///< on every fair run each state that satisfies `when` is or is followed by one that satisfies it
  kPossible,    ///< from every reachable state the protocol alone can still reach a state that satisfies it (AG EF)
};

/// The word for a kind in reports: "invariant", "quiescent", "reachable", "eventually", "leads to", "possible".
[[nodiscard]] std::string_view to_string(PropertyKind kind);

/// True for the kinds that are judged over runs, on the whole graph, once the search has explored it. A run ends only
/// where no protocol action is enabled, takes finitely many actions of the environment, and is weakly fair to each
/// component of the model (see `Fair`). ADR-0009.
[[nodiscard]] constexpr bool is_liveness(PropertyKind kind) {
  return kind == PropertyKind::kEventually || kind == PropertyKind::kLeadsTo || kind == PropertyKind::kPossible;
}

/// To which instances of a model a property applies: those in which it could be broken, and in which a violation would
/// be a fault of the system and not what the instance asks for.
template <class M>
struct Applies {
  std::string_view words = "every scenario";
  bool (*to)(const M& model) = nullptr;  ///< pure; null: to each
  [[nodiscard]] bool operator()(const M& model) const { return to == nullptr || to(model); }
};

/// One claim over the states of model `M`. `holds` is pure and may be called from several threads.
template <class M>
struct Property {
  std::string_view id{};  ///< stable, never reused: "D1.attempt_starts_once"
  PropertyKind kind = PropertyKind::kInvariant;
  std::string_view claim{};   ///< one sentence in words
  std::string_view source{};  ///< where the claim comes from: a section, a symbol of Ray, an ADR
  std::string_view mutant{};  ///< the safeguard whose loss this property notices; empty for Reachable
  Applies<M> applies{};       ///< who asks for it by name gets it in other instances, too
  /// What the property is about: if no state that is judged satisfies this, nothing was asked. Pure; null: a property
  /// of kind Quiescent is about the quiescent states, one of kind Leads to about `when`, another about every state.
  bool (*premise)(const M& model, const typename M::State& state) = nullptr;
  bool (*holds)(const M& model, const typename M::State& state) = nullptr;
  /// Of kLeadsTo alone: what obliges. Pure, like `holds`.
  bool (*when)(const M& model, const typename M::State& state) = nullptr;
  /// The predicate singles out something that a renaming of a Symmetric model may give another name. Without it the
  /// predicate must say the same of a renamed state.
  bool names_one = false;
};

/// True if the state is one that the property is about.
template <class M>
[[nodiscard]] bool is_about(const Property<M>& property, const M& model, const typename M::State& state,
                            bool quiescent) {
  if (property.kind == PropertyKind::kQuiescent && !quiescent) return false;
  if (property.kind == PropertyKind::kLeadsTo && property.when != nullptr && !property.when(model, state)) return false;
  return property.premise == nullptr || property.premise(model, state);
}

/// True if a property may be about no state at all.
template <class M>
[[nodiscard]] bool may_be_vacuous(const Property<M>& property) {
  return property.kind == PropertyKind::kQuiescent || property.kind == PropertyKind::kLeadsTo ||
         property.premise != nullptr;
}

}  // namespace mc
