// Refuses, at compile time, a model that has a member of the name of a refinement but not with its signature. Such a
// member would be ignored without a word, and the verdict would be of another model: with `int is_environment` every
// fault is an action of the protocol, and a liveness property may hold that does not.
#pragma once

#include <type_traits>

#include "checker/core/model.hpp"

namespace mc {

/// True for a model that wraps another one and has a member wherever the other one has it: it is the other one that is
/// looked at. To be specialised beside the wrapper.
template <class M>
inline constexpr bool kWrapsModel = false;

namespace refinements {

/// Converts to whatever a parameter wants.
struct Anything {
  template <class T>
  operator T&() const;  // NOLINT(google-explicit-constructor)
};

// Whether there is a member of a name, of any kind, signature and access: a name that two bases have is ambiguous.
#define MC_DETECT_MEMBER(NAME)             \
  struct Named_##NAME {                    \
    int NAME;                              \
  };                                       \
  template <class M>                       \
  struct With_##NAME : M, Named_##NAME {}; \
  template <class M>                       \
  concept has_##NAME = !requires {         \
    &With_##NAME<M>::NAME;                 \
  }
MC_DETECT_MEMBER(is_environment);
MC_DETECT_MEMBER(rules);
MC_DETECT_MEMBER(renamings);
MC_DETECT_MEMBER(renamed);
MC_DETECT_MEMBER(canonicalize);
MC_DETECT_MEMBER(component);
MC_DETECT_MEMBER(waits);
MC_DETECT_MEMBER(name);
MC_DETECT_MEMBER(describe);
MC_DETECT_MEMBER(lanes);
MC_DETECT_MEMBER(lane_of);
MC_DETECT_MEMBER(bindings);
MC_DETECT_MEMBER(handled);
MC_DETECT_MEMBER(scene);
#undef MC_DETECT_MEMBER

/// An `apply` that is told, or tells, one thing more.
template <class M>
concept has_longer_apply = requires(M model, const typename M::State state, const typename M::Action action) {
  model.apply(state, action, Anything{});
};

template <Model M>
consteval bool of_actions_and_states() {
  static_assert(!has_is_environment<M> || Environmental<M>,
                "the model's is_environment must be: bool is_environment(const Action&) const");
  static_assert(!has_rules<M> || Instrumented<M>,
                "the model's rules must be: std::vector<std::string_view> rules() const, beside "
                "State apply(const State&, const Action&, RuleSet&) const");
  static_assert(
      !has_longer_apply<M> || Instrumented<M>,
      "the model's apply with rules must be: State apply(const State&, const Action&, RuleSet&) const, beside "
      "std::vector<std::string_view> rules() const");
  static_assert(!has_component<M> || Fair<M>,
                "the model's component must be: std::uint32_t component(const Action&) const");
  static_assert(!has_waits<M> || Waiting<M>,
                "the model's waits must be: std::vector<std::string> waits(const State&) const");
  return true;
}

template <Model M>
consteval bool of_names() {
  static_assert(!has_renamings<M> || Symmetric<M>,
                "the model's renamings must be: std::uint32_t renamings() const, beside renamed and canonicalize");
  static_assert(!has_renamed<M> || Symmetric<M>,
                "the model's renamed must be: State renamed(const State&, std::uint32_t) const and "
                "Action renamed(const Action&, std::uint32_t) const, beside renamings and canonicalize");
  static_assert(!has_canonicalize<M> || Symmetric<M>,
                "the model's canonicalize must be: std::uint32_t canonicalize(const State&, ByteSink&) const, beside "
                "renamings and renamed");
  return true;
}

template <Model M>
consteval bool of_words_and_pictures() {
  static_assert(!has_name<M> || Printable<M>,
                "the model's name must be: std::string name(const Action&) const, beside describe");
  static_assert(!has_describe<M> || Printable<M>,
                "the model's describe must be: std::string describe(const State&, const Action&) const and "
                "std::vector<std::string> describe(const State&) const, beside name");
  static_assert(!has_lanes<M> || Depictable<M>, "the model's lanes must be: std::vector<Lane> lanes() const");
  static_assert(!has_lane_of<M> || Depictable<M>,
                "the model's lane_of must be: std::optional<std::size_t> lane_of(const State&, const Action&) const");
  static_assert(!has_bindings<M> || Depictable<M>,
                "the model's bindings must be: "
                "std::vector<std::pair<std::string, std::string>> bindings(const Action&) const");
  static_assert(!has_handled<M> || Depictable<M>,
                "the model's handled must be: std::string handled(const Action&) const");
  static_assert(!has_scene<M> || Depictable<M>, "the model's scene must be: Scene scene(const State&) const");
  return true;
}

}  // namespace refinements

/// Compiles if every member of `M` that has the name of a refinement is one; else the error names the member and what
/// it must be. To be called, at compile time, wherever a model enters the engine.
template <Model M>
consteval bool refinements_are_whole() {
  if constexpr (kWrapsModel<M> || std::is_final_v<M>) {
    return true;
  } else {
    return refinements::of_actions_and_states<M>() && refinements::of_names<M>() &&
           refinements::of_words_and_pictures<M>();
  }
}

}  // namespace mc
