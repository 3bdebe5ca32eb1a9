// Copies in the stores of the nodes: who pins them, who is told, and how they vanish (LocalObjectManager). Rows B18 and
// B19, the eviction of what nobody pins, and what is spilled to disk instead.
// Abstractions: the subscription of the eviction channel and its long poll are one call per raylet and owner, which the
// owner holds; freed copies vanish from all stores at once, also where a granted lease still maps them (it has read its
// arguments by then). A spilled copy leaves the store in the step that spills it, since nothing pins it from then on;
// what has been read back from disk is a copy that nobody pins. The owner, which is told where the object was spilled,
// goes on believing it where it was pinned, which is the same node; that this news may come after the node's death is
// left out.
#include <algorithm>

#include "model/links.hpp"
#include "model/network.hpp"
#include "model/objects/objects.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kObjectManager = "src/ray/raylet/local_object_manager.cc";

bool is_poll(const Call& call, NodeId node, OwnerId owner) {
  return call.rpc == Rpc::kPollOwner && call.node == node && call.owner == owner && !call.detached;
}

const Call* poll_of(const State& s, NodeId node, OwnerId owner) {
  const auto found =
      std::find_if(s.calls.begin(), s.calls.end(), [&](const Call& call) { return is_poll(call, node, owner); });
  return found == s.calls.end() ? nullptr : &*found;
}

void poll_owner(Step& step, NodeId node, OwnerId owner) {
  if (poll_of(step.s, node, owner) != nullptr) return;
  Call call;
  call.rpc = Rpc::kPollOwner;
  call.node = node;
  call.owner = owner;
  send(step, call);
}

/// ReleaseFreedObject: the pin is gone, and a free goes to all nodes.
void release_freed(Step& step, ObjectId id) {
  Object& object = step.s.object(id);
  object.copies = object.pinned = object.spilled = 0;
}

/// A worker of `node` maps the object until its raylet has answered that it is pinned.
bool held_by_worker(const State& s, NodeId node, ObjectId object) {
  return std::any_of(s.calls.begin(), s.calls.end(), [&](const Call& call) {
    return call.rpc == Rpc::kPinObjectIds && call.worker.exists() && !call.detached && call.node == node &&
           call.object == object;
  });
}

/// The store has a copy that no granted lease and no worker uses.
bool is_unused(const View& view, NodeId node, ObjectId id) {
  return has_bit(view.s.object(id).copies, node.value) && !has_object(pinned_arguments(view, node), id) &&
         !held_by_worker(view.s, node, id);
}

/// The store has the primary copy, and not only the disk.
bool pins_primary(const Object& object, NodeId node) {
  return has_bit(object.pinned, node.value) && !has_bit(object.spilled, node.value);
}

bool evictable(const View& view, NodeId node, ObjectId id) {
  return is_unused(view, node, id) && !pins_primary(view.s.object(id), node);
}

bool spillable(const View& view, NodeId node, ObjectId id) {
  return is_unused(view, node, id) && pins_primary(view.s.object(id), node);
}

void leave_store(Step& step, const Action& a) {
  step.s.object(a.object).copies &= static_cast<std::uint8_t>(~bit(a.node.value));
}

/// One binding for each raylet that is alive and `matches`.
void each_raylet(const View& view, const Action& base, std::vector<Action>& out, const auto& matches) {
  for (std::uint8_t n = 0; n < view.config.nodes(); ++n) {
    if (!view.s.raylets[n].alive || !matches(NodeId{n})) continue;
    Action action = base;
    action.node = NodeId{n};
    out.push_back(action);
  }
}

