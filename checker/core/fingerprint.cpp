#include "checker/core/fingerprint.hpp"

namespace mc {

double omission_odds(std::uint64_t states) {
  const auto n = static_cast<double>(states);
  return n * n / 36893488147419103232.0;  // 2^65
}

}  // namespace mc
