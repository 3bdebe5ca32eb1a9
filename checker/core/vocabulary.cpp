#include "checker/core/assert.hpp"
#include "checker/core/property.hpp"
#include "checker/core/verdict.hpp"

namespace mc {

std::string_view to_string(PropertyKind kind) {
  switch (kind) {
    case PropertyKind::kInvariant: return "invariant";
    case PropertyKind::kQuiescent: return "quiescent";
    case PropertyKind::kReachable: return "reachable";
    case PropertyKind::kEventually: return "eventually";
    case PropertyKind::kLeadsTo: return "leads to";
    case PropertyKind::kPossible: return "possible";
  }
  MC_ASSERT(false, "every property kind has a word");
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::kHolds: return "holds";
    case Outcome::kHoldsWithinBounds: return "holds within bounds";
    case Outcome::kViolated: return "violated";
    case Outcome::kUnreached: return "unreached";
    case Outcome::kInconclusive: return "inconclusive";
  }
  MC_ASSERT(false, "every outcome has a word");
}

}  // namespace mc
