// A trace for people: who did what to whom, and only what changed.
#pragma once

#include <cstddef>
#include <string>

#include "checker/report/colour.hpp"
#include "checker/report/trace_file.hpp"

namespace mc {

/// Numbered steps: who did what, by which rule, what changed; at the end the claim that is broken. Faults stand out.
[[nodiscard]] std::string text_trace(const TraceFile& trace, Colour colour);

/// One step, from 1, as text_trace shows it.
[[nodiscard]] std::string text_step(const TraceFile& trace, std::size_t number, Colour colour);

/// The facts of a trace, for when it is shown apart from a report.
[[nodiscard]] std::string text_trace_head(const TraceFile& trace);

}  // namespace mc
