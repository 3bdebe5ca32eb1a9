// Plain text: what a user, a file or a file system named, made harmless for every reader of what raymc writes.
//
// Not plain are bytes that are not UTF-8, characters that steer a terminal or turn the direction of text, and "::" at
// the beginning of a word and "##[" anywhere, which command a runner of GitHub. What takes their place means nothing to
// XML, JSON, Markdown and tables, and plain text stays as it is, so that twice is once.
//
// `plain_line` is for what comes in: loading a scenario, reading a trace or an answer, showing a path. `plain_output`
// is for what goes out: every stream applies it again.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace mc {

/// Bytes of one part of a message; what is longer loses its middle.
inline constexpr std::size_t kMessageBytesMax = 1'500;

/// One line: newlines and tabs become spaces. A text of more than `bytes_max` bytes loses its middle.
[[nodiscard]] std::string plain_line(std::string_view text, std::size_t bytes_max = std::string_view::npos);

/// A path in a message or a report.
[[nodiscard]] std::string plain_path(const std::filesystem::path& path);

/// A message with or without "\n  hint: ..." behind it: the only newline that stays. Each part is cut.
[[nodiscard]] std::string plain_message(std::string_view message);

/// Whether the escape sequences that raymc itself writes stay.
enum class Sequences : bool { kGone, kStay };

/// Text of several lines that raymc made; newlines, tabs and "::" stay.
[[nodiscard]] std::string plain_output(std::string_view text, Sequences sequences);

}  // namespace mc
