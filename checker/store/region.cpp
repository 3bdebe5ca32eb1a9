#include "checker/store/region.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <new>
#include <utility>

namespace mc {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20U;
constexpr std::size_t kLeastReserve = std::size_t{64} << 20U;
// Up to this, huge pages would cost more than they bring: a search of a few thousand states should not clear megabytes.
constexpr std::size_t kSmallMax = std::size_t{8} << 20U;

std::size_t page_bytes() {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

std::size_t machine_bytes() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  return pages > 0 ? static_cast<std::size_t>(pages) * page_bytes() : std::size_t{1} << 34U;
}

std::size_t rounded_up(std::size_t bytes, std::size_t to) {
  return (bytes + to - 1) / to * to;
}

}  // namespace

Region::Region() {
  for (reserved_ = rounded_up(2 * machine_bytes(), kHugePage); reserved_ >= kLeastReserve; reserved_ /= 2) {
    void* const at = mmap(nullptr, reserved_ + kHugePage, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) continue;
    mapped_ = static_cast<std::byte*>(at);
    data_ = mapped_ + (kHugePage - reinterpret_cast<std::uintptr_t>(at) % kHugePage) % kHugePage;
    return;
  }
  throw std::bad_alloc();
}

Region::~Region() {
  if (mapped_ != nullptr) munmap(mapped_, reserved_ + kHugePage);
}

Region::Region(Region&& other) noexcept
    : mapped_(std::exchange(other.mapped_, nullptr)),
      data_(std::exchange(other.data_, nullptr)),
      reserved_(std::exchange(other.reserved_, 0)),
      huge_(std::exchange(other.huge_, false)) {}

Region& Region::operator=(Region&& other) noexcept {
  std::swap(mapped_, other.mapped_);
  std::swap(data_, other.data_);
  std::swap(reserved_, other.reserved_);
  std::swap(huge_, other.huge_);
  return *this;
}

void Region::announce(std::size_t bytes) {
  if (bytes > reserved_) throw std::bad_alloc();
  if (!huge_ && bytes > kSmallMax) {
    // Advice only: a kernel without huge pages refuses it, and nothing is lost.
    static_cast<void>(madvise(data_, reserved_, MADV_HUGEPAGE));
    huge_ = true;
  }
}

void Region::release(std::size_t from, std::size_t to) {
  const std::size_t first = rounded_up(from, huge_ ? kHugePage : page_bytes());
  const std::size_t last = rounded_up(to, page_bytes());
  if (first < last) static_cast<void>(madvise(data_ + first, last - first, MADV_DONTNEED));
}

}  // namespace mc
