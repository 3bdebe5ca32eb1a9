// Reading and writing files so that nothing half-written is ever found and no failure goes unseen.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "checker/core/result.hpp"

namespace mc {

/// The whole file. A file that cannot be read or has more than `bytes_max` bytes is an error.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max);

/// Replaces the file by one with this text, or leaves everything as it was: a temporary file in the same directory is
/// written, flushed to the disk and renamed. The directory is created if needed. Gives what went wrong, if anything.
[[nodiscard]] std::optional<std::string> write_file(const std::filesystem::path& path, std::string_view text);

/// Adds the text to the end of the file, which is made if needed. Gives what went wrong, if anything.
[[nodiscard]] std::optional<std::string> append_file(const std::filesystem::path& path, std::string_view text);

/// A file descriptor that reports are written to, unbuffered; it remembers its first failure. Does not own it.
class Output {
 public:
  explicit Output(int descriptor) : descriptor_(descriptor) {}

  /// Writes all of it. After a failure it does nothing.
  void write(std::string_view text);
  [[nodiscard]] bool failed() const { return error_ != 0; }
  /// What went wrong; empty if the reader went away, which is nobody's mistake.
  [[nodiscard]] std::string failure() const;
  [[nodiscard]] bool is_terminal() const;
  /// Width of the terminal in characters; 0 if it is none or does not tell.
  [[nodiscard]] std::size_t columns() const;

 private:
  int descriptor_;
  int error_ = 0;
};

}  // namespace mc
