// A small graph, written down or drawn at random, as a model with components of fairness and actions of the
// environment: small enough for the twins that try everything.
#pragma once

#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "checker/core/model.hpp"
#include "checker/core/property.hpp"
#include "tests/reference/liveness_twin.hpp"

namespace mc::models {

/// A graph that is written down, with what its properties look at, as a model.
struct WrittenGraph {
  using State = std::uint32_t;
  struct Action {
    std::uint32_t edge = 0;
    friend bool operator==(const Action&, const Action&) = default;
  };
  reference::SmallGraph graph;
  std::vector<char> goal;
  std::vector<char> begins;
  std::vector<char> bad{};  // for what is judged on states

  [[nodiscard]] std::vector<State> initial_states() const { return {graph.initial.begin(), graph.initial.end()}; }
  void enabled(const State& state, std::vector<Action>& actions) const {
    for (std::uint32_t i = 0; i < graph.edges.size(); ++i) {
      if (graph.edges[i].from == state) actions.push_back({i});
    }
  }
  [[nodiscard]] State apply(const State& /*state*/, const Action& action) const {
    return static_cast<State>(graph.edges[action.edge].to);
  }
  void encode(const State& state, ByteSink& out) const {
    out.bits(state, 32);
    out.finish();
  }
  [[nodiscard]] State decode(ByteSource& in) const { return in.bits(32); }
  [[nodiscard]] bool is_environment(const Action& action) const { return graph.edges[action.edge].environment; }
  // Spread out, since a component may be any number.
  [[nodiscard]] std::uint32_t component(const Action& action) const {
    return graph.edges[action.edge].component * 1'000'003U;
  }
};

/// A property of liveness over the goal and the beginning.
[[nodiscard]] inline Property<WrittenGraph> promise(PropertyKind kind) {
  Property<WrittenGraph> property;
  property.id = "promise";
  property.kind = kind;
  property.holds = [](const WrittenGraph& model, const std::uint32_t& state) { return model.goal[state] != 0; };
  if (kind == PropertyKind::kLeadsTo) {
    property.when = [](const WrittenGraph& model, const std::uint32_t& state) { return model.begins[state] != 0; };
  }
  return property;
}

/// A property that is judged on states: no bad state, none at rest, or one at all.
[[nodiscard]] inline Property<WrittenGraph> claim_on_states(std::string_view id, PropertyKind kind) {
  Property<WrittenGraph> property;
  property.id = id;
  property.kind = kind;
  if (kind == PropertyKind::kReachable) {
    property.holds = [](const WrittenGraph& model, const std::uint32_t& state) { return model.bad[state] != 0; };
  } else {
    property.holds = [](const WrittenGraph& model, const std::uint32_t& state) { return model.bad[state] == 0; };
  }
  return property;
}

/// A graph of up to seven states.
[[nodiscard]] inline WrittenGraph random_written(std::mt19937_64& random) {
  const auto below = [&](std::uint64_t n) { return static_cast<std::uint32_t>(random() % n); };
  WrittenGraph model;
  model.graph.states = 1 + below(7);
  const std::uint32_t components = 1 + below(4);
  const std::uint32_t edges = below(static_cast<std::uint32_t>(3 * model.graph.states));
  const std::uint32_t environment = below(40);
  for (std::uint32_t i = 0; i < edges; ++i) {
    model.graph.edges.push_back(
        {below(model.graph.states), below(model.graph.states), below(100) < environment, below(components)});
  }
  for (std::uint32_t i = 0; i < 1 + below(2); ++i) {
    const std::size_t state = below(model.graph.states);
    if (model.graph.initial.empty() || model.graph.initial.front() != state) model.graph.initial.push_back(state);
  }
  const std::uint32_t goals = below(60);
  for (std::size_t i = 0; i < model.graph.states; ++i) {
    model.goal.push_back(below(100) < goals);
    model.begins.push_back(below(100) < 40);
  }
  const std::uint32_t badness = below(3) == 0 ? 30 : 4;
  for (std::size_t i = 0; i < model.graph.states; ++i) model.bad.push_back(below(100) < badness);
  return model;
}

}  // namespace mc::models
