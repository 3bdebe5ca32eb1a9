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

/// The first bytes of a regular file, at most so many; empty if it is none or cannot be read.
[[nodiscard]] std::string head_of(const std::filesystem::path& path, std::size_t bytes_max);

/// Writes the file that a person named: replaces it by one with this text, or leaves everything as it was. Its folder
/// is created if needed. A symbolic link to a regular file is followed: what it leads to is replaced, and the link
/// stays. Whatever is no regular file (a device, a pipe, a folder, a link to nothing) is refused and left alone. The
/// mode of a file that is replaced is kept. Gives what went wrong, if anything.
[[nodiscard]] std::optional<std::string> write_file(const std::filesystem::path& path, std::string_view text);

/// Puts a file with this text at the path, whatever file is there: a temporary file in the same folder, which must
/// exist, is written, flushed to the disk and renamed. Gives what went wrong, if anything; then nothing has changed.
[[nodiscard]] std::optional<std::string> replace_file(const std::filesystem::path& path, std::string_view text);

/// True if `name` is that of a temporary file which `replace_file` makes for a file called `target`.
[[nodiscard]] bool is_temporary_of(std::string_view name, std::string_view target);

/// Makes the folder if needed and writes some bytes there that vanish at once. Gives what is wrong, if anything: it
/// cannot be made or written, or its disk is full.
[[nodiscard]] std::optional<std::string> try_folder(const std::filesystem::path& folder);

/// Adds the text to the end of the file, which is made if needed. Gives what went wrong, if anything.
[[nodiscard]] std::optional<std::string> append_file(const std::filesystem::path& path, std::string_view text);

/// A file descriptor that reports are written to, unbuffered; it remembers its first failure. Does not own it. What
/// goes out is plain (core/plain.hpp); only a terminal gets escape sequences, and only raymc's own. After an interrupt
/// a reader that takes nothing for half a second is waited for no longer.
class Output {
 public:
  explicit Output(int descriptor);

  /// Writes all of it. After a failure it does nothing.
  void write(std::string_view text);
  [[nodiscard]] bool failed() const { return error_ != 0; }
  /// Whether nobody took the report, and an interrupt ended the wait.
  [[nodiscard]] bool interrupted() const;
  /// What went wrong; empty if the reader went away, which is nobody's mistake.
  [[nodiscard]] std::string failure() const;
  [[nodiscard]] bool is_terminal() const { return terminal_; }
  /// Width of the terminal in characters; 0 if it is none or does not tell.
  [[nodiscard]] std::size_t columns() const;

 private:
  int descriptor_;
  bool terminal_;
  int error_ = 0;
};

}  // namespace mc
