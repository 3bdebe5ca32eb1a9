#include "checker/store/links.hpp"

#include <algorithm>
#include <cstring>

namespace mc {
namespace {

constexpr unsigned kActionBits = 5;
constexpr std::uint64_t kActionMore = (1U << kActionBits) - 1;  // this and what follows
constexpr std::uint64_t kParentMore = 7;

void add_number(std::vector<std::uint8_t>& bytes, std::uint64_t number) {
  for (; number >= 0x80; number >>= 7U) bytes.push_back(static_cast<std::uint8_t>(number | 0x80U));
  bytes.push_back(static_cast<std::uint8_t>(number));
}

class Reader {
 public:
  explicit Reader(const std::byte* at) : at_(at) {}
  [[nodiscard]] std::uint64_t octet() { return std::to_integer<std::uint64_t>(*at_++); }
  [[nodiscard]] std::uint64_t number() {
    std::uint64_t number = 0;
    for (unsigned shift = 0;; shift += 7) {
      const std::uint64_t next = octet();
      number |= (next & 0x7fU) << shift;
      if (next < 0x80) return number;
    }
  }

  /// The next link, after one of `parent`, which it changes.
  [[nodiscard]] Link link(std::uint64_t& parent) {
    const std::uint64_t both = octet();
    const std::uint64_t step = both >> kActionBits;
    parent += step < kParentMore ? step : kParentMore + number();
    std::uint64_t action = both & kActionMore;
    if (action == kActionMore) action += number();
    return {StateId{parent}, ActionIndex{static_cast<std::uint32_t>(action)}};
  }

 private:
  const std::byte* at_;
};

}  // namespace

void PackedLinks::add(Link link) {
  MC_ASSERT(link.parent() >= last_parent_, "links of a level are packed in ascending order");
  const std::uint64_t step = link.parent().value - last_parent_.value;
  const std::uint64_t action = link.action().value;
  bytes_.push_back(
      static_cast<std::uint8_t>(std::min(step, kParentMore) << kActionBits | std::min(action, kActionMore)));
  if (step >= kParentMore) add_number(bytes_, step - kParentMore);
  if (action >= kActionMore) add_number(bytes_, action - kActionMore);
  last_parent_ = link.parent();
  ++count_;
}

void Links::append_level(const std::vector<PackedLinks>& parts) {
  const std::uint64_t before = size_;
  std::uint64_t bytes = used_;
  for (const PackedLinks& part : parts) bytes += part.bytes().size();
  // All that can fail comes first: whoever is refused still has the levels before.
  bytes_.announce(bytes);
  const std::size_t count = parts_.size() + parts.size();
  if (count > parts_.capacity()) parts_.reserve(2 * count);
  if (firsts_.size() == firsts_.capacity()) firsts_.reserve(2 * firsts_.size() + 1);
  for (const PackedLinks& part : parts) {
    if (part.count() == 0) continue;
    parts_.push_back({size_, used_, part.first_parent()});
    std::memcpy(bytes_.data() + used_, part.bytes().data(), part.bytes().size());
    used_ += part.bytes().size();
    size_ += part.count();
  }
  if (size_ > before) firsts_.push_back(before);
}

std::size_t Links::level_of(StateId id) const {
  MC_ASSERT(id.value < size_, "a state id must belong to a finished level");
  return static_cast<std::size_t>(std::upper_bound(firsts_.begin(), firsts_.end(), id.value) - firsts_.begin()) - 1;
}

void Links::for_each(StateId first, std::uint64_t count, const std::function<void(Link)>& body) const {
  MC_ASSERT(first.value + count <= size_, "links of finished levels are read");
  auto part = std::upper_bound(parts_.begin(), parts_.end(), first.value,
                               [](std::uint64_t value, const Part& next) { return value < next.first; });
  for (--part; count > 0; ++part) {
    Reader reader(bytes_.data() + part->offset);
    std::uint64_t parent = part->first_parent.value;
    const std::uint64_t end = part + 1 == parts_.end() ? size_ : (part + 1)->first;
    for (std::uint64_t id = part->first; id < end && count > 0; ++id) {
      const Link link = reader.link(parent);
      if (id < first.value) continue;
      body(link);
      --count;
    }
  }
}

Link Links::operator[](StateId id) const {
  MC_ASSERT(id.value < size_, "a state id must belong to a finished level");
  const auto after = std::upper_bound(parts_.begin(), parts_.end(), id.value,
                                      [](std::uint64_t value, const Part& part) { return value < part.first; });
  const Part& part = *(after - 1);
  Reader reader(bytes_.data() + part.offset);
  std::uint64_t parent = part.first_parent.value;
  Link link;
  for (std::uint64_t i = part.first; i <= id.value; ++i) link = reader.link(parent);
  return link;
}

}  // namespace mc
