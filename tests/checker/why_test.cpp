// The causal chain and the point of no return: against their definitions on random models, and on models small enough
// to see.
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <vector>

#include "checker/engine/causal_chain.hpp"
#include "checker/engine/counterexample.hpp"
#include "checker/engine/fair_run.hpp"
#include "checker/engine/rescue.hpp"
#include "checker/engine/search.hpp"
#include "tests/models/random_graph.hpp"

namespace mc {
namespace {

using models::random_property;
using models::RandomGraph;
using Edge = RandomGraph::Action;

/// Three counters; the third counts only while the first is above zero, and the fourth action empties the second.
struct Counters {
  using State = std::array<std::uint8_t, 3>;
  struct Action {
    std::uint8_t index = 0;
    friend bool operator==(const Action&, const Action&) = default;
  };
  [[nodiscard]] std::vector<State> initial_states() const { return {State{}}; }
  void enabled(const State& s, std::vector<Action>& actions) const {
    for (std::uint8_t i = 0; i < 4; ++i) {
      if (i != 2 || s[0] > 0) actions.push_back({i});
    }
  }
  [[nodiscard]] State apply(const State& s, const Action& action) const {
    State next = s;
    if (action.index == 3) {
      next[1] = 0;
    } else {
      ++next[action.index];
    }
    return next;
  }
  void encode(const State& s, ByteSink& out) const {
    for (const std::uint8_t value : s) out.u8(value);
    out.finish();
  }
  [[nodiscard]] State decode(ByteSource& in) const {
    State s{};
    for (std::uint8_t& value : s) value = in.u8();
    return s;
  }
};

Trace<Counters> path(const std::vector<std::uint8_t>& indices) {
  Trace<Counters> trace;
  trace.states.push_back({});
  for (const std::uint8_t index : indices) {
    trace.actions.push_back({index});
    trace.states.push_back(Counters{}.apply(trace.states.back(), {index}));
  }
  return trace;
}

std::vector<ChainLink> chain(const std::vector<std::uint8_t>& indices, bool (*bad)(const Counters::State&)) {
  return causal_chain<Counters>(Counters{}, path(indices), indices.size(),
                                [bad](const Trace<Counters>& left) { return bad(left.states.back()); });
}

TEST(CausalChain, LeavesOutWhatPlaysNoPart) {
  const auto third_counts = [](const Counters::State& s) { return s[2] > 0; };
  EXPECT_EQ(chain({1, 0, 1, 2}, third_counts),
            (std::vector<ChainLink>{{2, 4, LinkReason::kEnables}, {4, 0, LinkReason::kEnables}}));
}

TEST(CausalChain, KeepsIndependentStepsThatTheViolationNeeds) {
  const auto both = [](const Counters::State& s) { return s[2] > 0 && s[1] == 1; };
  EXPECT_EQ(chain({1, 0, 2}, both),
            (std::vector<ChainLink>{
                {1, 0, LinkReason::kEnables}, {2, 3, LinkReason::kEnables}, {3, 0, LinkReason::kEnables}}));
}

TEST(CausalChain, ARepeatedActionDependsOnItself) {
  const auto twice = [](const Counters::State& s) { return s[0] == 2; };
  EXPECT_EQ(chain({0, 1, 0}, twice),
            (std::vector<ChainLink>{{1, 3, LinkReason::kEnables}, {3, 0, LinkReason::kEnables}}));
}

TEST(CausalChain, SaysThatTheOrderMatters) {
  const auto emptied = [](const Counters::State& s) { return s[1] == 0; };
  EXPECT_EQ(chain({0, 1, 3}, emptied),
            (std::vector<ChainLink>{{2, 3, LinkReason::kOrder}, {3, 0, LinkReason::kEnables}}));
}

/// Two components: 0 counts to three, 1 goes round 0, 1, 0, ... for as long as it is not stopped.
struct CountAndSpin {
  using State = std::array<std::uint8_t, 2>;
  struct Action {
    std::uint8_t index = 0;
    friend bool operator==(const Action&, const Action&) = default;
  };
  bool spins = true;
  [[nodiscard]] std::vector<State> initial_states() const { return {State{}}; }
  void enabled(const State& s, std::vector<Action>& actions) const {
    if (spins) actions.push_back({1});
    if (s[0] < 3) actions.push_back({0});
  }
  [[nodiscard]] State apply(const State& s, const Action& action) const {
    State next = s;
    next[action.index] = action.index == 0 ? s[0] + 1 : 1 - s[1];
    return next;
  }
  void encode(const State& s, ByteSink& out) const {
    for (const std::uint8_t value : s) out.u8(value);
    out.finish();
  }
  [[nodiscard]] State decode(ByteSource& in) const {
    State s{};
    for (std::uint8_t& value : s) value = in.u8();
    return s;
  }
  [[nodiscard]] std::uint32_t component(const Action& action) const { return action.index; }
};

TEST(FairRun, NeglectsNobodyAndEndsWhereItRests) {
  const FairRun<CountAndSpin> run = fair_run(CountAndSpin{.spins = false}, {}, 100);
  EXPECT_TRUE(run.rests);
  EXPECT_EQ(run.path.actions.size(), 3U);
  EXPECT_FALSE(run.path.loop);
}

TEST(FairRun, GoesRoundOnlyWhereNoComponentIsKeptWaiting) {
  const FairRun<CountAndSpin> run = fair_run(CountAndSpin{}, {}, 100);
  EXPECT_FALSE(run.rests);
  ASSERT_TRUE(run.path.loop);
  EXPECT_EQ(run.path.states[*run.path.loop][0], 3) << "the counter has counted before the spinning alone repeats";
  EXPECT_TRUE(has_fair_loop(CountAndSpin{}, run.path));
}

TEST(FairRun, IsCutOff) {
  const FairRun<CountAndSpin> run = fair_run(CountAndSpin{}, {}, 2);
  EXPECT_FALSE(run.rests);
  EXPECT_FALSE(run.path.loop);
  EXPECT_EQ(run.path.actions.size(), 2U);
}

Property<RandomGraph> property_of(std::uint64_t seed) {
  constexpr std::array<PropertyKind, 4> kKinds{PropertyKind::kInvariant, PropertyKind::kQuiescent,
                                               PropertyKind::kPossible, PropertyKind::kEventually};
  Property<RandomGraph> property = random_property<0>(kKinds[seed % 4]);
  // A promise that most states keep is hardly ever broken.
  if (is_liveness(property.kind)) {
    property.holds = [](const RandomGraph& model, const RandomGraph::State& state) { return model.marked(0, state); };
  }
  return property;
}

/// The states that have an escape, by definition: a fixpoint over everything that the protocol can reach.
class EscapeTwin {
 public:
  EscapeTwin(const RandomGraph& model, const Property<RandomGraph>& property) : model_(model), property_(property) {}

