// What can never come true again after a path: against the definition on random models, and in what a real Ray logged.
#include "checker/conform/outlook.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <set>
#include <vector>

#include "tests/models/random_graph.hpp"

namespace mc {
namespace {

using models::RandomGraph;

/// What follows a state without the environment; nothing if some of it has no room.
std::optional<std::set<RandomGraph::State>> successors(const RandomGraph& model, RandomGraph::State state) {
  std::set<RandomGraph::State> next;
  try {
    for (const auto& edge : protocol_actions(model, state)) next.insert(model.apply(state, edge));
  } catch (const CapacityExceeded&) {
    return std::nullopt;
  }
  return next;
}

/// By definition: a marked state can be reached from here, or something that has no room.
bool has_hope(const RandomGraph& model, RandomGraph::State from) {
  std::set<RandomGraph::State> reached{from};
  for (std::size_t before = 0; before != reached.size();) {
    before = reached.size();
    for (const RandomGraph::State state : std::set(reached)) {
      const auto next = successors(model, state);
      if (!next || model.marked(0, state)) return true;
      reached.insert(next->begin(), next->end());
    }
  }
  return false;
}

/// A walk of at most ten steps, the environment's included.
Trace<RandomGraph> walk(const RandomGraph& model, std::mt19937_64& random) {
  Trace<RandomGraph> path;
  path.states.push_back(model.initial_states().front());
  for (int step = 0; step < 10; ++step) {
    std::vector<RandomGraph::Action> actions;
    model.enabled(path.states.back(), actions);
    if (actions.empty()) break;
    const RandomGraph::Action action = actions[random() % actions.size()];
    try {
      path.states.push_back(model.apply(path.states.back(), action));
    } catch (const CapacityExceeded&) {
      break;
    }
    path.actions.push_back(action);
  }
  return path;
}

/// The first step from which on every state of the path is hopeless.
std::optional<std::size_t> hopeless_since(const RandomGraph& model, const Trace<RandomGraph>& path) {
  std::optional<std::size_t> since;
  for (std::size_t i = 0; i < path.states.size(); ++i) {
    if (has_hope(model, path.states[i])) {
      since.reset();
    } else if (!since) {
      since = i;
    }
  }
  return since;
}

TEST(Outlook, WhatIsLostIsWhatTheDefinitionSays) {
  std::size_t lost = 0;
  std::size_t lost_on_the_way = 0;
  std::size_t open = 0;
  for (std::uint64_t seed = 0; seed < 12'000; ++seed) {
    SCOPED_TRACE(seed);
    const RandomGraph model(seed, {.states_max = 30, .overflow_per_mille = seed % 3 == 0 ? 20U : 0U});
    std::mt19937_64 random(seed);
    const Trace<RandomGraph> path = walk(model, random);
    const auto property = models::random_property<0>(PropertyKind::kReachable);
    const std::optional<std::size_t> expected = hopeless_since(model, path);
    ASSERT_EQ(Outlook<RandomGraph>(model, path, 1000).lost_since(property), expected);
    ++(expected ? lost : open);
    lost_on_the_way += expected && *expected > 0 ? 1 : 0;
  }
  EXPECT_GT(lost, 500U);
  EXPECT_GT(lost_on_the_way, 50U);
  EXPECT_GT(open, 200U);
}

}  // namespace
}  // namespace mc
