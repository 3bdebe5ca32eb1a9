// Whose search a file is of, so that nobody goes on with another one.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace mc {

/// Names and values that must all agree.
using Identity = std::vector<std::pair<std::string, std::string>>;

/// The first thing in which they differ, in words; empty if they agree.
[[nodiscard]] std::string difference(const Identity& kept, const Identity& now);

}  // namespace mc
