// The mechanisms that Ray relies on for recovery, each as a switch: what it promises, where it is discussed, where in
// Ray it stands, and which Ray has it. A profile (model/profile.hpp) is a set of switches; a scenario may override
// single ones. Rows read the set through `Config`; properties name the safeguard whose loss they notice.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "model/feature.hpp"
#include "model/release.hpp"
#include "model/source.hpp"

namespace raymc {

enum class Safeguard : std::uint8_t {
  kLeaseRequestIdentity,       ///< a resent lease request is recognised by its LeaseID
  kReturnByLeaseId,            ///< a return names the lease, not the worker
  kPushIsSingleShot,           ///< PushTask is never resent by the transport
  kRetryIsCharged,             ///< a retry is taken off the task's budget
  kRetryChecksBudget,          ///< a task without retries left fails
  kFailureEndsTask,            ///< a failed attempt reaches the retry decision
  kFirstValueWins,             ///< a finished task is not finished again
  kRefuseDeadOwner,            ///< a lease request of a dead owner is answered canceled
  kCancelDeadOwnersWork,       ///< queued requests of a dead owner are cancelled
  kKillDeadOwnersWorkers,      ///< workers leased to a dead owner are killed
  kDisconnectFreesResources,   ///< a worker's disconnect frees what its lease held
  kQueuedRequestsFail,         ///< a dropped client fails its queued requests
  kFenceDeadNode,              ///< a raylet that is told of its own death aborts
  kSpillbackRejects,           ///< a spilled request is granted or rejected, never spilled again
  kIdleWorkerHasNoLease,       ///< a returned worker gives up its lease id
  kResubscribeRefetchesNodes,  ///< after a GCS restart subscribers refetch the node table
  kCanceledRequestIsAnswered,  ///< a queued request that is cancelled is answered
  kDeathIsWrittenFirst,        ///< a node's death is in the table before it is published
  kNoticesAreDeduplicated,     ///< a notice that was processed is not handled again
  kFailedQueueIsTaken,         ///< tasks that fail together leave their queue together
  kGrantChecksWorker,          ///< fix of C1: a worker that is gone is neither granted nor pooled
  kRefetchWorkerFailures,      ///< fix of C4: after a GCS restart raylets refetch worker failures
  kRefusalEndsKey,          ///< fix of C8: a request refused because its owner is believed dead fails the key's tasks
  kExitingWorkerIsFlagged,  ///< fix of C3: a worker that stopped its executor answers with an error
  kOwnersNoticeRestart,     ///< an owner learns of a GCS restart without its raylet
  kUnregisterIsAnswered,    ///< fix of C5: UnregisterNode of a dead node is answered
  kOneExitRequest,          ///< an idle worker is asked to exit once at a time
  kExitIsDecidedOnce,       ///< fix: a worker that agreed to exit does exit
  kExitIsRetried,           ///< fix: a request to exit that fails is sent again

  kDroppedRequestIsAnswered,      ///< a request dropped from the local queue as infeasible is answered
  kDrainReschedulesQueuedLeases,  ///< a drain takes queued requests out of the local queue and reschedules them
  kDrainingRayletRefusesLeases,   ///< a raylet that drains grants no new lease
  kPreemptionRetryChecksCancel,   ///< fix of C7: a cancelled task is not retried for free
  kNodeDeathIsConfirmedFirst,     ///< a failure is put down to a node's death only when that death is known
  kDrainsArePersisted,            ///< a restarted GCS still knows which nodes are being preempted
  kIdleDrainKeepsPreemption,      ///< the drain of an idle node does not replace its preemption at the GCS
  kUnknownAffinityTargetWaits,    ///< fix of C13: a request waits for a target that has not been announced yet

  kGuessedRowsAreReset,       ///< a row changed in anticipation goes back to what was received last
  kOwnRowIsLocal,             ///< a raylet does not apply what is broadcast about itself
  kStreamOpensAfterNodeList,  ///< a new raylet opens its stream when it has the list of nodes
  kEarlyRowsAreKept,          ///< a row about a node that is not announced yet is kept and applied
  kChoiceNeedsLiveRecord,     ///< only nodes that the node cache holds alive are chosen
  kNewStreamReplacesOld,      ///< a raylet's new stream takes the place of its old one
  kBrokenStreamIsReopened,    ///< a raylet whose stream broke opens another

