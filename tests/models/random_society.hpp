// A random protocol of interchangeable members, drawn from a seed. A member has a phase and may hold the name of
// another one; a rule lets one member act on another, whichever they are, and so treats all alike. For comparing
// searches with symmetry and without. Instrumented, with environment actions and properties of all kinds that symmetry
// takes.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/core/model.hpp"
#include "checker/core/property.hpp"
#include "tests/models/symmetric.hpp"

namespace mc::models {

class RandomSociety {
 public:
  static constexpr std::size_t kMembersMax = 4;
  static constexpr std::uint8_t kNobody = 7;
  /// What is planted to be noticed.
  enum class Bug : std::uint8_t {
    kNone,
    kFirstIsSpecial,     ///< member 0 takes rule 0 more often than the others
    kCanonForgetsNames,  ///< the representative does not rename the names that members hold
    kOrbitIsTheGroup,    ///< every orbit is said to be as large as the group
    kCanonIsTheState,    ///< every state represents itself
  };
  struct State {
    std::array<std::uint8_t, kMembersMax> phase{};
    std::array<std::uint8_t, kMembersMax> holds{kNobody, kNobody, kNobody, kNobody};
    std::uint8_t common = 0;
    friend bool operator==(const State&, const State&) = default;
  };
  struct Action {
    std::uint8_t rule = 0;
    std::uint8_t who = 0;
    std::uint8_t whom = 0;
    friend bool operator==(const Action&, const Action&) = default;
  };

  explicit RandomSociety(std::uint64_t seed, Bug bug = Bug::kNone) : bug_(bug) {
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t n) { return static_cast<std::uint8_t>(random() % n); };
    members_ = static_cast<std::uint8_t>(2 + below(3));
    const std::uint8_t phases = static_cast<std::uint8_t>(2 + below(3));
    const std::uint8_t rules = static_cast<std::uint8_t>(2 + below(5));
    // In half of the societies little is common, so that many actions are independent.
    const std::uint8_t steps = seed % 2 == 0 ? 3 : 1;
    for (std::uint8_t r = 0; r < rules; ++r) {
      rules_.push_back({below(phases), below(phases), below(steps), below(3) == 0, below(phases), below(phases),
                        below(steps), below(3), below(4) == 0, below(40) == 0});
    }
    orders_ = all_orders(members_);
    for (std::uint8_t& mark : marks_) mark = below(30);
  }

  [[nodiscard]] std::vector<State> initial_states() const { return {State{}}; }
  void enabled(const State& s, std::vector<Action>& actions) const {
    for (std::uint8_t r = 0; r < rules_.size(); ++r) {
      for (std::uint8_t who = 0; who < members_; ++who) {
        for (std::uint8_t whom = 0; whom < members_; ++whom) {
          if (who != whom && allowed(s, r, who, whom)) actions.push_back({r, who, whom});
        }
      }
    }
  }
  [[nodiscard]] State apply(const State& s, const Action& a) const {
    const Rule& rule = rules_[a.rule];
    if (rule.overflows && s.common == 2) throw CapacityExceeded("society");
    State next = s;
    next.phase[a.who] = rule.who_after;
    next.phase[a.whom] = rule.whom_after;
    next.common = static_cast<std::uint8_t>((s.common + rule.step) % 3);
    if (rule.keep == 0) next.holds[a.who] = a.whom;
    if (rule.keep == 1) next.holds[a.who] = kNobody;
    return next;
  }
  [[nodiscard]] State apply(const State& s, const Action& a, RuleSet& fired) const {
    fired.set(a.rule);
    return apply(s, a);
  }
  [[nodiscard]] std::vector<std::string_view> rules() const {
    static constexpr std::array<std::string_view, 8> kNames{"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7"};
    return {kNames.begin(), kNames.begin() + static_cast<std::ptrdiff_t>(rules_.size())};
  }
  [[nodiscard]] bool is_environment(const Action& a) const { return rules_[a.rule].environment; }

  void encode(const State& s, ByteSink& out) const {
    for (std::size_t i = 0; i < kMembersMax; ++i) {
      out.bits(s.phase[i], 2);
      out.bits(s.holds[i], 3);
    }
    out.bits(s.common, 2);
    out.finish();
  }
  [[nodiscard]] State decode(ByteSource& in) const {
    State s;
    for (std::size_t i = 0; i < kMembersMax; ++i) {
      s.phase[i] = static_cast<std::uint8_t>(in.bits(2));
      s.holds[i] = static_cast<std::uint8_t>(in.bits(3));
    }
    s.common = static_cast<std::uint8_t>(in.bits(2));
    return s;
  }

