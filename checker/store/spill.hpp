// The states of the level that is explored, on disk instead of in memory: pages of some thousand encodings, packed with
// zstd, in one file that has no name any more. What the disk does not take stays in memory, packed. Written between
// levels, read by all threads while the level is explored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace mc {

/// What was written of a frontier cannot be read back.
class DiskError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Appends one state to those of a page: its length (two bytes, low byte first), and its encoding.
void append_state(std::span<const std::byte> encoding, std::vector<std::byte>& states);

/// One level on disk.
class SpilledLevel {
 public:
  static constexpr std::uint64_t kStatesPerPage = 4096;
  /// Appends the states with ranks in [begin, end) by `append_state`. Called by several threads at once.
  using Source = std::function<void(std::uint64_t begin, std::uint64_t end, std::vector<std::byte>& states)>;

  SpilledLevel() = default;
  ~SpilledLevel();
  SpilledLevel(const SpilledLevel&) = delete;
  SpilledLevel& operator=(const SpilledLevel&) = delete;

  /// Writes `count` states into the folder; what was written before is forgotten. Gives what went wrong; then the pages
  /// that the disk did not take are kept in memory. Packs in parallel.
  [[nodiscard]] std::optional<std::string> write(std::uint64_t count, const Source& source,
                                                 const std::filesystem::path& folder);
  void forget();

  /// Differs from that of everything else that was ever written by this process.
  [[nodiscard]] std::uint64_t serial() const { return serial_; }
  /// The states of a page, one behind the other. Thread-safe. Throws DiskError.
  void read(std::uint64_t page, std::vector<std::byte>& states) const;

 private:
  struct Page {
    std::uint64_t offset = 0;     // in the file
    std::uint32_t packed = 0;     // bytes in the file
    std::uint32_t bytes = 0;      // when unpacked
    std::vector<std::byte> kept;  // instead of in the file
  };
  void keep(std::vector<std::byte> packed, std::uint32_t bytes, std::optional<std::string>& failed);

  int file_ = -1;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t serial_ = 0;
  std::vector<Page> pages_;
};

/// Reads a level page by page. Not thread-safe: one per thread.
class SpillReader {
 public:
  /// The encoding of the state with this rank; valid until the next call. Cheap for ranks that ascend.
  [[nodiscard]] std::span<const std::byte> encoding(const SpilledLevel& level, std::uint64_t rank);

 private:
  std::uint64_t serial_ = 0;  // of the level that `states_` is a page of
  std::uint64_t page_ = 0;
  std::uint64_t next_rank_ = 0;  // of the state at `at_`
  std::size_t at_ = 0;
  std::vector<std::byte> states_;
};

}  // namespace mc
