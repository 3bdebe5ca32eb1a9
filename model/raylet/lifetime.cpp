// How a raylet ends: rows R44, R48, R49 and R55 of section 8.3, and the end itself, which fault F1 shares.
#include <algorithm>

#include "model/network.hpp"
#include "model/objects/objects.hpp"
#include "model/owner/nested.hpp"
#include "model/owner/owner.hpp"
#include "model/raylet/drain.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"
#include "model/scheduler/view.hpp"
#include "model/worker/worker.hpp"

namespace raymc {
namespace {

constexpr std::string_view kFile = "src/ray/raylet/node_manager.cc";
constexpr std::string_view kMain = "src/ray/raylet/main.cc";

/// C15. Undefined behaviour in Ray. Its released binaries look at the status first and live on.
constexpr Transition kSelfCheckUnanswered{
    .row = Row::kR44Unread,
    .id = "raylet.R44.self_check_unanswered",
    .doc = "the raylet's self-check ends without an answer; it reads the answer before it looks at the status",
    .source = {kFile, "RegisterGcs"},
    .feature = Feature::kGcsRestart,
    .origin = Origin::kEnvironment,
    .fault = Fault::kSelfCheckFails,
    .component = Component::kEnvironment,
    .trigger = each(Moment::kNode),
    .guard =
        [](const View& view, const Action& a) {
          return loop_runs(view.s, a.node) && !view.s.gcs.up && view.s.budget[Fault::kSelfCheckFails] > 0;
        },
    .effect =
        [](Step& step, const Action&) {
          --step.s.budget[Fault::kSelfCheckFails];
          const bool sound = step.config.has(Safeguard::kCheckAliveReadsStatusFirst);
          step.survived_check(sound, RayCheck::kSelfCheckHasAnswer);
        },
};

constexpr Transition kRows[] = {
    {
        .row = Row::kR44,
        .id = "raylet.R44.self_check_failed",
        .doc = "the raylet asks the GCS whether it is alive, hears that it is not, and aborts",
        .source = {kFile, "RegisterGcs"},
        .logs = says(LogKind::kToldDead),
        .component = Component::kRaylet,
        .trigger = each(Moment::kNode),
        .guard =
            [](const View& view, const Action& a) {
              const NodeRecord record = view.s.gcs.nodes[a.node.value];
              return view.s.raylet(a.node).alive && view.s.gcs.up && reaches_gcs(view.s, a.node) &&
                     view.config.has(Safeguard::kFenceDeadNode) &&
                     (record == NodeRecord::kDying || record == NodeRecord::kDead);
            },
        .effect =
            [](Step& step, const Action& a) {
              step.fire(Row::kG14);
              note_self_check(step, a.node);
              raylet_dies(step, a.node);
            },
    },
    {
        .row = Row::kR48,
        .id = "raylet.R48.sigterm",
        .doc = "the raylet is asked to shut down gracefully; it unregisters and keeps serving meanwhile",
        .source = {kMain, "shutdown_raylet_gracefully"},
        .logs = says(LogKind::kSigterm),
        .origin = Origin::kEnvironment,
        .fault = Fault::kRayletSigterm,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kNode),
        .guard =
            [](const View& view, const Action& a) {
              const Raylet& raylet = view.s.raylet(a.node);
              return loop_runs(view.s, a.node) && !raylet.shutting_down &&
                     view.config.shape.nodes[a.node.value].may_crash && view.s.budget[Fault::kRayletSigterm] > 0;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kRayletSigterm];
              // A SIGTERM during a preemption is taken to come at its deadline; before that, the reason is that of any
              // other.
              shut_down_gracefully(step, a.node, step.s.raylet(a.node).drain == Drain::kPreemption);
            },
    },
    {
        .row = Row::kR49,
        .id = "raylet.R49.unregistered",
        .doc = "the GCS has answered the raylet's farewell; the raylet's process ends",
        .source = {kMain, "unregister_done_callback"},
        .logs = says(LogKind::kUnregistered),
        .component = Component::kRaylet,
        .trigger = on_reply(Rpc::kUnregisterNode),
        .guard = [](const View& view, const Action& a) { return !drain_is_under_way(view, a.node); },
        .effect =
            [](Step& step, const Action& a) {
              take(step, a.call);
              raylet_dies(step, a.node);
            },
    },
    {
        .row = Row::kR55,
        .id = "raylet.R55.gcs_unreachable",
        .doc = "the raylet has not reached the GCS for 60 s and exits",
        .source = {"src/ray/gcs_rpc_client/rpc_client.h", "GcsRpcClient"},
        .feature = Feature::kGcsRestart,
        .origin = Origin::kEnvironment,
        .fault = Fault::kGcsUnreachable,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kNode),
        .guard =
            [](const View& view, const Action& a) {
              return loop_runs(view.s, a.node) && view.config.shape.nodes[a.node.value].may_crash && !view.s.gcs.up &&
                     view.s.budget[Fault::kGcsUnreachable] > 0;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kGcsUnreachable];
              raylet_dies(step, a.node);
            },
    },
    {
        .row = Row::kR55Partitioned,
        .id = "raylet.R55.partitioned",
        .doc = "the raylet is cut off from the GCS for 60 s and exits",
        .source = {"src/ray/gcs_rpc_client/rpc_client.h", "GcsRpcClient"},
        .feature = Feature::kPartitions,
        .component = Component::kRaylet,
        .trigger = each(Moment::kNode),
        .guard = [](const View& view,
                    const Action& a) { return view.s.raylet(a.node).alive && !reaches_gcs(view.s, a.node); },
        .effect = [](Step& step, const Action& a) { raylet_dies(step, a.node); },
    },
    {
        .row = Row::kR55Owner,
        .id = "raylet.R55.owner_partitioned",
        .doc = "a driver, or a worker that owns tasks, is cut off from the GCS for 60 s and exits",
        .source = {"src/ray/gcs_rpc_client/rpc_client.h", "GcsRpcClient"},
        .feature = Feature::kPartitions,
        .component = Component::kOwner,
        .trigger = each(Moment::kOwner),
        .guard =
            [](const View& view, const Action& a) {
              return view.s.owner(a.owner).alive && !reaches_gcs(view.s, view.config.shape.owners[a.owner.value].node);
            },
        .effect = [](Step& step, const Action& a) { owner_dies(step, a.owner); },
    },
    {
        .row = Row::kR55Unreachable,
        .id = "raylet.R55.owner_gives_up",
        .doc = "an owner has not reached the GCS for 60 s and exits",
        .source = {"src/ray/gcs_rpc_client/rpc_client.h", "GcsRpcClient"},
        .feature = Feature::kGcsRestart,
        .origin = Origin::kEnvironment,
        .fault = Fault::kOwnerGivesUp,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kOwner),
        .guard =
            [](const View& view, const Action& a) {
              const bool is_worker_slot = view.config.shape.owners[a.owner.value].kind == OwnerKind::kTask;
              return view.s.owner(a.owner).alive && !is_worker_slot && !view.s.gcs.up &&
                     view.s.budget[Fault::kOwnerGivesUp] > 0;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kOwnerGivesUp];
              owner_dies(step, a.owner);
            },
    },
    kSelfCheckUnanswered,
};

}  // namespace

