// The liveness checker against its dumb twin over thousands of random models, and on models small enough to see.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "checker/engine/search.hpp"
#include "tests/reference/liveness_twin.hpp"
#include "tests/support/sanitized.hpp"

namespace mc {
namespace {

using reference::SmallGraph;

/// A graph that is written down, with a goal and a beginning, as a model.
struct WrittenModel {
  using State = std::uint32_t;
  struct Action {
    std::uint32_t edge = 0;
    friend bool operator==(const Action&, const Action&) = default;
  };
  SmallGraph graph;
  std::vector<char> goal;
  std::vector<char> begins;

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

Property<WrittenModel> promise(PropertyKind kind) {
  Property<WrittenModel> property;
  property.id = "promise";
  property.kind = kind;
  property.holds = [](const WrittenModel& model, const std::uint32_t& state) { return model.goal[state] != 0; };
  if (kind == PropertyKind::kLeadsTo) {
    property.when = [](const WrittenModel& model, const std::uint32_t& state) { return model.begins[state] != 0; };
  }
  return property;
}

WrittenModel random_model(std::mt19937_64& random) {
  const auto below = [&](std::uint64_t n) { return static_cast<std::uint32_t>(random() % n); };
  WrittenModel model;
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
  return model;
}

TEST(LivenessAgainstTwin, RandomModels) {
  constexpr std::uint64_t kModels = support::kSanitized ? 600 : 12'000;
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 0; seed < kModels && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const WrittenModel model = random_model(random);
    for (const PropertyKind kind : {PropertyKind::kEventually, PropertyKind::kLeadsTo, PropertyKind::kPossible}) {
      SCOPED_TRACE(std::string(to_string(kind)));
      const std::array<Property<WrittenModel>, 1> properties{promise(kind)};
      const auto expected = reference::shortest_failure(model.graph, kind, model.goal, model.begins);
      Options options;
      options.threads = 1 + static_cast<unsigned>(seed % 3);
      const Report<WrittenModel> report = search(model, properties, options);
      ASSERT_EQ(report.verdict.outcome, expected ? Outcome::kViolated : Outcome::kHolds);
      ++seen[std::string(to_string(kind)) + (expected ? " fails" : " holds")];
      if (!expected) continue;
      // Every run that is handed out was replayed and checked by definition.
      EXPECT_EQ(report.verdict.judgements[0].depth, *expected);
      ASSERT_TRUE(report.counterexample.has_value());
      EXPECT_EQ(report.counterexample->loop.value_or(report.counterexample->actions.size()), *expected);
      if (report.counterexample->loop) ++seen["lasso"];
    }
  }
  EXPECT_EQ(seen.size(), 7U);
  for (const auto& [what, times] : seen) EXPECT_GT(times, static_cast<int>(kModels / 50)) << what;
}

TEST(LivenessAgainstTwin, TheSameRunOnAnyNumberOfThreads) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const WrittenModel model = random_model(random);
    const std::array<Property<WrittenModel>, 3> properties{
        promise(PropertyKind::kEventually), promise(PropertyKind::kLeadsTo), promise(PropertyKind::kPossible)};
    Options options;
    options.threads = 1;
    const Report<WrittenModel> one = search(model, properties, options);
    for (const unsigned threads : {2U, 3U, 8U}) {
      options.threads = threads;
      const Report<WrittenModel> many = search(model, properties, options);
      EXPECT_TRUE(one.verdict == many.verdict);
      EXPECT_TRUE(one.counterexample == many.counterexample);
    }
  }
}

/// Two states that one component flips between, and a way out to the goal by another component.
WrittenModel flip_flop() {
  WrittenModel model;
  model.graph = {3, {0}, {{0, 1, false, 1}, {1, 0, false, 1}, {0, 2, false, 2}, {1, 2, false, 2}}};
  model.goal = {0, 0, 1};
  model.begins = {1, 0, 0};
  return model;
}

TEST(Liveness, AComponentThatIsAlwaysEnabledActs) {
  const std::array<Property<WrittenModel>, 1> properties{promise(PropertyKind::kEventually)};
  EXPECT_EQ(check(flip_flop(), properties).outcome, Outcome::kHolds);
}

