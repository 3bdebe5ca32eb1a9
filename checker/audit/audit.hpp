// An audit: a whole search under the eyes of Audited, without properties, so that nothing ends it early.
#pragma once

#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "checker/audit/audited.hpp"
#include "checker/engine/search.hpp"

namespace mc {

template <Model M>
struct AuditReport {
  std::vector<AuditFinding<M>> findings;  ///< at most one per check, in the order of the checks; empty if all is well
  Verdict verdict;                        ///< how far the search came
};

/// Explores the model as `search` does without symmetry and checks the contract at every call; of the properties only
/// whether they mind renaming. A model that throws is a finding; where the search cannot go on then, the
/// verdict is that of nothing, with the reason. Equal on any number of threads for a
/// model that is at least deterministic. Cost: quadratic in the number of actions that are enabled in
/// a state, since any two of them are tried in either order.
template <Model M>
[[nodiscard]] AuditReport<M> audit(const M& model, const Options& options = {},
                                   std::type_identity_t<std::span<const Property<M>>> properties = {}) {
  static_assert(refinements_are_whole<M>());
  const Audited<M> audited(model, properties);
  Verdict verdict;
  try {
    verdict = search(audited, {}, options).verdict;
  } catch (const AuditStopped& stopped) {
    verdict.reason = stopped.why;
  }
  return {audited.findings(), std::move(verdict)};
}

}  // namespace mc
