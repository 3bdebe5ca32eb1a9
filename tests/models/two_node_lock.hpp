// Two nodes and one lock: the smallest protocol that says anything. Each node is idle, waits for the lock or holds it.
// Reachable: 3 phases x 2 nodes = 9 states, minus the one where both hold. Instrumented and printable.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checker/core/model.hpp"
#include "checker/core/property.hpp"

namespace mc::models {

struct TwoNodeLock {
  enum class Phase : std::uint8_t { kIdle, kWaiting, kHolding };
  struct State {
    std::array<Phase, 2> phase{};
    friend bool operator==(const State&, const State&) = default;
  };
  enum class Rule : std::uint8_t { kRequest, kAcquire, kRelease };
  struct Action {
    Rule rule = Rule::kRequest;
    std::uint8_t node = 0;
    friend bool operator==(const Action&, const Action&) = default;
  };

  /// The planted bug: a node acquires without looking at the other one.
  bool acquires_blindly = false;

  [[nodiscard]] std::vector<State> initial_states() const { return {State{}}; }

  void enabled(const State& state, std::vector<Action>& actions) const {
    for (std::uint8_t node = 0; node < 2; ++node) {
      const bool free = state.phase[1U - node] != Phase::kHolding || acquires_blindly;
      switch (state.phase[node]) {
        case Phase::kIdle: actions.push_back({Rule::kRequest, node}); break;
        case Phase::kWaiting:
          if (free) actions.push_back({Rule::kAcquire, node});
          break;
        case Phase::kHolding: actions.push_back({Rule::kRelease, node}); break;
      }
    }
  }

  [[nodiscard]] State apply(const State& state, const Action& action) const {
    State next = state;
    switch (action.rule) {
      case Rule::kRequest: next.phase[action.node] = Phase::kWaiting; break;
      case Rule::kAcquire: next.phase[action.node] = Phase::kHolding; break;
      case Rule::kRelease: next.phase[action.node] = Phase::kIdle; break;
    }
    return next;
  }
  [[nodiscard]] State apply(const State& state, const Action& action, RuleSet& fired) const {
    fired.set(static_cast<std::size_t>(action.rule));
    return apply(state, action);
  }
  [[nodiscard]] std::vector<std::string_view> rules() const { return {"request", "acquire", "release"}; }

  void encode(const State& state, ByteSink& out) const {
    for (const Phase phase : state.phase) out.bits(static_cast<std::uint32_t>(phase), 2);
    out.finish();
  }
  [[nodiscard]] State decode(ByteSource& in) const {
    State state;
    for (Phase& phase : state.phase) phase = static_cast<Phase>(in.bits(2));
    return state;
  }

  [[nodiscard]] std::string name(const Action& action) const {
    return std::string(rules()[static_cast<std::size_t>(action.rule)]) + "(n" + std::to_string(action.node) + ")";
  }
  [[nodiscard]] std::string describe(const State& /*state*/, const Action& action) const {
    return "node " + std::to_string(action.node) + " does " + name(action);
  }
  [[nodiscard]] std::vector<std::string> describe(const State& state) const {
    static constexpr std::array<const char*, 3> kWords{"idle", "waiting", "holding"};
    std::vector<std::string> lines;
    for (std::size_t node = 0; node < 2; ++node) {
      if (state.phase[node] == Phase::kIdle) continue;
      lines.push_back("node n" + std::to_string(node) + ": " + kWords[static_cast<std::size_t>(state.phase[node])]);
    }
    return lines;
  }
};

inline constexpr std::array<Property<TwoNodeLock>, 2> kLockProperties{{
    {.id = "lock.exclusive",
     .kind = PropertyKind::kInvariant,
     .claim = "at most one node holds the lock",
     .source = "",
     .mutant = "acquires_blindly",
     .holds =
         [](const TwoNodeLock&, const TwoNodeLock::State& s) {
           return s.phase[0] != TwoNodeLock::Phase::kHolding || s.phase[1] != TwoNodeLock::Phase::kHolding;
         }},
    {.id = "lock.handed_on",
     .kind = PropertyKind::kReachable,
     .claim = "a node can hold the lock while the other waits for it",
     .source = "",
     .mutant = "",
     .holds =
         [](const TwoNodeLock&, const TwoNodeLock::State& s) {
           return s.phase[0] == TwoNodeLock::Phase::kHolding && s.phase[1] == TwoNodeLock::Phase::kWaiting;
         }},
}};

}  // namespace mc::models
