#include "model/log/kind.hpp"

#include <array>

namespace raymc {
namespace {

using enum LogKind;
using enum LogId;

template <class... Ids>
constexpr std::uint16_t names(Ids... ids) {
  return static_cast<std::uint16_t>((0U | ... | (1U << static_cast<unsigned>(ids))));
}

constexpr mc::Presence kRequired = mc::Presence::kRequired;
constexpr mc::Presence kOptional = mc::Presence::kOptional;
constexpr mc::Presence kAmbient = mc::Presence::kAmbient;
constexpr LogStream kProgram = LogStream::kOwnerProgram;
constexpr LogStream kLoop = LogStream::kOwnerLoop;
constexpr LogStream kRaylet = LogStream::kRaylet;
constexpr LogStream kWorkerLoop = LogStream::kWorkerLoop;
constexpr LogStream kWorkerMain = LogStream::kWorkerMain;
constexpr LogStream kGcs = LogStream::kGcs;
constexpr LogStream kWire = LogStream::kWire;
constexpr std::uint16_t kEnds = names(kFromNode, kFromOwner, kFromWorker, kToNode, kToOwner, kToWorker);

constexpr LogKindRow kRows[] = {
    {LogKind::kNone, "none", kGcs, 0},
    {kSubmit, "submit", kProgram, names(kTask), true},
    {kResolved, "resolved", kLoop, names(kTask)},
    {kResolutionFailed, "resolution_failed", kLoop, 0, false, kAmbient},
    {kRequest, "request", kLoop, names(kLease, kNode), true},
    {kGranted, "granted", kLoop, names(kLease, kNode, kWorker)},
    {kRedirected, "redirected", kLoop, names(kLease, kNode, kTarget)},
    {kRejected, "rejected", kLoop, names(kLease)},
    {kCanceled, "canceled", kLoop, names(kLease, kHow), false, kRequired, names(kHow)},
    {kLocalRayletDead, "local_raylet_dead", kLoop, 0, false, kAmbient},
    {kRequestFailed, "request_failed", kLoop, names(kLease), false, kAmbient},
    {kPush, "push", kLoop, names(kTask, kWorker, kNode)},
    {kAnswered, "answered", kLoop, names(kTask, kWorker, kNode)},
    {kAskCause, "ask_cause", kLoop, names(kTask)},
    {kReturn, "return", kLoop, names(kWorker, kNode)},
    {kCancelRequest, "cancel_request", kLoop, names(kLease)},
    {kCause, "cause", kLoop, names(kTask)},
    {kCauseUnknown, "cause_unknown", kLoop, names(kWorker, kNode)},
    {kComplete, "complete", kLoop, names(kTask)},
    {kRetry, "retry", kLoop, names(kTask)},
    {kNotRun, "not_run", kLoop, names(kTask)},
    {kFailed, "failed", kLoop, names(kTask), false, kAmbient},
    {kOwnerNodeAlive, "owner_node_alive", kLoop, names(kNode), false, kAmbient},
    {kOwnerNodeDead, "owner_node_dead", kLoop, names(kNode)},
    {kRayletUnavailable, "raylet_unavailable", kLoop, 0, false, kAmbient},
    {kCallFailed, "call_failed", LogStream::kOwnerCalls, names(kHow, kCall)},
    {kRecover, "recover", kLoop, names(kObject)},
    {kPinCopy, "pin_copy", kLoop, 0, false, kAmbient},
    {kReconstruct, "reconstruct", kLoop, names(kObject)},
    {kCannotRecover, "cannot_recover", kLoop, names(kObject), false, kAmbient},
    {kCancelTask, "cancel_task", kLoop, names(kTask)},
    {kCancelAnswered, "cancel_answered", kLoop, names(kTask), false, kAmbient},
    {kCancelAgain, "cancel_again", kLoop, names(kTask), false, kAmbient},
    {kArgumentMissing, "argument_missing", kLoop, 0, false, kAmbient},
    {kNodesFetched, "nodes_fetched", kLoop, 0, false, kAmbient},
    {kNotices, "notices", kLoop, 0, false, kAmbient},
    {kPolled, "polled", kLoop, names(kNode), false, kAmbient},
    {kResubmit, "resubmit", kLoop, 0, false, kAmbient},
    {kRecovered, "recovered", kLoop, names(kObject), false, kAmbient},
    {kReturnFailed, "return_failed", kLoop, 0, false, kAmbient},
    {kRefused, "refused", kRaylet, 0, false, kAmbient},
    {kAlready, "already", kRaylet, names(kLease, kWorker)},
    {kQueue, "queue", kRaylet, names(kLease)},
    {kLocal, "local", kRaylet, names(kLease)},
    {kSpill, "spill", kRaylet, names(kLease, kTarget)},
    {kInfeasible, "infeasible", kRaylet, names(kLease), false, kAmbient},
    {kStart, "start", kRaylet, names(kWorker), true},
    {kAnnounced, "announced", kRaylet, names(kWorker)},
    {kNoRoom, "no_room", kRaylet, names(kLease), false, kAmbient},
    {kHitCap, "hit_cap", kRaylet, 0, false, kAmbient},
    {kKilledForMemory, "killed_for_memory", kRaylet, 0, false, kAmbient},
    {kLookedAt, "looked_at", kRaylet, names(kLease), false, kAmbient},
    {kGrant, "grant", kRaylet, names(kLease, kWorker)},
    {kPoppedForCancelled, "popped_for_cancelled", kRaylet, names(kLease)},
    {kCancelQueued, "cancel_queued", kRaylet, names(kLease), false, kAmbient},
    {kReturned, "returned", kRaylet, names(kLease)},
    {kDisconnect, "disconnect", kRaylet, names(kWorker, kHow), false, kRequired, names(kHow)},
    {kBlocked, "blocked", kRaylet, names(kWorker)},
    {kUnblocked, "unblocked", kRaylet, names(kWorker)},
    {kCauseAsked, "cause_asked", kRaylet, names(kLease)},
    {kOwnerDead, "owner_dead", kRaylet, names(kOwner)},
    {kOwnerGone, "owner_gone", kRaylet, names(kOwner)},
    {kNodeDead, "node_dead", kRaylet, names(kNode)},
    {kOwnDeath, "own_death", kRaylet, names(kNode), false, kAmbient, names(kNode)},
    {kToldDead, "told_dead", kRaylet, 0},
    {kUnregistered, "unregistered", kRaylet, 0, false, kAmbient},
    {kSigterm, "sigterm", kRaylet, 0, false, kAmbient},
    {kDrainAsked, "drain_asked", kRaylet, 0},
    {kDrained, "drained", kRaylet, 0, false, kAmbient},
    {kJobFinishedHere, "job_finished_here", kRaylet, 0, false, kAmbient},
    {kGcsRestarted, "gcs_restarted", kRaylet, 0, false, kAmbient},
    {kAskExit, "ask_exit", kRaylet, names(kWorker)},
    {kExitRequestFailed, "exit_request_failed", kRaylet, 0, false, kAmbient},
    {kStartGivenUp, "start_given_up", kRaylet, 0, false, kAmbient},
    {kEscalated, "escalated", kRaylet, 0, false, kAmbient},
    {kArgumentsReady, "arguments_ready", kRaylet, 0, false, kAmbient},
    {kSpillTried, "spill_tried", kRaylet, names(kLease), false, kAmbient},
    {kFeasible, "feasible", kRaylet, names(kLease), false, kAmbient},
    {kPinned, "pinned", kRaylet, names(kObject), false, kAmbient},
    {kSpilled, "spilled", kRaylet, names(kObject), false, kAmbient},
    {kNodeAdded, "node_added", kRaylet, names(kTarget), false, kAmbient},
    {kRegisteredHere, "registered_here", kRaylet, 0, false, kAmbient},
    {kNoticesHere, "notices_here", kRaylet, 0, false, kAmbient},
    {kWorkerRemoved, "worker_removed", kRaylet, names(kWorker), false, kAmbient},
    {kWorkerStays, "worker_stays", kRaylet, names(kWorker), false, kAmbient},
    {kAccept, "accept", kWorkerLoop, names(kTask)},
    {kExecute, "execute", kWorkerMain, names(kTask)},
    {kDone, "done", kWorkerMain, names(kTask, kHow)},
    {kExitAsked, "exit_asked", kWorkerLoop, names(kHow), false, kRequired, names(kHow)},
    {kExitIgnored, "exit_ignored", kWorkerLoop, 0, false, kAmbient},
    {kExitBegins, "exit_begins", kWorkerMain, 0, false, kAmbient},
    {kRayletGone, "raylet_gone", kWorkerLoop, 0},
    {kCancelRunning, "cancel_running", kWorkerLoop, names(kTask), false, kAmbient},
    {kCancelQueuedTask, "cancel_queued_task", kWorkerLoop, names(kTask), false, kAmbient},
    {kStopsTasks, "stops_tasks", kWorkerMain, 0, false, kAmbient},
    {kLeaves, "leaves", kWorkerMain, 0, false, kAmbient},
    {kNodeRegistered, "node_registered", kGcs, names(kNode), false, kAmbient},
    {kProbeFailed, "probe_failed", kGcs, names(kNode)},
    {kNodeFailed, "node_failed", kGcs, names(kNode)},
    {kUnregister, "unregister", kGcs, names(kNode), false, kAmbient},
    {kUnregisterDead, "unregister_dead", kGcs, 0},
    {kOwnerFailed, "owner_failed", kGcs, names(kOwner)},
    {kJobFinished, "job_finished", kGcs, 0, false, kAmbient},
    {kDrainNode, "drain_node", kGcs, names(kNode), false, kAmbient},
    {kDrainAccepted, "drain_accepted", kGcs, 0, false, kAmbient},
    {kSubscriberErased, "subscriber_erased", kGcs, names(kOwner)},
    {kRayletErased, "raylet_erased", kGcs, names(kNode)},
    {kGcsLoads, "gcs_loads", kGcs, 0, false, kAmbient},
    {kGcsOpens, "gcs_opens", kGcs, 0, false, kAmbient},
    {kMessageRequest, "message.request", kWire, kEnds | names(kCall, kLease, kTask)},
    {kMessageReply, "message.reply", kWire, kEnds | names(kCall, kLease, kTask, kHow, kWorker, kTarget)},
    {kProcessEnded, "process.ended", kWire, kEnds},
    {kStrayRequest, "stray.request", kWire, kEnds | names(kCall, kLease, kTask), false, kAmbient},
    {kStrayReply, "stray.reply", kWire, kEnds | names(kCall, kLease, kTask, kHow), false, kAmbient},
    {kStrayEnded, "stray.ended", kWire, kEnds, false, kAmbient},
    {kStrayNotice, "stray.notice", kWire, kEnds | names(kNode, kOwner, kHow), false, kAmbient},
};
static_assert(std::size(kRows) == kLogKindCount);
static_assert([] {
  for (std::size_t i = 0; i < std::size(kRows); ++i) {
    if (static_cast<std::size_t>(kRows[i].kind) != i) return false;
  }
  return kOptional == mc::Presence::kOptional;
}());

constexpr std::array<std::string_view, 8> kStreams{"owner.main", "owner.io",    "owner.calls", "raylet",
                                                   "worker.io",  "worker.main", "gcs",         "wire"};
constexpr std::array<std::string_view, kLogIdCount> kIds{
    "task", "lease",     "node",       "target",      "worker",  "object",   "owner",    "how",
    "call", "from_node", "from_owner", "from_worker", "to_node", "to_owner", "to_worker"};

}  // namespace

std::span<const LogKindRow> log_kind_table() {
  return kRows;
}

std::string_view name_of(LogStream stream) {
  return kStreams[static_cast<std::size_t>(stream)];
}

std::string_view name_of(LogId id) {
  return kIds[static_cast<std::size_t>(id)];
}

}  // namespace raymc
