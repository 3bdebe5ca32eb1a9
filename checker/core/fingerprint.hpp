// A stable 64-bit hash of an encoding: the same bytes give the same value on every machine and in every release.
#pragma once

// Inlined: most encodings are short, and a call would cost more than the hash.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace mc {

using Fingerprint = std::uint64_t;

/// XXH3 with seed 0 over the bytes.
[[nodiscard]] inline Fingerprint fingerprint(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

/// Upper bound for the probability that a search over `states` fingerprints omitted a state: n^2 / 2^65.
[[nodiscard]] double omission_odds(std::uint64_t states);

}  // namespace mc
