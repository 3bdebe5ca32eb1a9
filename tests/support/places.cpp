#include "tests/support/places.hpp"

namespace raymc::support {

// Compiled in here alone: a path on the command line of every test would keep object caches from serving two checkouts.
std::string source_dir() {
  return RAYMC_SOURCE_DIR;
}

std::string few_threads_library() {
  return RAYMC_FEW_THREADS;
}

}  // namespace raymc::support
