// What a Symmetric model claims about its renamings, asked of one state. Part of the audit, which hands in the states.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "checker/audit/finding.hpp"
#include "checker/core/fingerprint.hpp"
#include "checker/core/model.hpp"
#include "checker/core/property.hpp"

namespace mc {

/// Checks the renamings of `M`. `Found` takes a check and, where the check is about one, the action at which it failed.
template <Symmetric M, class Found>
class SymmetryChecks {
 public:
  using State = typename M::State;
  using Action = typename M::Action;
  using Bytes = std::string;  // that GCC 12 compares without a warning

  SymmetryChecks(const M& model, std::span<const Property<M>> properties, const Found& found)
      : model_(model), properties_(properties), found_(found) {}

  /// Every renaming of every initial state.
  void check_initial() const {
    const std::vector<State> initial = model_.initial_states();
    for (const State& state : initial) {
      for (std::uint32_t number = 0; number < model_.renamings(); ++number) {
        const bool known = std::find(initial.begin(), initial.end(), model_.renamed(state, number)) != initial.end();
        if (!known) found_(AuditCheck::kRenamedInitial, state, std::optional<Action>{});
      }
    }
  }

  /// The orbit of the state as a whole, and what a few renamings, drawn from its encoding, make of everything else.
  void check(const State& state, std::span<const Action> actions) const {
    const std::uint32_t renamings = model_.renamings();
    check_orbit(state);
    const Fingerprint drawn = fingerprint_of(state);
    for (std::uint32_t k = 0; k < std::min(kRenamings, renamings - 1); ++k) {
      const auto number = static_cast<std::uint32_t>(1 + (drawn + k) % (renamings - 1));
      check_renaming(state, actions, number);
    }
  }

 private:
  static constexpr std::uint32_t kRenamings = 3;

  void check_orbit(const State& state) const {
    std::set<Bytes> orbit;
    std::set<std::pair<Bytes, std::uint32_t>> representatives;
    for (std::uint32_t number = 0; number < model_.renamings(); ++number) {
      const State renamed = model_.renamed(state, number);
      orbit.insert(encoding_of(renamed));
      ByteSink sink;
      const std::uint32_t size = model_.canonicalize(renamed, sink);
      representatives.emplace(text_of(sink), size);
    }
    const auto& [bytes, size] = *representatives.begin();
    const bool right = representatives.size() == 1 && orbit.contains(bytes) && orbit.size() == size;
    if (!right || !(model_.renamed(state, 0) == state)) found_(AuditCheck::kCanonical, state, std::optional<Action>{});
  }

  void check_renaming(const State& state, std::span<const Action> actions, std::uint32_t number) const {
    const State renamed = model_.renamed(state, number);
    for (const Property<M>& property : properties_) {
      const bool same = property.holds(model_, renamed) == property.holds(model_, state);
      const bool same_when = property.when == nullptr || property.when(model_, renamed) == property.when(model_, state);
      if (!property.names_one && !(same && same_when)) {
        found_(AuditCheck::kRenamedProperty, state, std::optional<Action>{});
      }
    }
    std::vector<Action> expected;
    for (const Action& action : actions) expected.push_back(model_.renamed(action, number));
    std::vector<Action> enabled;
    model_.enabled(renamed, enabled);
    if (!std::is_permutation(enabled.begin(), enabled.end(), expected.begin(), expected.end())) {
      found_(AuditCheck::kRenamedEnabled, state, std::optional<Action>{});
      return;
    }
    for (std::size_t i = 0; i < actions.size(); ++i) {
      if constexpr (Environmental<M>) {
        const bool same = model_.is_environment(actions[i]) == model_.is_environment(expected[i]);
        if (!same) found_(AuditCheck::kRenamedEnabled, state, std::optional<Action>(actions[i]));
      }
      Step step = applied(state, actions[i]);
      if (step.next) step.next = model_.renamed(*step.next, number);
      if (!(step == applied(renamed, expected[i]))) {
        found_(AuditCheck::kRenamedApply, state, std::optional<Action>(actions[i]));
      }
    }
  }

  struct Step {
    std::optional<State> next;  // none if a container overflows
    RuleSet fired;
    friend bool operator==(const Step&, const Step&) = default;
  };
  [[nodiscard]] Step applied(const State& state, const Action& action) const {
    Step step;
    try {
      if constexpr (Instrumented<M>) {
        step.next = model_.apply(state, action, step.fired);
      } else {
        step.next = model_.apply(state, action);
      }
    } catch (const CapacityExceeded&) {
      return {};
    }
    return step;
  }
  [[nodiscard]] Bytes encoding_of(const State& state) const {
    ByteSink sink;
    model_.encode(state, sink);
    return text_of(sink);
  }

  [[nodiscard]] static Bytes text_of(const ByteSink& sink) {
    return {reinterpret_cast<const char*>(sink.view().data()), sink.view().size()};
  }
  [[nodiscard]] Fingerprint fingerprint_of(const State& state) const {
    ByteSink sink;
    model_.encode(state, sink);
    return fingerprint(sink.view());
  }

  const M& model_;
  std::span<const Property<M>> properties_;
  const Found& found_;
};

}  // namespace mc
