#include "checker/report/packed.hpp"

#include <zstd.h>
#include <zstd_errors.h>

#include <new>

#include "checker/core/assert.hpp"

namespace mc {

std::string compress(std::span<const std::uint8_t> bytes) {
  std::string frame(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size = ZSTD_compress(frame.data(), frame.size(), bytes.data(), bytes.size(), 3);
  if (ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  MC_ASSERT(ZSTD_isError(size) == 0, "a frame of the bound's size takes everything");
  frame.resize(size);
  return frame;
}

std::optional<std::vector<std::uint8_t>> decompress(std::string_view frame, std::size_t bytes) {
  // What the frame says of its own size is believed only if it is what is expected, and it is allocated only then.
  // Nothing is packed by a factor of more than 2^16: a header alone cannot ask for all the memory there is.
  constexpr std::size_t kFactorMax = std::size_t{1} << 16U;
  if (bytes / kFactorMax > frame.size()) return std::nullopt;
  if (ZSTD_getFrameContentSize(frame.data(), frame.size()) != bytes) return std::nullopt;
  std::vector<std::uint8_t> whole(bytes);
  const std::size_t size = ZSTD_decompress(whole.data(), whole.size(), frame.data(), frame.size());
  if (ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  if (ZSTD_isError(size) != 0 || size != bytes) return std::nullopt;
  return whole;
}

}  // namespace mc
