// How one release of Ray words its log lines: the tables of specs/ray_logs. Reads a message and says what it is.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "checker/core/result.hpp"
#include "model/log/kind.hpp"

namespace raymc {

/// Whose log a line is in.
enum class LogProcess : std::uint8_t { kOwner, kWorker, kRaylet, kGcs };

/// A text with holes, such as "Completing task {task}".
class LogText {
 public:
  /// A text in the notation of the tables. An error is said in words.
  [[nodiscard]] static mc::Result<LogText> parse(std::string_view text);

  using Found = std::vector<std::pair<std::string_view, std::string_view>>;  ///< name and value of each hole

  /// The message is this text, from its first character to its last.
  [[nodiscard]] bool read(std::string_view message, Found& found) const;
  /// The message begins as this text does, up to its first hole.
  [[nodiscard]] bool begins(std::string_view message) const;
  /// The literal parts that stand between holes.
  [[nodiscard]] std::vector<std::string_view> parts() const;

 private:
  enum class Hole : std::uint8_t { kHex, kDigits, kWord, kAny };
  struct Piece {
    std::string literal;  ///< before the hole
    std::string name;     ///< of the hole; empty: a hole that nobody asks for
    Hole hole = Hole::kAny;
    bool last = false;  ///< no hole follows the literal
  };
  std::vector<Piece> pieces_;
};

/// One entry of a table.
struct LogEntry {
  LogKind kind = LogKind::kNone;  ///< none: a fact
  std::string fact;
  LogProcess process = LogProcess::kOwner;
  std::string file;
  std::string text;
  std::string how;  ///< a word that the text stands for
  LogText pattern;
  std::uint32_t line = 0;  ///< in the table
};

/// The table of one release.
class LogTable {
 public:
  [[nodiscard]] static mc::Result<LogTable> load(const std::filesystem::path& path);

  [[nodiscard]] const std::string& release() const { return release_; }
  /// A version of Ray, such as "2.55.1", writes these texts.
  [[nodiscard]] bool covers(std::string_view version) const;
  [[nodiscard]] const std::vector<LogEntry>& entries() const { return entries_; }

  struct Reading {
    const LogEntry* entry = nullptr;    ///< what the message is; none: nothing known
    const LogEntry* changed = nullptr;  ///< or what it begins like and is not
    LogText::Found found;
  };
  [[nodiscard]] Reading read(LogProcess process, std::string_view file, std::string_view message) const;

 private:
  std::string release_;
  std::vector<std::string> versions_;
  std::vector<LogEntry> entries_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_file_;
};

/// Every table of a folder, in the order of their names.
[[nodiscard]] mc::Result<std::vector<LogTable>> load_log_tables(const std::filesystem::path& folder);

}  // namespace raymc
