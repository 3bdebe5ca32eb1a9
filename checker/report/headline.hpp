// The verdict in one line: what came out, over how much, with which faults, of which system. It opens every report.
#pragma once

#include <cstdint>
#include <string>

#include "checker/report/answer.hpp"

namespace mc {

/// "holds: 29 properties, 4.35 M states, 1 raylet crash, Ray 8dcdff8";
/// "violated: D1.attempt_starts_once after 12 steps, 3067 states, no fault, Ray 8dcdff8 with fence".
[[nodiscard]] std::string headline(const Answer& answer);

/// A count to three digits from 100,000 on: "99999", "577 k", "4.35 M", "1.02 G".
[[nodiscard]] std::string count_words(std::uint64_t count);

/// "1 step", "2 steps".
[[nodiscard]] std::string counted(std::uint64_t count, const std::string& one, const std::string& many);

}  // namespace mc
