// The cluster scheduler of one raylet: where a request may go (section 4). A decision is a binding of the row that
// asks for it, so that each choice is an action of its own.
#pragma once

#include <vector>

#include "model/transition.hpp"

namespace raymc {

/// The CPUs that one request of `key` takes are free at `node`.
[[nodiscard]] bool available_at(const View& view, NodeId node, KeyId key);

/// The scheduler of `node` sees the CPUs for one request of `key` free at its own node. Normally that is the truth.
[[nodiscard]] bool looks_available_here(const View& view, NodeId node, KeyId key);

/// `other` may be chosen by the raylet `node`: announced, not known dead or draining (NodeAvailable), and in its view.
[[nodiscard]] bool eligible(const View& view, NodeId node, NodeId other);

/// Free view: other raylets may have heard that `other` drains.
[[nodiscard]] bool may_avoid(const View& view, NodeId other);

/// The same as `decisions` for a request whose tasks must run on one node (hard NodeAffinity).
void affinity_decisions(const View& view, const Action& base, std::vector<Action>& out);

/// Appends `base` once for each decision that GetBestSchedulableNode may take at `base.node` for `base.lease`.
void decisions(const View& view, const Action& base, std::vector<Action>& out);

/// Appends `base` once for each other node that a request may be spilled to from the local queue (TrySpillback), or
/// once as a rejection if the request was spilled here.
void spill_decisions(const View& view, const Action& base, std::vector<Action>& out);

/// Carries out the decision of `a` for the request `a.lease` that the raylet `a.node` holds: R5, R6, R7 or R8.
void carry_out(Step& step, const Action& a);

}  // namespace raymc
