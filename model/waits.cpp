// What waits for what in a state, in sentences: the explanation of a run that never gets on.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "model/describe.hpp"
#include "model/describe_words.hpp"
#include "model/ray_model.hpp"

namespace raymc {
namespace {

/// How a pending task waits in the hands of its owner.
std::string task_wait(const Config& config, const State& s, TaskId id) {
  const Task& task = s.task(id);
  const std::string name = config.shape.tasks[id.value].name;
  switch (task.place) {
    case TaskPlace::kNowhere: return name + " is pending, and no part of its owner has it";
    case TaskPlace::kProgram: return name + " waits for its program to submit it";
    case TaskPlace::kResolver: return name + " waits for the resolver to look at its arguments";
    case TaskPlace::kWaitsForArguments: return name + " waits for its arguments";
    case TaskPlace::kResolutionFailed: return name + " waits for the callback of its failed resolution";
    case TaskPlace::kQueue:
      return name + " waits in the queue of " + config.shape.tasks[id.value].key.name() + " for a leased worker";
    case TaskPlace::kPushed: return name + " waits for the answer to its push";
    case TaskPlace::kReplyHalf2: return name + " waits for the second half of its reply";
    case TaskPlace::kWaitCause: return name + " waits for the cause of its worker's failure";
    case TaskPlace::kRetryHeap: return name + " waits for its retry to be submitted";
  }
  MC_ASSERT(false, "every place has a sentence");
}

/// Where a lease request is that its owner still waits for.
std::string held_request(const State& s, const Call& call) {
  const Lease& lease = s.lease(call.lease);
  if (lease.stage == LeaseStage::kNone) return ", which has no such request any more";
  return ", where it is " + word(lease.stage);
}

bool caller_waits(const State& s, const Call& call) {
  if (call.detached) return false;
  return !call.owner.exists() || s.owner(call.owner).alive;
}

/// Who made the call.
std::string caller_name(const Config& config, const Call& call) {
  switch (call.rpc) {
    case Rpc::kDrainRaylet:
    case Rpc::kNotifyGcsRestart: return "the GCS";
    case Rpc::kReportWorkerFailure:
    case Rpc::kMarkJobFinished:
    case Rpc::kRegisterNode:
    case Rpc::kUnregisterNode:
    case Rpc::kExit:
    case Rpc::kCancelTask:
    case Rpc::kPollOwner:
    case Rpc::kNotifyOwnerRestart: return call.node.name();
    case Rpc::kPinObjectIds:
      if (call.worker.exists()) return call.worker.name();
      break;
    case Rpc::kSubscribe:
      if (!call.owner.exists()) return call.node.name();
      break;
    default: break;
  }
  return config.shape.owners[call.owner.value].name;
}

std::string call_wait(const Config& config, const State& s, const Call& call) {
  std::string text = caller_name(config, call) + " waits for an answer: " + call_text(config, call);
  if (call.rpc == Rpc::kRequestWorkerLease && call.stage == Stage::kAtServer) text += held_request(s, call);
  return text;
}

std::string lease_wait(const Config& config, const State& s, LeaseId id) {
  const Lease& lease = s.lease(id);
  const OwnerId owner = config.owner_of(lease.key);
  if (lease.stage == LeaseStage::kNone || !s.raylet(lease.node).alive) return "";
  const std::string name = config.shape.owners[owner.value].name;
  const std::string what = id.name() + " is " + word(lease.stage) + " at " + lease.node.name() + " for " + name;
  if (!s.owner(owner).alive) return what + ", which is dead";
  const bool forgotten = lease.stage == LeaseStage::kLeased && lease.at_owner == OwnerLease::kNone;
  return forgotten ? what + ", which does not hold it" : "";
}

/// Said of the key, not of the request: who asks again and again does so under ever new ids.
std::string asked_worker(const Config& config, const State& s, LeaseId id) {
  const Lease& lease = s.lease(id);
  const OwnerId owner = config.owner_of(lease.key);
  if (lease.at_owner != OwnerLease::kPending || !s.owner(owner).alive) return "";
  return config.shape.owners[owner.value].name + " has asked " + lease.node.name() + " for a worker for " +
         lease.key.name();
}

std::string raylet_wait(const State& s, NodeId node) {
  const Raylet& raylet = s.raylet(node);
  if (!raylet.alive) return "";
  if (raylet.hung) return "the event loop of " + node.name() + " hangs";
  if (raylet.shutting_down) return node.name() + " is shutting down";
  if (raylet.drain != Drain::kNone) return node.name() + " drains";
  return "";
}

}  // namespace

std::vector<std::string> RayModel::waits(const State& state) const {
  std::vector<std::string> lines;
  const auto add = [&lines](std::string line) {
    const bool known = std::find(lines.begin(), lines.end(), line) != lines.end();
    if (!line.empty() && !known) lines.push_back(std::move(line));
  };
  for (std::uint8_t t = 0; t < config_.tasks(); ++t) {
    const bool waits = state.tasks[t].pending() && state.owner(config_.shape.tasks[t].owner).alive;
    if (waits) add(task_wait(config_, state, TaskId{t}));
  }
  for (const Call& call : state.calls) {
    if (caller_waits(state, call)) add(call_wait(config_, state, call));
  }
  for (std::uint8_t l = 0; l < config_.room().leases; ++l) {
    if (!state.leases[l].used) continue;
    add(asked_worker(config_, state, LeaseId{l}));
    add(lease_wait(config_, state, LeaseId{l}));
  }
  for (std::uint8_t n = 0; n < config_.nodes(); ++n) add(raylet_wait(state, NodeId{n}));
  return lines;
}

}  // namespace raymc
