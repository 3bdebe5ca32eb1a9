// Links as bytes that may be stored, and back. What is read back may come from a damaged or hostile file, so that
// nothing in it is believed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "checker/store/link.hpp"

namespace mc {

/// Packs the links of one level, which are added in ascending order.
class LinkPacker {
 public:
  void add(Link link);
  [[nodiscard]] std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
  std::uint64_t last_parent_ = 0;
};

/// The `count` links that these bytes hold, in ascending order; empty if they do not hold just so many.
[[nodiscard]] std::optional<std::vector<Link>> unpacked_links(std::span<const std::uint8_t> bytes, std::uint64_t count);

}  // namespace mc
