// What no reader would have written: lines of unknown kinds, that lack an id, or that have one which their kind does
// not name; messages of a process that has ended. An id that is not there would be compared with nothing.
#pragma once

#include <optional>
#include <string>

#include "checker/conform/record.hpp"
#include "checker/core/emission.hpp"
#include "checker/core/result.hpp"

namespace mc {

/// Where a line of a record stands: in the record's own file, or in the log that it was read from.
enum class LinesFrom : std::uint8_t { kRecordFile, kLogs };

/// The first line that is wrong. `file` is the record's.
[[nodiscard]] std::optional<InputError> mistake_in_lines(const RecordFile& record, const LogVocabulary& words,
                                                         const std::string& file, LinesFrom from);

}  // namespace mc
