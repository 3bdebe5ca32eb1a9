// A small random state machine, drawn from a seed: for comparing the search with the reference search. Has everything
// a model can have: several initial states, repeats and self-loops, environment actions, rules, overflowing edges,
// encodings of different lengths, and random properties of all kinds.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "checker/core/model.hpp"
#include "checker/core/property.hpp"

namespace mc::models {

class RandomGraph {
 public:
  static constexpr std::size_t kLabels = 6;
  struct Options {
    std::uint32_t states_max = 40;
    std::uint32_t edges_max = 4;  ///< out of one state
    std::uint32_t overflow_per_mille = 0;
    std::uint32_t environment_per_cent = 30;
    std::uint32_t encoding_bytes_max = 8;
    /// One state in so many takes a nap when it is expanded, 0 for none: makes threads overtake one another, which
    /// they hardly do of their own accord in a model that is this small.
    std::uint32_t nap_one_in = 0;
  };
  using State = std::uint32_t;
  struct Action {
    std::uint32_t edge = 0;
    friend bool operator==(const Action&, const Action&) = default;
  };

  RandomGraph(std::uint64_t seed, const Options& options) : options_(options) {
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t n) { return static_cast<std::uint32_t>(random() % n); };
    const std::uint32_t states = 1 + below(options.states_max);
    const std::uint32_t edges_max = 1 + below(options.edges_max);
    // A small reach gives deep graphs with many ways to one state, a large one gives wide levels.
    const std::uint32_t reach = below(2) == 0 ? states : 1 + below(12);
    rules_ = 1 + below(130);
    for (std::uint32_t i = 0; i < 1 + below(3); ++i) initial_.push_back(below(below(2) == 0 ? states : 2) % states);
    for (std::uint32_t state = 0; state < states; ++state) {
      firsts_.push_back(static_cast<std::uint32_t>(edges_.size()));
      for (std::uint32_t i = below(edges_max + 1); i > 0; --i) {
        Edge edge;
        edge.to = (state + below(reach + 1)) % states;
        edge.environment = below(100) < options.environment_per_cent;
        edge.overflows = below(1000) < options.overflow_per_mille;
        edge.rules = {below(rules_), below(rules_)};
        edges_.push_back(edge);
      }
    }
    firsts_.push_back(static_cast<std::uint32_t>(edges_.size()));
    for (auto& label : labels_) {
      // How rare the exceptions are decides whether a property breaks early, late or never.
      const std::uint32_t odds = std::array<std::uint32_t, 4>{20, 200, 2000, 1'000'000}[below(4)];
      for (std::uint32_t state = 0; state < states; ++state) label.push_back(below(odds) == 0 ? 1 : 0);
    }
  }

  /// Whether the state is one of the few that label `index` marks.
  [[nodiscard]] bool marked(std::size_t index, State state) const { return labels_[index][state] != 0; }

  [[nodiscard]] std::vector<State> initial_states() const { return initial_; }
  void enabled(const State& state, std::vector<Action>& actions) const {
    if (options_.nap_one_in != 0 && (state * 2654435761U >> 16U) % options_.nap_one_in == 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
    for (std::uint32_t edge = firsts_[state]; edge < firsts_[state + 1]; ++edge) actions.push_back({edge});
  }
  [[nodiscard]] State apply(const State& /*state*/, const Action& action) const {
    if (edges_[action.edge].overflows) throw CapacityExceeded("edge " + std::to_string(action.edge));
    return edges_[action.edge].to;
  }
  [[nodiscard]] State apply(const State& state, const Action& action, RuleSet& fired) const {
    for (const std::uint32_t rule : edges_[action.edge].rules) fired.set(rule);
    return apply(state, action);
  }
  [[nodiscard]] std::vector<std::string_view> rules() const {
    static const std::vector<std::string> names = [] {
      std::vector<std::string> all;
      for (std::size_t i = 0; i < 130; ++i) all.push_back("rule" + std::to_string(i));
      return all;
    }();
    return {names.begin(), names.begin() + rules_};
  }
  [[nodiscard]] bool is_environment(const Action& action) const { return edges_[action.edge].environment; }

  void encode(const State& state, ByteSink& out) const {
    out.bits(state, 32);
    for (std::uint32_t i = 0; i < padding(state); ++i) out.u8(static_cast<std::uint8_t>(state + i));
    out.finish();
  }
  [[nodiscard]] State decode(ByteSource& in) const {
    const State state = in.bits(32);
    for (std::uint32_t i = 0; i < padding(state); ++i) static_cast<void>(in.u8());
    return state;
  }

 private:
  struct Edge {
    State to = 0;
    bool environment = false;
    bool overflows = false;
    std::array<std::uint32_t, 2> rules{};
  };
  [[nodiscard]] std::uint32_t padding(State state) const { return (state * 37) % options_.encoding_bytes_max; }

  Options options_;
  std::uint32_t rules_ = 0;
  std::vector<State> initial_;
  std::vector<std::uint32_t> firsts_;  // per state: its first edge
  std::vector<Edge> edges_;
  std::array<std::vector<std::uint8_t>, kLabels> labels_;
};

/// A property of the given kind over label `I`.
template <std::size_t I>
[[nodiscard]] Property<RandomGraph> random_property(PropertyKind kind) {
  static constexpr std::array<std::string_view, RandomGraph::kLabels> kIds{"p0", "p1", "p2", "p3", "p4", "p5"};
  Property<RandomGraph> property;
  property.id = kIds[I];
  property.kind = kind;
  if (kind == PropertyKind::kReachable) {
    property.holds = [](const RandomGraph& model, const RandomGraph::State& state) { return model.marked(I, state); };
  } else {
    property.holds = [](const RandomGraph& model, const RandomGraph::State& state) { return !model.marked(I, state); };
  }
  return property;
}

}  // namespace mc::models
