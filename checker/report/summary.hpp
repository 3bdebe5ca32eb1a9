// The page that a reviewer reads: the answers of one command as Markdown, for a job summary or a comment on GitHub.
// A function of the answers alone. Everything that comes from a scenario is escaped.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "checker/report/answer.hpp"

namespace mc {

/// GitHub refuses summaries of more than 1 MiB; details that do not fit are left out, and the page says so.
inline constexpr std::size_t kSummaryBytesMax = 900'000;

/// A table of all answers, then what was not as expected, with its counterexample as a Mermaid diagram and as text.
[[nodiscard]] std::string markdown_summary(std::span<const Answer> answers, std::span<const Unrun> unrun);

/// Text that Markdown shows as it is, on one line.
[[nodiscard]] std::string markdown(std::string_view text);

/// Text in a fence that it cannot close.
[[nodiscard]] std::string fenced(std::string_view language, std::string_view text);

}  // namespace mc
