// What a simulation is given besides the model and the properties.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace mc {

/// Nothing but `walks`, `depth_max`, `seed`, `only` and `shorten` may influence what a simulation says.
struct WalkOptions {
  std::uint64_t walks = 10'000;
  std::uint32_t depth_max = 200;  ///< steps of a walk
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> only;  ///< judge this walk alone; the rounds before its own are walked for the weights
  bool shorten = true;                ///< make the path of a violation shorter; costs a search
  unsigned threads = 0;               ///< 0: one per processor
  const std::atomic<bool>* cancel = nullptr;
  std::function<void(std::uint64_t walks, std::uint64_t steps)> progress;  ///< after each round
  /// Told, in a sentence, what a person should know. May be null.
  std::function<void(const std::string&)> notice;
};

}  // namespace mc