TEST(Liveness, AComponentThatIsEnabledNowAndThenNeedNotAct) {
  WrittenModel model = flip_flop();
  model.graph.edges.pop_back();
  const std::array<Property<WrittenModel>, 1> properties{promise(PropertyKind::kEventually)};
  const Report<WrittenModel> report = search(model, properties);
  EXPECT_EQ(report.verdict.outcome, Outcome::kViolated);
  ASSERT_TRUE(report.counterexample.has_value());
  EXPECT_EQ(report.counterexample->loop, 0U);
  EXPECT_EQ(report.counterexample->actions.size(), 2U);
  // It can still be reached from everywhere, so that this is an unfair wait and no trap.
  const std::array<Property<WrittenModel>, 1> possible{promise(PropertyKind::kPossible)};
  EXPECT_EQ(check(model, possible).outcome, Outcome::kHolds);
}

TEST(Liveness, TheEnvironmentIsNeverFairAndNeverEndless) {
  WrittenModel model = flip_flop();
  for (SmallGraph::Edge& edge : model.graph.edges) edge.environment = edge.component == 2;
  const std::array<Property<WrittenModel>, 1> properties{promise(PropertyKind::kEventually)};
  EXPECT_EQ(check(model, properties).outcome, Outcome::kViolated);
  // Round and round by the environment alone is no run: it ends where the protocol has nothing to do.
  for (SmallGraph::Edge& edge : model.graph.edges) edge.environment = true;
  const Report<WrittenModel> report = search(model, properties);
  ASSERT_TRUE(report.counterexample.has_value());
  EXPECT_FALSE(report.counterexample->loop.has_value());
  EXPECT_TRUE(report.counterexample->actions.empty());
}

TEST(Liveness, ABoundedSearchNeverSaysThatAPromiseIsKept) {
  const std::array<Property<WrittenModel>, 1> properties{promise(PropertyKind::kLeadsTo)};
  Limits limits;
  limits.depth_max = 0;
  limits.depth_declared = true;
  const Verdict verdict = check(flip_flop(), properties, limits);
  EXPECT_EQ(verdict.outcome, Outcome::kInconclusive);
  EXPECT_EQ(verdict.judgements[0].outcome, Outcome::kInconclusive);
  EXPECT_NE(verdict.reason.find("a bounded search does not decide promise"), std::string::npos) << verdict.reason;
}

TEST(Liveness, AnInterruptionWhileItJudgesDecidesNothing) {
  static std::atomic<bool> cancel;
  cancel = false;
  std::array<Property<WrittenModel>, 1> properties{promise(PropertyKind::kPossible)};
  // The last state to be judged asks for the end: the loop is over then, and only the judging is left.
  properties[0].holds = [](const WrittenModel&, const std::uint32_t& state) {
    if (state == 2) cancel = true;
    return false;
  };
  Options options;
  options.cancel = &cancel;
  WrittenModel line;
  line.graph = {3, {0}, {{0, 1, false, 1}, {1, 2, false, 1}}};
  const Verdict verdict = search(line, properties, options).verdict;
  EXPECT_EQ(verdict.states, 3U);
  EXPECT_EQ(verdict.outcome, Outcome::kInconclusive);
  EXPECT_EQ(verdict.reason, "interrupted");
  EXPECT_EQ(verdict.judgements[0].outcome, Outcome::kInconclusive);
}

TEST(Liveness, AStoreWithoutEncodingsIsRefused) {
  const std::array<Property<WrittenModel>, 1> properties{promise(PropertyKind::kPossible)};
  Options options;
  options.store = StoreKind::kFingerprint;
  const Verdict verdict = search(flip_flop(), properties, options).verdict;
  EXPECT_EQ(verdict.outcome, Outcome::kInconclusive);
  EXPECT_EQ(verdict.states, 0U);
  EXPECT_EQ(verdict.reason, "property promise is judged on the whole graph, which needs the exact store");
}

}  // namespace
}  // namespace mc
