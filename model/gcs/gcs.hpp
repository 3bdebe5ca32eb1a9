// What rows of several components ask of the GCS: to declare a node dead, and to publish.
#pragma once

#include "model/transition.hpp"

namespace raymc {

/// Puts a notice into the mailbox of every live subscriber that it concerns; one that is not subscribed misses it
/// (G13).
void publish(Step& step, const Notice& notice);

/// A raylet (`owner` is none) or an owner (`node` is none) asks the GCS for its notices and for the tables' content.
void subscribe(Step& step, NodeId node, OwnerId owner);

/// A probe of `node` failed: counts it, and declares the node dead at the threshold (G3, G4).
void probe_failed(Step& step, NodeId node);

/// A probe of the live raylet `node` may fail (F10): the GCS is up and holds it alive.
[[nodiscard]] bool is_probed(const View& view, NodeId node);

/// The GCS's process ends (G15): memory and mailboxes are gone, the tables stay.
void gcs_dies(Step& step);

}  // namespace raymc
