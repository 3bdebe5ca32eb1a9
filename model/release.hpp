// Releases of Ray, as far as the model tells them apart: by their first two numbers. Safeguards say since which release
// they are in Ray, profiles stand for one, and records of real runs name theirs.
#pragma once

#include <array>
#include <charconv>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace raymc {

/// 2.59 has the series 2 and the number 59. Patches of a release are not told apart.
struct Release {
  std::uint8_t series = 0;
  std::uint8_t number = 0;

  friend constexpr auto operator<=>(const Release&, const Release&) = default;
};

/// Those that have a profile, the oldest first.
inline constexpr std::array kReleases{Release{2, 55}, Release{2, 56}, Release{2, 57},
                                      Release{2, 58}, Release{2, 59}, Release{2, 60}};

/// Of "2.59", "2.59.1" or "2.59.0rc1"; nothing for what does not begin with two numbers.
[[nodiscard]] inline std::optional<Release> parse_release(std::string_view text) {
  Release release;
  const char* const end = text.data() + text.size();
  const auto [dot, no_series] = std::from_chars(text.data(), end, release.series);
  if (no_series != std::errc{} || dot == end || *dot != '.') return std::nullopt;
  const auto [rest, no_number] = std::from_chars(dot + 1, end, release.number);
  if (no_number != std::errc{} || (rest != end && *rest != '.')) return std::nullopt;
  return release;
}

/// "2.59".
[[nodiscard]] inline std::string to_string(Release release) {
  return std::to_string(release.series) + "." + std::to_string(release.number);
}

}  // namespace raymc
