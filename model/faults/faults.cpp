// The environment's faults of section 9 that are not rows of section 8: F1, F3, F4, F7 to F10.
// Each is enabled in every state in which its victim exists and its budget is not used up. F2 is W10, F6a is G15.
#include "model/gcs/gcs.hpp"
#include "model/log/ids.hpp"
#include "model/network.hpp"
#include "model/owner/owner.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kChaos = "src/ray/rpc/rpc_chaos.cc";

bool in_budget(const View& view, Fault fault) {
  return view.s.budget[fault] > 0;
}

bool node_may_fail(const View& view, NodeId node) {
  return view.s.raylet(node).alive && view.config.shape.nodes[node.value].may_crash;
}

OwnerKind kind(const View& view, const Action& a) {
  return view.config.shape.owners[a.owner.value].kind;
}

constexpr Transition kRows[] = {
    {
        .row = Row::kF1,
        .id = "fault.F1.raylet_crash",
        .doc = "the raylet is killed; its state and connections are gone, its workers follow",
        .source = {"", "SIGKILL"},
        .origin = Origin::kEnvironment,
        .fault = Fault::kRayletCrash,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kNode),
        .guard = [](const View& view,
                    const Action& a) { return node_may_fail(view, a.node) && in_budget(view, Fault::kRayletCrash); },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kRayletCrash];
              raylet_dies(step, a.node);
            },
    },
    {
        .row = Row::kF3,
        .id = "fault.F3.owner_worker_crash",
        .doc = "an owner that is a worker crashes; its tasks are gone with it",
        .source = {"", "SIGKILL"},
        .origin = Origin::kEnvironment,
        .fault = Fault::kOwnerCrash,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kOwner),
        .guard =
            [](const View& view, const Action& a) {
              return view.s.owner(a.owner).alive && kind(view, a) == OwnerKind::kWorker &&
                     in_budget(view, Fault::kOwnerCrash);
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kOwnerCrash];
              owner_dies(step, a.owner);
            },
    },
    {
        .row = Row::kF4,
        .id = "fault.F4.driver_crash",
        .doc = "the driver crashes; its tasks are gone with it",
        .source = {"", "SIGKILL"},
        .origin = Origin::kEnvironment,
        .fault = Fault::kDriverCrash,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kOwner),
        .guard =
            [](const View& view, const Action& a) {
              return view.s.owner(a.owner).alive && kind(view, a) == OwnerKind::kDriver &&
                     in_budget(view, Fault::kDriverCrash);
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kDriverCrash];
              owner_dies(step, a.owner);
            },
    },
    {
        .row = Row::kF7,
        .id = "fault.F7.request_lost",
        .doc = "a request never reaches its server; the caller sees UNAVAILABLE",
        .source = {kChaos, "GetRpcFailure"},
        .logs = says(LogKind::kCallFailed, log_ids::request_lost),
        .origin = Origin::kEnvironment,
        .fault = Fault::kRequestLost,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kAnyCall),
        .guard =
            [](const View& view, const Action& a) {
              return a.call.stage == Stage::kRequest && in_budget(view, Fault::kRequestLost) && may_fail(view, a.call);
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kRequestLost];
              fail(step, take(step, a.call));
            },
    },
    {
        .row = Row::kF8,
        .id = "fault.F8.reply_lost",
        .doc = "a reply never reaches its caller, who sees UNAVAILABLE; the server's effects stay",
        .source = {kChaos, "GetRpcFailure"},
        .logs = says(LogKind::kCallFailed, log_ids::reply_lost),
        .origin = Origin::kEnvironment,
        .fault = Fault::kReplyLost,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kAnyCall),
        .guard =
            [](const View& view, const Action& a) {
              return a.call.stage == Stage::kReply && in_budget(view, Fault::kReplyLost) && may_fail(view, a.call);
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kReplyLost];
              fail(step, take(step, a.call));
            },
    },
    {
        .row = Row::kF9,
        .id = "fault.F9.early_error",
        .doc = "the caller sees UNAVAILABLE while the handler still runs or has yet to run",
        .source = {kChaos, "GetRpcFailure"},
        .logs = says(LogKind::kCallFailed, log_ids::early_error),
        .origin = Origin::kEnvironment,
        .fault = Fault::kEarlyError,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kAnyCall),
        .guard =
            [](const View& view, const Action& a) {
              return (a.call.stage == Stage::kRequest || a.call.stage == Stage::kAtServer) &&
                     in_budget(view, Fault::kEarlyError) && may_fail(view, a.call);
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kEarlyError];
              Call left_behind = take(step, a.call);
              // A request stays on the wire without a caller; what a server holds without a caller is forgotten.
              left_behind.detached = true;
              if (left_behind.stage == Stage::kRequest) step.s.calls.add(left_behind, "network: calls");
              fail(step, a.call);
            },
    },
    {
        .row = Row::kF10,
        .id = "fault.F10.false_death",
        .doc = "a probe of a live raylet fails",
        .source = {"src/ray/gcs/gcs_health_check_manager.cc", "StartHealthCheck"},
        .logs = says(LogKind::kProbeFailed),
        .origin = Origin::kEnvironment,
        .fault = Fault::kFalseDeath,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kNode),
        .guard =
            [](const View& view, const Action& a) {
              return node_may_fail(view, a.node) && is_probed(view, a.node) && in_budget(view, Fault::kFalseDeath);
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kFalseDeath];
              probe_failed(step, a.node);
            },
    },
};

}  // namespace

std::span<const Transition> fault_rows() {
  return kRows;
}

}  // namespace raymc
