// What happens to queued requests when a client object goes away (N4).
#pragma once

#include "model/transition.hpp"

namespace raymc {

/// Drops the owner's client of `node`: each request queued for it fails with DISCONNECTED (N4).
void destroy_client(Step& step, OwnerId owner, NodeId node);

/// The unavailable hook of a channel to a node that the owner holds dead: drops the client again (N3).
void drop_unavailable_client(Step& step, OwnerId owner, NodeId node);

}  // namespace raymc