  [[nodiscard]] std::uint32_t renamings() const { return static_cast<std::uint32_t>(orders_.size()); }
  [[nodiscard]] State renamed(const State& s, std::uint32_t number) const { return renamed(s, number, true); }
  [[nodiscard]] Action renamed(const Action& a, std::uint32_t number) const {
    return {a.rule, orders_[number][a.who], orders_[number][a.whom]};
  }
  std::uint32_t canonicalize(const State& s, ByteSink& out) const {
    if (bug_ == Bug::kCanonIsTheState) {
      encode(s, out);
      return 1;
    }
    if (bug_ == Bug::kCanonForgetsNames) return least_of_orbit(Forgetful{*this}, s, out);
    const std::uint32_t orbit = least_of_orbit(*this, s, out);
    return bug_ == Bug::kOrbitIsTheGroup ? renamings() : orbit;
  }

  /// The state has the `label`-th mark, which says nothing of names.
  [[nodiscard]] bool marked(std::size_t label, const State& s) const {
    std::uint8_t sum = s.common;
    std::uint8_t holders = 0;
    for (std::uint8_t i = 0; i < members_; ++i) {
      sum = static_cast<std::uint8_t>(sum + 3 * s.phase[i]);
      if (s.holds[i] != kNobody && s.phase[s.holds[i]] == s.phase[i]) ++holders;
    }
    return sum == marks_[label] && holders == label % 3;
  }

 private:
  struct Rule {
    std::uint8_t who = 0;   // phase of who acts
    std::uint8_t whom = 0;  // phase of whom
    std::uint8_t common = 0;
    bool needs_held = false;  // the one is held by the other
    std::uint8_t who_after = 0;
    std::uint8_t whom_after = 0;
    std::uint8_t step = 0;
    std::uint8_t keep = 0;
    bool environment = false;
    bool overflows = false;
  };
  struct Forgetful {
    const RandomSociety& model;
    using State = RandomSociety::State;
    [[nodiscard]] std::uint32_t renamings() const { return model.renamings(); }
    [[nodiscard]] State renamed(const State& s, std::uint32_t number) const { return model.renamed(s, number, false); }
    void encode(const State& s, ByteSink& out) const { model.encode(s, out); }
  };

  [[nodiscard]] bool allowed(const State& s, std::uint8_t r, std::uint8_t who, std::uint8_t whom) const {
    const Rule& rule = rules_[r];
    if (bug_ == Bug::kFirstIsSpecial && r == 0 && who == 0) return s.phase[who] == rule.who;
    return s.phase[who] == rule.who && s.phase[whom] == rule.whom && s.common == rule.common &&
           (!rule.needs_held || s.holds[who] == whom);
  }
  [[nodiscard]] State renamed(const State& s, std::uint32_t number, bool names_too) const {
    const std::vector<std::uint8_t>& order = orders_[number];
    State other = s;
    for (std::uint8_t i = 0; i < members_; ++i) {
      other.phase[order[i]] = s.phase[i];
      const std::uint8_t held = s.holds[i];
      other.holds[order[i]] = held == kNobody || !names_too ? held : order[held];
    }
    return other;
  }

  Bug bug_;
  std::uint8_t members_ = 2;
  std::vector<Rule> rules_;
  std::vector<std::vector<std::uint8_t>> orders_;
  std::array<std::uint8_t, 4> marks_{};
};

/// A property of the given kind over mark `I`.
template <std::size_t I>
[[nodiscard]] Property<RandomSociety> society_property(PropertyKind kind) {
  static constexpr std::array<std::string_view, 4> kIds{"s0", "s1", "s2", "s3"};
  Property<RandomSociety> property;
  property.id = kIds[I];
  property.kind = kind;
  if (kind == PropertyKind::kReachable) {
    property.holds = [](const RandomSociety& model, const RandomSociety::State& s) { return model.marked(I, s); };
  } else {
    property.holds = [](const RandomSociety& model, const RandomSociety::State& s) { return !model.marked(I, s); };
  }
  return property;
}

/// One of each kind that symmetry and sleeping actions take.
inline const std::vector<Property<RandomSociety>>& society_properties() {
  static const std::vector<Property<RandomSociety>> kProperties{
      society_property<0>(PropertyKind::kInvariant), society_property<1>(PropertyKind::kReachable),
      society_property<2>(PropertyKind::kQuiescent), society_property<3>(PropertyKind::kReachable)};
  return kProperties;
}

}  // namespace mc::models
