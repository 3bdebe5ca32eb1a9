// The answer of a search: one verdict over all properties. Everything in it is independent of threads and timing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checker/core/property.hpp"

namespace mc {

enum class Outcome : std::uint8_t {
  kHolds,              ///< every property holds in every reachable state
  kHoldsWithinBounds,  ///< the same up to a bound that the scenario declares
  kViolated,           ///< a property is broken; a shortest counterexample is given
  kUnreached,          ///< a Reachable property was never satisfied
  kInconclusive,       ///< a limit that the scenario does not declare was hit, or a container overflowed
};

/// The word for an outcome in scenarios and reports: "holds", "holds within bounds", ...
[[nodiscard]] std::string_view to_string(Outcome outcome);

/// How one property came out.
struct Judgement {
  std::string property{};  ///< id
  PropertyKind kind = PropertyKind::kInvariant;
  Outcome outcome = Outcome::kHolds;
  std::uint32_t depth = 0;  ///< of the violation or of the witness; 0 otherwise
  bool occurs = true;       ///< some state that was judged is one that the property is about
  friend bool operator==(const Judgement&, const Judgement&) = default;
};

/// How often one rule fired, over all explored transitions.
struct RuleCount {
  std::string rule{};
  std::uint64_t fired = 0;
  friend bool operator==(const RuleCount&, const RuleCount&) = default;
};

/// The reason why a search with a violation leaves properties open, unless it is a limit.
inline constexpr std::string_view kStoppedAtViolation = "the search stopped at the violation";

/// The verdict of one search. Equal inputs give equal verdicts on any number of threads.
struct Verdict {
  Outcome outcome = Outcome::kInconclusive;
  std::uint64_t states = 0;       ///< distinct states found in the completed levels, initial and terminal ones included
  std::uint64_t transitions = 0;  ///< pairs (state, enabled action), self-loops included
  std::uint32_t depth = 0;        ///< greatest distance of a found state from the initial states, in steps
  std::uint64_t quiescent = 0;    ///< states in which no protocol action is enabled
  std::string violated{};         ///< id of the broken or unreached property; empty otherwise
  std::string reason{};           ///< why a property is inconclusive or judged within bounds; empty if none is
  std::vector<Judgement> judgements{};  ///< in the order of the properties
  std::vector<RuleCount> coverage{};    ///< in the order of the model's rules; empty if not instrumented
  std::vector<std::uint64_t> levels{};  ///< states per level
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

}  // namespace mc
