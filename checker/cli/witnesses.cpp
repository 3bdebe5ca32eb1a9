#include "checker/cli/witnesses.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace mc {

Witnesses witnesses_in(const std::filesystem::path& root) {
  Witnesses found;
  // The records that are kept, and the sessions of campaigns, without a wire and behind one.
  for (const char* table : {"results/witnessed.tsv", "results/ray/witnessed.tsv", "results/ray/wire/witnessed.tsv",
                            "results/ray/conduct/witnessed.tsv"}) {
    std::ifstream in(root / table);
    std::string line;
    while (std::getline(in, line)) {
      std::istringstream fields(line);
      std::string rule;
      WitnessCount count;
      if (!(fields >> rule >> count.read >> count.message >> count.silent)) continue;
      found[rule].read += count.read;
      found[rule].message += count.message;
      found[rule].silent += count.silent;
    }
  }
  return found;
}

std::string in_words(const WitnessCount& count) {
  if (count.read + count.message + count.silent == 0) return "in no session of a real run";
  if (count.message > 0 && count.read == 0) {
    return fmt::format("by a message of its own in {} sessions of a real run; {} more fit it", count.message,
                       count.silent);
  }
  if (count.message > 0) {
    return fmt::format("by its own line in {} sessions of a real run, by a message of its own in {}; {} more fit it",
                       count.read, count.message, count.silent);
  }
  if (count.read == 0) return fmt::format("by no line of its own; {} sessions of a real run fit it", count.silent);
  return fmt::format("by its own line in {} sessions of a real run; {} more fit it", count.read, count.silent);
}

}  // namespace mc
