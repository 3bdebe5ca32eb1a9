// Bytes made smaller with zstd, and back. Used for checkpoints and for what is kept on disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mc {

/// One zstd frame. Level 3: the default trade of speed against size.
[[nodiscard]] std::string compress(std::span<const std::uint8_t> bytes);

/// The inverse; empty if it is no such frame, or holds another number of bytes.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> decompress(std::string_view frame, std::size_t bytes);

}  // namespace mc
