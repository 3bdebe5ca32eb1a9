// Clocks of processes that are wrong: by how much is told by what one process did before another one could.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "checker/conform/record.hpp"

namespace raymc {

/// The process of a line: the id in its stream's name, or the stream itself where there is one such process only.
[[nodiscard]] std::string process_of(const mc::RecordLine& line);

/// By how many milliseconds the clocks of processes are ahead of those of most; who is not named here is not.
using ClockErrors = std::map<std::string, std::int64_t>;

/// Judges by pairs of lines of which the second follows from the first in another process. Clocks that may be right are
/// taken for right.
[[nodiscard]] ClockErrors clock_errors(const std::vector<mc::RecordLine>& lines);

/// Sets the times of lines right, and puts them in order.
void set_right(std::vector<mc::RecordLine>& lines, const ClockErrors& errors);

/// What a reader of the answer should know of it.
[[nodiscard]] std::vector<std::string> notes_of(const ClockErrors& errors);

/// All of it for a record that was read from its file.
[[nodiscard]] std::vector<std::string> set_clocks(mc::RecordFile& record);

}  // namespace raymc
