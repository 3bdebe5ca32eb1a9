// Smaller scenarios: what can be taken away from one, and that what is written out anew is the same scenario.
#include "specs/shrink.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "specs/properties/catalogue.hpp"
#include "specs/scenario.hpp"
#include "tests/support/places.hpp"

namespace raymc {
namespace {

namespace fs = std::filesystem;

mc::Result<Scenario> parse(const std::string& text) {
  return parse_scenario(text, "s.toml", all_properties());
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<fs::path> files() {
  std::vector<fs::path> found;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(raymc::support::source_dir()) / "specs/scenarios")) {
    if (entry.path().extension() == ".toml") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

TEST(Restated, EveryScenarioIsTheSameWrittenOutAnew) {
  ASSERT_GT(files().size(), 100U);
  for (const fs::path& file : files()) {
    SCOPED_TRACE(file);
    const std::string text = text_of(file);
    const mc::Result<Scenario> scenario = parse(text);
    ASSERT_TRUE(scenario.ok());
    const std::string property = scenario.value().properties.front();
    const mc::Result<Scenario> again = parse(restated(text, property, 7, {}, "a comment\n\nin three lines"));
    ASSERT_TRUE(again.ok()) << again.error().text();
    EXPECT_EQ(facts_of(again.value()), facts_of(scenario.value()));
    EXPECT_EQ(again.value().question, scenario.value().question);
    EXPECT_EQ(again.value().threads, scenario.value().threads);
    EXPECT_EQ(again.value().properties, std::vector<std::string>{property});
    EXPECT_EQ(again.value().expect->outcome, mc::Outcome::kViolated);
    EXPECT_EQ(again.value().expect->trace_length, 7U);
  }
}

TEST(Restated, SafeguardsBecomeItsOwn) {
  const std::string text =
      "schema = 1\nquestion = \"?\"\n[shape]\nnodes = 1\n[[shape.task]]\nid = \"t1\"\n"
      "[check]\nproperties = [\"all\"]\n";
  const mc::Result<Scenario> scenario =
      parse(restated(text, "I3.resources_conserved", std::nullopt, {{"grant_checks_worker", true}}, ""));
  ASSERT_TRUE(scenario.ok()) << scenario.error().text();
  EXPECT_TRUE(scenario.value().config.has(Safeguard::kGrantChecksWorker));
  EXPECT_EQ(scenario.value().expect->property, "I3.resources_conserved");
}

constexpr const char* kLarge = R"(schema = 1
question = "Is it \"large\"?"
features = ["affinity"]
[shape]
nodes = 3
cpus_per_node = [2, 1, 1]
may_crash = ["n1", "n3"]
lease_expiry = true
[[shape.owner]]
name = "driver"
[[shape.owner]]
name = "other"
kind = "worker"
node = "n2"
[[shape.task]]
id = "t1"
max_retries = 2
[[shape.task]]
id = "t2"
key = 2
locality = "n3"
[budget]
worker_crash = 2
raylet_crash = 1
[protocol]
safeguards = { "grant_checks_worker" = true }
[check]
properties = ["all"]
)";

TEST(Reductions, TakeAwayOneThingEach) {
  std::vector<std::string> what;
  for (const Reduction& reduction : reductions_of(kLarge)) what.push_back(reduction.what);
  EXPECT_EQ(what,
            (std::vector<std::string>{
                "a fault raylet_crash", "a fault worker_crash", "task t2", "task t1", "owner other",
                "one of cpus_per_node of number 1", "one of cpus_per_node of number 2",
                "one of cpus_per_node of number 3", "a retry of task t1", "shape.cpus_per_node, which is then 1",
                "shape.may_crash, which is then every node", "shape.lease_expiry, which is then false",
                "key of task t2", "locality of task t2", "feature affinity", "the switch of grant_checks_worker"}));
}

TEST(Reductions, ANodeTakesItsNameAndItsSizesWithIt) {
  // n2 stays, for an owner stands on it; without the owner it can go, and n3 becomes n2.
  std::string text;
  for (const Reduction& reduction : reductions_of(kLarge)) {
    EXPECT_NE(reduction.what, "node n2");
    if (reduction.what == "owner other") text = reduction.text;
  }
  for (const Reduction& reduction : reductions_of(text)) {
    if (reduction.what != "node n2") continue;
    const mc::Result<Scenario> scenario = parse(reduction.text);
    ASSERT_TRUE(scenario.ok()) << scenario.error().text();
    EXPECT_EQ(scenario.value().config.nodes(), 2);
    EXPECT_EQ(scenario.value().config.shape.nodes[0].cpus, 2);
    EXPECT_TRUE(scenario.value().config.shape.nodes[1].may_crash);
    EXPECT_EQ(scenario.value().config.shape.tasks[1].locality, NodeId{1});
    return;
  }
  ADD_FAILURE() << "n2 cannot be taken away";
}

TEST(Reductions, ScenariosGetSmallerUntilNothingIsLeft) {
  std::string text = kLarge;
  ASSERT_TRUE(parse(text).ok()) << parse(text).error().text();
  std::set<std::string> seen{text};
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (const Reduction& reduction : reductions_of(text)) {
      if (!parse(reduction.text).ok()) continue;
      ASSERT_TRUE(seen.insert(reduction.text).second) << "goes round: " << reduction.what;
      text = reduction.text;
      smaller = true;
      break;
    }
  }
  const Scenario scenario = parse(text).value();
  EXPECT_EQ(scenario.config.nodes(), 1);
  EXPECT_EQ(scenario.config.tasks(), 1);
  EXPECT_EQ(scenario.config.owners(), 1);
  EXPECT_EQ(scenario.config.shape.tasks[0].max_retries, 0);
  EXPECT_TRUE(scenario.overrides.empty());
  for (const FaultRow& row : fault_table()) EXPECT_FALSE(scenario.config.allows(row.fault));
}

}  // namespace
}  // namespace raymc