  bool operator()(RandomGraph::State root) {
    std::set<RandomGraph::State> all{root};
    for (std::vector<RandomGraph::State> waiting{root}; !waiting.empty();) {
      const RandomGraph::State state = waiting.back();
      waiting.pop_back();
      for (const RandomGraph::State next : successors(state)) {
        if (all.insert(next).second) waiting.push_back(next);
      }
    }
    const bool promise = is_liveness(property_.kind);
    std::set<RandomGraph::State> saved;
    for (const RandomGraph::State state : all) {
      if (promise ? property_.holds(model_, state) : !is_bad(state)) saved.insert(state);
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (const RandomGraph::State state : all) {
        const bool way = has_way(state, saved);
        if (promise && way) changed = saved.insert(state).second || changed;
        const bool stuck = !protocol_actions(model_, state).empty() && !way;
        if (!promise && stuck) changed = saved.erase(state) > 0 || changed;
      }
    }
    return saved.count(root) != 0;
  }

 private:
  [[nodiscard]] bool is_bad(RandomGraph::State state) const {
    const bool judged = property_.kind == PropertyKind::kInvariant || protocol_actions(model_, state).empty();
    return judged && !property_.holds(model_, state);
  }
  [[nodiscard]] std::vector<RandomGraph::State> successors(RandomGraph::State state) const {
    std::vector<RandomGraph::State> found;
    for (const Edge& edge : protocol_actions(model_, state)) {
      try {
        found.push_back(model_.apply(state, edge));
      } catch (const CapacityExceeded&) {
      }
    }
    return found;
  }
  [[nodiscard]] bool has_way(RandomGraph::State state, const std::set<RandomGraph::State>& saved) const {
    for (const RandomGraph::State next : successors(state)) {
      if (saved.count(next) != 0) return true;
    }
    return false;
  }

