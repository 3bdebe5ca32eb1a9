// Something that is known to be wrong with a system, as a report lists it.
#pragma once

#include <string>
#include <vector>

namespace mc {

struct OpenViolation {
  std::string name;
  std::string status;    ///< how it stands, in words
  std::string threads;   ///< where it is discussed
  std::string needs;     ///< what it takes
  std::string executed;  ///< what came of it in a running system
  std::string page;      ///< a file that tells it
  std::string question = {};
  std::string property = {};              ///< that is violated
  std::vector<std::string> held_by = {};  ///< settings with which it is not
  friend bool operator==(const OpenViolation&, const OpenViolation&) = default;
};

}  // namespace mc
