#include "checker/audit/finding.hpp"

namespace mc {

std::string_view to_string(AuditCheck check) {
  switch (check) {
    case AuditCheck::kEnabledPure: return "audit.enabled_pure";
    case AuditCheck::kEnabledAppends: return "audit.enabled_appends";
    case AuditCheck::kEnabledDistinct: return "audit.enabled_distinct";
    case AuditCheck::kEnabledReadsOnly: return "audit.enabled_reads_only";
    case AuditCheck::kOriginPure: return "audit.origin_pure";
    case AuditCheck::kApplyPure: return "audit.apply_pure";
    case AuditCheck::kApplyReadsOnly: return "audit.apply_reads_only";
    case AuditCheck::kRulesPure: return "audit.rules_pure";
    case AuditCheck::kRulesKnown: return "audit.rules_known";
    case AuditCheck::kEncodePure: return "audit.encode_pure";
    case AuditCheck::kRoundTrip: return "audit.round_trip";
    case AuditCheck::kEqualBytes: return "audit.equal_bytes";
    case AuditCheck::kRenamedInitial: return "audit.renamed_initial";
    case AuditCheck::kRenamedEnabled: return "audit.renamed_enabled";
    case AuditCheck::kRenamedApply: return "audit.renamed_apply";
    case AuditCheck::kCanonical: return "audit.canonical";
    case AuditCheck::kRenamedProperty: return "audit.renamed_property";
    case AuditCheck::kThrows: return "audit.throws";
  }
  MC_ASSERT(false, "every audit check has an id");
}

std::string_view claim(AuditCheck check) {
  switch (check) {
    case AuditCheck::kEnabledPure: return "enabled gives the same actions in the same order each time";
    case AuditCheck::kEnabledAppends: return "enabled leaves alone what the list held before";
    case AuditCheck::kEnabledDistinct: return "no action is listed twice for one state";
    case AuditCheck::kEnabledReadsOnly: return "enabled does not modify the state it is given";
    case AuditCheck::kOriginPure: return "is_environment gives the same answer each time";
    case AuditCheck::kApplyPure: return "apply gives the same state each time";
    case AuditCheck::kApplyReadsOnly: return "apply does not modify the state it is given";
    case AuditCheck::kRulesPure:
      return "apply with rules gives the state of apply without, and the same rules each time";
    case AuditCheck::kRulesKnown: return "every rule that is fired is among the rules of the model and has a name";
    case AuditCheck::kEncodePure: return "encode gives the same bytes each time and does not modify the state";
    case AuditCheck::kRoundTrip: return "decode gives back an equal state from an encoding and reads all of it";
    case AuditCheck::kEqualBytes: return "equal states have equal bytes, and states with equal bytes are equal";
    case AuditCheck::kRenamedInitial: return "a renamed initial state is an initial state";
    case AuditCheck::kRenamedEnabled: return "in a renamed state the renamed actions are enabled, with the same origin";
    case AuditCheck::kRenamedApply:
      return "a renamed action leads from the renamed state to the renamed successor, with the same rules";
    case AuditCheck::kCanonical:
      return "all renamed states have one representative, which is one of them, and their number is right";
    case AuditCheck::kRenamedProperty: return "a property that singles out nothing says the same of a renamed state";
    case AuditCheck::kThrows: return "no function of the model throws, but apply where a container overflows";
  }
  MC_ASSERT(false, "every audit check has a claim");
}

}  // namespace mc
