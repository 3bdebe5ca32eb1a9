// A counterexample as a page: one self-contained HTML file that carries the trace and the scripts that draw it. The
// sources of the page stand in html/ and become a part of the program (html/embed.cmake).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "checker/core/real_run.hpp"
#include "checker/report/trace_file.hpp"

namespace mc {

/// The page's text. It asks for nothing from anywhere: its policy allows the script and the style that it carries, by
/// their hashes, and nothing else. What the trace says is only ever shown as text. The same trace gives the same bytes.
/// `real` becomes a button that shows how the trace is made to happen; without it there is none.
[[nodiscard]] std::string html_page(const TraceFile& trace, const std::optional<RealRun>& real = std::nullopt);

/// The text as it may stand between tags and in attributes.
[[nodiscard]] std::string html_escaped(std::string_view text);

/// The JSON text as it may stand inside a script element: no "<", ">" or "&" is left, nor a line end that is none in
/// JSON.
[[nodiscard]] std::string script_escaped(std::string_view json);

}  // namespace mc
