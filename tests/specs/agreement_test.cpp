// Ray's own model and properties, searched by the engine and by its dumb twin: equal verdicts, counts, coverage and
// traces on 1, 2 and 8 threads, with both stores; with symmetry the same but for which of the shortest traces is shown.
#include <gtest/gtest.h>

#include <map>
#include <span>
#include <string>
#include <vector>

#include "checker/engine/search.hpp"
#include "specs/properties/catalogue.hpp"
#include "tests/model/clusters.hpp"
#include "tests/reference/reference_search.hpp"

namespace raymc {
namespace {

using Traces = std::map<std::string, mc::Trace<RayModel>>;

void expect_same(const RayModel& model, std::span<const Property> properties, const mc::Limits& limits = {}) {
  const mc::reference::Answer<RayModel> expected = mc::reference::search(model, properties, limits);
  for (const unsigned threads : {1U, 2U, 8U}) {
    for (const mc::StoreKind store : {mc::StoreKind::kExact, mc::StoreKind::kFingerprint}) {
      SCOPED_TRACE(std::to_string(threads) + " threads, " + std::string(mc::to_string(store)));
      mc::Options options;
      options.threads = threads;
      options.store = store;
      options.limits = limits;
      EXPECT_TRUE(mc::search(model, properties, options).verdict == expected.verdict);
      options.symmetry = false;
      const mc::Report<RayModel> actual = mc::search(model, properties, options);
      EXPECT_EQ(actual.verdict.reason, expected.verdict.reason);
      EXPECT_EQ(actual.verdict.violated, expected.verdict.violated);
      EXPECT_EQ(actual.verdict.states, expected.verdict.states);
      EXPECT_EQ(actual.verdict.transitions, expected.verdict.transitions);
      EXPECT_TRUE(actual.verdict == expected.verdict);
      EXPECT_TRUE(actual.counterexample == expected.counterexample);
      EXPECT_TRUE(actual.overflowing == expected.overflowing);
      Traces witnesses;
      for (const auto& witness : actual.witnesses) witnesses.emplace(witness.property, witness.trace);
      EXPECT_TRUE(witnesses == expected.witnesses);
    }
  }
}

/// The properties that guard against vacuity: a search that asks only for them ends when all states are seen.
std::vector<Property> only_reachable() {
  std::vector<Property> some;
  for (const Property& property : all_properties()) {
    if (property.kind == mc::PropertyKind::kReachable) some.push_back(property);
  }
  return some;
}

/// The properties that the twin judges.
std::vector<Property> safety() {
  std::vector<Property> some;
  for (const Property& property : all_properties()) {
    if (!mc::is_liveness(property.kind)) some.push_back(property);
  }
  return some;
}

/// Those of liveness, whose twin tests/reference/liveness_twin.hpp is for smaller graphs.
std::vector<Property> promises() {
  std::vector<Property> some;
  for (const Property& property : all_properties()) {
    if (mc::is_liveness(property.kind)) some.push_back(property);
  }
  return some;
}

class AgreementTest : public testing::TestWithParam<clusters::Cluster> {};

TEST_P(AgreementTest, OnAllProperties) {
  expect_same(RayModel(GetParam().config), safety());
}

TEST_P(AgreementTest, OnPromisesAnyNumberOfThreads) {
  const std::vector<Property> properties = promises();
  mc::Options options;
  options.threads = 1;
  const mc::Report<RayModel> one = mc::search(RayModel(GetParam().config), properties, options);
  for (const unsigned threads : {2U, 8U}) {
    options.threads = threads;
    const mc::Report<RayModel> many = mc::search(RayModel(GetParam().config), properties, options);
    EXPECT_TRUE(one.verdict == many.verdict);
    EXPECT_TRUE(one.counterexample == many.counterexample);
  }
}

TEST_P(AgreementTest, OnAllStates) {
  expect_same(RayModel(GetParam().config), only_reachable());
}

TEST_P(AgreementTest, UpToADepth) {
  mc::Limits limits;
  limits.depth_max = 12;
  limits.depth_declared = true;
  expect_same(RayModel(GetParam().config), safety(), limits);
}

// Everything at once is far too large to finish: the search stops at the same place, whatever the threads.
TEST(Agreement, UpToANumberOfStates) {
  mc::Limits limits;
  limits.states_max = 4000;
  expect_same(RayModel(clusters::everything()), only_reachable(), limits);
  expect_same(RayModel(clusters::hardened(clusters::everything())), safety(), limits);
}

std::vector<clusters::Cluster> small_clusters() {
  using namespace clusters;
  using enum Fault;
  return {
      {"one_node", with(cluster(1, 1), {kWorkerCrash, kReplyLost})},
      {"one_node_hardened", hardened(with(cluster(1, 1), {kWorkerCrash, kReplyLost}))},
      {"spillback", hardened(with(cluster(2, 2), {kRayletCrash}))},
      {"late_join", big_node_joins_late(with(cluster(2, 1), {kRequestLost, kReplyLost}))},
      {"nested_owner", nested(with(cluster(2, 1), {kOwnerCrash, kGcsCrash}))},
      {"nested_twice", hardened(nested_twice(with(cluster(1, 4), {kWorkerCrash})))},
      {"six_tasks", hardened(with(cluster(1, 6, 0), {}))},
      {"cancel", hardened(with(cluster(1, 2), {kCancel}))},
      {"cancel_aborts", with(cluster(1, 1), {kCancel})},
      {"false_death", probes(with(cluster(2, 1), {kFalseDeath, kFalseDeath, kSubscriberStall}), 2)},
      {"farewell", hardened(with(cluster(2, 1), {kRayletSigterm, kReplyLost}))},
      {"head_dies", preferring(head_may_fail(with(cluster(2, 1), {kRayletCrash, kDriverPlasma})), NodeId{1})},
      {"tracked_view", tracked(cluster(2, 2, 0))},
      {"unordered", unordered(hardened(with(cluster(1, 2), {kReplyLost})))},
  };
}

INSTANTIATE_TEST_SUITE_P(Ray, AgreementTest, testing::ValuesIn(small_clusters()),
                         [](const auto& cluster) { return cluster.param.name; });

}  // namespace
}  // namespace raymc
