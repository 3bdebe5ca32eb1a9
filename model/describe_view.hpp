// The resource view in words, for model/describe.cpp.
#pragma once

#include <string>
#include <vector>

#include "model/config.hpp"
#include "model/view_state.hpp"

namespace raymc {

/// What a raylet sees of the nodes: "sees {n2=1}"; empty unless the view is tracked.
[[nodiscard]] std::string raylet_view_text(const Config& config, const RayletView& view);

/// What the GCS holds of the nodes, and the streams that are not open.
[[nodiscard]] std::string gcs_view_text(const Config& config, const GcsView& view);

/// Appends the rows that are on their way.
void add_view_messages(const Config& config, const GcsView& view, std::vector<std::string>& texts);

}  // namespace raymc
