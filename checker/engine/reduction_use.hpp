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
  /// Depth, counts, coverage and the length of the trace are those of a search without the reduction.
  bool exact = true;
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

/// Why stubborn sets may not be used. They know of no depth; and a property that does not say what mends it is mended
/// by every action, so that none could be taken first.
template <Model M>
[[nodiscard]] std::string stubborn_refusal(std::span<const Property<M>> properties, const Options& options) {
  if (std::string runs = runs_refuse(properties); !runs.empty()) return runs;
  for (const Property<M>& property : properties) {
    if (property.kind == PropertyKind::kInvariant && property.mends == nullptr) {
      return std::string(property.id) + " does not say which actions may end its violation";
    }
  }
  if (options.limits.depth_max || options.limits.states_max) {
    return "a bound on depth or states would cut off other states than in the whole graph";
  }
  if (options.keeper != nullptr || options.resume != nullptr) {
    return "a checkpoint is of a search of the whole graph";
  }
  return {};
}

template <Model M>
[[nodiscard]] ReductionUse reduction_use(std::span<const Property<M>> properties, bool symmetry,
                                         const Options& options) {
  ReductionUse use;
  use.kind = options.reduction;
  switch (options.reduction) {
    case ReductionKind::kNone: return use;
    case ReductionKind::kSleep:
      if (!Reducible<M>) return use;
      use.refused = sleeping_refusal(properties, symmetry, options);
      break;
    case ReductionKind::kStubborn:
      if (!Foreseeing<M>) return use;
      use.refused = stubborn_refusal(properties, options);
      break;
  }
  use.used = use.refused.empty();
  use.exact = !use.used || use.kind != ReductionKind::kStubborn;
  return use;
}

}  // namespace mc
