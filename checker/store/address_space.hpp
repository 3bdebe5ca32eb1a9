// Limits on the address space of this process (`ulimit -v`, `ulimit -d`). Used by what reserves much of it at once.
#pragma once

#include <cstddef>
#include <limits>
#include <string>

namespace mc {

/// What stands for "no limit".
inline constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

/// The limit on address space that leaves the least, and what is left below it, in bytes; kNoLimit if there is none.
struct AddressSpace {
  std::size_t limit = kNoLimit;
  std::size_t left = kNoLimit;
  const char* name = "";
};

/// Cost: two system calls, and one small file read if there is a limit. Thread-safe.
[[nodiscard]] AddressSpace address_space();

/// The limit for a person: "the limit of 500 MiB on address space (ulimit -v)".
[[nodiscard]] std::string words(const AddressSpace& space);

}  // namespace mc
