// DrainRaylet at the raylet: rows R45 to R47 of section 8.3.
// Abstraction: what a drain takes out of the local queue is scheduled again by R10, each request in a step of its own
// instead of inside the handler. The raylet's graceful end (R49) waits for these steps.
#include "model/raylet/drain.hpp"

#include <algorithm>

#include "model/log/ids.hpp"
#include "model/network.hpp"
#include "model/objects/objects.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"
#include "model/scheduler/scheduler.hpp"
#include "model/scheduler/view.hpp"

namespace raymc {
namespace {

constexpr std::string_view kFile = "src/ray/raylet/node_manager.cc";

/// A worker of `node` that owns tasks: it runs their parent, so it is leased although it holds no CPU (ADR-0004).
bool some_owner_is_leased(const View& view, NodeId node) {
  for (std::uint8_t o = 0; o < view.config.owners(); ++o) {
    const OwnerShape& shape = view.config.shape.owners[o];
    if (shape.kind == OwnerKind::kWorker && shape.node == node && view.s.owners[o].registered) return true;
  }
  return false;
}

bool drains(const View& view, const Action& a) {
  return view.s.raylet(a.node).drain != Drain::kNone;
}

bool accepts(const View& view, const Action& a) {
  return !drains(view, a) && (a.call.preemption || is_idle(view, a.node));
}

/// IsLocalNodeIdle as the handler reads it: what the object store holds is a measure that the report to the GCS takes
/// anew every 100 ms, so that a younger value may not be in it. How old it is, is not counted: it counts as older than
/// all that the store holds, since a drain that is rejected is as good as none. Leases that wait for arguments are
/// counted at once.
bool looks_idle(const View& view, const Action& a) {
  const bool is_cached = view.config.objects() && !view.config.has(Safeguard::kDrainReadsStoreNow);
  const bool is_asked = !drains(view, a) && !a.call.preemption;
  return is_cached && is_asked && !is_idle(view, a.node) && holds_no_lease(view, a.node) &&
         !pulls_arguments(view, a.node);
}

/// Inside every handler that frees what the node had in use, and by itself when the report to the GCS finds that the
/// store has become empty (UpdateAvailableObjectStoreMemResource, every 100 ms).
constexpr Transition kDrained{
    .row = Row::kR47,
    .id = "raylet.R47.drained",
    .doc = "the draining raylet is idle and shuts down gracefully; it keeps serving meanwhile",
    .source = {"src/ray/raylet/scheduling/local_resource_manager.cc", "OnResourceOrStateChanged"},
    .logs = says(LogKind::kDrained),
    .feature = Feature::kDrain,
    .component = Component::kRaylet,
    .trigger = each(Moment::kNode),
    .guard =
        [](const View& view, const Action& a) {
          const Raylet& raylet = view.s.raylet(a.node);
          return raylet.alive && drains(view, a) && !raylet.shutting_down && is_idle(view, a.node);
        },
    .effect =
        [](Step& step, const Action& a) {
          shut_down_gracefully(step, a.node, step.s.raylet(a.node).drain == Drain::kPreemption);
        },
};

/// CancelLeasesWithoutReply for everything in the local queue: the requests go back to the cluster lease manager.
void reschedule_queued(Step& step, NodeId node) {
  step.s.raylet(node).waiting.clear();
  for (Lease& lease : step.s.leases) {
    if (!lease.used || lease.node != node) continue;
    const bool allocated = lease.stage == LeaseStage::kGrantWorker;
    if (lease.stage != LeaseStage::kGrantWait && lease.stage != LeaseStage::kWaitArgs && !allocated) continue;
    lease.stage = LeaseStage::kInfeasible;
    close_account(step, node, LeaseId{static_cast<std::uint8_t>(&lease - step.s.leases.data())});
    if (allocated) free_resources(step, node, lease.key);
  }
}

constexpr Transition kRows[] = {
    {
        .row = Row::kR45,
        .id = "raylet.R45.drain_accepted",
        .doc = "the raylet accepts the drain; what waits in its local queue is scheduled again, elsewhere",
        .source = {kFile, "HandleDrainRaylet"},
        .logs = says(LogKind::kDrainAsked)
                    .with({LogKind::kQueue, log_ids::rescheduled})
                    .with({LogKind::kQueue, log_ids::rescheduled_too}),
        .feature = Feature::kDrain,
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kDrainRaylet),
        .guard = accepts,
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              step.s.raylet(a.node).drain = call.preemption ? Drain::kPreemption : Drain::kIdle;
              resources_changed(step, a.node);
              look_whether_drained(step, a.node);
              answer(step, call, Reply::kOk);
              if (step.config.has(Safeguard::kDrainReschedulesQueuedLeases)) reschedule_queued(step, a.node);
            },
    },
    {
        .row = Row::kR45Stale,
        .id = "raylet.R45.drain_accepted_on_old_measure",
        .doc = "the raylet accepts the drain of an idle node on an old measure of its store, and shuts down at once",
        .source = {kFile, "HandleDrainRaylet"},
        .logs = says(LogKind::kDrainAsked),
        .feature = Feature::kDrain,
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kDrainRaylet),
        .guard = looks_idle,
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              step.s.raylet(a.node).drain = Drain::kIdle;
              resources_changed(step, a.node);
              if (!step.s.raylet(a.node).shutting_down) shut_down_gracefully(step, a.node, false);
              answer(step, call, Reply::kOk);
              if (step.config.has(Safeguard::kDrainReschedulesQueuedLeases)) reschedule_queued(step, a.node);
            },
    },
    {
        .row = Row::kR45Again,
        .id = "raylet.R45.already_draining",
        .doc = "the raylet drains already and accepts the drain without doing anything",
        .source = {kFile, "HandleDrainRaylet"},
        .logs = says(LogKind::kDrainAsked),
        .feature = Feature::kDrain,
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kDrainRaylet),
        .guard = drains,
        .effect = [](Step& step, const Action& a) { answer(step, take(step, a.call), Reply::kOk); },
    },
    {
        .row = Row::kR46,
        .id = "raylet.R46.drain_rejected",
        .doc = "the raylet is not idle and rejects the drain of an idle node",
        .source = {kFile, "HandleDrainRaylet"},
        .logs = says(LogKind::kDrainAsked),
        .feature = Feature::kDrain,
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kDrainRaylet),
        .guard = [](const View& view,
                    const Action& a) { return !drains(view, a) && !accepts(view, a) && !looks_idle(view, a); },
        .effect = [](Step& step, const Action& a) { answer(step, take(step, a.call), Reply::kRejected); },
    },
    kDrained,
};

}  // namespace

