// Something that is known to be wrong with a system, as a report lists it.
#pragma once

#include <string>

namespace mc {

struct OpenViolation {
  std::string name;
  std::string status;    ///< how it stands, in words
  std::string threads;   ///< where it is discussed
  std::string needs;     ///< what it takes
  std::string executed;  ///< what came of it in a running system
  std::string page;      ///< a file that tells it
  friend bool operator==(const OpenViolation&, const OpenViolation&) = default;
};

}  // namespace mc
