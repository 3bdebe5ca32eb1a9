#include "checker/cli/witnesses.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace mc {

Witnesses witnesses_in(const std::filesystem::path& root) {
  Witnesses found;
  // The records that are kept, and the sessions of a campaign.
  for (const char* table : {"results/witnessed.tsv", "results/ray/witnessed.tsv"}) {
    std::ifstream in(root / table);
    std::string line;
    while (std::getline(in, line)) {
      std::istringstream fields(line);
      std::string rule;
      WitnessCount count;
      if (!(fields >> rule >> count.read >> count.silent)) continue;
      found[rule].read += count.read;
      found[rule].silent += count.silent;
    }
  }
  return found;
}

std::string in_words(const WitnessCount& count) {
  if (count.read + count.silent == 0) return "in no session of a real run";
  if (count.read == 0) return fmt::format("by no line of its own; {} sessions of a real run fit it", count.silent);
  return fmt::format("by its own line in {} sessions of a real run; {} more fit it", count.read, count.silent);
}

}  // namespace mc
