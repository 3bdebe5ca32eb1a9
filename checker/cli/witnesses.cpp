#include "checker/cli/witnesses.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace mc {

Witnesses witnesses_in(const std::filesystem::path& root) {
  Witnesses found;
  std::ifstream in(root / "results" / "witnessed.tsv");
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string rule;
    WitnessCount count;
    if (fields >> rule >> count.read >> count.silent) found.emplace(rule, count);
  }
  return found;
}

std::string in_words(const WitnessCount& count) {
  if (count.read + count.silent == 0) return "in no session of a real run";
  if (count.read == 0) return fmt::format("by no line of its own; {} sessions of a real run fit it", count.silent);
  return fmt::format("by its own line in {} sessions of a real run; {} more fit it", count.read, count.silent);
}

}  // namespace mc
