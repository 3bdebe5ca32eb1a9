// Where two traces part ways, in words.
#pragma once

#include <string>

#include "checker/report/trace_file.hpp"

namespace mc {

/// Says in which facts two traces differ, how many steps they share, at which step they part ways, and what each does
/// from there, with the steps that both do side by side. Steps are compared by the names of their actions.
[[nodiscard]] std::string trace_difference(const TraceFile& a, const TraceFile& b);

}  // namespace mc
