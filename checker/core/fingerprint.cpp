#include "checker/core/fingerprint.hpp"

#include <xxhash.h>

namespace mc {

Fingerprint fingerprint(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

double omission_odds(std::uint64_t states) {
  const auto n = static_cast<double>(states);
  return n * n / 36893488147419103232.0;  // 2^65
}

}  // namespace mc
