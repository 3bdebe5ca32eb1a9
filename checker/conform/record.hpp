// A record of a real run: what its processes logged, line by line, as far as the lines mean something. As a file: JSON
// Lines, format "raymc.record"; the first line is a header, each other one an event. Knows no protocol: streams, kinds
// and ids are texts here, and numbers of a model's vocabulary once the record is compiled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/core/emission.hpp"
#include "checker/core/result.hpp"

namespace mc {

/// One line of a log, or one message as a wire between the processes saw it.
struct RecordLine {
  std::int64_t t = 0;              ///< milliseconds, of the clock of the process; of a message, when the wire saw it
  std::optional<std::int64_t> at;  ///< of a message: when it was passed on to its receiver; none: it never was
  std::string stream;  ///< "raylet:26d1e2", "gcs": a thread of a process; the process after the colon; "wire"
  std::string kind;
  std::vector<std::pair<std::string, std::string>> ids;
  std::string file;
  std::uint32_t line = 0;  ///< in the file, from 1
  std::string text;        ///< as it was logged; empty in redacted records
  friend bool operator==(const RecordLine&, const RecordLine&) = default;
};

struct RecordFile {
  static constexpr std::string_view kWire = "wire";  ///< the stream of messages
  static constexpr std::string_view kFormat = "raymc.record";
  static constexpr int kVersion = 1;
  static constexpr std::size_t kBytesMax = std::size_t{1} << 30U;

  std::string release;  ///< of the real system, as its table of texts is named: "2.55"
  bool redacted = false;
  std::optional<std::int64_t> end;  ///< when the recording ended, if the processes were still alive then
  /// What the logs say once and for all, in the order in which it was found: ("node", {("id", "26d1e2"), ...}).
  std::vector<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>> facts;
  std::vector<RecordLine> lines;  ///< by time; the lines of one stream in the order of its file

  bool wired = false;  ///< the lines of the stream kWire are all messages that there were

  /// The quiet that a record has to end with to show that nothing more was to come, in milliseconds.
  static constexpr std::int64_t kQuiet = 1'000;
  /// The processes went on without a word for a while: nothing more was to come.
  [[nodiscard]] bool ends_at_rest() const { return end && !lines.empty() && *end - lines.back().t >= kQuiet; }
  friend bool operator==(const RecordFile&, const RecordFile&) = default;
};

/// The file's text.
[[nodiscard]] std::string to_json_lines(const RecordFile& record);

/// By its name and its beginning; others write JSON Lines, too.
[[nodiscard]] bool is_record_file(const std::filesystem::path& path);

/// Reads a record strictly. `file` is used in errors only.
[[nodiscard]] Result<RecordFile> parse_record(std::string_view text, const std::string& file);

/// An event in numbers.
struct Event {
  static constexpr std::uint16_t kNoId = 0xFFFF;
  struct Name {
    std::uint8_t key = 0;
    std::uint16_t id = kNoId;  ///< among the record's ids of the key's sort, or among its texts
  };
  std::int64_t t = 0;
  std::uint32_t line = 0;  ///< position in RecordFile::lines
  std::uint16_t stream = 0;
  std::uint8_t kind = 0;
  bool again = false;  ///< introduces a thing that was introduced before
  std::vector<Name> names;
};

/// A message that a wire saw, or the end of a process, which it saw as well.
struct Message {
  Event event;
  std::int64_t at = 0;  ///< when it was passed on
  bool lost = false;    ///< it never was, or its receiver had ended
};

/// One thread's events.
struct EventStream {
  std::string name;
  std::string_view role;                                 ///< before the colon
  std::uint8_t sort = LogKey::kText;                     ///< of the process, if it is one of several
  std::uint16_t process = Event::kNoId;                  ///< among the ids of that sort
  std::vector<Event> events;                             ///< those that must be explained
  std::vector<std::pair<std::uint32_t, Event>> ambient;  ///< the others, each with the number of events before it
};

/// A record in the terms of a vocabulary.
struct CompiledRecord {
  std::vector<std::vector<std::string>> ids;  ///< by sort
  std::vector<std::string> texts;
  std::vector<EventStream> streams;
  bool wired = false;
  std::vector<Message> messages;  ///< those that must be explained, in the order in which the wire saw them
  std::vector<Message> strays;    ///< the others: ambient ones
  std::size_t events = 0;         ///< in all streams, and messages; without ambient ones

  [[nodiscard]] std::optional<std::uint16_t> find(std::uint8_t sort, std::string_view id) const;
  [[nodiscard]] std::optional<std::uint16_t> find_text(std::string_view text) const;
};

/// Which sort of thing the process of a stream is, by the part of the stream's name before the colon; none: there is
/// one such process only.
using ProcessSorts = std::vector<std::pair<std::string_view, std::uint8_t>>;

/// Compiles a record. An unknown kind or key, or a kind in a stream that never writes it, is an error.
[[nodiscard]] Result<CompiledRecord> compile(const RecordFile& record, const LogVocabulary& words,
                                             const ProcessSorts& sorts, const std::string& file);

}  // namespace mc
