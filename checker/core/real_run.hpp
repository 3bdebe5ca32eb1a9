// How a counterexample is made to happen in the real system that the model is of. A project that can do so tells it for
// a trace; views show it and know nothing else of that system.
#pragma once

#include <string>
#include <vector>

namespace mc {

struct RealRun {
  std::string label;                  ///< what it is: "Run it in Ray"
  std::vector<std::string> commands;  ///< for a shell, in a checkout of the project
  std::vector<std::string> seen;      ///< what came of it when it was done last, one line for each release
};

}  // namespace mc