std::span<const Transition> drain_rows() {
  return kRows;
}

bool takes_work(const View& view, NodeId node) {
  return view.s.raylet(node).drain == Drain::kNone || !view.config.has(Safeguard::kDrainingRayletRefusesLeases);
}

bool is_idle(const View& view, NodeId node) {
  return holds_no_lease(view, node) &&
         !(view.config.objects() && (pulls_arguments(view, node) || store_is_busy(view, node)));
}

bool holds_no_lease(const View& view, NodeId node) {
  const int available = view.s.raylet(node).available;
  const int total = view.config.total_cpus(node);
  if (available != total) return false;
  const bool leased = std::any_of(view.s.leases.begin(), view.s.leases.end(), [node](const Lease& lease) {
    return lease.used && lease.node == node && lease.stage == LeaseStage::kLeased;
  });
  return !leased && !some_owner_is_leased(view, node);
}

void look_whether_drained(Step& step, NodeId node) {
  Action binding;
  binding.node = node;
  perform_if(step, kDrained, binding);
}

bool drain_is_under_way(const View& view, NodeId node) {
  if (view.s.raylet(node).drain == Drain::kNone) return false;
  for (std::uint8_t l = 0; l < view.config.room().leases; ++l) {
    const Lease& lease = view.s.leases[l];
    if (!lease.used || lease.node != node || lease.stage != LeaseStage::kInfeasible) continue;
    Action base;
    base.node = node;
    base.lease = LeaseId{l};
    std::vector<Action> choices;
    decisions(view, base, choices);
    const auto stays = [](const Action& choice) { return choice.choice == Choice::kInfeasible; };
    if (std::none_of(choices.begin(), choices.end(), stays)) return true;
  }
  return false;
}

void shut_down_gracefully(Step& step, NodeId node, bool preempted) {
  step.s.raylet(node).shutting_down = true;
  Call call;
  call.rpc = Rpc::kUnregisterNode;
  call.node = node;
  call.preemption = preempted;
  send(step, call);
}

}  // namespace raymc
