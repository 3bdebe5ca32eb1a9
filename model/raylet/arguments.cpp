// The arguments of leases at a raylet (LeaseDependencyManager, and the pins of LocalLeaseManager): rows R11 to R13 and
// R19 of section 8.3.
// Abstractions: an object is one unit of memory; a pull takes one step and is blocked exactly while the arguments of
// granted leases fill the node's pin budget with other objects; where a copy can be pulled from is known as soon as it
// is there.
#include <algorithm>
#include <bit>

#include "model/links.hpp"
#include "model/network.hpp"
#include "model/objects/objects.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"
#include "model/scheduler/scheduler.hpp"

namespace raymc {
namespace {

constexpr std::string_view kManager = "src/ray/raylet/scheduling/local_lease_manager.cc";

int count(ObjectSet set) {
  return std::popcount(static_cast<unsigned>(set));
}

bool waits_for(const Lease& lease, NodeId node, ObjectId object) {
  return lease.used && lease.node == node && lease.stage == LeaseStage::kWaitArgs &&
         has_object(lease.arguments, object);
}

/// Somebody at `node` has asked for the object, and a copy can be had: in another store, or on a disk, its own or that
/// of a node which reads it back before it sends it (TryToMakeObjectLocal).
bool pull_comes(const View& view, NodeId node, ObjectId id) {
  const Object& object = view.s.object(id);
  if (has_bit(object.copies, node.value) || !may_pin(view, node, object_bit(id))) return false;
  const bool wanted = std::any_of(view.s.leases.begin(), view.s.leases.end(),
                                  [&](const Lease& lease) { return waits_for(lease, node, id); });
  if (!wanted) return false;
  if (has_bit(object.spilled, node.value)) return true;
  for (std::uint8_t n = 0; n < view.config.nodes(); ++n) {
    if (has_bit(object.copies | object.spilled, n) && may_pull(view, NodeId{n}, node)) return true;
  }
  return false;
}

/// What the lease still waits for will not be pulled while others pin what they pin (LeaseDependenciesBlocked).
bool pulls_are_blocked(const View& view, const Lease& lease) {
  return !may_pin(view, lease.node, lease.arguments);
}

constexpr Transition kRows[] = {
    {
        .row = Row::kR11,
        .id = "raylet.R11.argument_arrives",
        .doc = "an argument has been pulled to the node, or read back from its disk; requests that have all of theirs "
               "may be granted",
        .source = {kManager, "LeasesUnblocked"},
        .logs = says(LogKind::kArgumentsReady),
        .feature = Feature::kArguments,
        .component = Component::kRaylet,
        .trigger = each(Moment::kObject),
        .bindings =
            [](const View& view, const Action& base, std::vector<Action>& out) {
              for (std::uint8_t n = 0; n < view.config.nodes(); ++n) {
                if (!loop_runs(view.s, NodeId{n}) || !pull_comes(view, NodeId{n}, base.object)) continue;
                Action action = base;
                action.node = NodeId{n};
                out.push_back(action);
              }
            },
        .effect = [](Step& step, const Action& a) { object_is_local(step, a.node, a.object); },
    },
    {
        .row = Row::kR12,
        .id = "raylet.R12.argument_was_evicted",
        .doc = "a request is to be granted, but an argument has left the node's store; it waits for arguments again",
        .source = {kManager, "PinLeaseArgsIfMemoryAvailable"},
        .feature = Feature::kArguments,
        .component = Component::kRaylet,
        .trigger = each(Moment::kNode),
        .guard =
            [](const View& view, const Action& a) {
              return view.s.raylet(a.node).alive && examine_queue(view, a.node).lacks_argument.exists();
            },
        .effect =
            [](Step& step, const Action& a) {
              const LeaseId lease = examine_queue(step.view(), a.node).lacks_argument;
              auto& waiting = step.s.raylet(a.node).waiting;
              waiting.erase(std::find(waiting.begin(), waiting.end(), lease));
              step.s.lease(lease).stage = LeaseStage::kWaitArgs;
            },
    },
    {
        .row = Row::kR13,
        .id = "raylet.R13.no_room_to_pin",
        .doc = "the arguments of granted leases take all the memory they may; the request waits until one is returned",
        .source = {kManager, "PinLeaseArgsIfMemoryAvailable"},
        .logs = says(LogKind::kNoRoom),
        .feature = Feature::kArguments,
        .component = Component::kRaylet,
        .trigger = inside(),
        .guard = [](const View& view, const Action& a) { return examine_queue(view, a.node).no_room_to_pin; },
        .effect =
            [](Step& step, const Action& a) {
              step.ray_check(pinned_arguments(step.view(), a.node) != 0, RayCheck::kOtherLeaseHoldsPins, a.node);
            },
    },
    {
        .row = Row::kR19,
        .id = "raylet.R19.spill_waiting_for_arguments",
        .doc = "a request waits for arguments where it cannot run at once; it is spilled or rejected",
        .source = {kManager, "SpillWaitingLeases"},
        .logs = says(LogKind::kSpillTried),
        .feature = Feature::kArguments,
        .component = Component::kRaylet,
        .trigger = each(Moment::kLease),
        .bindings =
            [](const View& view, const Action& base, std::vector<Action>& out) {
              const Lease& lease = view.s.lease(base.lease);
              if (lease.stage != LeaseStage::kWaitArgs) return;
              if (available_at(view, lease.node, lease.key) && !pulls_are_blocked(view, lease)) return;
              spill_decisions(view, base, out);
            },
        .effect = [](Step& step, const Action& a) { carry_out(step, a); },
    },
};

}  // namespace

std::span<const Transition> argument_rows() {
  return kRows;
}

bool all_local(const View& view, NodeId node, ObjectSet objects) {
  for (std::uint8_t v = 0; v < kObjectsMax; ++v) {
    if (has_object(objects, ObjectId{v}) && !has_bit(view.s.objects[v].copies, node.value)) return false;
  }
  return true;
}

ObjectSet pinned_arguments(const View& view, NodeId node) {
  const std::uint16_t accounts = view.s.raylet(node).accounts;
  ObjectSet pinned = 0;
  for (std::uint8_t l = 0; accounts != 0 && l < view.config.room().leases; ++l) {
    if (((accounts >> l) & 1U) != 0) pinned |= view.s.leases[l].arguments;
  }
  return pinned;
}

bool may_pin(const View& view, NodeId node, ObjectSet arguments) {
  const int budget = view.config.shape.nodes[node.value].pin_budget;
  if (arguments == 0 || budget == 0 || count(arguments) > budget) return true;
  return count(pinned_arguments(view, node) | arguments) <= budget;
}

bool may_pull(const View& view, NodeId from, NodeId to) {
  return from != to && loop_runs(view.s, from) &&
         (!view.config.on(Feature::kPartitions) || hosts_reach(view.s, from, to));
}

void object_is_local(Step& step, NodeId node, ObjectId object) {
  if (!step.s.raylet(node).alive) return;
  step.s.object(object).copies |= bit(node.value);
  bool unblocked = false;
  for (std::uint8_t l = 0; l < step.config.room().leases; ++l) {
    Lease& lease = step.s.leases[l];
    if (!waits_for(lease, node, object) || !all_local(step.view(), node, lease.arguments)) continue;
    lease.stage = LeaseStage::kGrantWait;
    step.s.raylet(node).waiting.add(LeaseId{l}, "lease requests waiting at a raylet");
    unblocked = true;
  }
  if (unblocked) grant_pass(step, node);
}

void close_account(Step& step, NodeId node, LeaseId lease) {
  if (lease.exists()) step.s.raylet(node).accounts &= static_cast<std::uint16_t>(~(1U << lease.value));
}

}  // namespace raymc
