// What --memory-max means for a run, said before it begins.
#pragma once

#include <string>

#include "checker/cli/command_line.hpp"

namespace mc {

/// Who may take what of the memory, and what happens when it is full; empty without a limit.
[[nodiscard]] std::string memory_plan(const CommandLine& line);

}  // namespace mc
