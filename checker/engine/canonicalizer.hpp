// What is stored for a state: its encoding; or, under symmetry, the encoding of the representative of its orbit, with
// the size of the orbit behind it, so that whatever stands for a state also says for how many.
// Used by the expanders and by whoever walks along stored states again. ADR-0012.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "checker/core/model.hpp"
#include "checker/core/property.hpp"

namespace mc {

/// What a search makes of the symmetries of its model.
struct SymmetryUse {
  std::uint32_t renamings = 1;  ///< of the model, the identity included; 1: nothing may be renamed
  bool used = false;
  std::string refused;  ///< why it is not used although it was asked for and there is something to rename
  friend bool operator==(const SymmetryUse&, const SymmetryUse&) = default;
};

/// Decides whether a search uses symmetry. Liveness is refused it, for a quotient does not keep fairness (ADR-0009),
/// and so is a property that singles out one of the things that may be renamed.
template <Model M>
[[nodiscard]] SymmetryUse symmetry_use(const M& model, std::span<const Property<M>> properties, bool wanted) {
  SymmetryUse use;
  if constexpr (Symmetric<M>) use.renamings = model.renamings();
  if (!wanted || use.renamings == 1) return use;
  for (const Property<M>& property : properties) {
    const std::string id(property.id);
    if (is_liveness(property.kind)) use.refused = id + " is judged on runs, whose fairness renaming does not keep";
    if (property.names_one) use.refused = id + " singles out one of the things that may be renamed";
    if (!use.refused.empty()) return use;
  }
  use.used = true;
  return use;
}

/// Cheap to copy; several threads may use one.
template <Model M>
class Canonicalizer {
 public:
  Canonicalizer(const M& model, bool used) : model_(&model), used_(used) {}

  [[nodiscard]] bool used() const { return used_; }

  /// Appends to an empty sink what is stored for `state`.
  void encode(const typename M::State& state, ByteSink& out) const {
    if constexpr (Symmetric<M>) {
      if (used_) {
        const std::uint32_t orbit = model_->canonicalize(state, out);
        MC_ASSERT(orbit >= 1 && orbit <= kOrbitMax, "an orbit has 1 to kOrbitMax states");
        append(orbit, out);
        return;
      }
    }
    model_->encode(state, out);
  }

  /// For how many states these stored bytes stand.
  [[nodiscard]] std::uint32_t orbit_of(std::span<const std::byte> stored) const {
    if (!used_) return 1;
    const auto last = std::to_integer<std::uint32_t>(stored.back());
    if (last < kLong) return last;
    const auto at = [&](std::size_t back) { return std::to_integer<std::uint32_t>(stored[stored.size() - back]); };
    return at(3) | (at(2) << 8U);
  }

  /// The state that stands for `state`: itself without symmetry.
  [[nodiscard]] typename M::State representative(const typename M::State& state) const {
    ByteSink sink;
    encode(state, sink);
    ByteSource source(sink.view());
    return model_->decode(source);
  }

  /// True if both are stored as one.
  [[nodiscard]] bool same(const typename M::State& a, const typename M::State& b) const {
    ByteSink left;
    encode(a, left);
    ByteSink right;
    encode(b, right);
    return std::ranges::equal(left.view(), right.view());
  }

 private:
  // Read from the end: below it the size itself, otherwise two bytes before it, low byte first.
  static constexpr std::uint32_t kLong = 255;

  static void append(std::uint32_t orbit, ByteSink& out) {
    if (orbit < kLong) {
      out.u8(static_cast<std::uint8_t>(orbit));
    } else {
      out.bits(orbit, 16);
      out.u8(kLong);
    }
    out.finish();
  }

  const M* model_;
  bool used_;
};

}  // namespace mc
