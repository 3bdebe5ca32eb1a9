#include "checker/store/exact_set.hpp"

namespace mc {
namespace {

constexpr unsigned kAddressBits = 48;
constexpr std::uint64_t kAddressMask = (std::uint64_t{1} << kAddressBits) - 1;

// Bits of the fingerprint that neither choose the shard nor, in any table that fits a machine, the slot.
constexpr std::uint64_t tag_of(Fingerprint fingerprint) {
  return (fingerprint << kShardBits) & ~kAddressMask;
}

std::uint64_t closed_word(Fingerprint fingerprint, Record record) {
  const auto address = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(record));
  MC_ASSERT((address & ~kAddressMask) == 0, "the exact store needs addresses of at most 48 bits");
  return tag_of(fingerprint) | address;
}

Record record_of(std::uint64_t word) {
  return reinterpret_cast<Record>(static_cast<std::uintptr_t>(word & kAddressMask));
}

}  // namespace

void ExactSet::prefetch(Fingerprint fingerprint) const {
  shards_[shard_of(fingerprint)].content.closed.prefetch(fingerprint);
}

Insertion ExactSet::insert(Fingerprint fingerprint, std::span<const std::byte> bytes, Link link) {
  const std::uint32_t number = shard_of(fingerprint);
  auto& shard = shards_[number];
  Record closed = nullptr;
  const auto is_state = [&](std::uint64_t word) {
    if ((word & ~kAddressMask) != tag_of(fingerprint) || !equal(record_of(word), bytes)) return false;
    closed = record_of(word);
    return true;
  };
  if (shard.content.closed.contains(fingerprint, is_state)) return {Insertion::Kind::kKnown, {}, closed};

  const tbb::spin_mutex::scoped_lock lock(shard.mutex);
  OpenTable& open = shard.content.open;
  const std::uint32_t known = open.find(fingerprint, [&](Record record) { return equal(record, bytes); });
  if (known == OpenTable::kAbsent) {
    const std::uint32_t added = open.add({fingerprint, link, shard.content.arena.add(bytes)});
    return {Insertion::Kind::kNew, {number, added}, open[added].record};
  }
  const Record record = open[known].record;
  if (open[known].link <= link) return {Insertion::Kind::kKnown, {}, record};
  open[known].link = link;
  return {Insertion::Kind::kLowered, {number, known}, record};
}

OpenState ExactSet::open(OpenHandle handle) const {
  const OpenEntry& entry = shards_[handle.shard].content.open[handle.entry];
  return {entry.link, entry.record};
}

void ExactSet::close_level() {
  shards_.for_each([](Content& content) {
    content.closed.reserve(content.open.entries().size(),
                           [](std::uint64_t word) { return fingerprint(bytes_of(record_of(word))); });
    for (const OpenEntry& entry : content.open.entries()) {
      content.closed.add(entry.fingerprint, closed_word(entry.fingerprint, entry.record));
    }
    content.open.clear();
  });
}

}  // namespace mc
