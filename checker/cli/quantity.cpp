#include "checker/cli/quantity.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>

namespace mc {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

/// A whole number above 0 followed by one of the units; empty if it is more than `most` in all.
std::optional<std::uint64_t> parse_quantity(std::string_view text, std::initializer_list<Unit> units,
                                            std::uint64_t most) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::optional<std::uint64_t> count = parse_whole_number(text.substr(0, digits));
  if (!count || *count == 0) return std::nullopt;
  for (const Unit& known : units) {
    if (text.substr(digits) != known.name) continue;
    return *count > most / known.factor ? std::nullopt : std::optional(*count * known.factor);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  const bool superfluous = text.size() > 1 && text[0] == '0';
  if (parsed.ec != std::errc{} || parsed.ptr != end || superfluous) return std::nullopt;
  return number;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  // A clock counts nanoseconds in 63 bits: a few centuries.
  constexpr std::uint64_t kTenYears = std::uint64_t{87'660} * 3'600'000;
  const auto count = parse_quantity(text, {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}, kTenYears);
  if (!count) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(*count));
}

std::optional<std::size_t> parse_size(std::string_view text) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62U;
  const auto count = parse_quantity(text, {{"", 1}, {"KiB", 1U << 10U}, {"MiB", 1U << 20U}, {"GiB", 1U << 30U}}, kMost);
  if (!count) return std::nullopt;
  return static_cast<std::size_t>(*count);
}

}  // namespace mc
