// The log files of one session as they are read: what stands in each, whether they belong together, and whose they are.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checker/conform/record.hpp"
#include "checker/core/result.hpp"
#include "specs/logs/files.hpp"
#include "specs/logs/messages.hpp"
#include "specs/logs/texts.hpp"

namespace raymc {

/// A line that is something, before it is known whose it is.
struct Noted {
  mc::RecordLine line;
  const LogEntry* entry = nullptr;
  std::string pid;  ///< of messages that name a process by its number
};

/// One file.
struct LogFile {
  std::string path;
  LogFileName name;
  std::string process;     ///< id of the driver, worker or node
  std::string pid;         ///< of the process, as its lines begin
  std::string first;       ///< its first line,
  std::int64_t began = 0;  ///< when that was written,
  std::int64_t ended = 0;  ///< and its last one
  std::size_t lines = 0;
  std::size_t heads = 0;
  std::size_t debug = 0;
  std::string starts;  ///< a raylet's: the type of the worker process that it is about to start
  std::vector<Noted> noted;
};

using FactValues = std::vector<std::pair<std::string, std::string>>;

struct LogFact {
  const LogFile* file = nullptr;
  std::string name;
  FactValues values;
  std::int64_t t = 0;
};

using LogFiles = std::vector<std::unique_ptr<LogFile>>;

/// By the names of the files: an archive holds them as they came. But the lines of a GCS and of those that follow it
/// are one stream: gcs_server.1.out is of the second one, or the older part of a file that grew too long.
void put_in_order(LogFiles& files, std::vector<LogFact>& facts);

/// Files that are not those of one session, or do not say enough. `place`: where they lie.
[[nodiscard]] std::optional<mc::InputError> mistake_in(const LogFiles& files, const std::vector<LogFact>& facts,
                                                       const std::string& place);

/// Finds out whose each file is. An error: that is not to be known, or two are of the same process.
[[nodiscard]] std::optional<mc::InputError> name_processes(LogFiles& files, const std::vector<LogFact>& facts);

/// What has no log did something all the same. An error: no process that a wire saw has one.
[[nodiscard]] std::optional<mc::InputError> note_strangers(const LogFiles& files, MessageReader& messages,
                                                           std::vector<std::string>& notes);

}  // namespace raymc