  kProbeRunsOnTheLoop,      ///< fix of C10: the health probe is answered by the raylet's main loop
  kKeepaliveEndsCalls,      ///< a connection whose peer fell silent is closed in the end
  kUnavailableHook,         ///< a down channel to a node that is known dead drops its client
  kLivenessAtCreation,      ///< fix proposed in #63405: no client of a node that is known dead
  kNodeDeathFailsCalls,     ///< fix of C9: a node's death ends the calls to it that are under way
  kLocalDeathEndsQueue,     ///< a driver does not ask its dead local raylet again
  kEndedLeaseIsRemembered,  ///< fix of F19: a late copy of an answered lease request is recognised
  kCauseQueryIsRetried,     ///< fix of #54970: GetWorkerFailureCause is resent like other calls
  kExitWaitsForTasks,       ///< an owner that exits gracefully waits for its pending tasks
  kReleaseOnlyWhatIsHeld,   ///< a lease whose CPU is lent gives back only the rest
  kUnblockWaitsForCpu,      ///< a worker that leaves ray.get waits until it has its CPU again

  kQueuedRequestsAreRecognised,     ///< a resent request that is still queued is recognised
  kWaitingRequestsAreRecognised,    ///< so is one that waits for its worker
  kCallbacksAreAppended,            ///< a resend's callback stands beside the first one's
  kCancelIsRepeated,                ///< a cancellation that found nothing is sent again
  kCancelledRequestsAreTombstoned,  ///< a raylet refuses a request that was cancelled before it came
  kSurplusRequestsAreCancelled,     ///< requests that an owner has no task for are cancelled
  kDroppedTaskIsAnswered,           ///< a task that is dropped from the executor's queue is answered
  kCancelKnowsWaitCause,            ///< a cancel leaves a task whose failure cause is asked for to the answer
  kResubmissionChecksCancel,        ///< a retry that is due is dropped if its task was cancelled meanwhile
  kStartedTaskStaysPending,         ///< a task that has left the executor's queue can still be cancelled
  kReleaseAfterStop,                ///< a killed worker's resources are free when it has stopped
  kQueuedLeasesAreSpilled,          ///< a request that waits for resources may still go elsewhere
  kWorkersWatchRaylet,              ///< a worker exits when its raylet is gone
  kTablesAreKeyedByLease,           ///< the raylet's tables of granted work name the lease, not the task

  kKilledWorkerReleasesLease,  ///< fix of C2: the disconnect of a killed worker cleans its lease up as any other
  kExitingReturnReleasesPins,  ///< a lease that is returned with an exiting worker is cleaned up at once
  kCancelWithdrawsResolution,  ///< a cancel withdraws the resolution of the task's arguments, also one that is posted
  kReplyLocationIsChecked,     ///< a reply that names a dead node as a value's place starts its recovery
  kTransientErrorIsNotDeath,   ///< a failed poll of an owner is sent again, not taken for the owner's death
  kPinReportsFailure,          ///< PinObjectIDs says for each object whether it is there
  kPinningWorkerIsBusy,        ///< a worker that waits for a pin says that it is not idle

  kDeadNodeStaysDead,  ///< a late registration does not revive a node that was declared dead

