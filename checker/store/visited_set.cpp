#include "checker/store/visited_set.hpp"

#include "checker/store/exact_set.hpp"
#include "checker/store/fingerprint_set.hpp"

namespace mc {

std::string_view to_string(StoreKind kind) {
  switch (kind) {
    case StoreKind::kExact: return "exact";
    case StoreKind::kFingerprint: return "fingerprint";
  }
  MC_ASSERT(false, "every store has a word");
}

std::optional<StoreKind> store_kind(std::string_view name) {
  for (const StoreKind kind : {StoreKind::kExact, StoreKind::kFingerprint}) {
    if (name == to_string(kind)) return kind;
  }
  return std::nullopt;
}

std::unique_ptr<VisitedSet> make_visited_set(StoreKind kind) {
  if (kind == StoreKind::kExact) return std::make_unique<ExactSet>();
  return std::make_unique<FingerprintSet>();
}

}  // namespace mc
