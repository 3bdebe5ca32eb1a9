// Phrases that several views of a trace share.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "checker/report/trace_file.hpp"

namespace mc {

/// The parts of a component's text: what stands between ", " outside of brackets.
[[nodiscard]] std::vector<std::string> parts_of(std::string_view text);

/// Only what differs between two texts of one component: "idle => leased L1", "+ not registered", "- queue [L1]".
[[nodiscard]] std::string changed_words(std::string_view before, std::string_view after);

/// "worker w1 crashed", "raylet n1 is believed dead by GCS".
[[nodiscard]] std::string process_words(const TraceFile& trace, const ProcessMark& mark);

/// ", which makes 5 possible"; empty for the end of a chain.
[[nodiscard]] std::string reason_words(const ChainLink& link);

/// "3" or "3-5".
[[nodiscard]] std::string range_words(std::size_t from, std::size_t to);

/// What is broken, in one line: "violated: ID (claim: ...)".
[[nodiscard]] std::string verdict_words(const TraceFile& trace);

/// A violation with its scenario as a title: "NAME: 9 steps to a violation of ID".
[[nodiscard]] std::string title_words(const TraceFile& trace);

/// Lanes in which something happens, in order: they act, or a message or an event of theirs is in the trace.
[[nodiscard]] std::vector<std::size_t> lanes_in_use(const TraceFile& trace);

}  // namespace mc
