// Ways through the reachable states of a model for tests that look at every state: all of them, or seeded walks.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/ray_model.hpp"

namespace raymc {

inline std::string bytes_of(const RayModel& model, const State& state) {
  mc::ByteSink sink;
  model.encode(state, sink);
  return {reinterpret_cast<const char*>(sink.view().data()), sink.view().size()};
}

inline std::vector<Action> actions_of(const RayModel& model, const State& state) {
  std::vector<Action> actions;
  model.enabled(state, actions);
  return actions;
}

/// The successor, or nothing if a container of the state overflows.
inline std::optional<State> apply_if_it_fits(const RayModel& model, const State& state, const Action& action) {
  try {
    return model.apply(state, action);
  } catch (const mc::CapacityExceeded&) {
    return std::nullopt;
  }
}

/// Visits the reachable states breadth first, up to `states_max`; true if that was all of them.
bool visit_all(const RayModel& model, std::size_t states_max, const auto& visit) {
  std::unordered_map<std::string, State> seen;
  std::deque<const State*> open;
  bool complete = true;
  const auto discover = [&](const State& state) {
    const std::string bytes = bytes_of(model, state);
    const auto known = seen.find(bytes);
    if (known != seen.end()) {
      if (!(known->second == state)) throw std::logic_error("two states have one encoding");
    } else if (seen.size() == states_max) {
      complete = false;
    } else {
      open.push_back(&seen.emplace(bytes, state).first->second);
    }
  };
  for (const State& state : model.initial_states()) discover(state);
  for (; !open.empty(); open.pop_front()) {
    const std::vector<Action> actions = actions_of(model, *open.front());
    visit(*open.front(), actions);
    for (const Action& action : actions) {
      if (const auto next = apply_if_it_fits(model, *open.front(), action)) discover(*next);
    }
  }
  return complete;
}

/// Visits the states of random walks from the initial state, `walks` of them with at most `steps` steps each. Faults
/// are taken rarely, so that a walk also sees what the protocol does between them. Equal seeds give equal walks.
void walk(const RayModel& model, std::uint64_t seed, std::size_t walks, std::size_t steps, const auto& visit) {
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i < walks; ++i) {
    State state = model.initial_states().front();
    for (std::size_t step = 0; step < steps; ++step) {
      const std::vector<Action> actions = actions_of(model, state);
      visit(state, actions);
      if (actions.empty()) break;
      Action action = actions[random() % actions.size()];
      for (int again = 0; again < 2 && model.is_environment(action); ++again)
        action = actions[random() % actions.size()];
      const auto next = apply_if_it_fits(model, state, action);
      if (!next) break;
      state = *next;
    }
  }
}

/// Visits `states` states at the least: the first ones of all, and as many on walks.
void visit_some(const RayModel& model, std::size_t states, const auto& visit) {
  visit_all(model, states, visit);
  walk(model, 1, states / 80, 80, visit);
}

}  // namespace raymc
