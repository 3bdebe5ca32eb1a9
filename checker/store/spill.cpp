#include "checker/store/spill.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "checker/store/parallel.hpp"
#include "checker/store/visited_set.hpp"

namespace mc {
namespace {

constexpr std::size_t kLengthBytes = 2;
constexpr int kLevel = 1;  // fast: the disk is waited for, not the processor

std::string failure(const char* what) {
  return std::string(what) + ": " + std::strerror(errno);
}

/// Packs the states with ranks in [begin, end).
std::vector<std::byte> packed(const Frontier& level, const VisitedSet& visited, std::uint64_t begin, std::uint64_t end,
                              std::uint32_t& bytes) {
  std::vector<std::byte> states;
  for (std::uint64_t rank = begin; rank < end; ++rank) {
    const std::span<const std::byte> encoding = visited.encoding(StateId{level.first.value + rank});
    states.push_back(static_cast<std::byte>(encoding.size() & 0xffU));
    states.push_back(static_cast<std::byte>(encoding.size() >> 8U));
    states.insert(states.end(), encoding.begin(), encoding.end());
  }
  bytes = static_cast<std::uint32_t>(states.size());
  std::vector<std::byte> page(ZSTD_compressBound(states.size()));
  const std::size_t size = ZSTD_compress(page.data(), page.size(), states.data(), states.size(), kLevel);
  MC_ASSERT(ZSTD_isError(size) == 0, "a page of the bound's size takes everything");
  page.resize(size);
  return page;
}

/// A file in the folder that is gone when it is closed; -1 with errno set.
int nameless_file(const std::filesystem::path& folder) {
  std::string name = (folder / ".frontier.XXXXXX").string();
  const int file = ::mkostemp(name.data(), O_CLOEXEC);
  if (file >= 0) ::unlink(name.c_str());
  return file;
}

bool write_all(int file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

SpilledLevel::~SpilledLevel() {
  forget();
}

void SpilledLevel::forget() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
  size_ = 0;
  pages_.clear();
}

std::optional<std::string> SpilledLevel::write(const Frontier& level, const VisitedSet& visited,
                                               const std::filesystem::path& folder) {
  forget();
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  file_ = nameless_file(folder);
  if (file_ < 0) return failure("cannot make a file for the frontier");
  // A few pages at a time, so that what is packed and not yet written stays small.
  constexpr std::uint64_t kPagesAtOnce = 64;
  const std::uint64_t pages = (level.size() + kStatesPerPage - 1) / kStatesPerPage;
  for (std::uint64_t first = 0; first < pages; first += kPagesAtOnce) {
    const std::uint64_t count = std::min(kPagesAtOnce, pages - first);
    std::vector<std::vector<std::byte>> ready(count);
    std::vector<std::uint32_t> bytes(count);
    parallel_for(count, [&](std::size_t i) {
      const std::uint64_t begin = (first + i) * kStatesPerPage;
      ready[i] = packed(level, visited, begin, std::min(begin + kStatesPerPage, level.size()), bytes[i]);
    });
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!write_all(file_, ready[i])) {
        const std::string what = failure("cannot write the frontier");
        forget();
        return what;
      }
      pages_.push_back({size_, static_cast<std::uint32_t>(ready[i].size()), bytes[i]});
      size_ += ready[i].size();
    }
  }
  return std::nullopt;
}

void SpilledLevel::read(std::uint64_t page, std::vector<std::byte>& states) const {
  const Page& where = pages_[page];
  std::vector<std::byte> packed(where.packed);
  std::size_t done = 0;
  while (done < packed.size()) {
    const ssize_t count =
        ::pread(file_, packed.data() + done, packed.size() - done, static_cast<off_t>(where.offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw std::runtime_error(failure("cannot read the frontier back from disk"));
    done += static_cast<std::size_t>(count);
  }
  states.resize(where.bytes);
  const std::size_t size = ZSTD_decompress(states.data(), states.size(), packed.data(), packed.size());
  if (ZSTD_isError(size) != 0 || size != states.size())
    throw std::runtime_error("what was read back of the frontier from disk is not what was written");
}

std::span<const std::byte> SpillReader::encoding(const SpilledLevel& level, std::uint64_t rank) {
  const std::uint64_t page = rank / SpilledLevel::kStatesPerPage;
  if (page != page_ || rank < next_rank_) {
    if (page != page_) level.read(page, states_);
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
