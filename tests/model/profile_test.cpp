// Which Ray has what: releases are read and ordered, the safeguards' histories are of releases, and the profiles follow
// from them.
#include "model/profile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "tests/model/clusters.hpp"

namespace raymc {
namespace {

TEST(Release, IsReadByItsFirstTwoNumbers) {
  EXPECT_EQ(parse_release("2.59"), (Release{2, 59}));
  EXPECT_EQ(parse_release("2.59.1"), (Release{2, 59}));
  EXPECT_EQ(parse_release("2.59.0rc1"), (Release{2, 59}));
  for (const char* text : {"", "2", "2.", ".59", "master", "2.x", "2.59rc1", "2.300", "-2.59", "2 .59", "8dcdff8"}) {
    EXPECT_EQ(parse_release(text), std::nullopt) << text;
  }
}

TEST(Release, AreOrderedByTheirNumbersAndNotByTheirText) {
  EXPECT_LT((Release{2, 9}), (Release{2, 55}));
  EXPECT_LT((Release{2, 60}), (Release{3, 0}));
  EXPECT_TRUE(std::is_sorted(kReleases.begin(), kReleases.end()));
  EXPECT_EQ(to_string(Release{2, 59}), "2.59");
}

// The pinned revision lies between the branches of 2.55 and 2.56.
TEST(Safeguards, ChangeInReleasesAfterThePinnedRevision) {
  for (const SafeguardRow& row : safeguard_table()) {
    const History& history = row.history;
    EXPECT_FALSE(history.since && history.pinned) << row.id << " is in the pinned revision already";
    EXPECT_FALSE(history.until && !history.pinned && !history.since) << row.id << " was never there to be given up";
    for (const std::optional<Change>& change : {history.since, history.until}) {
      if (!change) continue;
      EXPECT_FALSE(change->by.empty()) << row.id;
      EXPECT_GT(change->release, (Release{2, 56})) << row.id;
      EXPECT_NE(std::find(kReleases.begin(), kReleases.end(), change->release), kReleases.end()) << row.id;
    }
    EXPECT_EQ(history.in(Release{2, 55}), history.pinned) << row.id;
    EXPECT_EQ(history.in(Release{2, 56}), history.pinned) << row.id;
  }
}

TEST(Profiles, StandForEachReleaseByItsName) {
  std::set<std::string_view> names;
  for (const Profile& profile : profile_table()) EXPECT_TRUE(names.insert(profile.name).second) << profile.name;
  for (const Release release : kReleases) {
    const Profile* profile = find_profile("ray-" + to_string(release));
    ASSERT_NE(profile, nullptr) << to_string(release);
    EXPECT_EQ(profile->release, release);
    EXPECT_EQ(profile->safeguards(), SafeguardSet::of(release));
    EXPECT_EQ(profile->ray(), SafeguardSet::of(release));
  }
  EXPECT_EQ(find_profile("ray-2.54"), nullptr);
  EXPECT_EQ(find_profile("pinned")->safeguards(), SafeguardSet::pinned());
  EXPECT_EQ(find_profile("hardened")->safeguards(), SafeguardSet::hardened());
  EXPECT_EQ(find_profile("hardened")->ray(), SafeguardSet::pinned());
}

TEST(Profiles, HaveWhatTheirReleaseHas) {
  const auto has = [](const char* profile, Safeguard safeguard) {
    return find_profile(profile)->safeguards().has(safeguard);
  };
  EXPECT_FALSE(has("ray-2.57", Safeguard::kDeathIsToldAtOnce));
  EXPECT_TRUE(has("ray-2.58", Safeguard::kDeathIsToldAtOnce));
  EXPECT_TRUE(has("ray-2.57", Safeguard::kDeathIsWrittenFirst));
  EXPECT_FALSE(has("ray-2.58", Safeguard::kDeathIsWrittenFirst)) << "it was given up for the other";
  EXPECT_FALSE(has("ray-2.60", Safeguard::kGrantChecksWorker)) << "no release has a proposed fix";
}

TEST(Profiles, KillForWantOfMemoryAsTheirReleaseDoesUnlessTheScenarioChooses) {
  const Config config = clusters::cluster(1, 1);
  const auto policy = [&](const char* profile, bool own) {
    return in_ray(config, *find_profile(profile), own).shape.memory_policy;
  };
  EXPECT_EQ(policy("ray-2.55", false), MemoryPolicy::kByOwner);
  EXPECT_EQ(policy("ray-2.55", true), MemoryPolicy::kByTime);
  EXPECT_EQ(policy("ray-2.56", false), MemoryPolicy::kByTime);
  EXPECT_EQ(policy("pinned", false), MemoryPolicy::kByTime);
}

// The tombstones of cancelled requests are in the way only where cancellations are told apart.
TEST(Profiles, BringTheFeatureWithoutWhichTombstonesAreNotLeft) {
  const Config config = clusters::cluster(1, 1);
  EXPECT_FALSE(in_ray(config, *find_profile("ray-2.58"), false).on(Feature::kLeaseCancels));
  EXPECT_TRUE(in_ray(config, *find_profile("ray-2.59"), false).tombstones());
  EXPECT_FALSE(in_ray(config, *find_profile("hardened"), false).on(Feature::kLeaseCancels));
}

}  // namespace
}  // namespace raymc
