#include "checker/store/spill.hpp"

#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "checker/core/assert.hpp"
#include "checker/store/nameless_file.hpp"
#include "checker/store/parallel.hpp"

namespace mc {
namespace {

constexpr std::size_t kLengthBytes = 2;
constexpr int kLevel = 1;  // of packing; fast: the disk is waited for, not the processor

std::string failure(const char* what) {
  return std::string(what) + ": " + std::strerror(errno);
}

std::vector<std::byte> packed(const std::vector<std::byte>& states) {
  const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  if (context == nullptr) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
  // A disk that is full may notice it only after it took a page.
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::vector<std::byte> page(ZSTD_compressBound(states.size()));
  const std::size_t size = ZSTD_compress2(context.get(), page.data(), page.size(), states.data(), states.size());
  if (ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  MC_ASSERT(ZSTD_isError(size) == 0, "a page of the bound's size takes everything");
  page.resize(size);
  return page;
}

bool write_all(int file, std::uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    offset += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

}  // namespace

void append_state(std::span<const std::byte> encoding, std::vector<std::byte>& states) {
  states.push_back(static_cast<std::byte>(encoding.size() & 0xffU));
  states.push_back(static_cast<std::byte>(encoding.size() >> 8U));
  states.insert(states.end(), encoding.begin(), encoding.end());
}

SpilledLevel::~SpilledLevel() {
  forget();
}

void SpilledLevel::forget() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
  file_bytes_ = 0;
  pages_.clear();
}

std::optional<std::string> SpilledLevel::write(std::uint64_t count, const Source& source,
                                               const std::filesystem::path& folder) {
  forget();
  serial_ = next_serial();
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  file_ = nameless_file(folder);
  std::optional<std::string> failed;
  if (file_ < 0) failed = failure("cannot make a file for the frontier");
  // A few pages at a time, so that what is packed and not yet written stays small.
  constexpr std::uint64_t kPagesAtOnce = 64;
  const std::uint64_t pages = (count + kStatesPerPage - 1) / kStatesPerPage;
  for (std::uint64_t first = 0; first < pages; first += kPagesAtOnce) {
    std::vector<std::vector<std::byte>> ready(std::min(kPagesAtOnce, pages - first));
    std::vector<std::uint32_t> bytes(ready.size());
    parallel_for(ready.size(), [&](std::size_t i) {
      std::vector<std::byte> states;
      const std::uint64_t begin = (first + i) * kStatesPerPage;
      source(begin, std::min(begin + kStatesPerPage, count), states);
      bytes[i] = static_cast<std::uint32_t>(states.size());
      ready[i] = packed(states);
    });
    for (std::size_t i = 0; i < ready.size(); ++i) keep(std::move(ready[i]), bytes[i], failed);
  }
  return failed;
}

void SpilledLevel::keep(std::vector<std::byte> packed, std::uint32_t bytes, std::optional<std::string>& failed) {
  if (!failed && !write_all(file_, file_bytes_, packed)) failed = failure("cannot write the frontier");
  Page page{file_bytes_, static_cast<std::uint32_t>(packed.size()), bytes, {}};
  if (failed) {
    packed.shrink_to_fit();
    page.kept = std::move(packed);
  } else {
    file_bytes_ += page.packed;
  }
  pages_.push_back(std::move(page));
}

void SpilledLevel::read(std::uint64_t page, std::vector<std::byte>& states) const {
  const Page& where = pages_[page];
  std::vector<std::byte> packed = where.kept;
  std::size_t done = packed.size();
  packed.resize(where.packed);
  while (done < packed.size()) {
    const ssize_t count =
        ::pread(file_, packed.data() + done, packed.size() - done, static_cast<off_t>(where.offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw DiskError(failure("cannot read the frontier back from disk"));
    done += static_cast<std::size_t>(count);
  }
  states.resize(where.bytes);
  const std::size_t size = ZSTD_decompress(states.data(), states.size(), packed.data(), packed.size());
  if (ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  if (ZSTD_isError(size) != 0 || size != states.size())
    throw DiskError("what was read back of the frontier from disk is not what was written");
}

std::span<const std::byte> SpillReader::encoding(const SpilledLevel& level, std::uint64_t rank) {
  const std::uint64_t page = rank / SpilledLevel::kStatesPerPage;
  const bool here = serial_ == level.serial() && page == page_;
  if (!here || rank < next_rank_) {
    if (!here) level.read(page, states_);
    serial_ = level.serial();
    page_ = page;
    next_rank_ = page * SpilledLevel::kStatesPerPage;
    at_ = 0;
  }
  while (true) {
    const std::size_t length =
        std::to_integer<std::size_t>(states_[at_]) | (std::to_integer<std::size_t>(states_[at_ + 1]) << 8U);
    const std::span<const std::byte> found(states_.data() + at_ + kLengthBytes, length);
    at_ += kLengthBytes + length;
    if (next_rank_++ == rank) return found;
  }
}

}  // namespace mc
