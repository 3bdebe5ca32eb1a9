// Whether a record may have been written by a reader of Ray's logs at all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checker/conform/record.hpp"
#include "checker/conform/record_check.hpp"
#include "checker/core/result.hpp"
#include "specs/logs/texts.hpp"

namespace raymc {

/// The first thing that is wrong with the lines, the facts or the release. `release`: what the user says; empty:
/// nothing.
[[nodiscard]] std::optional<mc::InputError> mistake_in(const mc::RecordFile& record, const std::string& file,
                                                       mc::LinesFrom from, const std::string& release,
                                                       const std::vector<LogTable>& tables);

}  // namespace raymc
