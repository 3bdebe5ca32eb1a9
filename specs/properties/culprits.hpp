// The words for what breaks a property: the parts of a state as its description names them, with their values.
#pragma once

#include <string>

#include "checker/core/culprit.hpp"
#include "model/ray_model.hpp"

namespace raymc {

/// "task t1": the label of a part in the state's description.
[[nodiscard]] std::string label_of(const RayModel& model, TaskId task);
[[nodiscard]] std::string label_of(const RayModel& model, OwnerId owner);
[[nodiscard]] std::string label_of(const RayModel& model, LeaseId lease);
[[nodiscard]] std::string label_of(const RayModel& model, WorkerId worker);
[[nodiscard]] std::string label_of(const RayModel& model, NodeId node);  ///< the raylet
[[nodiscard]] std::string label_of(const RayModel& model, ObjectId object);

/// "task t1: SUBMITTED_TO_WORKER, pushed, attempt 0, retries left 1": the part's line in the state's description; "at
/// rest" stands for a part that the description leaves out.
[[nodiscard]] std::string line_of(const RayModel& model, const State& s, const std::string& label);

/// The lines of several parts, "; " between them.
std::string lines_of(const RayModel& model, const State& s, auto first, auto... rest) {
  std::string text = line_of(model, s, label_of(model, first));
  ((text += "; " + line_of(model, s, label_of(model, rest))), ...);
  return text;
}

/// "1 CPU", "2 CPUs"; "0 replies", if `many` is no mere "s".
[[nodiscard]] std::string counted_words(auto count, const std::string& one, const std::string& many = "") {
  return std::to_string(count) + " " + (count == 1 ? one : many.empty() ? one + "s" : many);
}

}  // namespace raymc
