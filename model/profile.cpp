#include "model/profile.hpp"

#include <algorithm>
#include <array>

namespace raymc {
namespace {

/// TimeBasedWorkerKillingPolicy (#62643): the pinned revision has it, and 2.55 has the policy by owner alone.
constexpr Release kKillsByTime{2, 56};

constexpr std::array kProfiles{
    Profile{"pinned"},
    Profile{.name = "hardened", .hardened = true},
    Profile{"ray-2.55", kReleases[0]},
    Profile{"ray-2.56", kReleases[1]},
    Profile{"ray-2.57", kReleases[2]},
    Profile{"ray-2.58", kReleases[3]},
    Profile{"ray-2.59", kReleases[4]},
    Profile{"ray-2.60", kReleases[5]},
};
static_assert(kProfiles.size() == kReleases.size() + 2);

}  // namespace

SafeguardSet Profile::safeguards() const {
  return hardened ? SafeguardSet::hardened() : ray();
}

bool Profile::leaves(Safeguard safeguard) const {
  const History& history = safeguard_table()[static_cast<std::size_t>(safeguard)].history;
  return release && !history.pinned && !history.since;
}

MemoryPolicy Profile::memory_policy() const {
  return release && *release < kKillsByTime ? MemoryPolicy::kByOwner : MemoryPolicy::kByTime;
}

std::span<const Profile> profile_table() {
  return kProfiles;
}

const Profile* find_profile(std::string_view name) {
  const auto* found =
      std::find_if(kProfiles.begin(), kProfiles.end(), [&](const Profile& profile) { return profile.name == name; });
  return found == kProfiles.end() ? nullptr : found;
}

Config in_ray(Config config, const Profile& profile, bool own_policy) {
  config.safeguards = profile.safeguards();
  if (!own_policy) config.shape.memory_policy = profile.memory_policy();
  const bool buries = profile.release && config.has(Safeguard::kCancelledRequestsAreTombstoned);
  if (buries) config.features.add(Feature::kLeaseCancels);
  return config;
}

}  // namespace raymc
