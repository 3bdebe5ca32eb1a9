#include "checker/store/region.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <utility>

#include "checker/store/address_space.hpp"

namespace mc {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20U;
// What a region that grows in steps begins with.
constexpr std::size_t kFirstStep = std::size_t{256} << 10U;
// Up to this, huge pages would cost more than they bring: a search of a few thousand states should not clear megabytes.
constexpr std::size_t kSmallMax = std::size_t{8} << 20U;
// How often the reservation of a region must fit into what is left of the address space: a search has six, and its
// threads and its heap need some, too.
constexpr std::size_t kShares = 16;

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

std::byte* mapping_of(std::size_t bytes) {
  void* const at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return at == MAP_FAILED ? nullptr : static_cast<std::byte*>(at);
}

}  // namespace

Region::Region() {
  const std::size_t wanted = rounded_up(2 * machine_bytes(), kHugePage);
  if (address_space().left / kShares >= wanted) mapped_ = mapping_of(wanted + kHugePage);
  if (mapped_ != nullptr) {
    data_ = mapped_ + (kHugePage - reinterpret_cast<std::uintptr_t>(mapped_) % kHugePage) % kHugePage;
    reserved_ = wanted;
    fixed_ = true;
  } else if (!resize(kFirstStep)) {
    throw std::bad_alloc();
  }
}

Region::~Region() {
  if (mapped_ != nullptr) munmap(mapped_, reserved_ + (fixed_ ? kHugePage : 0));
}

Region::Region(Region&& other) noexcept
    : mapped_(std::exchange(other.mapped_, nullptr)),
      data_(std::exchange(other.data_, nullptr)),
      reserved_(std::exchange(other.reserved_, 0)),
      fixed_(std::exchange(other.fixed_, false)),
      huge_(std::exchange(other.huge_, false)) {}

Region& Region::operator=(Region&& other) noexcept {
  std::swap(mapped_, other.mapped_);
  std::swap(data_, other.data_);
  std::swap(reserved_, other.reserved_);
  std::swap(fixed_, other.fixed_);
  std::swap(huge_, other.huge_);
  return *this;
}

bool Region::resize(std::size_t bytes) {
  std::byte* moved = nullptr;
  if (mapped_ == nullptr) {
    moved = mapping_of(bytes);
  } else if (void* const at = mremap(mapped_, reserved_, bytes, MREMAP_MAYMOVE); at != MAP_FAILED) {
    moved = static_cast<std::byte*>(at);
  }
  if (moved == nullptr) return false;
  mapped_ = data_ = moved;
  reserved_ = bytes;
  return true;
}

bool Region::reserve(std::size_t bytes) {
  if (bytes <= reserved_) return true;
  if (fixed_) return false;
  // Some more than is asked for, so that the next steps need not ask; but nothing that others might need.
  const std::size_t more = std::min(bytes / 4, address_space().left / kShares);
  const std::size_t ahead = std::max(rounded_up(bytes + more, page_bytes()), kFirstStep);
  return resize(ahead) || resize(rounded_up(bytes, page_bytes()));
}

void Region::announce(std::size_t bytes) {
  if (!reserve(bytes)) throw std::bad_alloc();
  if (fixed_ && !huge_ && bytes > kSmallMax) {
    // Advice only: a kernel without huge pages refuses it, and nothing is lost.
    static_cast<void>(madvise(data_, reserved_, MADV_HUGEPAGE));
    huge_ = true;
  }
}

void Region::release(std::size_t from, std::size_t to) {
  const std::size_t first = rounded_up(from, huge_ ? kHugePage : page_bytes());
  const std::size_t last = std::min(rounded_up(to, page_bytes()), reserved_);
  if (first < last) static_cast<void>(madvise(data_ + first, last - first, MADV_DONTNEED));
}

void Region::shrink() {
  if (fixed_) return;
  release(0, reserved_);
  static_cast<void>(resize(std::min(reserved_, kFirstStep)));
}

}  // namespace mc
