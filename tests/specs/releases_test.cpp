// Releases of Ray as Rays that are asked about: by a scenario's profile, by findings, and against what was executed.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "checker/engine/search.hpp"
#include "model/profile.hpp"
#include "specs/findings.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/real_run.hpp"
#include "specs/releases/standings.hpp"
#include "specs/shrink.hpp"
#include "specs/standing.hpp"
#include "tests/support/places.hpp"

namespace raymc {
namespace {

namespace fs = std::filesystem;

fs::path root() {
  return raymc::support::source_dir();
}

std::vector<Scenario> all_findings() {
  mc::Result<std::vector<Scenario>> judged = judged_scenarios(root(), all_properties());
  return std::move(judged.value());
}

Scenario finding(const std::string& name) {
  return load_scenario(root() / "specs/scenarios/defects" / (name + ".toml"), all_properties()).value();
}

std::vector<std::string> cells(const std::vector<Standing>& standings) {
  std::vector<std::string> found;
  for (const Standing& standing : standings) found.push_back(cell_of(standing));
  return found;
}

constexpr const char* kPlain =
    "schema = 1\nquestion = \"Does it end?\"\n[shape]\nnodes = 1\n[[shape.task]]\nid = \"t1\"\n";

Scenario of(const std::string& text) {
  return parse_scenario(text, "x.toml", all_properties()).value();
}

TEST(Releases, AreProfilesOfAScenario) {
  const Scenario scenario = of(std::string(kPlain) + "[protocol]\nprofile = \"ray-2.58\"\n");
  EXPECT_EQ(scenario.profile, "ray-2.58");
  EXPECT_EQ(scenario.config.safeguards, SafeguardSet::of({2, 58}));
  EXPECT_FALSE(scenario.own_memory_policy);
}

// In 2.58 a death is told before it is written: its loss is no fault of a scenario, and no finding against it.
TEST(Releases, AFindingIsMeasuredAgainstTheReleaseThatItIsAskedOf) {
  const std::string text = std::string(kPlain) + "[protocol]\nprofile = \"ray-2.58\"\nsafeguards = { ";
  const std::string end =
      " }\n[check]\nproperties = [\"L1.task_ends\"]\n[expect]\noutcome = \"violated\"\n[finding]\nstatus = \"pinned\"\n"
      "likelihood = \"narrow\"\nneeds = \"nothing\"\n";
  EXPECT_TRUE(parse_scenario(text + end, "x.toml", all_properties()).ok());
  EXPECT_FALSE(parse_scenario(text + "death_is_told_at_once = false" + end, "x.toml", all_properties()).ok());
}

TEST(Releases, AProfileOfTheCommandLineBecomesTheRestatedScenariosOwn) {
  const std::string text = std::string(kPlain) + "[protocol]\nsafeguards = { grant_checks_worker = true }\n";
  const Scenario scenario = of(restated(text, "L1.task_ends", 3, {{"ray-2.57", true}, {"exit_is_retried", true}}, ""));
  EXPECT_EQ(scenario.profile, "ray-2.57");
  ASSERT_EQ(scenario.overrides.size(), 2U) << "the proposed fix stays";
  EXPECT_EQ(scenario.overrides.front().first, Safeguard::kGrantChecksWorker);
  EXPECT_EQ(scenario.overrides.back().first, Safeguard::kExitIsRetried);
  const Scenario pinned = of(restated(text, "L1.task_ends", 3, {{"pinned", true}}, ""));
  EXPECT_TRUE(pinned.overrides.empty());
}

// What releases do otherwise is theirs; what no release has stays, as it keeps another finding from coming first.
TEST(Standings, AreOfTheReleaseButForProposedFixes) {
  const Config told = in_release(finding("node_death_told_before_it_is_written"), {2, 57});
  EXPECT_FALSE(told.has(Safeguard::kDeathIsToldAtOnce));
  const Config stopped = in_release(finding("c3_stopped_worker_swallows_task"), {2, 60});
  EXPECT_TRUE(stopped.has(Safeguard::kGrantChecksWorker));
  EXPECT_TRUE(stopped.has(Safeguard::kDeathIsToldAtOnce));
}

TEST(Standings, ChangeWhereAReleaseMendsAFindingAndWhereItMakesOne) {
  EXPECT_EQ(cells(standings_of(finding("node_death_published_only_after_slow_persist"))),
            (std::vector<std::string>{"violated 4", "violated 4", "violated 4", "holds", "holds", "holds"}));
  EXPECT_EQ(cells(standings_of(finding("drain_overlooks_pin_in_flight"))).back().substr(0, 8), "violated");
  EXPECT_EQ(cells(standings_of(finding("c8_live_worker_is_refused_for_ever")))[2], "holds");
}

TEST(Standings, AreReadAsTheyAreWritten) {
  const fs::path folder = fs::path(testing::TempDir()) / "standings";
  fs::create_directories(folder / "results");
  std::vector<Standing> standings;
  for (const Release release : kReleases) standings.push_back({release, "violated", 9});
  standings.back() = {kReleases.back(), "holds within bounds", 0};
  std::ofstream(folder / "results/releases.tsv") << standings_table({{"leak", standings}}) << "short\tviolated 9\n";
  EXPECT_EQ(standings_in("leak", folder), standings);
  EXPECT_TRUE(standings_in("short", folder).empty());
  EXPECT_TRUE(standings_in("other", folder).empty());
  fs::remove_all(folder);
}

TEST(Standings, StandInTheTableForEachFinding) {
  for (const Scenario& scenario : all_findings()) {
    const std::vector<Standing> kept = standings_in(scenario.name, root());
    ASSERT_EQ(kept.size(), kReleases.size()) << scenario.name << ": run ./raymc golden";
    EXPECT_TRUE(std::ranges::any_of(kept, &Standing::stands)) << scenario.name << " stands in no release";
  }
}

// Where the model and an unmodified Ray of a release differ, somebody has found out why.
TEST(Standings, DifferFromWhatWasExecutedOnlyForAReasonThatIsWritten) {
  std::ifstream file(root() / "results/differences.md");
  const std::string reasons{std::istreambuf_iterator<char>(file), {}};
  for (const Scenario& scenario : all_findings()) {
    for (const Standing& standing : standings_in(scenario.name, root())) {
      for (const Tried& tried : tried_in(scenario.name, root())) {
        if (parse_release(tried.release) != standing.release) continue;
        if (tried.happened == 0 && tried.verdict != "went another way") continue;
        if (standing.stands() == (tried.happened > 0)) continue;
        EXPECT_NE(reasons.find('`' + scenario.name + '`'), std::string::npos)
            << scenario.name << " in " << tried.release << ": the model says " << cell_of(standing) << ", Ray "
            << tried.verdict;
      }
    }
  }
}

// A restarted GCS that tells deaths at once lists those that are being written, for whoever subscribed too late.
TEST(Releases, ADeathThatIsBeingWrittenIsListedWhereItWasTold) {
  Scenario scenario =
      load_scenario(root() / "specs/scenarios/ci/pinned/gcs_unreachable.toml", all_properties()).value();
  scenario.config = in_release(scenario, {2, 60});
  std::vector<Property> properties;
  for (const Property& property : all_properties()) {
    if (std::ranges::find(scenario.properties, property.id) != scenario.properties.end())
      properties.push_back(property);
  }
  const mc::Verdict verdict = mc::check(RayModel(scenario.config), std::span<const Property>(properties));
  EXPECT_EQ(verdict.outcome, mc::Outcome::kHolds) << verdict.violated;
}

}  // namespace
}  // namespace raymc
