#include "checker/cli/console.hpp"

#include <fcntl.h>

#include <cstdlib>

namespace mc {

Colour Console::colour() const {
  const char* forbidden = std::getenv("NO_COLOR");
  const bool allowed = forbidden == nullptr || *forbidden == '\0';
  return allowed && out.is_terminal() ? Colour::kOn : Colour::kOff;
}

void reserve_standard_streams() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    // Opened for reading only, and it gets the lowest number that is free: this one.
    if (::fcntl(descriptor, F_GETFD) < 0) static_cast<void>(::open("/dev/null", O_RDONLY));
  }
}

}  // namespace mc
