// A random net: transitions that move tokens between places, drawn from a seed; what a transition touches is plain from
// it. Most of its transitions are independent, in many patterns. For comparing searches with sleeping actions and
// without. Instrumented, with environment actions, overflow and properties of all kinds.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "checker/core/model.hpp"
#include "checker/core/property.hpp"

namespace mc::models {

class RandomNet {
 public:
  static constexpr std::size_t kPlaces = 9;
  static constexpr std::uint8_t kTokensMax = 2;
  enum class Bug : std::uint8_t {
    kNone,
    kForgetsWhatItTakes,    ///< a footprint does not say where tokens are taken from
    kForgetsWhatItGives,    ///< ... where they are put
    kForgetsWhatItLooksAt,  ///< ... which place must be empty
    kRulesDiffer,           ///< a transition fires another rule while place 0 is empty, and does not say that it looks
  };
  struct State {
    std::array<std::uint8_t, kPlaces> tokens{};
    friend bool operator==(const State&, const State&) = default;
  };
  struct Action {
    std::uint8_t transition = 0;
    friend bool operator==(const Action&, const Action&) = default;
  };

  explicit RandomNet(std::uint64_t seed, Bug bug = Bug::kNone) : bug_(bug) {
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t n) { return static_cast<std::uint8_t>(random() % n); };
    const std::uint8_t places = static_cast<std::uint8_t>(4 + below(kPlaces - 3));
    const std::uint8_t transitions = static_cast<std::uint8_t>(3 + below(8));
    for (std::uint8_t i = 0; i < transitions; ++i) {
      Transition made{below(places), below(places), kNowhere, below(5) == 0};
      if (below(4) == 0) made.must_be_empty = below(places);
      if (below(5) == 0) made.to = kNowhere;
      made.may_overflow = below(12) == 0;
      transitions_.push_back(made);
    }
    for (std::size_t i = 0; i < initial_.tokens.size(); ++i) initial_.tokens[i] = i < places ? below(3) : 0;
    for (std::uint8_t& mark : marks_) mark = below(40);
  }

  [[nodiscard]] std::vector<State> initial_states() const { return {initial_}; }
  void enabled(const State& s, std::vector<Action>& actions) const {
    for (std::uint8_t i = 0; i < transitions_.size(); ++i) {
      const Transition& t = transitions_[i];
      if (s.tokens[t.from] == 0) continue;
      if (t.must_be_empty != kNowhere && s.tokens[t.must_be_empty] != 0) continue;
      if (t.to != kNowhere && t.to != t.from && s.tokens[t.to] == kTokensMax && !t.may_overflow) continue;
      actions.push_back({i});
    }
  }
  [[nodiscard]] State apply(const State& s, const Action& a) const {
    const Transition& t = transitions_[a.transition];
    State next = s;
    --next.tokens[t.from];
    if (t.to == kNowhere) return next;
    if (next.tokens[t.to] == kTokensMax) throw CapacityExceeded("net");
    ++next.tokens[t.to];
    return next;
  }
  [[nodiscard]] State apply(const State& s, const Action& a, RuleSet& fired) const {
    fired.set(bug_ == Bug::kRulesDiffer && s.tokens[0] == 0 ? 0 : a.transition);
    // A rule inside: it depends on what the transition touches.
    const Transition& t = transitions_[a.transition];
    if (s.tokens[t.from] == 1) fired.set(transitions_.size());
    return apply(s, a);
  }
  [[nodiscard]] std::vector<std::string_view> rules() const {
    static constexpr std::array<std::string_view, 11> kNames{"t0", "t1", "t2", "t3", "t4", "t5",
                                                             "t6", "t7", "t8", "t9", "t10"};
    return {kNames.begin(), kNames.begin() + static_cast<std::ptrdiff_t>(transitions_.size() + 1)};
  }
  [[nodiscard]] bool is_environment(const Action& a) const { return transitions_[a.transition].environment; }

  void encode(const State& s, ByteSink& out) const {
    for (const std::uint8_t tokens : s.tokens) out.bits(tokens, 2);
    out.finish();
  }
  [[nodiscard]] State decode(ByteSource& in) const {
    State s;
    for (std::uint8_t& tokens : s.tokens) tokens = static_cast<std::uint8_t>(in.bits(2));
    return s;
  }

  [[nodiscard]] Footprint footprint(const State&, const Action& a) const {
    const Transition& t = transitions_[a.transition];
    Footprint print;
    if (bug_ != Bug::kForgetsWhatItTakes) print.touch(t.from);
    if (t.to != kNowhere && bug_ != Bug::kForgetsWhatItGives) print.touch(t.to);
    if (t.must_be_empty != kNowhere && bug_ != Bug::kForgetsWhatItLooksAt) print.reads.add(t.must_be_empty);
    return print;
  }
  [[nodiscard]] std::uint64_t label(const Action& a) const { return a.transition; }

  /// The state has the `label`-th mark.
  [[nodiscard]] bool marked(std::size_t label, const State& s) const {
    std::uint32_t sum = 0;
    for (std::uint32_t i = 0; i < kPlaces; ++i) sum += (i + 1) * s.tokens[i];
    return sum == marks_[label];
  }

 private:
  static constexpr std::uint8_t kNowhere = 255;
  struct Transition {
    std::uint8_t from = 0;
    std::uint8_t to = 0;
    std::uint8_t must_be_empty = kNowhere;
    bool environment = false;
    bool may_overflow = false;
  };
  Bug bug_;
  State initial_;
  std::vector<Transition> transitions_;
  std::array<std::uint8_t, 4> marks_{};
};

/// A property of the given kind over mark `I`.
template <std::size_t I>
[[nodiscard]] Property<RandomNet> net_property(PropertyKind kind) {
  static constexpr std::array<std::string_view, 4> kIds{"n0", "n1", "n2", "n3"};
  Property<RandomNet> property;
  property.id = kIds[I];
  property.kind = kind;
  if (kind == PropertyKind::kReachable) {
    property.holds = [](const RandomNet& model, const RandomNet::State& s) { return model.marked(I, s); };
  } else {
    property.holds = [](const RandomNet& model, const RandomNet::State& s) { return !model.marked(I, s); };
  }
  return property;
}

}  // namespace mc::models
