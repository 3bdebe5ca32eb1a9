#include "model/config.hpp"

#include <algorithm>

namespace raymc {

std::uint8_t Config::keys() const {
  std::uint8_t count = 0;
  for (const TaskShape& task : shape.tasks) count = std::max(count, static_cast<std::uint8_t>(task.key.value + 1));
  return count;
}

std::uint8_t Config::first_worker(std::uint8_t node) const {
  std::uint8_t first = 0;
  for (std::uint8_t n = 0; n < node; ++n) first = static_cast<std::uint8_t>(first + shape.nodes[n].workers);
  return first;
}

NodeId Config::node_of(WorkerId worker) const {
  std::uint8_t first = 0;
  for (std::uint8_t n = 0; n < nodes(); ++n) {
    first = static_cast<std::uint8_t>(first + shape.nodes[n].workers);
    if (worker.value < first) return NodeId{n};
  }
  return NodeId::none();
}

OwnerId Config::owner_of(KeyId key) const {
  for (const TaskShape& task : shape.tasks) {
    if (task.key == key) return task.owner;
  }
  return OwnerId::none();
}

bool Config::several_jobs() const {
  const auto driver = [](const OwnerShape& owner) { return owner.kind == OwnerKind::kDriver; };
  return std::count_if(shape.owners.begin(), shape.owners.end(), driver) > 1;
}

NodeId Config::affinity_of(KeyId key) const {
  for (const TaskShape& task : shape.tasks) {
    if (task.key == key) return task.affinity;
  }
  return NodeId::none();
}

NodeId Config::argument_at(KeyId key) const {
  for (const TaskShape& task : shape.tasks) {
    if (task.key == key && task.argument_at.exists()) return task.argument_at;
  }
  return NodeId::none();
}

bool Config::has_object(ObjectId object) const {
  if (!objects()) return false;
  if (!is_put(object)) return object.value < tasks();
  return argument_at(KeyId{static_cast<std::uint8_t>(object.value - kTasksMax)}).exists();
}

OwnerId Config::owner_of(ObjectId object) const {
  if (!is_put(object)) return shape.tasks[object.value].owner;
  return owner_of(KeyId{static_cast<std::uint8_t>(object.value - kTasksMax)});
}

ObjectSet Config::arguments_of(TaskId task) const {
  const TaskShape& entry = shape.tasks[task.value];
  ObjectSet set = entry.argument_at.exists() ? object_bit(put_of(entry.key)) : ObjectSet{0};
  if (entry.depends_on.exists()) set |= object_bit(return_of(entry.depends_on));
  return set;
}

NodeId Config::locality_of(KeyId key) const {
  for (const TaskShape& task : shape.tasks) {
    if (task.key == key) return task.locality;
  }
  return NodeId::none();
}

bool Config::streams_may_break() const {
  return tracked() && (allows(Fault::kStreamBroken) || on(Feature::kGcsRestart));
}

bool Config::streams_may_open() const {
  const auto late = [](const NodeShape& node) { return node.joins_late; };
  return streams_may_break() || (tracked() && std::any_of(shape.nodes.begin(), shape.nodes.end(), late));
}

Config with_implied_features(Config config) {
  for (const FaultRow& row : fault_table()) {
    if (config.allows(row.fault)) config.features.add(row.feature);
  }
  if (config.shape.force_cancel) config.features.add(Feature::kCancelPath);
  for (const TaskShape& task : config.shape.tasks) {
    const bool takes = task.argument_at.exists() || task.depends_on.exists() || task.actor_argument;
    if (takes) config.features.add(Feature::kArguments);
    // An argument that is an error object is raised where its task would run.
    if (takes && task.retry_exceptions) config.features.add(Feature::kApplicationErrors);
    if (task.result != Result::kInline) config.features.add(Feature::kResults);
  }
  if (config.on(Feature::kJobs)) config.features.add(Feature::kIdleExit);  // pooled workers are asked in the same way
  if (config.on(Feature::kOrderlyKills)) config.features.add(Feature::kGracefulExit);
  if (config.on(Feature::kResults)) config.features.add(Feature::kArguments);
  if (config.tracked()) config.features.add(Feature::kResourceView);
  for (const OwnerShape& owner : config.shape.owners) {
    if (owner.kind != OwnerKind::kTask) continue;
    config.features.add(Feature::kNestedTasks);
    config.features.add(Feature::kBlocking);  // a parent waits for its children in ray.get
  }
  for (const NodeShape& node : config.shape.nodes) {
    if (node.new_head) config.features.add(Feature::kSecondHead);
  }
  for (const TaskShape& task : config.shape.tasks) {
    if (task.affinity.exists()) config.features.add(Feature::kAffinity);
    if (task.blocks) config.features.add(Feature::kBlocking);
  }
  return config;
}

}  // namespace raymc
