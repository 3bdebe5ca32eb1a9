// The states of the level that is explored, on disk instead of in memory: pages of some thousand encodings, packed with
// zstd, in one file that has no name any more. Written by one thread between levels, read by all while the level is
// explored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "checker/store/frontier.hpp"

namespace mc {

class VisitedSet;

/// One level on disk.
class SpilledLevel {
 public:
  static constexpr std::uint64_t kStatesPerPage = 4096;

  SpilledLevel() = default;
  ~SpilledLevel();
  SpilledLevel(const SpilledLevel&) = delete;
  SpilledLevel& operator=(const SpilledLevel&) = delete;

  /// Writes the states of a level, which `visited` holds, into the folder; what was written before is forgotten. Gives
  /// what went wrong; then there is nothing on disk, and the level still is in memory. Packs in parallel.
  [[nodiscard]] std::optional<std::string> write(const Frontier& level, const VisitedSet& visited,
                                                 const std::filesystem::path& folder);
  void forget();

  [[nodiscard]] bool present() const { return !pages_.empty(); }
  [[nodiscard]] std::uint64_t bytes_on_disk() const { return size_; }
  /// The states of a page, one behind the other, each behind its length (two bytes, low byte first). Thread-safe. An
  /// error of the disk is thrown as std::runtime_error: without these states the search cannot go on.
  void read(std::uint64_t page, std::vector<std::byte>& states) const;

 private:
  struct Page {
    std::uint64_t offset = 0;
    std::uint32_t packed = 0;  ///< bytes in the file
    std::uint32_t bytes = 0;   ///< when unpacked
  };
  int file_ = -1;
  std::uint64_t size_ = 0;
  std::vector<Page> pages_;
};

/// Reads a level page by page. Not thread-safe: one per thread.
class SpillReader {
 public:
  /// The encoding of the state with this rank; valid until the next call. Cheap for ranks that ascend.
  [[nodiscard]] std::span<const std::byte> encoding(const SpilledLevel& level, std::uint64_t rank);
  /// Another level begins.
  void forget() { page_ = kNone; }

 private:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};
  std::uint64_t page_ = kNone;
  std::uint64_t next_rank_ = 0;  // of the state at `at_`
  std::size_t at_ = 0;
  std::vector<std::byte> states_;
};

}  // namespace mc
