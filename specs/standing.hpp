// How a finding stands in each release of Ray: what the model says of its scenario with the safeguards that the release
// has. results/releases.tsv keeps the answers, `raymc list releases` makes them (specs/releases).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "model/config.hpp"
#include "model/release.hpp"
#include "specs/scenario.hpp"

namespace raymc {

/// Of one finding in one release.
struct Standing {
  Release release;
  /// "violated", "holds", "holds within bounds", "inconclusive", or the id of another property that is broken while the
  /// finding's own is not.
  std::string answer;
  std::uint32_t steps = 0;  ///< to the violation; 0 without one

  [[nodiscard]] bool stands() const { return answer == "violated"; }
  friend bool operator==(const Standing&, const Standing&) = default;
};

/// What the scenario asks of a release. Its switches of safeguards that releases have, or ceased to have, are theirs;
/// the other ones stay: they keep another finding from coming first.
[[nodiscard]] Config in_release(const Scenario& scenario, Release release);

/// "violated 9", "holds", "I3.resources_conserved 12".
[[nodiscard]] std::string cell_of(const Standing& standing);

/// One line for each finding, a column for each release.
[[nodiscard]] std::string standings_table(const std::vector<std::pair<std::string, std::vector<Standing>>>& findings);

/// Those of a finding, as `root`/results/releases.tsv has them; none if it has no line that fits its columns.
[[nodiscard]] std::vector<Standing> standings_in(const std::string& scenario, const std::filesystem::path& root);

}  // namespace raymc
