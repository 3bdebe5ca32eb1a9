// The smallest model, for what is made of it: a member more that is a refinement, or only looks like one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/core/refinements.hpp"

namespace refinements {

struct Counter {
  using State = std::uint32_t;
  struct Action {
    std::uint32_t by = 1;
    friend bool operator==(const Action&, const Action&) = default;
  };

  [[nodiscard]] std::vector<State> initial_states() const { return {0}; }
  void enabled(const State& state, std::vector<Action>& actions) const {
    if (state < 3) actions.push_back({1});
  }
  [[nodiscard]] State apply(const State& state, const Action& action) const { return state + action.by; }
  void encode(const State& state, mc::ByteSink& out) const {
    out.bits(state, 32);
    out.finish();
  }
  [[nodiscard]] State decode(mc::ByteSource& in) const { return in.bits(32); }
};

using Strings = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

}  // namespace refinements
