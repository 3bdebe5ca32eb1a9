// Numbers, durations and sizes as a person types them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mc {

/// Decimal digits without a sign, a space, a superfluous zero or an overflow; empty if it is something else.
[[nodiscard]] std::optional<std::uint64_t> parse_whole_number(std::string_view text);

/// "90s", "500ms", "5m", "2h", from a millisecond to ten years; empty if it is no such duration.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "8GiB", "512MiB", "64KiB" or a number of bytes; empty if it is no such size.
[[nodiscard]] std::optional<std::size_t> parse_size(std::string_view text);

}  // namespace mc
