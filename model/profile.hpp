// The Rays that a scenario can be asked of, by name: the pinned revision, that with every proposed fix, and releases.
// What tells releases apart is the safeguards' history and whom a raylet kills for want of memory.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/config.hpp"
#include "model/release.hpp"
#include "model/safeguards.hpp"

namespace raymc {

/// A Ray that has a name.
struct Profile {
  std::string_view name;                          ///< "ray-2.60"
  std::optional<Release> release = std::nullopt;  ///< none: of the pinned revision
  bool hardened = false;                          ///< with every proposed fix

  /// What it has switched on.
  [[nodiscard]] SafeguardSet safeguards() const;
  /// The Ray that it is measured against: of the hardened profile the pinned revision, of all others they themselves.
  [[nodiscard]] SafeguardSet ray() const { return release ? SafeguardSet::of(*release) : SafeguardSet::pinned(); }
  /// A scenario's own switch of it remains when the scenario is asked of this Ray. It does so in a release if it is of
  /// a proposed fix that no release has, which keeps another finding from coming first.
  [[nodiscard]] bool leaves(Safeguard safeguard) const;
  /// Whose task fails at once if its worker is killed for want of memory, as this Ray is configured by default.
  [[nodiscard]] MemoryPolicy memory_policy() const;
};

/// "pinned", "hardened", and one for each of kReleases.
[[nodiscard]] std::span<const Profile> profile_table();

/// The profile with this name, if there is one.
[[nodiscard]] const Profile* find_profile(std::string_view name);

/// `config` in this Ray, its features included: cancelled requests leave tombstones only where cancellations are told
/// apart. `own_policy`: the memory policy is a choice of the scenario, and stays.
[[nodiscard]] Config in_ray(Config config, const Profile& profile, bool own_policy);

}  // namespace raymc
