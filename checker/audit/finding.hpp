// What an audit can find wrong with a model: the checks, and a finding that names where one of them failed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checker/core/model.hpp"

namespace mc {

/// What a model claims about itself by satisfying the contract. The order is the order of reports.
enum class AuditCheck : std::uint8_t {
  kEnabledPure,       ///< `enabled` gives the same actions in the same order each time
  kEnabledAppends,    ///< `enabled` leaves alone what the list held before
  kEnabledDistinct,   ///< no action is listed twice for one state
  kEnabledReadsOnly,  ///< `enabled` does not modify the state it is given
  kOriginPure,        ///< `is_environment` gives the same answer each time
  kApplyPure,         ///< `apply` gives the same state each time
  kApplyReadsOnly,    ///< `apply` does not modify the state it is given
  kRulesPure,         ///< `apply` with rules gives the state of `apply` without, and the same rules each time
  kRulesKnown,        ///< every rule that is fired is among `rules()` and has a name
  kEncodePure,        ///< `encode` gives the same bytes each time and does not modify the state it is given
  kRoundTrip,         ///< `decode` gives back an equal state from an encoding and reads all of it
  kEqualBytes,        ///< equal states have equal bytes, and states with equal bytes are equal
  kRenamedInitial,    ///< a renamed initial state is an initial state
  kRenamedEnabled,    ///< in a renamed state the renamed actions are enabled, with the same origin
  kRenamedApply,      ///< a renamed action leads from the renamed state to the renamed successor, with the same rules
  kCanonical,         ///< all renamed states have one representative, which is one of them, and their number is right
  kRenamedProperty,   ///< a property that singles out nothing says the same of a renamed state
  kThrows,            ///< nothing is thrown, but CapacityExceeded by `apply`
};

/// The stable id of a check in reports: "audit.enabled_pure".
[[nodiscard]] std::string_view to_string(AuditCheck check);
/// What the check requires, in one sentence.
[[nodiscard]] std::string_view claim(AuditCheck check);

/// One check that failed in one place.
template <Model M>
struct AuditFinding {
  AuditCheck check = AuditCheck::kEnabledPure;
  typename M::State state;                   ///< in which it failed
  std::optional<typename M::Action> action;  ///< at which it failed; empty if it is about the state alone
  std::string thrown{};                      ///< kThrows: by which function and what
};

/// Where a finding stands among those of its check: by the encoding of the state, then by the position of the action.
struct AuditPlace {
  std::vector<std::byte> bytes;
  std::uint32_t action = 0;
  friend auto operator<=>(const AuditPlace&, const AuditPlace&) = default;
};

}  // namespace mc