  const RandomGraph& model_;
  const Property<RandomGraph>& property_;
};

class Why : public testing::Test {
 protected:
  /// Calls `take` with the model, the property and the counterexample of each random model that has one.
  template <class Take>
  std::size_t for_each_violation(std::uint64_t seeds, const Take& take) {
    std::size_t violations = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
      const RandomGraph model(seed, {.states_max = 30, .overflow_per_mille = seed % 3 == 0 ? 20U : 0U});
      const Property<RandomGraph> property = property_of(seed);
      const auto report = search(model, std::vector{property});
      if (report.verdict.outcome != Outcome::kViolated || report.counterexample->actions.empty()) continue;
      ++violations;
      SCOPED_TRACE(seed);
      take(model, property, *report.counterexample);
    }
    return violations;
  }
};

TEST_F(Why, ThePointOfNoReturnIsTheDefinitionsOne) {
  std::size_t saved = 0;
  const std::size_t violations =
      for_each_violation(8000, [&](const RandomGraph& model, const auto& property, const auto& trace) {
        const Escape<RandomGraph> escape = last_escape(model, trace, property, 1'000'000);
        ASSERT_TRUE(escape.decided);
        std::optional<std::size_t> expected;
        EscapeTwin twin(model, property);
        const std::size_t states = trace.states.size() - (is_liveness(property.kind) ? 0 : 1);
        for (std::size_t i = 0; i < states; ++i) {
          if (twin(trace.states[i])) expected = i;
        }
        ASSERT_EQ(escape.after, expected);
        if (!expected) return;
        ++saved;
        RandomGraph::State state = trace.states[*expected];
        for (const Edge& edge : escape.actions) {
          ASSERT_FALSE(model.is_environment(edge));
          ASSERT_TRUE(is_enabled(model, state, edge));
          state = model.apply(state, edge);
        }
        if (escape.end == RescueEnd::kGoesOn) return;
        ASSERT_TRUE(property.holds(model, state));
        ASSERT_EQ(escape.end == RescueEnd::kPromised, is_liveness(property.kind));
      });
  EXPECT_GT(violations, 400U);
  EXPECT_GT(saved, 100U);
}

TEST_F(Why, ABoundIsRespectedAndSaid) {
  std::size_t undecided = 0;
  for_each_violation(1000, [&](const RandomGraph& model, const auto& property, const auto& trace) {
    const Escape<RandomGraph> escape = last_escape(model, trace, property, 2);
    EXPECT_LE(escape.states, 4U);
    if (escape.decided) return;
    ++undecided;
    EXPECT_EQ(escape.after, std::nullopt);
  });
  EXPECT_GT(undecided, 10U);
}

TEST_F(Why, TheChainAloneStillBreaksTheClaim) {
  std::size_t shorter = 0;
  for_each_violation(8000, [&](const RandomGraph& model, const auto& property, const auto& trace) {
    if (property.kind != PropertyKind::kInvariant) return;
    const auto bad = [&](const Trace<RandomGraph>& left) { return !property.holds(model, left.states.back()); };
    const std::vector<ChainLink> links = causal_chain<RandomGraph>(model, trace, trace.actions.size(), bad);
    std::vector<std::size_t> steps;
    for (const ChainLink& link : links) steps.push_back(link.step);
    const auto left = path_of(model, trace, steps);
    ASSERT_TRUE(left.has_value());
    ASSERT_TRUE(bad(*left));
    ASSERT_EQ(steps.back(), trace.actions.size());
    // Shortest paths have nothing to leave out.
    ASSERT_EQ(steps.size(), trace.actions.size());
    ++shorter;
  });
  EXPECT_GT(shorter, 50U);
}

}  // namespace
}  // namespace mc
