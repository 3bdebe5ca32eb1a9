#include "checker/core/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace mc {

void assertion_failed(const char* condition, const char* message, const char* file, int line) noexcept {
  std::fprintf(stderr, "raymc: internal error at %s:%d: %s (%s)\n", file, line, message, condition);
  std::fflush(stderr);
  std::_Exit(70);
}

}  // namespace mc
