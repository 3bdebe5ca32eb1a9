#include "checker/store/fingerprint_set.hpp"

#include <utility>

namespace mc {
namespace {

constexpr std::uint64_t closed_word(Fingerprint fingerprint) {
  return fingerprint == 0 ? 1 : fingerprint;
}

}  // namespace

void FingerprintSet::prefetch(Fingerprint fingerprint) const {
  shards_[shard_of(fingerprint)].content.closed.prefetch(fingerprint);
}

Insertion FingerprintSet::insert(Fingerprint fingerprint, std::span<const std::byte> bytes, Link link) {
  const std::uint64_t wanted = closed_word(fingerprint);
  const std::uint32_t number = shard_of(wanted);
  auto& shard = shards_[number];
  if (shard.content.closed.contains(wanted, [wanted](std::uint64_t word) { return word == wanted; })) return {};

  const tbb::spin_mutex::scoped_lock lock(shard.mutex);
  OpenTable& open = shard.content.open;
  const std::uint32_t known = open.find(wanted, [](Record /*record*/) { return true; });
  if (known == OpenTable::kAbsent) {
    const std::uint32_t added = open.add({wanted, link, shard.content.incoming.add(bytes)});
    return {Insertion::Kind::kNew, {number, added}, nullptr};
  }
  OpenEntry& entry = open[known];
  if (entry.link <= link) return {};
  // Usually the same state; after a collision the state with the smaller link must be the one that survives.
  if (!equal(entry.record, bytes)) entry.record = shard.content.incoming.add(bytes);
  entry.link = link;
  return {Insertion::Kind::kLowered, {number, known}, nullptr};
}

OpenState FingerprintSet::open(OpenHandle handle) const {
  const OpenEntry& entry = shards_[handle.shard].content.open[handle.entry];
  return {entry.link, entry.record};
}

void FingerprintSet::close_level() {
  shards_.for_each([](Content& content) {
    content.closed.reserve(content.open.entries().size(), [](std::uint64_t word) { return word; });
    for (const OpenEntry& entry : content.open.entries()) content.closed.add(entry.fingerprint, entry.fingerprint);
    content.open.clear();
    content.outgoing.clear();
    std::swap(content.incoming, content.outgoing);
  });
}

}  // namespace mc
