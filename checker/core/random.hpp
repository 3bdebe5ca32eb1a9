// Random numbers that are the same on every machine: SplitMix64, and streams of it that do not touch each other.
// Used by random walks and random scenarios; an exhaustive search draws nothing.
#pragma once

#include <cstdint>

namespace mc {

/// A stream of numbers that is a function of its seed. Not thread-safe: one for each walk.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  /// The stream of the `index`-th walk or scenario under a seed.
  Random(std::uint64_t seed, std::uint64_t index) : state_(Random(Random(seed).next() ^ index).next()) {}

  [[nodiscard]] std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31U);
  }
  /// A number below `bound`, which is 1 to 2^32. The bias is at most bound / 2^32.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return ((next() >> 32U) * bound) >> 32U; }

 private:
  std::uint64_t state_;
};

}  // namespace mc
