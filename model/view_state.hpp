// The part of a state that belongs to the resource view between raylets (section 4.1 of the dossier): what a raylet and
// the GCS hold of each node's resources, and what is on its way between them. At rest unless the view is tracked.
#pragma once

#include <array>
#include <cstdint>

#include "model/ids.hpp"

namespace raymc {

/// A count of free CPUs that may be missing: 0 for no row, otherwise 1 + the CPUs.
using RowCpus = std::uint8_t;

/// What one message says of one node, or no message.
struct ViewRow {
  RowCpus cpus = 0;
  bool drains = false;
  std::uint8_t version = 0;  ///< orders the rows of one node by age; told apart only where a stream may break
  [[nodiscard]] bool exists() const { return cpus != 0; }
  friend bool operator==(const ViewRow&, const ViewRow&) = default;
};
using ViewRows = std::array<ViewRow, kNodesMax>;

/// What a raylet knows of the resources of the nodes.
struct RayletView {
  ViewRows stored{};                      ///< the last message about each node (NodeState); its own: its last sample
  std::array<RowCpus, kNodesMax> rows{};  ///< what its scheduler reads (ClusterResourceManager), with its guesses
  bool sample_due = false;                ///< own resources changed since the last sample
  friend bool operator==(const RayletView&, const RayletView&) = default;
};

/// The stream between a raylet and the GCS. That the raylet's end has noticed a break changes nothing by itself.
enum class Stream : std::uint8_t {
  kUnopened,  ///< the raylet has not opened one yet, or is dead
  kListing,   ///< the same; the raylet has subscribed and is being told of the nodes
  kOpen,
  kHalfOpen,  ///< broken; the GCS has not noticed
  kLost,      ///< broken; the GCS has noticed
};

/// What the GCS holds of the nodes' resources, and the messages on its streams. Messages about one node overwrite each
/// other while they wait.
struct GcsView {
  ViewRows stored{};                        ///< the last message about each node (NodeState)
  std::array<Stream, kNodesMax> streams{};  ///< with each raylet
  std::array<ViewRows, kNodesMax> up{};     ///< on the way from each raylet to the GCS
  std::array<ViewRows, kNodesMax> down{};   ///< on the way from the GCS to each raylet
  friend bool operator==(const GcsView&, const GcsView&) = default;
};

}  // namespace raymc
