// THE CONTRACT between a protocol and the checker: two types and five pure functions.
// A protocol is any type that satisfies `Model`; there is no base class and no registration. The refinements
// below are asked for only by the feature that needs them. The checker never knows which protocol it explores.
#pragma once

#include <bitset>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "checker/core/bytes.hpp"
#include "checker/core/scene.hpp"

namespace mc {

/// A protocol as a state machine. All functions are pure: the same arguments give the same results, and several
/// threads may call them at once on one model.
template <class M>
concept Model = requires(const M model, const typename M::State state, const typename M::Action action,
                         std::vector<typename M::Action>& actions, ByteSink& out, ByteSource& in) {
  requires std::regular<typename M::State>;
  requires std::is_trivially_copyable_v<typename M::Action> && std::equality_comparable<typename M::Action>;
  { model.initial_states() } -> std::same_as<std::vector<typename M::State>>;
  { model.enabled(state, actions) } -> std::same_as<void>;            // appends, in a fixed order
  { model.apply(state, action) } -> std::same_as<typename M::State>;  // only for enabled actions
  { model.encode(state, out) } -> std::same_as<void>;       // equal states, equal bytes; ends with out.finish()
  { model.decode(in) } -> std::same_as<typename M::State>;  // the exact inverse
};

/// Refinement: some actions belong to the environment (faults, user input). Without it every action is the protocol's.
template <class M>
concept Environmental = Model<M> && requires(const M model, const typename M::Action action) {
  { model.is_environment(action) } -> std::same_as<bool>;
};

/// The rules that one action fired, by index into `rules()`. At most kRulesMax rules per model.
inline constexpr std::size_t kRulesMax = 768;
using RuleSet = std::bitset<kRulesMax>;

/// Refinement: actions are made of named rules, whose firing is counted as coverage.
template <class M>
concept Instrumented = Model<M> &&
    requires(const M model, const typename M::State state, const typename M::Action action, RuleSet& fired) {
  /// Stable ids, position = index; empty: a rule that cannot fire in this instance and is in no report. An id such as
  /// "crash@leased" is a circumstance of the rule "crash": it is counted, but not told in traces.
  { model.rules() } -> std::same_as<std::vector<std::string_view>>;
  { model.apply(state, action, fired) } -> std::same_as<typename M::State>;
};

/// Refinement: things that differ in nothing but their names may be renamed. The renamings are a group of
/// automorphisms: they give initial states initial ones, the actions enabled in a renamed state are the renamed ones,
/// `apply` of both renamed is `apply` renamed, with the same rules fired and the same origin. `raymc audit` looks
/// whether that is so.
template <class M>
concept Symmetric = Model<M> && requires(const M model, const typename M::State state, const typename M::Action action,
                                         std::uint32_t number, ByteSink& out) {
  /// How many renamings there are, by number; the identity is number 0.
  { model.renamings() } -> std::same_as<std::uint32_t>;
  { model.renamed(state, number) } -> std::same_as<typename M::State>;
  { model.renamed(action, number) } -> std::same_as<typename M::Action>;
  /// Writes the encoding of the one state that stands for everything that renamings make of `state`, which is one of
  /// them, and ends with out.finish(). Returns how many different states these are, 1 to kOrbitMax.
  { model.canonicalize(state, out) } -> std::same_as<std::uint32_t>;
};
inline constexpr std::uint32_t kOrbitMax = 65'535;

/// Refinement: who is treated fairly. A component that is enabled without end must act; actions of one component are
/// alternatives of which any may be taken. Without it all protocol actions are one component.
template <class M>
concept Fair = Model<M> && requires(const M model, const typename M::Action action) {
  /// The component of a protocol action: any number, equal for the actions of one component. At most 65,000 in one
  /// search.
  { model.component(action) } -> std::same_as<std::uint32_t>;
};

/// Refinement: says of a state what waits for what, for the explanation of a run that never gets on.
template <class M>
concept Waiting = Model<M> && requires(const M model, const typename M::State state) {
  /// One sentence for each thing that waits: "t1 waits for the reply to lease request L0, which ...".
  { model.waits(state) } -> std::same_as<std::vector<std::string>>;
};

/// Refinement: states and actions can be shown to a person and found again by name.
template <class M>
concept Printable = Model<M> &&
    requires(const M model, const typename M::State state, const typename M::Action action) {
  /// Unique among the actions enabled in one state, and stable across revisions: "raylet.R31.return_lease(n1, L2)".
  { model.name(action) } -> std::same_as<std::string>;
  /// One sentence in words: who did what to whom, given the state in which the action is taken.
  { model.describe(state, action) } -> std::same_as<std::string>;
  /// One line per component that is not at rest: "raylet n1: available 1". What stands before the first ": " names the
  /// component.
  { model.describe(state) } -> std::same_as<std::vector<std::string>>;
};

/// Refinement: a path can be drawn as processes that send each other messages. All of it is for a person's eye.
template <class M>
concept Depictable = Printable<M> &&
    requires(const M model, const typename M::State state, const typename M::Action action) {
  /// The processes, in the order in which they are drawn.
  { model.lanes() } -> std::same_as<std::vector<Lane>>;
  /// Who takes the action, or whom a fault strikes; none if it is no single process.
  { model.lane_of(state, action) } -> std::same_as<std::optional<std::size_t>>;
  /// What the action is applied to, as pairs of a name and a value: ("lease", "L1").
  { model.bindings(action) } -> std::same_as<std::vector<std::pair<std::string, std::string>>>;
  /// The key of the packet that the action handles; empty if it handles none.
  { model.handled(action) } -> std::same_as<std::string>;
  { model.scene(state) } -> std::same_as<Scene>;
};

/// Thrown by `apply` when a bounded container of the state is full. The search reports it with a trace; nothing is
/// ever truncated silently.
class CapacityExceeded : public std::runtime_error {
 public:
  /// `container` names what is full and its capacity, for example "network: 24 calls".
  explicit CapacityExceeded(const std::string& container) : std::runtime_error("capacity exceeded: " + container) {}
};

}  // namespace mc
