// A stable 64-bit hash of an encoding: the same bytes give the same value on every machine and in every release.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace mc {

using Fingerprint = std::uint64_t;

/// XXH3 with seed 0 over the bytes.
[[nodiscard]] Fingerprint fingerprint(std::span<const std::byte> bytes);

/// Upper bound for the probability that a search over `states` fingerprints omitted a state: n^2 / 2^65.
[[nodiscard]] double omission_odds(std::uint64_t states);

}  // namespace mc
