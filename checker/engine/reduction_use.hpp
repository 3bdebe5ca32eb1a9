// Whether a search leaves actions out, and by which reduction: decided once, from the model, the properties and the
// options, and told in the report.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "checker/core/model.hpp"
#include "checker/core/property.hpp"
#include "checker/engine/options.hpp"

namespace mc {

/// What a search makes of the reduction that it was asked for.
struct ReductionUse {
  ReductionKind kind = ReductionKind::kNone;  ///< that was asked for
  bool used = false;
  std::string refused;  ///< why it is not used although it was asked for and the model has what it needs
  friend bool operator==(const ReductionUse&, const ReductionUse&) = default;
};

/// Properties that are judged on runs need every transition.
template <Model M>
[[nodiscard]] std::string runs_refuse(std::span<const Property<M>> properties) {
  for (const Property<M>& property : properties) {
    if (is_liveness(property.kind)) return std::string(property.id) + " is judged on runs, which need every transition";
  }
  return {};
}

/// Why actions may not sleep. A model must say by which renaming it makes a representative, or names would be mistaken
/// for one another.
template <Model M>
[[nodiscard]] std::string sleeping_refusal(std::span<const Property<M>> properties, bool symmetry,
                                           const Options& options) {
  if (std::string runs = runs_refuse(properties); !runs.empty()) return runs;
  if (symmetry && !Retracing<M>) return "the model does not say by which renaming it makes a representative";
  if (options.keeper != nullptr || options.resume != nullptr || options.frontier == FrontierPlace::kDisk) {
    return "neither a checkpoint nor a frontier on disk holds what it notes";
  }
  return {};
}

template <Model M>
[[nodiscard]] ReductionUse reduction_use(std::span<const Property<M>> properties, bool symmetry,
                                         const Options& options) {
  ReductionUse use;
  use.kind = options.reduction;
  if (options.reduction == ReductionKind::kNone || !Reducible<M>) return use;
  use.refused = sleeping_refusal(properties, symmetry, options);
  use.used = use.refused.empty();
  return use;
}

}  // namespace mc
