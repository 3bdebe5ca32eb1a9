// The log files of a session, wherever they are: a folder, several folders, or an archive (libarchive).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checker/core/result.hpp"

namespace raymc {

/// What is wrong in a line of a file; line 0: in the file as a whole.
[[nodiscard]] mc::InputError mistake(const std::string& file, std::uint32_t line, std::string message,
                                     std::string hint = {});

/// Which process wrote a file, by the file's name.
enum class LogFileKind : std::uint8_t {
  kDriver,
  kWorker,
  kRaylet,
  kGcs,
  kMessages,  ///< none: what a wire between them saw (specs/logs/messages.hpp)
};

/// What a file's name says; nothing: it is none of Ray's logs that are read.
struct LogFileName {
  LogFileKind kind = LogFileKind::kDriver;
  std::string worker;  ///< id of the driver or worker
};
[[nodiscard]] std::optional<LogFileName> log_file_named(std::string_view name);

/// One file, line by line. `path` is relative to what was given.
struct LogFileReader {
  /// A new file begins; false: it is to be left out.
  std::function<bool(const std::string& path, const LogFileName& name)> begin;
  /// One line without its end. `cut`: the file ends within it.
  std::function<void(std::uint32_t number, std::string_view text, bool cut)> line;
};

/// The logs in the folder of a recorded session (tests/ray); nothing: it is no such folder.
[[nodiscard]] std::optional<std::filesystem::path> logs_of_session(const std::filesystem::path& folder);

/// Longest line that is taken for one; what is longer is no log.
inline constexpr std::size_t kLogLineMax = std::size_t{4} << 20U;

/// Reads every log file below the given folders and in the given archives, in the order of their paths. An error: a
/// path that does not exist or cannot be read, an archive that is damaged, a line without end.
[[nodiscard]] std::optional<mc::InputError> read_log_files(const std::vector<std::string>& paths,
                                                           const LogFileReader& reader);

}  // namespace raymc
