#include "specs/properties/culprits.hpp"

#include <algorithm>

#include "model/describe.hpp"

namespace raymc {

std::string label_of(const RayModel& model, TaskId task) {
  return "task " + model.config().shape.tasks[task.value].name;
}

std::string label_of(const RayModel& model, OwnerId owner) {
  return "owner " + model.config().shape.owners[owner.value].name;
}

std::string label_of(const RayModel&, LeaseId lease) {
  return "lease " + lease.name();
}

std::string label_of(const RayModel& model, WorkerId worker) {
  return "worker " + worker.name() + " on " + model.config().node_of(worker).name();
}

std::string label_of(const RayModel&, NodeId node) {
  return "raylet " + node.name();
}

std::string label_of(const RayModel& model, ObjectId object) {
  return object_name(model.config(), object);
}

std::string line_of(const RayModel& model, const State& s, const std::string& label) {
  const std::vector<ComponentText> parts = components_of(model.config(), s);
  const auto part = std::ranges::find(parts, label, &ComponentText::label);
  return label + ": " + (part == parts.end() || part->text.empty() ? "at rest" : part->text);
}

}  // namespace raymc
