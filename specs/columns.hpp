// Lines of the tables in results/, whose columns are parted by tabs.
#pragma once

#include <string>
#include <vector>

namespace raymc {

/// What stands between the tabs of a line; one empty text of an empty one.
[[nodiscard]] inline std::vector<std::string> columns(const std::string& line) {
  std::vector<std::string> found(1);
  for (const char c : line) {
    if (c == '\t') found.emplace_back();
    if (c != '\t') found.back() += c;
  }
  return found;
}

}  // namespace raymc