constexpr Transition kRows[] = {
    {
        .row = Row::kB18,
        .id = "object.B18.pin",
        .doc =
            "a raylet is asked to pin a copy; if it is there it becomes the primary one and its owner is subscribed to",
        .source = {"src/ray/raylet/node_manager.cc", "HandlePinObjectIDs"},
        .logs = says(LogKind::kPinned),
        .feature = Feature::kArguments,
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kPinObjectIds),
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              Object& object = step.s.object(a.object);
              const bool there = has_bit(object.copies, a.node.value);
              if (there) object.pinned |= bit(a.node.value);
              const bool ok = there || !step.config.has(Safeguard::kPinReportsFailure);
              answer(step, call, ok ? Reply::kOk : Reply::kUnsuccessful);
              if (there) poll_owner(step, a.node, step.config.owner_of(a.object));
            },
    },
    {
        .row = Row::kB18Released,
        .id = "object.B18.release_after_pin",
        .doc = "the worker hears that its object is pinned, or gone, and releases its own hold on it",
        .source = {"src/ray/core_worker/core_worker.cc", "SealExisting"},
        .feature = Feature::kResults,
        .component = Component::kWorker,
        .trigger = on_reply(Rpc::kPinObjectIds),
        .guard = [](const View&, const Action& a) { return a.worker.exists(); },
        .effect = [](Step& step, const Action& a) { take(step, a.call); },
    },
    {
        .row = Row::kB18Subscribed,
        .id = "object.B18.subscribe",
        .doc = "the owner notes that a raylet wants to hear when its objects go out of scope, and holds the poll",
        .source = {"src/ray/core_worker/core_worker.cc", "ProcessSubscribeForObjectEviction"},
        .logs = says(LogKind::kPolled),
        .feature = Feature::kArguments,
        .trigger = on_request(Rpc::kPollOwner),
        .effect = [](Step& step, const Action& a) { hold(step, take(step, a.call)); },
    },
    {
        .row = Row::kB19,
        .id = "object.B19.object_is_freed",
        .doc = "the raylet hears that an object went out of scope; it unpins the copy and frees it everywhere",
        .source = {kObjectManager, "ReleaseFreedObject"},
        .feature = Feature::kArguments,
        .component = Component::kRaylet,
        .trigger = each(Moment::kObject),
        .bindings =
            [](const View& view, const Action& base, std::vector<Action>& out) {
              if (!view.s.owner(base.owner).alive || !out_of_scope(view.s, base.object)) return;
              each_raylet(view, base, out, [&](NodeId node) {
                const Call* poll = poll_of(view.s, node, base.owner);
                return has_bit(view.s.object(base.object).pinned, node.value) && poll != nullptr &&
                       poll->stage == Stage::kAtServer && loop_runs(view.s, node) && link_is_up(view, *poll);
              });
            },
        .effect = [](Step& step, const Action& a) { release_freed(step, a.object); },
    },
    {
        .row = Row::kB19OwnerDied,
        .id = "object.B19.poll_failed",
        .doc = "the raylet's poll of an owner failed; it takes the owner for dead and frees what it pins for it",
        .source = {"src/ray/pubsub/subscriber.cc", "HandleLongPollingResponse"},
        .feature = Feature::kArguments,
        .component = Component::kRaylet,
        .trigger = on_error(Rpc::kPollOwner),
        .effect =
            [](Step& step, const Action& a) {
              take(step, a.call);
              for (std::uint8_t v = 0; v < kObjectsMax; ++v) {
                const ObjectId object{v};
                if (!step.config.has_object(object) || step.config.owner_of(object) != a.owner) continue;
                if (has_bit(step.s.object(object).pinned, a.node.value)) release_freed(step, object);
              }
            },
    },
    {
        .row = Row::kB20,
        .id = "object.B20.copy_evicted",
        .doc = "a store needs room and drops a copy that nobody pins",
        .source = {"src/ray/object_manager/plasma/eviction_policy.cc", "RequireSpace"},
        .feature = Feature::kArguments,
        .origin = Origin::kEnvironment,
        .fault = Fault::kArgumentEvicted,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kObject),
        .bindings =
            [](const View& view, const Action& base, std::vector<Action>& out) {
              each_raylet(view, base, out, [&](NodeId node) { return evictable(view, node, base.object); });
            },
        .guard = [](const View& view, const Action&) { return view.s.budget[Fault::kArgumentEvicted] > 0; },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kArgumentEvicted];
              leave_store(step, a);
            },
    },
    {
        .row = Row::kB21,
        .id = "object.B21.value_spilled",
        .doc = "a store needs room; the raylet writes a primary copy that nobody uses to disk and unpins it",
        .source = {kObjectManager, "OnObjectSpilled"},
        .logs = says(LogKind::kSpilled),
        .feature = Feature::kArguments,
        .origin = Origin::kEnvironment,
        .fault = Fault::kValueSpilled,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kObject),
        .bindings =
            [](const View& view, const Action& base, std::vector<Action>& out) {
              each_raylet(view, base, out, [&](NodeId node) { return spillable(view, node, base.object); });
            },
        .guard = [](const View& view, const Action&) { return view.s.budget[Fault::kValueSpilled] > 0; },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kValueSpilled];
              step.s.object(a.object).spilled |= bit(a.node.value);
              leave_store(step, a);
            },
    },
};

}  // namespace

std::span<const Transition> pin_rows() {
  return kRows;
}

bool pulls_arguments(const View& view, NodeId node) {
  return std::any_of(view.s.leases.begin(), view.s.leases.end(), [node](const Lease& lease) {
    return lease.used && lease.node == node && lease.stage == LeaseStage::kWaitArgs;
  });
}

bool store_is_busy(const View& view, NodeId node) {
  // The measure counts primary copies (`scheduler_report_pinned_bytes_only`).
  const bool all = view.config.has(Safeguard::kDrainCountsUnpinnedValues);
  return std::any_of(view.s.objects.begin(), view.s.objects.end(), [node, all](const Object& object) {
    return has_bit(all ? object.copies : object.pinned, node.value);
  });
}

bool pins_in_flight(const View& view, WorkerId worker) {
  return std::any_of(view.s.calls.begin(), view.s.calls.end(), [worker](const Call& call) {
    return call.rpc == Rpc::kPinObjectIds && call.worker == worker && !call.detached;
  });
}

void ask_for_pin(Step& step, WorkerId worker, ObjectId object) {
  Call call;
  call.rpc = Rpc::kPinObjectIds;
  call.node = step.config.node_of(worker);
  call.worker = worker;
  call.object = object;
  // One unanswered request per worker and object; a second would be answered alike.
  if (std::none_of(step.s.calls.begin(), step.s.calls.end(), [&](const Call& other) {
        return other.rpc == call.rpc && other.worker == worker && other.object == object && !other.detached;
      })) {
    send(step, call);
  }
}

void lose_store(Step& step, NodeId node) {
  const auto others = static_cast<std::uint8_t>(~bit(node.value));
  for (Object& object : step.s.objects) {
    object.copies &= others;
    object.pinned &= others;
    object.spilled &= others;
  }
}

}  // namespace raymc
