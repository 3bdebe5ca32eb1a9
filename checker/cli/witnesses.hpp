// How often real runs showed each rule: results/witnessed.tsv, results/ray/witnessed.tsv and
// results/ray/wire/witnessed.tsv, which the command conform makes of kept records and of campaigns, for list and
// explain.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

namespace mc {

/// In how many sessions a rule's own line was read, in how many others a message of its own was seen, and in how many
/// it fired without either.
struct WitnessCount {
  std::size_t read = 0;
  std::size_t message = 0;
  std::size_t silent = 0;

  [[nodiscard]] bool seen() const { return read + message > 0; }
};

/// By rule; empty where there is no such table.
using Witnesses = std::map<std::string, WitnessCount>;
[[nodiscard]] Witnesses witnesses_in(const std::filesystem::path& root);

/// "by its own line in 12 sessions of a real run; 3 more fit it", or "in no session of a real run".
[[nodiscard]] std::string in_words(const WitnessCount& count);

}  // namespace mc
