// Renamings: raylets that the shape does not tell apart may change names, and the cluster behaves the same. Workers
// follow their raylet, slot by slot. Everything else keeps its name: where a task, a lease or a slot is taken next, its
// number decides (ADR-0012).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/config.hpp"
#include "model/transition.hpp"

namespace raymc {

/// One renaming, in both directions. Names beyond the shape, and "none", stay.
struct Renaming {
  using Names = std::array<std::uint8_t, NodeId::kNoneValue + 1>;  ///< by number; the last stands for none
  using Sets = std::array<std::uint8_t, 1U << kNodesMax>;

  /// The renaming of `config`'s things that gives raylet n the name `nodes[n]`.
  Renaming(const Config& config, const std::array<std::uint8_t, kNodesMax>& nodes);

  Names node{};       ///< the new name of each raylet
  Names worker{};     ///< ... of each worker
  Names node_at{};    ///< which raylet gets a name
  Names worker_at{};  ///< ... worker
  Sets node_set{};    ///< the new names of the members of each set of raylets

  template <char P>
  [[nodiscard]] Id<P> of(Id<P> id) const {
    if constexpr (P == 'n') return {node[id.value]};
    if constexpr (P == 'w') return {worker[id.value]};
    return id;
  }
  [[nodiscard]] Call of(Call call) const;
  [[nodiscard]] Action of(Action action) const;
};

/// Raylets that may change names with one another, by number, in ascending order.
using Class = std::vector<std::uint8_t>;

/// Which raylets of a config may change names: classes of two or more. The renamings inside the classes form a group of
/// automorphisms of the model.
[[nodiscard]] std::vector<Class> interchangeable(const Config& config);

/// The group of a config: all renamings of the classes, the identity first.
class RenamingGroup {
 public:
  using NodeNames = std::array<std::uint8_t, kNodesMax>;

  explicit RenamingGroup(const Config& config);

  [[nodiscard]] const std::vector<Class>& classes() const { return classes_; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(renamings_.size()); }
  [[nodiscard]] const Renaming& operator[](std::uint32_t number) const { return renamings_[number]; }
  /// The renaming with these names, which must be in the group.
  [[nodiscard]] const Renaming& with(const NodeNames& nodes) const { return renamings_[number_[code(nodes)]]; }

 private:
  // Two bits per name.
  [[nodiscard]] static std::size_t code(const NodeNames& names) {
    static_assert(kNodesMax <= 4, "a name takes two bits of a code");
    std::size_t code = 0;
    for (std::size_t i = 0; i < names.size(); ++i) code |= static_cast<std::size_t>(names[i]) << (2 * i);
    return code;
  }

  std::vector<Class> classes_;
  std::vector<Renaming> renamings_;
  std::array<std::uint8_t, 256> number_{};  // of the renaming with these names, by code
};

}  // namespace raymc
