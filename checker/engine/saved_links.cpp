#include "checker/engine/saved_links.hpp"

namespace mc {
namespace {

void add_number(std::vector<std::uint8_t>& bytes, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7U) bytes.push_back(static_cast<std::uint8_t>(number | 0x80U));
  bytes.push_back(static_cast<std::uint8_t>(number));
}

/// Takes the next number off the bytes; false if there is none of at most 63 bits.
bool take_number(std::span<const std::uint8_t>& bytes, std::uint64_t& number) {
  number = 0;
  for (unsigned shift = 0; shift < 63 && !bytes.empty(); shift += 7) {
    const std::uint64_t next = bytes.front();
    bytes = bytes.subspan(1);
    number |= (next & 0x7fU) << shift;
    if (next < 0x80) return true;
  }
  return false;
}

}  // namespace

void LinkPacker::add(Link link) {
  MC_ASSERT(link.parent().value >= last_parent_, "links of a level are packed in ascending order");
  add_number(bytes_, link.parent().value - last_parent_);
  add_number(bytes_, link.action().value);
  last_parent_ = link.parent().value;
}

std::optional<std::vector<Link>> unpacked_links(std::span<const std::uint8_t> bytes, std::uint64_t count) {
  if (count > bytes.size() / 2) return std::nullopt;  // each takes two bytes or more
  std::vector<Link> links;
  links.reserve(count);
  std::uint64_t parent = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t step = 0;
    std::uint64_t action = 0;
    if (!take_number(bytes, step) || !take_number(bytes, action)) return std::nullopt;
    if (step >= Link::kStatesMax - parent || action >= Link::kActionsMax - 1) return std::nullopt;
    parent += step;
    const Link link(StateId{parent}, ActionIndex{static_cast<std::uint32_t>(action)});
    if (i > 0 && link <= links.back()) return std::nullopt;
    links.push_back(link);
  }
  if (!bytes.empty()) return std::nullopt;
  return links;
}

}  // namespace mc
