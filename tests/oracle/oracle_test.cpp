// The oracle before it judges others: hand-written graphs, a twin that tries every set of states, and a proof that a
// wrong answer of either side would be seen.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/oracle/case.hpp"
#include "tests/oracle/expectation.hpp"
#include "tests/oracle/explore.hpp"
#include "tests/oracle/graph.hpp"
#include "tests/oracle/verdict.hpp"
#include "tests/reference/liveness_twin.hpp"

namespace raymc::oracle {
namespace {

using mc::PropertyKind;

Node node(std::uint32_t depth, bool goal, std::vector<Edge> edges) {
  return {depth, std::move(edges), {goal}, {true}};
}

TEST(OracleGraph, OneStateWithoutActionsEndsARun) {
  const Graph graph{{node(0, false, {})}};
  EXPECT_EQ(broken_after(graph, PropertyKind::kEventually, 0), 0U);
  EXPECT_EQ(broken_after(graph, PropertyKind::kLeadsTo, 0), 0U);
  EXPECT_EQ(broken_after(graph, PropertyKind::kPossible, 0), 0U);
}

TEST(OracleGraph, AnActionThatWasNotTakenMayStillBringTheGoal) {
  const Graph graph{{node(0, false, {{1, false, 0}}), node(1, false, {{kUnknown, false, 0}})}};
  for (const PropertyKind kind : {PropertyKind::kEventually, PropertyKind::kLeadsTo, PropertyKind::kPossible}) {
    EXPECT_EQ(broken_after(graph, kind, 0), std::nullopt);
  }
}

TEST(OracleGraph, AStateWithAFaultThatWasNotTakenIsNotExpanded) {
  Graph graph{{node(0, false, {{1, false, 0}}), node(1, false, {{kUnknown, true, 0}})}};
  EXPECT_EQ(broken_after(graph, PropertyKind::kEventually, 0), std::nullopt);
  EXPECT_EQ(broken_after(graph, PropertyKind::kPossible, 0), std::nullopt);
  // The same fault taken: nothing is owed to it.
  graph.nodes[1].edges[0].to = 0;
  EXPECT_EQ(broken_after(graph, PropertyKind::kEventually, 0), 1U);
  EXPECT_EQ(broken_after(graph, PropertyKind::kPossible, 0), 0U);
}

TEST(OracleGraph, ALoopThatNeglectsAComponentIsNotFair) {
  // Component 1 could act in every state of the loop, and would reach the goal.
  const Graph fair{{node(0, false, {{0, false, 0}, {1, false, 1}}), node(1, true, {})}};
  EXPECT_EQ(broken_after(fair, PropertyKind::kEventually, 0), std::nullopt);
  // With a second state in the loop where it cannot act, nothing is owed to it.
  const Graph unfair{
      {node(0, false, {{2, false, 0}, {1, false, 1}}), node(1, true, {}), node(1, false, {{0, false, 0}})}};
  EXPECT_EQ(broken_after(unfair, PropertyKind::kEventually, 0), 0U);
  EXPECT_EQ(broken_after(unfair, PropertyKind::kPossible, 0), std::nullopt);
}

/// A random graph both as the twin and as the oracle read it; `when` and the goal are random, too.
struct Pair {
  mc::reference::SmallGraph small;
  Graph graph;
  std::vector<char> goal, when;

  explicit Pair(Random& random) {
    small.states = 1 + random() % 6;
    small.initial = {0};
    for (std::size_t edges = random() % 12; edges > 0; --edges) {
      small.edges.push_back({random() % small.states, random() % small.states, random() % 5 == 0,
                             static_cast<std::uint32_t>(random() % 3)});
    }
    for (std::size_t i = 0; i < small.states; ++i) {
      goal.push_back(random() % 4 == 0 ? 1 : 0);
      when.push_back(random() % 3 == 0 ? 1 : 0);
    }
  }

