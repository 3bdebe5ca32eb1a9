// RequestWorkerLease at the raylet: rows R1 to R4 of section 8.3. The decision of the scheduler is part of the binding
// of R4, because the handler schedules the request in the same turn of the loop.
#include <algorithm>

#include "model/log/ids.hpp"
#include "model/network.hpp"
#include "model/owner/nested.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"
#include "model/scheduler/scheduler.hpp"

namespace raymc {
namespace {

constexpr std::string_view kFile = "src/ray/raylet/node_manager.cc";

bool recognised(const View& view) {
  return view.config.has(Safeguard::kLeaseRequestIdentity);
}

bool is_leased(const View& view, const Action& a) {
  return recognised(view) && view.s.lease(a.lease).stage == LeaseStage::kLeased;
}

bool owner_is_refused(const View& view, const Action& a) {
  const Raylet& raylet = view.s.raylet(a.node);
  const NodeId home = home_of(view, a.owner);
  return view.config.has(Safeguard::kRefuseDeadOwner) &&
         (has_bit(raylet.failed_owners, a.owner.value) || has_bit(raylet.dead_nodes, home.value));
}

bool is_queued(const View& view, const Action& a) {
  return recognised(view) && queued(view.s.lease(a.lease));
}

bool is_ended(const View& view, const Action& a) {
  return view.config.has(Safeguard::kEndedLeaseIsRemembered) && view.s.lease(a.lease).ended;
}

/// The request is queued, and the raylet looks for it there.
bool is_found_queued(const View& view, const Action& a) {
  if (!is_queued(view, a) || !view.config.has(Safeguard::kQueuedRequestsAreRecognised)) return false;
  const bool waits_for_worker = view.s.lease(a.lease).stage == LeaseStage::kGrantWorker;
  return !waits_for_worker || view.config.has(Safeguard::kWaitingRequestsAreRecognised);
}

/// The old reply callback of `lease` is overwritten: its caller is never answered.
void forget_callback(Step& step, LeaseId lease) {
  const auto held = std::find_if(step.s.calls.begin(), step.s.calls.end(), [lease](const Call& call) {
    return call.rpc == Rpc::kRequestWorkerLease && call.stage == Stage::kAtServer && call.lease == lease;
  });
  if (held != step.s.calls.end()) step.s.calls.erase(held);
}

constexpr Transition kRows[] = {
    {
        .row = Row::kR1,
        .id = "raylet.R1.already_leased",
        .doc = "the request was granted before; the raylet repeats the answer without looking at the worker",
        .source = {kFile, "HandleRequestWorkerLease"},
        .logs = says(LogKind::kAlready, log_ids::already_leased),
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kRequestWorkerLease),
        .guard = [](const View& view, const Action& a) { return is_leased(view, a); },
        .effect =
            [](Step& step, const Action& a) {
              Lease& lease = step.s.lease(a.lease);
              // The address is repeated, the resource mapping is not.
              const bool named = step.config.has(Safeguard::kRepeatedGrantNamesDevices);
              if (step.config.on(Feature::kDevices) && !named && !a.call.detached) lease.no_devices = true;
              answer_granted(step, take(step, a.call), lease.worker);
            },
    },
    {
        .row = Row::kR2,
        .id = "raylet.R2.owner_is_dead",
        .doc = "the raylet believes the owner or its node dead and answers canceled",
        .source = {kFile, "HandleRequestWorkerLease"},
        .logs = says(LogKind::kRefused),
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kRequestWorkerLease),
        .guard = [](const View& view, const Action& a) { return !is_leased(view, a) && owner_is_refused(view, a); },
        .effect =
            [](Step& step, const Action& a) {
              if (step.s.lease(a.lease).after_refusal && !a.call.detached)
                step.s.ghost.refused_again |= bit(a.owner.value);
              answer(step, take(step, a.call), Reply::kRefused);
            },
    },
    {
        .row = Row::kR2Ended,
        .id = "raylet.R2.lease_has_ended",
        .doc = "the raylet remembers that it answered this LeaseID for good and answers canceled (not in Ray)",
        .source = {kFile, "HandleRequestWorkerLease"},
        .feature = Feature::kDuplicates,
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kRequestWorkerLease),
        .guard =
            [](const View& view, const Action& a) {
              return !is_leased(view, a) && !owner_is_refused(view, a) && !is_queued(view, a) && is_ended(view, a);
            },
        .effect = [](Step& step, const Action& a) { answer(step, take(step, a.call), Reply::kCanceled); },
    },
    {
        .row = Row::kR3,
        .id = "raylet.R3.already_queued",
        .doc = "the request is queued already; its new callback is appended",
        .source = {kFile, "HandleRequestWorkerLease"},
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kRequestWorkerLease),
        .guard = [](const View& view,
                    const Action& a) { return !owner_is_refused(view, a) && is_found_queued(view, a); },
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              if (!step.config.has(Safeguard::kCallbacksAreAppended)) forget_callback(step, a.lease);
              hold(step, call);
            },
    },
    {
        .row = Row::kR4,
        .id = "raylet.R4.new_request",
        .doc = "the request is new; the raylet queues and schedules it",
        .source = {kFile, "HandleRequestWorkerLease"},
        .logs = says(LogKind::kQueue),
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kRequestWorkerLease),
        .bindings = decisions,
        .guard =
            [](const View& view, const Action& a) {
              return !is_leased(view, a) && !owner_is_refused(view, a) && !is_queued(view, a) && !is_ended(view, a) &&
                     !view.s.lease(a.lease).tombstone;
            },
        .effect =
            [](Step& step, const Action& a) {
              hold(step, take(step, a.call));
              step.s.lease(a.lease).worker = WorkerId::none();  // without request identity it may have had one
              carry_out(step, a);
            },
    },
    {
        .row = Row::kR4Again,
        .id = "raylet.R4.taken_for_new",
        .doc = "the raylet does not see that it holds the request already and queues it a second time (an older Ray)",
        .source = {kFile, "HandleRequestWorkerLease"},
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kRequestWorkerLease),
        .guard =
            [](const View& view, const Action& a) {
              return !owner_is_refused(view, a) && is_queued(view, a) && !is_found_queued(view, a);
            },
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              hold(step, call);
              add_second_copy(step, a.lease, !call.detached);
            },
    },
    {
        .row = Row::kR2Tombstone,
        .id = "raylet.R2.cancelled_before",
        .doc = "the cancellation of the request came before it; the raylet answers canceled (not in the pinned Ray)",
        .source = {kFile, "HandleRequestWorkerLease"},
        .feature = Feature::kLeaseCancels,
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kRequestWorkerLease),
        .guard =
            [](const View& view, const Action& a) {
              return view.s.lease(a.lease).tombstone && !owner_is_refused(view, a) && !is_ended(view, a);
            },
        .effect = [](Step& step, const Action& a) { answer(step, take(step, a.call), Reply::kCanceled); },
    },
};

}  // namespace

std::span<const Transition> lease_request_rows() {
  return kRows;
}

}  // namespace raymc
