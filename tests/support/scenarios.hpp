// The scenarios of the tree, for tests that go over many of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "specs/properties/catalogue.hpp"
#include "specs/scenario.hpp"
#include "tests/support/places.hpp"

namespace raymc::support {

/// The files at and below a folder of specs/scenarios, in the order of their names.
inline std::vector<std::filesystem::path> files_of(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path root(support::source_dir());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "specs/scenarios" / folder)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// The file must be right.
inline Scenario scenario_of(const std::filesystem::path& path) {
  return load_scenario(path, raymc::all_properties()).value();
}

/// Those properties that the scenario asks for and that are judged on states.
inline std::vector<Property> safety_properties_of(const Scenario& scenario) {
  std::vector<Property> properties;
  for (const Property& property : all_properties()) {
    const bool asked =
        std::find(scenario.properties.begin(), scenario.properties.end(), property.id) != scenario.properties.end();
    if (asked && !mc::is_liveness(property.kind)) properties.push_back(property);
  }
  return properties;
}

/// Random walks of 60 steps from the initial state. `wrong(state, enabled)` says in words what is wrong in a state, and
/// nothing if all is well; the walks end with the first that it says, which is returned. Goes on from `drawn`.
template <class Wrong>
std::string wrong_on_walks(const RayModel& model, std::size_t walks, std::uint64_t& drawn, const Wrong& wrong) {
  for (std::size_t walk = 0; walk < walks; ++walk) {
    State state = model.initial_states().front();
    for (int step = 0; step < 60; ++step) {
      std::vector<Action> enabled;
      model.enabled(state, enabled);
      if (enabled.empty()) break;
      const std::string words = wrong(state, enabled);
      if (!words.empty()) return words;
      drawn = drawn * 6364136223846793005ULL + 1442695040888963407ULL;
      try {
        state = model.apply(state, enabled[(drawn >> 33U) % enabled.size()]);
      } catch (const mc::CapacityExceeded&) {
        break;
      }
    }
  }
  return {};
}

}  // namespace raymc::support
