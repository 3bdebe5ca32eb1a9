// RequestWorkerLease at the raylet: rows R1 to R4 of section 8.3. The decision of the scheduler is part of the binding
// of R4, because the handler schedules the request in the same turn of the loop.
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

constexpr Transition kRows[] = {
    {
        .row = Row::kR1,
        .id = "raylet.R1.already_leased",
        .doc = "the request was granted before; the raylet repeats the answer without looking at the worker",
        .source = {kFile, "HandleRequestWorkerLease"},
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kRequestWorkerLease),
        .guard = [](const View& view, const Action& a) { return is_leased(view, a); },
        .effect = [](Step& step,
                     const Action& a) { answer_granted(step, take(step, a.call), step.s.lease(a.lease).worker); },
    },
    {
        .row = Row::kR2,
        .id = "raylet.R2.owner_is_dead",
        .doc = "the raylet believes the owner or its node dead and answers canceled",
        .source = {kFile, "HandleRequestWorkerLease"},
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
        .doc = "the raylet remembers that it answered this LeaseID for good and answers canceled",
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
        .guard = [](const View& view, const Action& a) { return !owner_is_refused(view, a) && is_queued(view, a); },
        .effect = [](Step& step, const Action& a) { hold(step, take(step, a.call)); },
    },
    {
        .row = Row::kR4,
        .id = "raylet.R4.new_request",
        .doc = "the request is new; the raylet queues and schedules it",
        .source = {kFile, "HandleRequestWorkerLease"},
        .component = Component::kRaylet,
        .trigger = on_request(Rpc::kRequestWorkerLease),
        .bindings = decisions,
        .guard =
            [](const View& view, const Action& a) {
              return !is_leased(view, a) && !owner_is_refused(view, a) && !is_queued(view, a) && !is_ended(view, a);
            },
        .effect =
            [](Step& step, const Action& a) {
              hold(step, take(step, a.call));
              step.s.lease(a.lease).worker = WorkerId::none();  // without request identity it may have had one
              carry_out(step, a);
            },
    },
};

}  // namespace

std::span<const Transition> lease_request_rows() {
  return kRows;
}

}  // namespace raymc
