#include "model/owner/nested.hpp"

#include "model/gcs/gcs.hpp"
#include "model/owner/owner.hpp"
#include "model/worker/worker.hpp"

namespace raymc {
namespace {

/// An owner that is born with a task and was not born yet.
bool is_unborn(const View& view, OwnerId owner) {
  return view.config.shape.owners[owner.value].kind == OwnerKind::kTask && !view.s.owner(owner).home.exists();
}

/// The tasks of an owner that has just been born, as its program submits them.
void submit_children(Step& step, OwnerId owner) {
  if (step.config.shape.submission != Submission::kAtStart) return;
  for (std::uint8_t t = 0; t < step.config.tasks(); ++t) {
    if (step.config.shape.tasks[t].owner == owner) submit_task(step, TaskId{t});
  }
}

}  // namespace

NodeId home_of(const View& view, OwnerId owner) {
  const OwnerShape& shape = view.config.shape.owners[owner.value];
  return shape.kind == OwnerKind::kTask ? view.s.owner(owner).home : shape.node;
}

OwnerId owner_in(const View& view, WorkerId worker) {
  for (std::uint8_t o = 0; o < view.config.owners(); ++o) {
    if (view.s.owners[o].alive && view.s.owners[o].worker == worker) return OwnerId{o};
  }
  return OwnerId::none();
}

OwnerId parent_in(const View& view, WorkerId id) {
  const OwnerId owner = owner_in(view, id);
  const Worker& worker = view.s.worker(id);
  const bool parent = owner.exists() && worker.execution == Execution::kRunning && worker.attempt == 0 &&
                      view.config.shape.owners[owner.value].runs == worker.task;
  return parent ? owner : OwnerId::none();
}

bool children_ended(const View& view, OwnerId owner) {
  for (std::uint8_t t = 0; t < view.config.tasks(); ++t) {
    const TaskStatus status = view.s.tasks[t].status;
    const bool ended = status == TaskStatus::kFinished || status == TaskStatus::kFailed;
    if (view.config.shape.tasks[t].owner == owner && !ended) return false;
  }
  return true;
}

void bear_owner(Step& step, WorkerId id) {
  const Worker& worker = step.s.worker(id);
  for (std::uint8_t o = 0; o < step.config.owners(); ++o) {
    const bool runs = step.config.shape.owners[o].runs == worker.task && worker.attempt == 0;
    if (!runs || !is_unborn(step.view(), OwnerId{o})) continue;
    Owner& owner = step.s.owners[o];
    owner.alive = true;
    owner.registered = worker.registered;
    owner.worker = id;
    owner.home = step.config.node_of(id);
    submit_children(step, OwnerId{o});
    // Its first submission makes a core worker subscribe to the nodes' changes and fetch the node table.
    subscribe(step, NodeId::none(), OwnerId{o});
  }
}

OwnerId disconnect_owner_in(Step& step, WorkerId worker) {
  for (std::uint8_t o = 0; o < step.config.owners(); ++o) {
    Owner& owner = step.s.owners[o];
    if (!owner.registered || owner.worker != worker) continue;
    owner.registered = false;
    return OwnerId{o};
  }
  return OwnerId::none();
}

void owner_exits(Step& step, OwnerId owner) {
  const WorkerId worker = step.s.owner(owner).worker;
  if (worker.exists()) {
    worker_dies(step, worker);
  } else {
    owner_dies(step, owner);
  }
}

}  // namespace raymc
