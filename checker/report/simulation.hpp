// What a simulation says: random walks and what they saw. Filled by the command line; knows no model. It is the same,
// byte for byte, on any number of threads, and never claims more than that nothing was found.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker/core/verdict.hpp"
#include "checker/report/text.hpp"
#include "checker/report/trace_file.hpp"

namespace mc {

/// How one property fared on the walks.
struct WalkJudgement {
  std::string property;
  std::string kind;
  std::string claim;
  std::string words;  ///< "not broken", "broken in walk 57 at step 14", "not seen", ...
};

struct SimulationAnswer {
  std::string scenario;
  std::string path;
  std::string question;
  Facts facts;
  std::uint64_t seed = 1;
  std::uint64_t walks_asked = 0;
  std::uint64_t walks = 0;            ///< done
  std::optional<std::uint64_t> only;  ///< number of the one walk that was asked for
  std::uint32_t depth_max = 0;
  std::uint64_t steps = 0;
  std::uint64_t ended = 0;
  std::uint64_t cut = 0;
  std::uint64_t overflowed = 0;
  std::uint64_t states_estimate = 0;
  bool interrupted = false;
  std::vector<WalkJudgement> judgements;
  std::vector<RuleCount> coverage;
  std::string violated;  ///< id; empty if nothing was broken
  std::uint64_t failing_walk = 0;
  std::vector<std::string> shortening;  ///< how the trace came to its length, in words
  std::string again;                    ///< the command that walks the failing walk again
  std::optional<TraceFile> trace;
  int exit_code = 0;
};

/// The outcome in one sentence.
[[nodiscard]] std::string simulation_sentence(const SimulationAnswer& answer);

[[nodiscard]] std::string text_simulation(const SimulationAnswer& answer, Colour colour);

/// One document, format "raymc.simulation", version 1.
[[nodiscard]] std::string json_simulation(const std::vector<SimulationAnswer>& answers);

}  // namespace mc
