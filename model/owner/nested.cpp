#include "model/owner/nested.hpp"

#include <algorithm>

#include "model/gcs/gcs.hpp"
#include "model/owner/owner.hpp"
#include "model/worker/worker.hpp"

namespace raymc {
namespace {

/// An owner that is born with a task and was not born yet.
bool is_unborn(const View& view, OwnerId owner) {
  return view.config.shape.owners[owner.value].kind == OwnerKind::kTask && !view.s.owner(owner).home.exists();
}

/// The worker runs the attempt of the parent task that is the owner.
bool is_run_by(const Config& config, OwnerId owner, const Worker& worker) {
  const OwnerShape& shape = config.shape.owners[owner.value];
  return shape.runs == worker.task && shape.attempt == worker.attempt;
}

/// The worker lives and holds the attempt that makes it this owner, or a push of it is on its way there.
bool may_become(const View& view, WorkerId id, OwnerId owner) {
  const Worker& worker = view.s.worker(id);
  if (worker.process != ProcessState::kRunning || !is_unborn(view, owner)) return false;
  const OwnerShape& shape = view.config.shape.owners[owner.value];
  return is_run_by(view.config, owner, worker) ||
         std::any_of(view.s.calls.begin(), view.s.calls.end(), [&](const Call& call) {
           return call.rpc == Rpc::kPushTask && call.stage == Stage::kRequest && call.worker == id &&
                  call.task == shape.runs && call.attempt == shape.attempt;
         });
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

std::uint8_t owners_in(const View& view, WorkerId worker) {
  std::uint8_t owners = 0;
  for (std::uint8_t o = 0; o < view.config.owners(); ++o) {
    if (view.s.owners[o].alive && view.s.owners[o].worker == worker) owners |= bit(o);
  }
  return owners;
}

OwnerId parent_in(const View& view, WorkerId id) {
  const Worker& worker = view.s.worker(id);
  if (worker.execution != Execution::kRunning) return OwnerId::none();
  const std::uint8_t owners = owners_in(view, id);
  for (std::uint8_t o = 0; o < view.config.owners(); ++o) {
    if (has_bit(owners, o) && is_run_by(view.config, OwnerId{o}, worker)) return OwnerId{o};
  }
  return OwnerId::none();
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
    if (!is_run_by(step.config, OwnerId{o}, worker) || !is_unborn(step.view(), OwnerId{o})) continue;
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

std::uint8_t disconnect_owners_in(Step& step, WorkerId worker) {
  std::uint8_t owners = 0;
  for (std::uint8_t o = 0; o < step.config.owners(); ++o) {
    Owner& owner = step.s.owners[o];
    const bool is_one = owner.registered && owner.worker == worker;
    if (!is_one && !may_become(step.view(), worker, OwnerId{o})) continue;
    owner.registered = false;
    owners |= bit(o);
  }
  return owners;
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
