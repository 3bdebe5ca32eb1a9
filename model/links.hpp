// Who reaches whom: links that are cut or silent (faults F5, F11 to F13), and raylets whose event loop has stopped
// (F1b). Guards and the transport ask here; nothing else looks at `State::links`.
// What is sent on a link that is down stays on the wire: it is delivered when the link is up again, unless the
// keepalive of the connection has ended the call before.
#pragma once

#include "model/message.hpp"

namespace raymc {

struct Config;
struct State;
struct View;

/// The node whose host runs the client of `call`; none for the GCS.
[[nodiscard]] NodeId client_host(const Config& config, const Call& call);

/// The node whose host runs the server of `call`; none for the GCS.
[[nodiscard]] NodeId server_host(const Config& config, const Call& call);

/// The hosts of two nodes reach each other; a host always reaches itself.
[[nodiscard]] bool hosts_reach(const State& s, NodeId a, NodeId b);

/// The host of `node` and the GCS reach each other.
[[nodiscard]] bool reaches_gcs(const State& s, NodeId node);

/// What client and server of `call` send arrives.
[[nodiscard]] bool link_is_up(const View& view, const Call& call);

/// The raylet is alive and its event loop takes events.
[[nodiscard]] bool loop_runs(const State& s, NodeId node);

}  // namespace raymc
