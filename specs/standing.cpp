#include "specs/standing.hpp"

#include <charconv>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "model/profile.hpp"
#include "specs/columns.hpp"

namespace raymc {
namespace {

const Profile& profile_of(Release release) {
  return *find_profile("ray-" + to_string(release));
}

std::optional<Standing> read_cell(Release release, const std::string& cell) {
  Standing standing{release, cell, 0};
  const std::size_t space = cell.rfind(' ');
  if (space != std::string::npos) {
    const char* const end = cell.data() + cell.size();
    const auto [rest, error] = std::from_chars(cell.data() + space + 1, end, standing.steps);
    if (error == std::errc{} && rest == end) standing.answer.resize(space);
  }
  if (standing.answer.empty()) return std::nullopt;
  return standing;
}

}  // namespace

Config in_release(const Scenario& scenario, Release release) {
  return in_profile(scenario, profile_of(release));
}

std::string cell_of(const Standing& standing) {
  return standing.answer + (standing.steps > 0 ? " " + std::to_string(standing.steps) : "");
}

std::string standings_table(const std::vector<std::pair<std::string, std::vector<Standing>>>& findings) {
  std::string text =
      "# How each finding stands in each release of Ray, by the model: violated or not, and after how many steps; or "
      "the "
      "property that is broken instead.\n# Regenerate with: ./raymc golden, or ./raymc list releases\nfinding";
  for (const Release release : kReleases) text += "\t" + to_string(release);
  for (const auto& [name, standings] : findings) {
    text += "\n" + name;
    for (const Standing& standing : standings) text += "\t" + cell_of(standing);
  }
  return text + "\n";
}

std::vector<Standing> standings_in(const std::string& scenario, const std::filesystem::path& root) {
  std::ifstream table(root / "results" / "releases.tsv");
  for (std::string line; std::getline(table, line);) {
    const std::vector<std::string> row = columns(line);
    if (row.front() != scenario || row.size() != kReleases.size() + 1) continue;
    std::vector<Standing> found;
    for (std::size_t i = 0; i < kReleases.size(); ++i) {
      if (std::optional<Standing> standing = read_cell(kReleases[i], row[i + 1])) found.push_back(std::move(*standing));
    }
    if (found.size() == kReleases.size()) return found;
  }
  return {};
}

}  // namespace raymc
