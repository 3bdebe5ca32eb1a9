// Renamings are automorphisms of the model and the representative is the same for all renamed states: asked of
// reachable states of clusters that use every feature, each with raylets and tasks added that nothing tells apart. A
// field of the state that names something and is not renamed, or a row that treats names unequally, is noticed here.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checker/audit/symmetry_checks.hpp"
#include "model/renaming.hpp"
#include "tests/model/clusters.hpp"
#include "tests/model/reachable.hpp"
#include "tests/support/sanitized.hpp"

namespace raymc {
namespace {

constexpr std::size_t kStates = mc::support::kSanitized ? 60 : 600;

/// The cluster with raylets like its last one, as many as there may be, none of them late.
Config with_twins(Config config) {
  for (NodeShape& node : config.shape.nodes) node.joins_late = false;
  const NodeShape node = config.shape.nodes.size() > 1 ? config.shape.nodes.back() : NodeShape{};
  std::size_t workers = 0;
  for (const NodeShape& known : config.shape.nodes) workers += known.workers;
  while (config.shape.nodes.size() < kNodesMax && workers + node.workers <= kWorkersMax) {
    config.shape.nodes.push_back(node);
    workers += node.workers;
  }
  return config;
}

using Findings = std::map<mc::AuditCheck, std::string>;

/// What the checks find in some reachable states; the first finding of each check, in words.
Findings findings_of(const RayModel& model, std::size_t states) {
  Findings findings;
  const auto found = [&](mc::AuditCheck check, const State& state, const std::optional<Action>& action) {
    std::string words = action ? model.name(*action) : "";
    for (const std::string& part : model.describe(state)) words += "\n  " + part;
    findings.emplace(check, words);
  };
  const mc::SymmetryChecks checks(model, {}, found);
  checks.check_initial();
  visit_some(model, states, [&](const State& state, const std::vector<Action>& actions) {
    if (findings.empty()) checks.check(state, actions);
  });
  return findings;
}

class SymmetryTest : public testing::TestWithParam<clusters::Cluster> {};

TEST_P(SymmetryTest, RenamingsAreAutomorphisms) {
  const RayModel model(with_twins(GetParam().config));
  if (model.renamings() == 1) GTEST_SKIP() << "nothing may be renamed";
  for (const auto& [check, words] : findings_of(model, kStates)) {
    ADD_FAILURE() << mc::to_string(check) << " at " << words;
  }
}

INSTANTIATE_TEST_SUITE_P(Features, SymmetryTest, testing::ValuesIn(clusters::all_features()),
                         [](const auto& cluster) { return cluster.param.name; });

TEST(Renaming, ManyClustersHaveSomethingToRename) {
  std::size_t renamed = 0;
  for (const clusters::Cluster& cluster : clusters::all_features()) {
    if (!interchangeable(with_twins(cluster.config)).empty()) ++renamed;
  }
  EXPECT_GT(renamed, clusters::all_features().size() / 2);
}

TEST(Renaming, TheShapeTellsRayletsApart) {
  const Config plain = clusters::cluster(4, 2);
  EXPECT_EQ(interchangeable(plain), (std::vector<Class>{{1, 2, 3}}));

  Config larger = plain;
  larger.shape.nodes[2].cpus = 2;
  EXPECT_EQ(interchangeable(larger), (std::vector<Class>{{1, 3}}));
  Config safe = plain;
  safe.shape.nodes[1].may_crash = false;
  EXPECT_EQ(interchangeable(safe), (std::vector<Class>{{2, 3}}));
  EXPECT_EQ(interchangeable(clusters::nested(plain, NodeId{3})), (std::vector<Class>{{1, 2}}))
      << "an owner lives there";
  EXPECT_EQ(interchangeable(clusters::bound_to(plain, NodeId{1})), (std::vector<Class>{{2, 3}}));
  EXPECT_EQ(interchangeable(clusters::preferring(plain, NodeId{2})), (std::vector<Class>{{1, 3}}));
  EXPECT_EQ(interchangeable(clusters::arguments_at(plain, NodeId{2})), (std::vector<Class>{{1, 3}}));
}

TEST(Renaming, WhereNumbersMatterRayletsKeepTheirNames) {
  using enum Fault;
  const Config plain = clusters::cluster(4, 2);
  EXPECT_TRUE(interchangeable(clusters::joins_late(plain, 3)).empty());
  EXPECT_TRUE(interchangeable(clusters::with(plain, {kRayletPartition})).empty());
  EXPECT_TRUE(
      interchangeable(with_implied_features(clusters::with(plain, {kGcsCrash, kRayletCrash, kRayletCrash}))).empty());
  EXPECT_FALSE(interchangeable(with_implied_features(clusters::with(plain, {kGcsCrash, kRayletCrash}))).empty());
}

TEST(Renaming, IsAGroupThatMovesWorkersWithTheirRaylet) {
  Config config = clusters::cluster(4, 3);
  for (NodeShape& node : config.shape.nodes) node.workers = 2;
  const RenamingGroup group(config);
  ASSERT_EQ(group.size(), 6U);
  std::set<Renaming::Names> all;
  for (std::uint32_t i = 0; i < group.size(); ++i) {
    all.insert(group[i].node);
    EXPECT_EQ(group[i].of(NodeId{0}), NodeId{0}) << "the head keeps its name";
    EXPECT_EQ(group[i].of(NodeId::none()), NodeId::none());
    for (std::uint8_t w = 0; w < config.workers(); ++w) {
      const WorkerId renamed = group[i].of(WorkerId{w});
      EXPECT_EQ(config.node_of(renamed), group[i].of(config.node_of(WorkerId{w})));
      EXPECT_EQ(renamed.value % 2, w % 2) << "slots keep their order";
    }
    RenamingGroup::NodeNames nodes{};
    std::copy_n(group[i].node.begin(), nodes.size(), nodes.begin());
    EXPECT_EQ(&group.with(nodes), &group[i]);
  }
  EXPECT_EQ(all.size(), group.size());
  EXPECT_EQ(group[0].of(NodeId{3}), NodeId{3}) << "the first is the identity";
}

}  // namespace
}  // namespace raymc
