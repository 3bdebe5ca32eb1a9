#include "specs/releases/standings.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "checker/core/assert.hpp"
#include "checker/engine/search.hpp"
#include "model/ray_model.hpp"
#include "specs/properties/catalogue.hpp"

namespace raymc {
namespace {

/// The default store keeps each state: more of them need some GiB.
constexpr std::uint64_t kStatesMax = 20'000'000;

std::vector<Property> known(const std::vector<std::string>& ids) {
  std::vector<Property> properties;
  for (const Property& property : all_properties()) {
    if (std::find(ids.begin(), ids.end(), property.id) != ids.end()) properties.push_back(property);
  }
  return properties;
}

mc::Verdict explored(const Scenario& finding, const Config& config, const std::vector<std::string>& ids) {
  mc::Limits limits = finding.limits;
  if (!limits.states_max) limits.states_max = kStatesMax;
  return mc::check(RayModel(config), std::span<const Property>(known(ids)), limits);
}

/// The steps to the violation that the verdict is about.
std::uint32_t steps_of(const mc::Verdict& verdict) {
  for (const mc::Judgement& judgement : verdict.judgements) {
    if (judgement.property == verdict.violated) return judgement.depth;
  }
  return 0;
}

/// The finding's own property first: another one may be broken sooner, and then the finding stands all the same.
Standing judged(const Scenario& finding, const Config& config, Release release) {
  const mc::Verdict own = explored(finding, config, {*finding.expect->property});
  if (own.outcome == mc::Outcome::kViolated) return {release, "violated", steps_of(own)};
  const mc::Verdict all = explored(finding, config, finding.properties);
  if (all.outcome == mc::Outcome::kViolated) return {release, all.violated, steps_of(all)};
  return {release, std::string(to_string(own.outcome)), 0};
}

/// Nothing that the two releases have otherwise is asked by the model.
bool same_ray(const Config& a, const Config& b) {
  const bool differ = std::ranges::any_of(safeguard_table(), [&](const SafeguardRow& row) {
    return a.on(row.feature) && a.has(row.safeguard) != b.has(row.safeguard);
  });
  return !differ && a.shape.memory_policy == b.shape.memory_policy && a.features == b.features;
}

}  // namespace

std::vector<Standing> standings_of(const Scenario& finding) {
  MC_ASSERT(finding.expect && finding.expect->property, "a finding expects a violation, and names the property");
  std::vector<Standing> found;
  std::vector<Config> configs;
  for (const Release release : kReleases) {
    Config config = in_release(finding, release);
    const auto same =
        std::find_if(configs.begin(), configs.end(), [&](const Config& other) { return same_ray(config, other); });
    if (same != configs.end()) {
      Standing again = found[static_cast<std::size_t>(same - configs.begin())];
      again.release = release;
      found.push_back(std::move(again));
    } else {
      found.push_back(judged(finding, config, release));
    }
    configs.push_back(std::move(config));
  }
  return found;
}

}  // namespace raymc