  /// Numbers the reachable states breadth first, as the oracle wants them.
  void read(PropertyKind kind) {
    std::vector<std::size_t> order{0};
    std::vector<std::size_t> place(small.states, kUnknown);
    place[0] = 0;
    graph.nodes = {Node{}};
    for (std::size_t at = 0; at < order.size(); ++at) {
      graph.nodes[at].holds = {goal[order[at]] != 0};
      graph.nodes[at].when = {kind == PropertyKind::kLeadsTo && when[order[at]] != 0};
      for (const auto& edge : small.edges) {
        if (edge.from != order[at]) continue;
        if (place[edge.to] == kUnknown) {
          place[edge.to] = order.size();
          order.push_back(edge.to);
          graph.nodes.push_back({graph.nodes[at].depth + 1, {}, {}, {}});
        }
        graph.nodes[at].edges.push_back({place[edge.to], edge.environment, edge.component});
      }
    }
  }
};

// The twin reads Possible in every state, reachable or not by its own runs; so both see reachable ones alone.
TEST(OracleGraph, AgreesWithATwinThatTriesEverySetOfStates) {
  std::size_t broken = 0;
  for (std::uint64_t seed = 0; seed < 6'000; ++seed) {
    Random random(seed);
    Pair pair(random);
    for (const PropertyKind kind : {PropertyKind::kEventually, PropertyKind::kLeadsTo, PropertyKind::kPossible}) {
      pair.read(kind);
      const auto length = broken_after(pair.graph, kind, 0);
      ASSERT_EQ(length, mc::reference::shortest_failure(pair.small, kind, pair.goal, pair.when)) << "seed " << seed;
      if (length) ++broken;
    }
  }
  EXPECT_GT(broken, 3'000U);
  EXPECT_LT(broken, 15'000U);
}

/// A small scenario with a property of each kind, and what the oracle says of it.
struct Asked {
  Question question;
  Explored explored;

  explicit Asked(std::uint64_t seed, const mc::Limits& limits = mc::Limits::none()) {
    const std::string text =
        "schema = 1\nquestion = \"?\"\n[shape]\nnodes = 1\n[[shape.task]]\nid = \"t1\"\n[budget]\nworker_crash = 1\n";
    Random random(seed);
    question = *draw_question(text, true, random);
    explored = explore(RayModel(question.scenario.config), question.properties, limits, 20'000, true);
  }

  [[nodiscard]] nlohmann::json answer() const { return expected_answer(explored, question.properties); }
};

TEST(OracleComparison, SeesAPropertyThatIsInverted) {
  std::size_t inverted = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Asked asked(seed);
    const nlohmann::json before = asked.answer();
    for (std::size_t p = 0; p < asked.question.properties.size(); ++p) {
      // Where nothing obliges, and where no run ends, the predicate is never asked.
      const PropertyKind kind = asked.question.properties[p].kind;
      const auto is_asked = [&](const Node& node) {
        return (kind != PropertyKind::kLeadsTo || node.when[p]) &&
               (kind != PropertyKind::kQuiescent || is_quiescent(node));
      };
      const auto answers = [&](bool holds) {
        return std::ranges::any_of(asked.explored.graph.nodes,
                                   [&](const Node& node) { return is_asked(node) && node.holds[p] == holds; });
      };
      // Where it holds in some states and not in others of the same depth, it is violated either way.
      if (answers(true) == answers(false)) continue;
      Asked other = asked;
      for (Node& node : other.explored.graph.nodes) node.holds[p] = !node.holds[p];
      EXPECT_FALSE(differences(before, other.answer()).empty()) << asked.question.properties[p].id;
      ++inverted;
    }
  }
  EXPECT_GT(inverted, 100U);
}

TEST(OracleComparison, SeesEachFieldThatIsChanged) {
  const Asked asked(3);
  nlohmann::json answer = asked.answer();
  compare_with({}, false, false, answer);
  ASSERT_EQ(answer.size(), 11U);
  for (const auto& [field, value] : answer.items()) {
    nlohmann::json changed = answer;
    nlohmann::json& there = changed[field];
    if (there.is_string()) {
      there = "another";
    } else if (there.is_number()) {
      there = there.get<int>() + 1;
    } else if (there.is_object()) {
      there.begin().value() = there.begin().value().get<int>() + 1;
    } else {
      there.erase(there.size() - 1);
    }
    EXPECT_EQ(differences(answer, changed).size(), 1U) << field;
    EXPECT_EQ(differences(answer, answer).size(), 0U);
  }
}

TEST(OracleBounds, ABoundThatCutsNothingIsNone) {
  const Asked whole(5);
  const auto depth = static_cast<std::uint32_t>(whole.explored.levels.size() - 1);
  for (const std::uint32_t bound : {depth, depth + 1}) {
    mc::Limits limits;
    limits.depth_max = bound;
    EXPECT_EQ(Asked(5, limits).explored.end, whole.explored.end);
    EXPECT_EQ(Asked(5, limits).explored.transitions, whole.explored.transitions);
  }
  mc::Limits limits;
  limits.depth_max = depth - 1;
  EXPECT_EQ(Asked(5, limits).explored.end, End::kBound);
  limits.depth_declared = true;
  EXPECT_EQ(Asked(5, limits).explored.end, End::kDeclaredBound);
}

}  // namespace
}  // namespace raymc::oracle
