// How a store is cut into shards: by the high bits of the fingerprint, so that the low bits are free for the tables.
#pragma once

#include <tbb/spin_mutex.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "checker/core/fingerprint.hpp"
#include "checker/store/parallel.hpp"

namespace mc {

/// Enough that a lock is rarely met by two threads, few enough that a level barrier over all of them is cheap.
inline constexpr unsigned kShardBits = 8;
inline constexpr std::size_t kShards = std::size_t{1} << kShardBits;

[[nodiscard]] constexpr std::uint32_t shard_of(Fingerprint fingerprint) {
  return static_cast<std::uint32_t>(fingerprint >> (64 - kShardBits));
}

/// The shards of a store, each on cache lines of its own. `Content` is what one shard
/// holds under its lock; it has an OpenTable `open`.
template <class Content>
class Shards {
 public:
  struct alignas(64) Shard {
    mutable tbb::spin_mutex mutex;
    Content content;
  };
  [[nodiscard]] Shard& operator[](std::uint32_t number) { return shards_[number]; }
  [[nodiscard]] const Shard& operator[](std::uint32_t number) const { return shards_[number]; }

  /// Calls `body(content)` for every shard, without locks; for use between levels. Works in parallel if the shards hold
  /// enough open states to be worth it.
  template <class Body>
  void for_each(Body body) {
    std::size_t open = 0;
    for (const Shard& shard : shards_) open += shard.content.open.entries().size();
    if (open < kParallelFrom) {
      for (Shard& shard : shards_) body(shard.content);
      return;
    }
    parallel_for(kShards / kShardsPerTask, [&](std::size_t task) {
      for (std::size_t i = 0; i < kShardsPerTask; ++i) body(shards_[task * kShardsPerTask + i].content);
    });
  }

 private:
  static constexpr std::size_t kShardsPerTask = 8;
  static constexpr std::size_t kParallelFrom = 2000;
  std::array<Shard, kShards> shards_;
};

}  // namespace mc
