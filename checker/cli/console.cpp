#include "checker/cli/console.hpp"

#include <cstdlib>

namespace mc {

Colour Console::colour() const {
  const char* forbidden = std::getenv("NO_COLOR");
  const bool allowed = forbidden == nullptr || *forbidden == '\0';
  return allowed && out.is_terminal() ? Colour::kOn : Colour::kOff;
}

}  // namespace mc
