// What the rest of the model needs to know of the submitter: where the lease policy sends the next request.
#pragma once

#include "model/transition.hpp"

namespace raymc {

/// GetBestNodeForLease: the node that holds most argument bytes while the owner's cache has it alive, else the local
/// raylet (section 2.2).
[[nodiscard]] NodeId lease_policy(const View& view, KeyId key);

}  // namespace raymc
