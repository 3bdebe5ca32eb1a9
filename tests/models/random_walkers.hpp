// Interchangeable walkers, each on its own way through one random graph, drawn from a seed; only one of them may stand
// at the gate. Away from the gate nobody gets in a walker's way. For stubborn sets beside symmetry.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

#include "checker/core/model.hpp"
#include "checker/core/property.hpp"
#include "tests/models/symmetric.hpp"

namespace mc::models {

class RandomWalkers {
 public:
  static constexpr std::size_t kWalkers = 3;
  static constexpr std::size_t kPlaces = 5;
  static constexpr std::uint8_t kGate = 0;
  struct State {
    std::array<std::uint8_t, kWalkers> at{};
    friend bool operator==(const State&, const State&) = default;
  };
  struct Action {
    std::uint8_t who = 0;
    std::uint8_t to = 0;
    friend bool operator==(const Action&, const Action&) = default;
  };

  explicit RandomWalkers(std::uint64_t seed) : orders_(all_orders(kWalkers)) {
    std::mt19937_64 random(seed);
    for (std::uint8_t from = 0; from < kPlaces; ++from) {
      for (std::uint8_t to = 0; to < kPlaces; ++to) ways_[from][to] = from != to && random() % 4 == 0;
    }
    start_ = static_cast<std::uint8_t>(1 + random() % (kPlaces - 1));
    for (std::uint8_t& mark : marks_) mark = static_cast<std::uint8_t>(random() % (kWalkers * kPlaces));
  }

  [[nodiscard]] std::vector<State> initial_states() const {
    State state;
    state.at.fill(start_);
    return {state};
  }
  void enabled(const State& s, std::vector<Action>& actions) const {
    bool taken = false;
    for (const std::uint8_t place : s.at) taken = taken || place == kGate;
    for (std::uint8_t who = 0; who < kWalkers; ++who) {
      for (std::uint8_t to = 0; to < kPlaces; ++to) {
        if (ways_[s.at[who]][to] && !(to == kGate && taken)) actions.push_back({who, to});
      }
    }
  }
  [[nodiscard]] State apply(const State& s, const Action& a) const {
    State next = s;
    next.at[a.who] = a.to;
    return next;
  }
  void encode(const State& s, ByteSink& out) const {
    for (const std::uint8_t place : s.at) out.bits(place, 3);
    out.finish();
  }
  [[nodiscard]] State decode(ByteSource& in) const {
    State s;
    for (std::uint8_t& place : s.at) place = static_cast<std::uint8_t>(in.bits(3));
    return s;
  }

  [[nodiscard]] std::uint32_t renamings() const { return static_cast<std::uint32_t>(orders_.size()); }
  [[nodiscard]] State renamed(const State& s, std::uint32_t number) const {
    State other = s;
    for (std::size_t i = 0; i < kWalkers; ++i) other.at[orders_[number][i]] = s.at[i];
    return other;
  }
  [[nodiscard]] Action renamed(const Action& a, std::uint32_t number) const { return {orders_[number][a.who], a.to}; }
  std::uint32_t canonicalize(const State& s, ByteSink& out) const {
    std::uint32_t number = 0;
    return least_of_orbit(*this, s, out, number);
  }

  [[nodiscard]] std::size_t process(const Action& a) const { return a.who; }
  [[nodiscard]] ProcessSet interfering(const State& s, std::size_t process) const {
    const std::uint8_t place = s.at[process];
    ProcessSet others;
    if (place == kGate || ways_[place][kGate]) {
      for (std::size_t i = 0; i < kWalkers; ++i) others.set(i);
    }
    return others;
  }

  [[nodiscard]] bool foresees(const State&) const { return true; }

  /// The places of the walkers add up to the `label`-th mark.
  [[nodiscard]] bool marked(std::size_t label, const State& s) const {
    std::uint32_t sum = 0;
    for (const std::uint8_t place : s.at) sum += place;
    return sum == marks_[label];
  }

 private:
  std::vector<std::vector<std::uint8_t>> orders_;
  std::array<std::array<bool, kPlaces>, kPlaces> ways_{};
  std::uint8_t start_ = 1;
  std::array<std::uint8_t, 2> marks_{};
};

/// A property of the given kind over mark `I`: that it is there (Reachable) or that it is not.
template <std::size_t I>
[[nodiscard]] Property<RandomWalkers> walkers_property(PropertyKind kind) {
  static constexpr std::array<std::string_view, 2> kIds{"w0", "w1"};
  Property<RandomWalkers> property;
  property.id = kIds[I];
  property.kind = kind;
  if (kind == PropertyKind::kReachable) {
    property.holds = [](const RandomWalkers& model, const RandomWalkers::State& s) { return model.marked(I, s); };
  } else {
    property.holds = [](const RandomWalkers& model, const RandomWalkers::State& s) { return !model.marked(I, s); };
  }
  return property;
}

}  // namespace mc::models
