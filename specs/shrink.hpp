// Smaller scenarios from a scenario's text, one step of shrinking at a time, and a scenario written out anew. Used by
// the minimiser of the command line; whether a smaller one still shows a violation is for the search to say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace raymc {

/// A scenario with one thing less. It may be no scenario at all any more (a task that another one needs is gone).
struct Reduction {
  std::string what;  ///< what is gone: "task t2", "a fault worker_crash"
  std::string text;
};

/// Everything that can be taken away from a scenario by itself, in a fixed order: faults, tasks, nodes, owners, then
/// sizes, then what departs from a default. `text` must be a scenario.
[[nodiscard]] std::vector<Reduction> reductions_of(std::string_view text);

/// The scenario with one property, with safeguards set on top of its own, and expected to be violated after so many
/// steps; without a length, unless it is known. The comment stands at the top, line by line.
[[nodiscard]] std::string restated(std::string_view text, std::string_view property,
                                   std::optional<std::uint32_t> trace_length,
                                   const std::vector<std::pair<std::string, bool>>& safeguards,
                                   const std::string& comment);

}  // namespace raymc
