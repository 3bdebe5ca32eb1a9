// Small questions about a state that several families of properties ask.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <type_traits>

#include "model/describe.hpp"
#include "model/describe_words.hpp"
#include "model/owner/nested.hpp"
#include "model/ray_model.hpp"
#include "specs/properties/culprits.hpp"

namespace raymc {

/// The values of an element on which a predicate stopped: its own line of the state's description.
struct ItsLine {};

/// Notes the element `id` as the culprit: `says(id, element)`, or its line.
template <class Says>
void note(const RayModel& model, const State& s, auto id, const auto& element, const Says& says) {
  mc::note_culprit([&] {
    if constexpr (std::is_same_v<Says, ItsLine>) {
      return line_of(model, s, label_of(model, id));
    } else {
      return std::string(says(id, element));
    }
  });
}

// Universal questions note the element on which they stop. They belong where a false answer breaks the property: what
// is asked in the negative is asked with `some_...`, which notes nothing.

/// `holds(task id, task)` for every task of the scenario.
template <class Says = ItsLine>
bool every_task(const RayModel& model, const State& s, const auto& holds, const Says& says = {}) {
  for (std::uint8_t t = 0; t < model.config().tasks(); ++t) {
    if (holds(TaskId{t}, s.tasks[t])) continue;
    note(model, s, TaskId{t}, s.tasks[t], says);
    return false;
  }
  return true;
}

/// The same for every task of a live owner.
template <class Says = ItsLine>
bool every_live_task(const RayModel& model, const State& s, const auto& holds, const Says& says = {}) {
  const auto if_live = [&](TaskId id, const Task& task) {
    return !s.owner(model.config().shape.tasks[id.value].owner).alive || holds(id, task);
  };
  return every_task(model, s, if_live, says);
}

/// `holds(owner id, owner)` for every owner.
template <class Says = ItsLine>
bool every_owner(const RayModel& model, const State& s, const auto& holds, const Says& says = {}) {
  for (std::uint8_t o = 0; o < model.config().owners(); ++o) {
    if (holds(OwnerId{o}, s.owners[o])) continue;
    note(model, s, OwnerId{o}, s.owners[o], says);
    return false;
  }
  return true;
}

/// `holds(lease id, lease)` for every lease id that is in use.
template <class Says = ItsLine>
bool every_lease(const RayModel& model, const State& s, const auto& holds, const Says& says = {}) {
  for (std::uint8_t l = 0; l < kLeasesMax; ++l) {
    if (!s.leases[l].used || holds(LeaseId{l}, s.leases[l])) continue;
    note(model, s, LeaseId{l}, s.leases[l], says);
    return false;
  }
  return true;
}

/// `holds(worker id, worker)` for every worker process slot.
template <class Says = ItsLine>
bool every_worker(const RayModel& model, const State& s, const auto& holds, const Says& says = {}) {
  for (std::uint8_t w = 0; w < model.config().workers(); ++w) {
    if (holds(WorkerId{w}, s.workers[w])) continue;
    note(model, s, WorkerId{w}, s.workers[w], says);
    return false;
  }
  return true;
}

/// `holds(node id, raylet)` for every raylet, dead or alive.
template <class Says = ItsLine>
bool every_raylet(const RayModel& model, const State& s, const auto& holds, const Says& says = {}) {
  for (std::uint8_t n = 0; n < model.config().nodes(); ++n) {
    if (holds(NodeId{n}, s.raylets[n])) continue;
    note(model, s, NodeId{n}, s.raylets[n], says);
    return false;
  }
  return true;
}

/// `holds(node id, raylet)` for every raylet that is alive.
template <class Says = ItsLine>
bool every_live_raylet(const RayModel& model, const State& s, const auto& holds, const Says& says = {}) {
  for (std::uint8_t n = 0; n < model.config().nodes(); ++n) {
    if (!s.raylets[n].alive || holds(NodeId{n}, s.raylets[n])) continue;
    note(model, s, NodeId{n}, s.raylets[n], says);
    return false;
  }
  return true;
}

/// No call `matches`.
bool no_call(const RayModel& model, const State& s, const auto& matches) {
  for (const Call& call : s.calls) {
    if (!matches(call)) continue;
    mc::note_culprit([&] { return "call " + call_text(model.config(), call); });
    return false;
  }
  return true;
}

/// `happened` is false; `words()` says what happened to whom.
bool never(bool happened, const auto& words) {
  if (happened) mc::note_culprit(words);
  return !happened;
}

/// No bit of a history is set; bits are numbers of `Id`, and `what` says in words what befell the one that is named.
template <class IdType>
bool none_of(const RayModel& model, const State& s, std::uint8_t bits, const char* what) {
  return never(bits != 0, [&] {
    const IdType id{static_cast<std::uint8_t>(std::countr_zero(bits))};
    return label_of(model, id) + " " + what + " (now " +
           line_of(model, s, label_of(model, id)).substr(label_of(model, id).size() + 2) + ")";
  });
}

/// None of these RAY_CHECKs failed.
template <RayCheck... kChecks>
bool none_failed(const State& s) {
  return never(((s.ghost.aborted == kChecks) || ...), [&s] { return "RAY_CHECK failed: " + word(s.ghost.aborted); });
}

/// `matches(lease)` for some lease that is in use.
bool some_lease(const State& s, const auto& matches) {
  return std::any_of(s.leases.begin(), s.leases.end(),
                     [&](const Lease& lease) { return lease.used && matches(lease); });
}

/// `matches(node id, raylet)` for some raylet that is alive.
bool some_live_raylet(const RayModel& model, const State& s, const auto& matches) {
  for (std::uint8_t n = 0; n < model.config().nodes(); ++n) {
    if (s.raylets[n].alive && matches(NodeId{n}, s.raylets[n])) return true;
  }
  return false;
}

/// Some raylet that is alive has enough CPUs for `key`, free or not.
inline bool some_live_node_fits(const RayModel& model, const State& s, KeyId key) {
  return some_live_raylet(model, s, [&](NodeId node, const Raylet&) { return model.config().feasible(node, key); });
}

/// The task waits for a node: none that lives can ever run it, and there is a live raylet to hold its request
/// meanwhile. Without any, its owner has nobody to ask and has to fail it.
/// A GCS that forgot the cluster ends it, and nobody is there to be asked, either.
inline bool waits_for_a_node(const RayModel& model, const State& s, TaskId task) {
  const bool some_raylet_lives = some_live_raylet(model, s, [](NodeId, const Raylet&) { return true; });
  return (some_raylet_lives || s.gcs.new_cluster) &&
         !some_live_node_fits(model, s, model.config().shape.tasks[task.value].key);
}

/// A worker executes the task for an owner that waits for it.
bool some_worker_runs(const State& s, TaskId task, const auto& matches) {
  for (std::uint8_t w = 0; w < kWorkersMax; ++w) {
    const Worker& worker = s.workers[w];
    if (worker.execution != Execution::kRunning || worker.task != task || !matches(worker)) continue;
    for (const Call& call : s.calls) {
      const bool waits = call.rpc == Rpc::kPushTask && call.stage == Stage::kAtServer && !call.detached;
      if (waits && call.worker == WorkerId{w} && call.task == task) return true;
    }
  }
  return false;
}

/// The task runs and never ends by itself, as its code wants it.
inline bool runs_for_ever(const RayModel& model, const State& s, TaskId task) {
  return model.config().shape.tasks[task.value].endless &&
         some_worker_runs(s, task, [](const Worker&) { return true; });
}

/// How many calls `matches`.
std::size_t count_calls(const State& s, const auto& matches) {
  std::size_t count = 0;
  for (const Call& call : s.calls) count += matches(call) ? 1 : 0;
  return count;
}

/// No raylet queues a request that its live owner has no task for.
inline bool no_request_is_unneeded(const RayModel& model, const State& s) {
  return every_lease(model, s, [&](LeaseId, const Lease& lease) {
    const bool queued = lease.stage != LeaseStage::kNone && lease.stage != LeaseStage::kLeased;
    // A raylet whose loop has stopped keeps what it has.
    if (!queued || s.raylet(lease.node).hung) return true;
    return !s.owner(model.config().owner_of(lease.key)).alive || !s.queues[lease.key.value].empty();
  });
}

/// No worker process runs whose raylet is dead.
inline bool no_worker_is_orphaned(const RayModel& model, const State& s) {
  return every_worker(model, s, [&](WorkerId id, const Worker& worker) {
    return worker.process != ProcessState::kRunning || s.raylet(model.config().node_of(id)).alive;
  });
}

/// Every live raylet whose loop runs has all of its CPUs free, but for those of tasks that never end.
inline bool every_cpu_is_back(const RayModel& model, const State& s) {
  const auto taken_for_ever = [&](NodeId node) {
    std::size_t cpus = 0;
    for (const Lease& lease : s.leases) {
      if (!lease.used || lease.node != node || lease.stage != LeaseStage::kLeased) continue;
      const TaskId task = s.worker(lease.worker).task;
      if (task.exists() && runs_for_ever(model, s, task)) cpus += model.config().cpus_of(lease.key);
    }
    return cpus;
  };
  return every_live_raylet(
      model, s,
      [&](NodeId node, const Raylet& raylet) {
        return raylet.hung || raylet.available + taken_for_ever(node) == model.config().total_cpus(node);
      },
      [&](NodeId node, const Raylet& raylet) {
        std::string text = node.name() + " has " + std::to_string(raylet.available) + " free of " +
                           counted_words(static_cast<long>(model.config().total_cpus(node)), "CPU");
        const std::size_t endless = taken_for_ever(node);
        if (endless > 0) text += ", " + std::to_string(endless) + " with tasks that never end";
        for (std::uint8_t l = 0; l < kLeasesMax; ++l) {
          const Lease& lease = s.leases[l];
          if (lease.used && lease.node == node && lease.stage == LeaseStage::kLeased)
            text += "; " + lines_of(model, s, LeaseId{l});
        }
        return text;
      });
}

/// The raylet `node` holds the owner of `key`, or that owner's node, dead.
inline bool believes_owner_dead(const RayModel& model, const State& s, NodeId node, KeyId key) {
  const OwnerId owner = model.config().owner_of(key);
  const Raylet& raylet = s.raylet(node);
  return has_bit(raylet.failed_owners, owner.value) ||
         has_bit(raylet.dead_nodes, home_of({model.config(), s}, owner).value);
}

}  // namespace raymc
