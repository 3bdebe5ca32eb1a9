#include "model/config.hpp"

#include <algorithm>

namespace raymc {

ShapeCounts::ShapeCounts(const Shape& shape)
    : nodes(static_cast<std::uint8_t>(shape.nodes.size())),
      owners(static_cast<std::uint8_t>(shape.owners.size())),
      tasks(static_cast<std::uint8_t>(shape.tasks.size())) {
  for (const TaskShape& task : shape.tasks) keys = std::max(keys, static_cast<std::uint8_t>(task.key.value + 1));
  for (auto task = shape.tasks.rbegin(); task != shape.tasks.rend(); ++task) owner_of[task->key.value] = task->owner;
  std::uint8_t workers = 0;
  for (std::uint8_t n = 0; n < shape.nodes.size(); ++n) {
    first_worker[n] = workers;
    for (std::uint8_t slot = 0; slot < shape.nodes[n].workers; ++slot) node_of[workers++] = NodeId{n};
  }
  first_worker[shape.nodes.size()] = workers;
  const auto driver = [](const OwnerShape& owner) { return owner.kind == OwnerKind::kDriver; };
  several_jobs = std::count_if(shape.owners.begin(), shape.owners.end(), driver) > 1;
  room = &room_for(shape.tasks.size(), keys);
}

OwnerId Config::driver_of(OwnerId owner) const {
  // A parent task belongs to an owner that stands before the one that it makes.
  while (owner.exists() && shape.owners[owner.value].kind == OwnerKind::kTask) {
    owner = shape.tasks[shape.owners[owner.value].runs.value].owner;
  }
  return owner.exists() && shape.owners[owner.value].kind == OwnerKind::kWorker ? OwnerId{0} : owner;
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
  return is_put(object) ? argument_at(key_of(object)).exists() : object.value < tasks();
}

OwnerId Config::owner_of(ObjectId object) const {
  if (!is_put(object)) return shape.tasks[object.value].owner;
  return owner_of(key_of(object));
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
  config.counts.emplace(config.shape);
  return config;
}

}  // namespace raymc
