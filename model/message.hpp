// A remote call as one record that moves through its stages, and a notice of the GCS's pub/sub.
// One record per call keeps request, server-side wait, reply and resend queue in one place (ADR-0003), so that a
// call can neither be forgotten nor answered twice by accident.
#pragma once

#include <cstdint>

#include "model/ids.hpp"

namespace raymc {

/// The RPCs of section 6.2 that the rows use; the comment gives client -> server.
enum class Rpc : std::uint8_t {
  kRequestWorkerLease,     ///< owner -> raylet, retryable
  kReturnWorkerLease,      ///< owner -> raylet, retryable
  kCancelWorkerLease,      ///< owner -> raylet, retryable
  kGetWorkerFailureCause,  ///< owner -> raylet, plain
  kPushTask,               ///< owner -> worker, plain
  kCancelLocalTask,        ///< owner -> raylet, retryable
  kReportWorkerFailure,    ///< raylet -> GCS, retryable
  kRegisterNode,           ///< raylet -> GCS, retryable
  kUnregisterNode,         ///< raylet -> GCS, retryable
  kSubscribe,              ///< raylet or owner -> GCS, retryable
  kDrainRaylet,            ///< GCS -> raylet, retryable
  kExit,                   ///< raylet -> worker, plain
  kCancelTask,             ///< raylet -> its worker, plain
  kPinObjectIds,           ///< worker or owner -> raylet, retryable
  kPollOwner,              ///< raylet -> owner, retryable: the eviction channel, PubsubLongPolling with its commands
  kNotifyOwnerRestart,     ///< RayletNotifyGCSRestart: raylet -> local owner, plain
  kMarkJobFinished,        ///< raylet -> GCS, retryable
  kNotifyGcsRestart,       ///< GCS -> raylet, retryable
};
inline constexpr std::uint8_t kRpcCount = static_cast<std::uint8_t>(Rpc::kNotifyGcsRestart) + 1;

/// Where a call is.
enum class Stage : std::uint8_t {
  kRequest,   ///< the request is on the wire
  kAtServer,  ///< the server holds it and has not answered
  kReply,     ///< the reply is on the wire
  kFailed,    ///< an error has been posted to the caller
  kResend,    ///< in the caller's queue of requests to send again (N1)
};

/// What a server answers; the argument of kGranted is a worker, of kRedirect a node.
enum class Reply : std::uint8_t {
  kNone,
  kOk,  ///< done; for PushTask: the task's value
  kGranted,
  kRedirect,
  kRejected,
  kCanceled,      ///< canceled, type INTENDED: the request was cancelled while it was queued
  kRefused,       ///< canceled, type INTENDED: the raylet believes the owner dead (R2)
  kUnsuccessful,  ///< CancelWorkerLease found nothing to cancel; PinObjectIDs found no copy
  kNotNow,        ///< CancelTask: the task runs, but could not be interrupted
  kNotRun,        ///< PushTask: cancelled before running

  kUnschedulable,  ///< canceled, type UNSCHEDULABLE: no node can ever serve the request

  kRetryableError,  ///< PushTask: the user's code raised what the task wants to be retried for

  kOkInPlasma,  ///< PushTask: the value is in the store of the worker's node

  kAppError,  ///< PushTask: the user's code raised

  kOutOfMemory,       ///< GetWorkerFailureCause: killed for want of memory
  kOutOfMemoryFinal,  ///< the same, and the task is to fail at once

  kStartupFailed,  ///< canceled, type WORKER_STARTUP_FAILED or RUNTIME_ENV_SETUP_FAILED
};
/// The last reply.
inline constexpr Reply kReplyLast = Reply::kStartupFailed;

/// One call. Ids that its kind does not use are none.
struct Call {
  Rpc rpc = Rpc::kRequestWorkerLease;
  Stage stage = Stage::kRequest;
  bool detached = false;    ///< the caller no longer waits: it has seen an error, or it is dead
  bool stray = false;       ///< a second copy of a request, made by the transport; bound to no order
  bool disconnect = false;  ///< ReturnWorkerLease: disconnect the worker
  bool exiting = false;     ///< PushTask reply and ReturnWorkerLease: the worker exits after this task

  bool force = false;       ///< Exit: whatever the worker does, because its job has ended
  bool leased = false;      ///< Exit: to a worker that was leased, not to one of the pool
  bool preemption = false;  ///< DrainRaylet: of a node that will be preempted; UnregisterNode: because of such a drain

  OwnerId owner;    ///< the calling owner, or the owner that is reported dead
  NodeId node;      ///< the raylet that serves, or that calls the GCS
  WorkerId worker;  ///< the worker that serves
  LeaseId lease;
  TaskId task;
  ObjectId object;  ///< PinObjectIDs
  std::uint8_t attempt = 0;
  Reply reply = Reply::kNone;
  WorkerId granted;  ///< argument of kGranted
  NodeId redirect;   ///< argument of kRedirect
  friend constexpr auto operator<=>(const Call&, const Call&) = default;
};

/// What the GCS publishes on its control channels.
enum class NoticeKind : std::uint8_t {
  kNodeAlive,
  kNodeDead,
  kWorkerFailed,
  kJobStarted,
  kJobFinished,
};
inline constexpr std::uint8_t kNoticeKindCount = static_cast<std::uint8_t>(NoticeKind::kJobFinished) + 1;

/// One published message in a subscriber's mailbox.
struct Notice {
  NoticeKind kind = NoticeKind::kNodeDead;
  NodeId node;    ///< of the node notices
  OwnerId owner;  ///< of kWorkerFailed; failures of workers that own nothing are not published (ADR-0005)

  bool preempted = false;  ///< of kNodeDead: the reason is AUTOSCALER_DRAIN_PREEMPTED
  friend constexpr auto operator<=>(const Notice&, const Notice&) = default;
};

}  // namespace raymc
