// How much memory the process holds, as the operating system counts it. Used for limits, progress and reports.
#pragma once

#include <cstddef>
#include <string>

#include "checker/engine/cgroup.hpp"

namespace mc {

/// Resident set of this process in bytes; 0 where the system does not tell. Cost: one small file read.
[[nodiscard]] std::size_t resident_bytes();

/// Largest resident set of this process so far in bytes; 0 where the system does not tell.
[[nodiscard]] std::size_t peak_resident_bytes();

/// What the system could still give to this process without taking it from others, in bytes, under all limits; the
/// greatest number where it does not tell. Cost: small file reads.
[[nodiscard]] std::size_t available_bytes(const MemoryGroups& groups);

/// "out of memory", and which limit leaves no room if one is to blame more than the machine.
[[nodiscard]] std::string shortage_words(const MemoryGroups& groups);

}  // namespace mc
