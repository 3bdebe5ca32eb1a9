// Who is who when a record of Ray is held against the model: which processes write which streams, and which real nodes
// and drivers stand at which places.
#pragma once

#include <string>
#include <vector>

#include "checker/conform/matching.hpp"
#include "checker/conform/record.hpp"
#include "model/ray_model.hpp"

namespace raymc {

/// Who takes part: ids, by place.
struct RecordedCast {
  std::vector<std::string> nodes;    ///< the head first
  std::vector<std::string> drivers;  ///< one that is lost first; else in the order of home_place
};

/// Where owners stand among the facts: an order that no clock decides. Who is not there comes last.
[[nodiscard]] std::size_t home_place(const mc::RecordFile& record, const std::string& owner);

[[nodiscard]] RecordedCast cast_of(const mc::RecordFile& record);

/// Streams that are written by one of several processes.
[[nodiscard]] mc::ProcessSorts process_sorts();

/// The thread whose lines have no order with those of others: whichever thread sends a call may write them.
inline constexpr std::string_view kUnorderedThread = "calls";

/// The nodes and drivers of the record at the model's places, and the workers that are there when it begins. Other
/// workers, tasks and requests are found on the way.
[[nodiscard]] mc::Bindings known_places(const mc::RecordFile& record, const mc::CompiledRecord& compiled,
                                        const RayModel& model);

}  // namespace raymc
