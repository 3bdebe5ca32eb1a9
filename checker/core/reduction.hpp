// The ways to leave actions out of a search, and their words in options, scenarios and reports.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mc {

/// Which actions need not be taken.
enum class ReductionKind : std::uint8_t {
  kNone,
  kSleep,  ///< of two orders of independent actions, one: nothing in the report changes (ADR-0015)
};

/// "off", "on".
[[nodiscard]] std::string_view to_string(ReductionKind kind);
/// The reduction of that name; empty if there is none.
[[nodiscard]] std::optional<ReductionKind> reduction_kind(std::string_view name);

}  // namespace mc
