#include "model/describe_words.hpp"

#include <utility>

#include "checker/core/assert.hpp"

namespace raymc {
namespace {

template <class Enum, std::size_t N>
std::string word(Enum value, const std::pair<Enum, const char*> (&words)[N]) {
  for (const auto& [known, text] : words) {
    if (known == value) return text;
  }
  MC_ASSERT(false, "every value has a word");
}

}  // namespace

std::string word(Rpc rpc) {
  return word(rpc, {
                       {Rpc::kRequestWorkerLease, "RequestWorkerLease"},
                       {Rpc::kReturnWorkerLease, "ReturnWorkerLease"},
                       {Rpc::kCancelWorkerLease, "CancelWorkerLease"},
                       {Rpc::kGetWorkerFailureCause, "GetWorkerFailureCause"},
                       {Rpc::kPushTask, "PushTask"},
                       {Rpc::kCancelLocalTask, "CancelLocalTask"},
                       {Rpc::kReportWorkerFailure, "ReportWorkerFailure"},
                       {Rpc::kRegisterNode, "RegisterNode"},
                       {Rpc::kUnregisterNode, "UnregisterNode"},
                       {Rpc::kSubscribe, "Subscribe"},
                       {Rpc::kExit, "Exit"},
                       {Rpc::kDrainRaylet, "DrainRaylet"},
                       {Rpc::kCancelTask, "CancelTask"},
                       {Rpc::kPinObjectIds, "PinObjectIDs"},
                       {Rpc::kPollOwner, "PubsubLongPolling"},
                       {Rpc::kNotifyOwnerRestart, "RayletNotifyGCSRestart"},
                       {Rpc::kNotifyGcsRestart, "NotifyGCSRestart"},
                       {Rpc::kMarkJobFinished, "MarkJobFinished"},
                   });
}

std::string word(Stage stage) {
  return word(stage, {
                         {Stage::kRequest, "request"},
                         {Stage::kAtServer, "held"},
                         {Stage::kReply, "reply"},
                         {Stage::kFailed, "error"},
                         {Stage::kResend, "to resend"},
                     });
}

std::string word(Reply reply) {
  return word(reply, {
                         {Reply::kNone, "none"},
                         {Reply::kOk, "ok"},
                         {Reply::kGranted, "granted"},
                         {Reply::kRedirect, "redirect"},
                         {Reply::kRejected, "rejected"},
                         {Reply::kCanceled, "canceled"},
                         {Reply::kRefused, "canceled, owner dead"},
                         {Reply::kUnsuccessful, "unsuccessful"},
                         {Reply::kNotNow, "running, not interrupted"},
                         {Reply::kNotRun, "cancelled before running"},
                         {Reply::kUnschedulable, "canceled, unschedulable"},
                         {Reply::kRetryableError, "retryable application error"},
                         {Reply::kOkInPlasma, "ok, in plasma"},
                         {Reply::kAppError, "application error"},
                         {Reply::kOutOfMemory, "out of memory"},
                         {Reply::kOutOfMemoryFinal, "out of memory, fail at once"},
                         {Reply::kStartupFailed, "canceled, no worker can be started"},
                     });
}

std::string word(TaskStatus status) {
  return word(status, {
                          {TaskStatus::kNone, "none"},
                          {TaskStatus::kArgs, "PENDING_ARGS_AVAIL"},
                          {TaskStatus::kNode, "PENDING_NODE_ASSIGNMENT"},
                          {TaskStatus::kSubmitted, "SUBMITTED_TO_WORKER"},
                          {TaskStatus::kFinished, "FINISHED"},
                          {TaskStatus::kFailed, "FAILED"},
                      });
}

std::string word(TaskPlace place) {
  return word(place, {
                         {TaskPlace::kNowhere, ""},
                         {TaskPlace::kProgram, "in the program"},
                         {TaskPlace::kResolver, "in the resolver"},
                         {TaskPlace::kQueue, "queued"},
                         {TaskPlace::kPushed, "pushed"},
                         {TaskPlace::kReplyHalf2, "reply half done"},
                         {TaskPlace::kWaitCause, "waiting for cause"},
                         {TaskPlace::kWaitsForArguments, "waiting for arguments"},
                         {TaskPlace::kResolutionFailed, "resolution failed"},
                         {TaskPlace::kRetryHeap, "in the retry heap"},
                     });
}

std::string word(OwnerLease lease) {
  return word(lease, {
                         {OwnerLease::kNone, ""},
                         {OwnerLease::kPending, "pending"},
                         {OwnerLease::kIdle, "idle"},
                         {OwnerLease::kBusy, "busy"},
                     });
}

std::string word(LeaseStage stage) {
  return word(stage, {
                         {LeaseStage::kNone, ""},
                         {LeaseStage::kInfeasible, "infeasible"},
                         {LeaseStage::kGrantWait, "waiting"},
                         {LeaseStage::kGrantWorker, "waiting for a worker"},
                         {LeaseStage::kWaitArgs, "waiting for arguments"},
                         {LeaseStage::kLeased, "leased"},
                     });
}

std::string word(ProcessState process) {
  return word(process, {
                           {ProcessState::kNone, "no process"},
                           {ProcessState::kStarting, "starting"},
                           {ProcessState::kRunning, "running"},
                           {ProcessState::kDead, "dead"},
                       });
}

std::string word(PoolPlace place) {
  return word(place, {
                         {PoolPlace::kNowhere, ""},
                         {PoolPlace::kIdle, "idle"},
                         {PoolPlace::kReserved, "reserved"},
                         {PoolPlace::kLeased, "leased"},
                         {PoolPlace::kAskedToExit, "asked to exit"},
                         {PoolPlace::kExiting, "exiting"},
                     });
}

std::string word(Get get) {
  return word(get, {
                       {Get::kNone, ""},
                       {Get::kWaiting, "waits in ray.get"},
                       {Get::kAsking, "asks for its CPU"},
                       {Get::kDone, "has been in ray.get"},
                   });
}

std::string word(Execution execution) {
  return word(execution, {
                             {Execution::kNone, ""},
                             {Execution::kQueued, "queued"},
                             {Execution::kStarting, "starting"},
                             {Execution::kPreparing, "about to run"},
                             {Execution::kRunning, "running"},
                         });
}

std::string word(NodeRecord record) {
  return word(record, {
                          {NodeRecord::kUnknown, "unknown"},
                          {NodeRecord::kAlive, "alive"},
                          {NodeRecord::kDying, "dead, not written"},
                          {NodeRecord::kDead, "dead"},
                      });
}

std::string word(Drain drain) {
  return word(drain, {
                         {Drain::kNone, ""},
                         {Drain::kIdle, "draining, idle"},
                         {Drain::kPreemption, "draining, preempted"},
                     });
}

std::string word(Stream stream) {
  return word(stream, {
                          {Stream::kUnopened, "not opened"},
                          {Stream::kListing, "not opened, nodes being listed"},
                          {Stream::kOpen, "open"},
                          {Stream::kHalfOpen, "broken, GCS unaware"},
                          {Stream::kLost, "broken"},
                      });
}

std::string word(PollStage stage) {
  return word(stage, {
                         {PollStage::kNone, ""},
                         {PollStage::kRequest, "on its way"},
                         {PollStage::kOpen, "open"},
                         {PollStage::kReply, "answered"},
                     });
}

std::string word(SubscriberRecord record) {
  return word(record, {
                          {SubscriberRecord::kNone, "no record"},
                          {SubscriberRecord::kActive, ""},
                          {SubscriberRecord::kInactive, "record inactive"},
                          {SubscriberRecord::kRenewed, "record inactive, with a new subscription"},
                      });
}

std::string word(RayCheck check) {
  return word(check, {
                         {RayCheck::kNone, "none"},
                         {RayCheck::kWorkerNotActiveForKey, "AddWorkerLeaseClient: worker not active for key"},
                         {RayCheck::kRedirectOfSpillback, "RequestNewWorkerIfNeeded: redirect of a spillback"},
                         {RayCheck::kRejectOfNonSpillback, "RequestNewWorkerIfNeeded: rejection of a non-spillback"},
                         {RayCheck::kLeaseBusyAtReply, "PushNormalTask: lease busy at reply"},
                         {RayCheck::kStatusIsArgs, "MarkDependenciesResolved: status is ARGS"},
                         {RayCheck::kEntryExists, "CompletePendingTask: entry exists"},
                         {RayCheck::kLeaseNotGranted, "LocalLeaseManager::Grant: lease not granted"},
                         {RayCheck::kTaskNotInWork, "PinTaskArgs: the task has no other entry"},
                         {RayCheck::kAvailableWithinTotal, "LocalResourceManager: available within total"},
                         {RayCheck::kExitIsPending, "WorkerPool::KillIdleWorker: the exit is pending"},
                         {RayCheck::kSpillbackHasAddress, "ScheduleOnNode: the chosen node's address is known"},
                         {RayCheck::kOneStreamPerPeer, "RaySyncer::Connect: one stream per peer"},
                         {RayCheck::kPendingAtRetry, "RetryTaskIfPossible: entry is pending"},
                         {RayCheck::kSubmittedRefHeld, "RemoveSubmittedTaskReferences: submitted references are held"},
                         {RayCheck::kOtherLeaseHoldsPins, "GrantScheduledLeasesToWorkers: another lease holds pins"},
                         {RayCheck::kSelfCheckHasAnswer, "NodeManager::RegisterGcs: self-check has an answer"},
                         {RayCheck::kOneHeadAlive, "HandleRegisterNode: one head node is alive"},
                         {RayCheck::kIdleWorkerHasNoLease, "WorkerPool::PushWorker: idle worker has no lease"},
                     });
}

std::string word(FailureCause cause) {
  return word(cause, {
                         {FailureCause::kNone, ""},
                         {FailureCause::kMemory, "out of memory"},
                         {FailureCause::kMemoryFinal, "out of memory, not to be retried"},
                     });
}

std::string word(Value value) {
  return word(value, {
                         {Value::kNone, ""},
                         {Value::kInline, "inline"},
                         {Value::kInPlasma, "in plasma"},
                     });
}

}  // namespace raymc
