// A counter whose every trait is a switch: for tests of limits, exceptions and overflow, where the shape of the state
// space should be obvious. From state n the actions lead to n + 1 and n + 2, up to `last`.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "checker/core/model.hpp"

namespace mc::models {

struct Counter {
  using State = std::uint32_t;
  struct Action {
    std::uint32_t by = 1;
    friend bool operator==(const Action&, const Action&) = default;
  };

  std::uint32_t last = 10;
  std::vector<State> initial{0};
  std::function<void(const State&, const Action&)> on_apply{};  ///< may throw

  [[nodiscard]] std::vector<State> initial_states() const { return initial; }
  void enabled(const State& state, std::vector<Action>& actions) const {
    for (const std::uint32_t by : {1U, 2U}) {
      if (state + by <= last) actions.push_back({by});
    }
  }
  [[nodiscard]] State apply(const State& state, const Action& action) const {
    if (on_apply) on_apply(state, action);
    return state + action.by;
  }
  void encode(const State& state, ByteSink& out) const {
    out.bits(state, 32);
    out.finish();
  }
  [[nodiscard]] State decode(ByteSource& in) const { return in.bits(32); }

  [[nodiscard]] std::string name(const Action& action) const { return "add(" + std::to_string(action.by) + ")"; }
  [[nodiscard]] std::string describe(const State& /*state*/, const Action& action) const { return name(action); }
  [[nodiscard]] std::vector<std::string> describe(const State& state) const {
    return {"counter: " + std::to_string(state)};
  }
};

}  // namespace mc::models
