// How much memory the process holds, as the operating system counts it. Used for limits, progress and reports.
#pragma once

#include <cstddef>

namespace mc {

/// Resident set of this process in bytes; 0 where the system does not tell. Cost: one small file read.
[[nodiscard]] std::size_t resident_bytes();

/// Largest resident set of this process so far in bytes; 0 where the system does not tell.
[[nodiscard]] std::size_t peak_resident_bytes();

}  // namespace mc
