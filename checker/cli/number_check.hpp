// A check of CLI11's for whole numbers. Knows CLI11, as command_line.cpp does.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>

namespace mc {

/// Refuses what is no whole number from `least` to `most`. CLI11 itself takes "-1", "0x10", "010" and 2^64 for numbers.
[[nodiscard]] CLI::Validator whole_number_check(std::uint64_t least,
                                                std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

/// Refuses an empty text, such as a variable that is not set leaves.
[[nodiscard]] CLI::Validator not_empty_check();

}  // namespace mc