std::span<const Transition> lifetime_rows() {
  return kRows;
}

void raylet_dies(Step& step, NodeId node) {
  State& s = step.s;
  note_end(step, node);
  s.raylet(node) = Raylet{};
  s.raylet(node).alive = false;
  for (std::uint8_t o = 0; o < step.config.owners(); ++o) {
    if (home_of(step.view(), OwnerId{o}) == node) s.owners[o].registered = false;
  }
  for (Lease& lease : s.leases) {
    if (!lease.used || lease.node != node) continue;
    lease.stage = LeaseStage::kNone;
    lease.worker = WorkerId::none();
    lease.second = SecondCopy::kNone;
    lease.second_answers = false;
    lease.tombstone = false;
    lease.cause = FailureCause::kNone;
  }
  const std::uint8_t end = step.config.first_worker(static_cast<std::uint8_t>(node.value + 1));
  for (std::uint8_t w = step.config.first_worker(node.value); w < end; ++w) {
    Worker& worker = s.workers[w];
    worker.registered = false;
    worker.killed = false;
    worker.place = PoolPlace::kNowhere;
    worker.lease = LeaseId::none();
    worker.blocked = false;
    // The process of a busy worker, or of one that an owner may still push to, lives until W11.
    if (worker.process == ProcessState::kStarting) worker = Worker{};
  }
  s.ghost.left_behind &= static_cast<std::uint8_t>(~bit(node.value));  // they see their raylet's end, too
  s.gcs.subscribed &= static_cast<std::uint8_t>(~bit(subscriber(node)));
  s.gcs.mailboxes[subscriber(node)].clear();
  s.polls[subscriber(node)] = Poll{};
  s.gcs.acknowledged &= static_cast<std::uint8_t>(~bit(node.value));
  raylet_leaves_view(step, node);
  // The GCS drops its client of the raylet, and with it what waits to be sent again.
  s.calls.erase(std::remove_if(s.calls.begin(), s.calls.end(),
                               [node](const Call& call) {
                                 return from_gcs(call.rpc) && call.stage == Stage::kResend && call.node == node;
                               }),
                s.calls.end());
  lose_store(step, node);
  orphan_calls(step, [node](const Call& call) {
    return call.node == node &&
           (call.rpc == Rpc::kReportWorkerFailure || call.rpc == Rpc::kMarkJobFinished ||
            call.rpc == Rpc::kRegisterNode || call.rpc == Rpc::kUnregisterNode || call.rpc == Rpc::kExit ||
            call.rpc == Rpc::kCancelTask || call.rpc == Rpc::kPollOwner || call.rpc == Rpc::kNotifyOwnerRestart ||
            (call.rpc == Rpc::kSubscribe && !call.owner.exists()));
  });
  fail_calls(step, [node](const Call& call) {
    return call.node == node &&
           (call.rpc == Rpc::kRequestWorkerLease || call.rpc == Rpc::kReturnWorkerLease ||
            call.rpc == Rpc::kCancelWorkerLease || call.rpc == Rpc::kGetWorkerFailureCause ||
            call.rpc == Rpc::kCancelLocalTask || call.rpc == Rpc::kPinObjectIds || from_gcs(call.rpc));
  });
}

}  // namespace raymc
