// A trace in the formats of other tools. Each is a function of the trace file alone, and escapes what it is given: a
// trace may come from anywhere.
#pragma once

#include <string>

#include "checker/report/trace_file.hpp"

namespace mc {

/// A sequence diagram of Mermaid, as GitHub renders it in a comment or a summary between ```mermaid fences. A message
/// is an arrow at the moment of its receipt, which names the step of its sending. Shorter than kMermaidBytesMax: what
/// stands in the way is folded, first the steps that are no part of the causal chain.
[[nodiscard]] std::string mermaid_view(const TraceFile& trace);

/// GitHub's Mermaid refuses texts of 50,000 characters.
inline constexpr std::size_t kMermaidBytesMax = 48'000;

/// Trace events as JSON, for Perfetto and chrome://tracing, where Ray's own `ray timeline` is read. One step lasts a
/// millisecond; processes are threads, messages are flows.
[[nodiscard]] std::string perfetto_view(const TraceFile& trace);

/// A log with vector clocks for ShiViz: its regular expression, an empty line, then two lines for each event.
[[nodiscard]] std::string shiviz_view(const TraceFile& trace);

/// The path as a graph for Graphviz: states, steps, the loop, and the way that would have avoided the violation.
[[nodiscard]] std::string dot_view(const TraceFile& trace);

/// The text between quotes in Graphviz's language; line breaks are left aligned.
[[nodiscard]] std::string dot_quoted(std::string_view text);

}  // namespace mc
