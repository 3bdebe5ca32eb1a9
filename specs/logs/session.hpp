// From the debug logs of one session of Ray to a record (checker/conform/record.hpp): reads the lines that mean
// something, finds out who wrote them, and leaves out what is none of the model's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checker/conform/record.hpp"
#include "checker/core/result.hpp"
#include "specs/logs/texts.hpp"

namespace raymc {

/// The parts of a line such as "[2026-11-29 06:43:08,886 D 30776 31204] (raylet) main.cc:279: Setting ...".
struct LogHead {
  std::int64_t t = 0;  ///< milliseconds since 1970, in the time zone of the log
  char level = 'D';
  std::string_view pid;
  std::string_view file;
  std::string_view message;
};
[[nodiscard]] std::optional<LogHead> log_head(std::string_view line);

/// A session as it was read.
struct ReadSession {
  mc::RecordFile record;
  std::size_t files = 0;
  std::size_t lines = 0;
  std::vector<std::string> unseen;  ///< texts of the table that no line was, as kinds
  std::vector<std::string> notes;   ///< what a reader of the answer should know
};

/// Reads logs. `release`: the table to take; empty: the one of the version that the logs name. An error: files that
/// are no logs of Ray, of several sessions, of another release, not at debug level, damaged, or in a changed format.
[[nodiscard]] mc::Result<ReadSession> read_session(const std::vector<std::string>& paths,
                                                   const std::vector<LogTable>& tables, const std::string& release);

/// The record without anything that is nobody's business: ids are renamed; hosts, paths, names of functions, the texts
/// of lines and the time of day are gone.
[[nodiscard]] mc::RecordFile redacted(const mc::RecordFile& record);

}  // namespace raymc
