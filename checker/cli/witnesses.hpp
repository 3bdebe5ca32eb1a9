// How often real runs showed each rule: results/witnessed.tsv and results/ray/witnessed.tsv, which the command conform
// makes of kept records and of a campaign, for list and explain.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

namespace mc {

/// In how many sessions a rule's own line was read, and in how many it fired without one.
struct WitnessCount {
  std::size_t read = 0;
  std::size_t silent = 0;
};

/// By rule; empty where there is no such table.
using Witnesses = std::map<std::string, WitnessCount>;
[[nodiscard]] Witnesses witnesses_in(const std::filesystem::path& root);

/// "seen in 12 sessions of a real run, consistent with 3", or "in no session of a real run".
[[nodiscard]] std::string in_words(const WitnessCount& count);

}  // namespace mc