  // the GCS's restart, and its channels; the table says what each promises
  kDeathIsToldAtOnce,
  kResubscribeReportsDeaths,
  kRestartWatchesLoadedNodes,
  kRestartIsAnnounced,
  kDetectorStartsAfterService,
  kPublisherWaitsForAck,
  kPublisherIdTellsRestart,
  kUnknownSubscriberIsRejected,
  kRegistrationIsActivity,
  kCheckAliveReadsStatusFirst,
  kDrainReadsStoreNow,          ///< the drain of an idle node is decided on what its store holds now
  kDrainCountsUnpinnedValues,   ///< so is it on values whose pin is still on its way
  kMemoryKillHasOwnBudget,      ///< a kill for want of memory takes no retry off max_retries
  kMemoryRetriesAreCounted,     ///< a task is killed for want of memory at most task_oom_retries times and once more
  kMemoryRetryAsksTheTask,      ///< fix of C12: the retry after such a kill is decided on the task that ran
  kRepeatedGrantNamesDevices,   ///< fix of C11: a repeated grant names the devices of its lease
  kEndedJobEndsItsWorkers,      ///< the leased workers of a job that has ended are asked to exit
  kEndedJobsRequestIsAnswered,  ///< a request that is dropped because its job has ended is answered
  kRestartEndsJobsOfDeadNodes,  ///< fix of C16: a restarted GCS ends the jobs whose driver's node is dead
  kStartIsWatched,              ///< a worker process that does not register in time is given up
  kFailedStartsAreCounted,      ///< a lease request whose processes fail to start too often is cancelled
  kNewHeadFailsOldHead,         ///< a head that registers fails the one that the GCS holds alive
  kRegistrationSparesItself,    ///< but not itself, when its registration arrives again
  kWrongRecipientRefuses,       ///< a worker refuses a push that was meant for another
  kNewHeadWaitsForDeath,        ///< a head that registers waits until the death of another is written
  kDisconnectedWorkerIsKilled,  ///< fix: a worker whose connection its raylet closes after a failed push is killed
  kCancelInVainIsRepeated,      ///< fix: a cancel of a pushed task that found nothing is repeated
  kCancelTaskIsRetried,         ///< fix: a raylet's CancelTask that fails is sent again
  kExitWaitsForPins,            ///< fix: a worker that exits in order waits for the pins that it has asked for
  kRecoveryEndsWithValue,       ///< fix: the mark of a recovery goes in the turn in which its value comes
  kCancelKnowsReplyHalves,      ///< fix of C6: a cancel between the halves of a reply is left to the second half
};
inline constexpr std::uint8_t kSafeguardCount = static_cast<std::uint8_t>(Safeguard::kCancelKnowsReplyHalves) + 1;

/// A release of Ray that began or ceased to have something, and by what: a pull request, or a setting.
struct Change {
  Release release;
  std::string_view by;
};

/// Which Ray has a safeguard. Without a change every release has it, or none.
struct History {
  bool pinned = false;                         ///< the pinned revision has it
  std::optional<Change> since = std::nullopt;  ///< the first release that has it, if the pinned revision has not
  std::optional<Change> until = std::nullopt;  ///< the first release that has it no more

  [[nodiscard]] constexpr bool in(Release release) const {
    return (since ? release >= since->release : pinned) && !(until && release >= until->release);
  }
};

/// One row of the table of safeguards.
struct SafeguardRow {
  Safeguard safeguard;
  std::string_view id;       ///< the key in a scenario's `safeguards` table: "lease_request_identity"
  std::string_view claim;    ///< what it promises, one sentence
  std::string_view threads;  ///< Ray's issues and pull requests, or the dossier's candidate
  Feature feature;           ///< what must be on for its loss to be seen
  History history;           ///< which Ray has it
  Source source;             ///< where it stands in Ray; of a proposed fix, what would change
  bool hardened = true;      ///< on in the hardened profile; not, if it trades one hazard for another
};

/// All rows, in the order of the enumeration.
[[nodiscard]] std::span<const SafeguardRow> safeguard_table();

/// Which safeguards are on.
class SafeguardSet {
 public:
  [[nodiscard]] bool has(Safeguard safeguard) const { return on_[static_cast<std::size_t>(safeguard)]; }
  void set(Safeguard safeguard, bool on) { on_[static_cast<std::size_t>(safeguard)] = on; }
  friend bool operator==(const SafeguardSet&, const SafeguardSet&) = default;

  /// Ray as it is at the pinned revision, with its known defects.
  [[nodiscard]] static SafeguardSet pinned();
  /// Every safeguard and every proposed fix on.
  [[nodiscard]] static SafeguardSet hardened();
  /// A release of Ray.
  [[nodiscard]] static SafeguardSet of(Release release);

 private:
  std::bitset<kSafeguardCount> on_;
};

/// The safeguard with this id, if there is one.
[[nodiscard]] std::optional<Safeguard> find_safeguard(std::string_view id);

/// The id of a safeguard.
[[nodiscard]] std::string_view id_of(Safeguard safeguard);

}  // namespace raymc
