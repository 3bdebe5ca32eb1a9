// The resource view between raylets (section 4.1): what other components do to it. The rows are in view.cpp (samples,
// messages, rows of the view) and view_streams.cpp (streams that open and break).
#pragma once

#include "model/transition.hpp"

namespace raymc {

/// A row that shows `cpus` free CPUs; fewer than none are shown as none.
[[nodiscard]] constexpr RowCpus row_of(int cpus) {
  return static_cast<RowCpus>(cpus < 0 ? 1 : cpus + 1);
}

/// What a sample of the raylet's resources says now.
[[nodiscard]] ViewRow own_row(const Raylet& raylet);

/// What the raylets and the GCS know of each other's resources at the start.
void first_views(const Config& config, State& s);

/// Own resources of a raylet changed: its next sample differs (tracked view only).
void resources_changed(Step& step, NodeId node);

/// Both ends of a raylet's new stream send every row that they hold. An old stream that the GCS still holds is
/// replaced.
void open_stream(Step& step, NodeId node);

/// The raylet `node` is told of the nodes from now on, for the first time.
void listing_nodes(Step& step, NodeId node);

/// Sends the row about `about` that the raylet `node` holds to the GCS, if its stream is open.
void push_to_gcs(State& s, NodeId node, NodeId about);

/// Sends the row about `about` that the GCS holds to the raylet `node`, if its stream is open and it is news there.
void push_to_raylet(const Config& config, State& s, NodeId node, NodeId about);

/// The raylet `node` has died, and its end of its stream with it.
void raylet_leaves_view(Step& step, NodeId node);

/// The GCS has died, and with it all rows that it held and every stream.
void gcs_leaves_view(Step& step);

/// Removes what no row can read any more and numbers the versions of each node's rows from 0.
void normalise_view(const Config& config, State& s);

}  // namespace raymc
