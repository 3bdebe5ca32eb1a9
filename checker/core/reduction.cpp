#include "checker/core/reduction.hpp"

#include "checker/core/assert.hpp"

namespace mc {

std::string_view to_string(ReductionKind kind) {
  switch (kind) {
    case ReductionKind::kNone: return "off";
    case ReductionKind::kSleep: return "on";
  }
  MC_ASSERT(false, "every reduction has a word");
}

std::optional<ReductionKind> reduction_kind(std::string_view name) {
  for (const ReductionKind kind : {ReductionKind::kNone, ReductionKind::kSleep}) {
    if (name == to_string(kind)) return kind;
  }
  return std::nullopt;
}

}  // namespace mc
