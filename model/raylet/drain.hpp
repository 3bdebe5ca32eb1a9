// Draining as other rows see it: whether the raylet still takes work, when a draining raylet is done, and that its
// handlers look whether it is.
#pragma once

#include "model/transition.hpp"

namespace raymc {

/// The raylet `node` may be chosen for new work by its own scheduler (NodeAvailable for the local node).
[[nodiscard]] bool takes_work(const View& view, NodeId node);

/// Nothing is in use at `node`: all resources are free and no worker is leased (IsLocalNodeIdle).
[[nodiscard]] bool is_idle(const View& view, NodeId node);

/// Nothing is leased at the node and all of its CPUs are free; its store may hold something.
[[nodiscard]] bool holds_no_lease(const View& view, NodeId node);

/// Resources or leases of `node` changed: a draining raylet that is idle now shuts down (R47).
void look_whether_drained(Step& step, NodeId node);

/// A request that the drain of `node` took out of its local queue must still be scheduled elsewhere. One that may as
/// well be infeasible does not count.
[[nodiscard]] bool drain_is_under_way(const View& view, NodeId node);

/// Sends UnregisterNode; the raylet keeps serving until it is answered (R48, R47).
void shut_down_gracefully(Step& step, NodeId node, bool preempted);

}  // namespace raymc
