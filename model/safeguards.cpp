#include "model/safeguards.hpp"

#include <array>

namespace raymc {
namespace {

using enum Safeguard;

constexpr SafeguardRow kRows[] = {
    {kLeaseRequestIdentity, "lease_request_identity", "a resent lease request is recognised by its LeaseID", "#55469",
     Feature::kCore, true},
    {kReturnByLeaseId, "return_by_lease_id", "a return of an unknown lease has no effect", "#55469", Feature::kCore,
     true},
    {kPushIsSingleShot, "push_is_single_shot", "PushTask is never resent by the transport", "section 6.2",
     Feature::kCore, true},
    {kRetryIsCharged, "retry_is_charged", "a retry is taken off the task's budget", "section 1.2", Feature::kCore,
     true},
    {kRetryChecksBudget, "retry_checks_budget", "a task without retries left fails instead of running again",
     "section 1.2", Feature::kCore, true},
    {kFailureEndsTask, "failure_ends_task", "a failed attempt reaches the retry decision, also without a cause",
     "section 2.5", Feature::kCore, true},
    {kFirstValueWins, "first_value_wins", "a task that has a result is not given another", "section 1.5",
     Feature::kCore, true},
    {kRefuseDeadOwner, "refuse_dead_owner", "a lease request of a dead owner is answered canceled", "#43920, #52516",
     Feature::kCore, true},
    {kCancelDeadOwnersWork, "cancel_dead_owners_work", "queued requests of a dead owner are cancelled",
     "#43920, #52516", Feature::kCore, true},
    {kKillDeadOwnersWorkers, "kill_dead_owners_workers", "workers leased to a dead owner are killed", "section 3.6",
     Feature::kCore, true},
    {kDisconnectFreesResources, "disconnect_frees_resources", "a worker's disconnect frees what its lease held",
     "section 3.5", Feature::kCore, true},
    {kQueuedRequestsFail, "queued_requests_fail", "dropping the client of a dead node fails its queued requests",
     "#63405", Feature::kCore, true},
    {kFenceDeadNode, "fence_dead_node", "a raylet that was declared dead aborts", "section 3.8", Feature::kCore, true},
    {kSpillbackRejects, "spillback_rejects", "a spilled request is granted or rejected, never spilled again", "#20050",
     Feature::kCore, true},
    {kIdleWorkerHasNoLease, "idle_worker_has_no_lease", "a worker that goes back to the pool gives up its lease",
     "section 10.3", Feature::kCore, true},
    {kResubscribeRefetchesNodes, "resubscribe_refetches_nodes",
     "after a GCS restart subscribers refetch the node table", "section 5.3", Feature::kGcsRestart, true},
    {kCanceledRequestIsAnswered, "canceled_request_is_answered", "a queued request that is cancelled is answered",
     "#43920", Feature::kCore, true},
    {kDeathIsWrittenFirst, "death_is_written_first", "a node's death is in the table before it is published",
     "section 5.1", Feature::kCore, true},
    {kNoticesAreDeduplicated, "notices_are_deduplicated", "a notice that was processed is not handled again",
     "section 5.3", Feature::kCore, true},
    {kFailedQueueIsTaken, "failed_queue_is_taken", "tasks that fail together leave their queue together",
     "invariant 11", Feature::kCore, true},
    {kGrantChecksWorker, "grant_checks_worker",
     "a popped or returned worker that is gone is neither granted nor pooled", "C1", Feature::kCore, false},
    {kRefetchWorkerFailures, "refetch_worker_failures", "after a GCS restart raylets refetch worker failures",
     "C4, #66199", Feature::kGcsRestart, false},
    {kRefusalEndsKey, "refusal_ends_key", "a request refused for its owner's death fails the key's tasks", "C8",
     Feature::kCore, false},
    {kExitingWorkerIsFlagged, "exiting_worker_is_flagged",
     "a worker that stopped its executor answers a push with an error", "C3", Feature::kCore, false},
    {kOwnersNoticeRestart, "owners_notice_restart", "an owner notices a GCS restart by itself and subscribes again",
     "found by raymc", Feature::kGcsRestart, false},
    {kQueuedRequestsAreRecognised, "queued_requests_are_recognised",
     "a resent lease request is recognised while it is queued", "#58265, #58989", Feature::kCore, true},
    {kWaitingRequestsAreRecognised, "waiting_requests_are_recognised",
     "a resent lease request is recognised while it waits for its worker", "#4765", Feature::kCore, true},
    {kCallbacksAreAppended, "callbacks_are_appended",
     "the reply callback of a resent lease request does not replace the first one", "#58265, #58989", Feature::kCore,
     true},
    {kCancelIsRepeated, "cancel_is_repeated", "a cancellation that found no lease request is sent again", "#7929",
     Feature::kCore, true},
    {kCancelledRequestsAreTombstoned, "cancelled_requests_are_tombstoned",
     "a raylet refuses a lease request whose cancellation came first, and an owner cancels a request once",
     "#65420, #65613", Feature::kLeaseCancels, false},
    {kSurplusRequestsAreCancelled, "surplus_requests_are_cancelled",
     "lease requests that their owner has no task for are cancelled", "#7887, #7929", Feature::kCore, true},
    {kDroppedTaskIsAnswered, "dropped_task_is_answered",
     "a task that a cancel drops from the executor's queue is answered", "#24359, #24369", Feature::kCancellation,
     true},
    {kCancelKnowsWaitCause, "cancel_knows_wait_cause",
     "a cancel leaves a task whose failure cause is being asked for to the answer", "#54798", Feature::kCancellation,
     true},
    {kResubmissionChecksCancel, "resubmission_checks_cancel",
     "a retry that is due is dropped if its task was cancelled meanwhile", "#54260, #54116", Feature::kCancellation,
     true},
    {kStartedTaskStaysPending, "started_task_stays_pending",
     "a task between the executor's queue and its start can be cancelled", "#52703", Feature::kCancelPath, false},
    {kReleaseAfterStop, "release_after_stop",
     "the resources of a worker that is killed for its owner's death are free when it has stopped", "#53660",
     Feature::kCore, true},
    {kQueuedLeasesAreSpilled, "queued_leases_are_spilled",
     "a lease request that waits for local resources may still be sent to another node", "#12084", Feature::kCore,
     true},
    {kWorkersWatchRaylet, "workers_watch_raylet", "a worker whose raylet is gone exits", "#20706, #20777, #6014",
     Feature::kCore, true},
    {kTablesAreKeyedByLease, "tables_are_keyed_by_lease",
     "two leases for attempts of one task have entries of their own at a raylet", "#55469, #53522, #14820",
     Feature::kCore, true},
    {kUnregisterIsAnswered, "unregister_is_answered", "UnregisterNode of a dead node is answered", "C5, #66329, #66330",
     Feature::kCore, false},
    {kOneExitRequest, "one_exit_request", "an idle worker is asked to exit once at a time", "#20180",
     Feature::kIdleExit, true},
    {kExitIsDecidedOnce, "exit_is_decided_once", "a worker that agreed to exit does exit", "#65929, #65930",
     Feature::kIdleExit, false},
    {kExitIsRetried, "exit_is_retried", "a request to exit that fails is sent again", "found by raymc",
     Feature::kIdleExit, false},
    {kDroppedRequestIsAnswered, "dropped_request_is_answered",
     "a request that is dropped from the local queue as infeasible is answered", "#52295", Feature::kDrain, true},
    {kDrainReschedulesQueuedLeases, "drain_reschedules_queued_leases",
     "a drain takes queued requests out of the local queue and schedules them again", "#57834", Feature::kDrain, true},
    {kDrainingRayletRefusesLeases, "draining_raylet_refuses_leases", "a raylet that drains grants no new lease",
     "#44579, #49517, #38096", Feature::kDrain, true},
    {kPreemptionRetryChecksCancel, "preemption_retry_checks_cancel",
     "a cancelled task is not retried because its node was preempted", "C7, #54260", Feature::kDrain, false},
    {kNodeDeathIsConfirmedFirst, "node_death_is_confirmed_first",
     "a failure is put down to a node's death, and charged or forgiven, only when that death is known", "F14",
     Feature::kDrain, false},
    {kDrainsArePersisted, "drains_are_persisted", "a restarted GCS still knows which nodes are being preempted", "F14",
     Feature::kDrain, false},
    {kIdleDrainKeepsPreemption, "idle_drain_keeps_preemption",
     "the drain of an idle node does not replace its preemption at the GCS", "G11", Feature::kDrain, false},
    {kUnknownAffinityTargetWaits, "unknown_affinity_target_waits",
     "a request waits for a target node that has not been announced yet", "C13", Feature::kAffinity, false},
    {kGuessedRowsAreReset, "guessed_rows_are_reset",
     "a row that was changed in anticipation goes back to the last one received after 3 s", "#12711, #28054, #29905",
     Feature::kResourceView, true},
    {kOwnRowIsLocal, "own_row_is_local", "a raylet does not apply what is broadcast about itself", "#19911, #19996",
     Feature::kResourceView, true},
    {kStreamOpensAfterNodeList, "stream_opens_after_node_list",
     "a new raylet opens its stream to the GCS when it has the list of nodes", "#34645", Feature::kResourceView, true},
    {kEarlyRowsAreKept, "early_rows_are_kept", "a row about a node that is not announced yet is kept and applied",
     "#34645", Feature::kResourceView, true},
    {kChoiceNeedsLiveRecord, "choice_needs_live_record", "only nodes that the node cache holds alive are chosen",
     "#8329, #16858, #19564", Feature::kResourceView, true},
    {kNewStreamReplacesOld, "new_stream_replaces_old",
     "a raylet's new stream takes the place of one that the GCS still holds", "#45639, #47861", Feature::kResourceView,
     true},
    {kBrokenStreamIsReopened, "broken_stream_is_reopened", "a raylet whose stream broke opens another", "#58307",
     Feature::kResourceView, true},
    {kProbeRunsOnTheLoop, "probe_runs_on_the_loop", "the health probe is answered by the raylet's main loop", "C10",
     Feature::kHangs, false},
    {kKeepaliveEndsCalls, "keepalive_ends_calls",
     "a connection whose peer fell silent is closed in the end, and its calls fail", "#44692, #44578",
     Feature::kPartitions, true},
    {kUnavailableHook, "unavailable_hook_drops_client",
     "while a channel is down the cached death of its node drops the client", "#56613, #63405", Feature::kCore, true},
    {kLivenessAtCreation, "liveness_at_client_creation",
     "a call to a node that its caller holds dead fails before it is sent", "#63405", Feature::kCore, false},
    {kNodeDeathFailsCalls, "node_death_fails_calls", "a node's death ends the calls to it that an owner waits for",
     "C9, #44692", Feature::kPartitions, false},
    {kLocalDeathEndsQueue, "local_death_ends_queue",
     "a driver whose local raylet is dead fails its queued tasks instead of asking again", "#20859", Feature::kCore,
     true},
    {kEndedLeaseIsRemembered, "ended_lease_is_remembered",
     "a copy of a lease request that was answered and ended is refused", "F19, #55469", Feature::kDuplicates, false},
    {kCauseQueryIsRetried, "cause_query_is_retried", "GetWorkerFailureCause is sent again after a transient error",
     "#54970", Feature::kCore, false},
    {kExitWaitsForTasks, "exit_waits_for_tasks", "an owner that exits gracefully waits for its pending tasks", "O25",
     Feature::kGracefulExit, true},
    {kReleaseOnlyWhatIsHeld, "release_only_what_is_held",
     "the end of a blocked worker's lease frees only what was not lent already", "#15083, #14775, #15077",
     Feature::kBlocking, true},
    {kUnblockWaitsForCpu, "unblock_waits_for_cpu",
     "a worker whose ray.get has its object goes on only when its raylet has its CPU again", "#50739, #12963",
     Feature::kBlocking, false},
    {kKilledWorkerReleasesLease, "killed_worker_releases_lease",
     "the disconnect of a worker that its raylet killed frees the pins and the class entry of its lease",
     "C2, #64627, #65835, #62093, #62185", Feature::kArguments, false, true},
    {kExitingReturnReleasesPins, "exiting_return_releases_pins",
     "the return of a lease frees its pins, also when the worker is exiting", "#65938", Feature::kArguments, false,
     true},
    {kCancelWithdrawsResolution, "cancel_withdraws_resolution",
     "a cancelled task's arguments are not resolved afterwards", "#56123, #55362, #54871", Feature::kArguments, false,
     true},
    {kReplyLocationIsChecked, "reply_location_is_checked",
     "a reply that names a node known dead as a value's place starts its recovery", "#8791", Feature::kResults, true,
     true},
    {kTransientErrorIsNotDeath, "transient_error_is_not_death",
     "a failed poll of an owner is sent again and not taken for the owner's death", "#54081, #55051, #54332",
     Feature::kResults, true, true},
    {kPinReportsFailure, "pin_reports_failure", "PinObjectIDs reports objects that are not there", "#25084, #25104",
     Feature::kResults, true, true},
    {kPinningWorkerIsBusy, "pinning_worker_is_busy", "a worker with a pin in flight is not idle", "#14577, #15686",
     Feature::kIdleExit, true, true},
    {kDeadNodeStaysDead, "dead_node_stays_dead", "a late registration does not revive a node that was declared dead",
     "found by raymc", Feature::kCore, false},
    {kDeathIsToldAtOnce, "death_is_told_at_once", "a node's death is published as soon as the GCS decides on it",
     "#64702, #64187", Feature::kCore, false, false},
    {kResubscribeReportsDeaths, "resubscribe_reports_deaths",
     "a subscriber that subscribes again reports the nodes that it holds dead, and the GCS fails them", "#64702",
     Feature::kGcsRestart, false},
    {kRestartWatchesLoadedNodes, "restart_watches_loaded_nodes",
     "after a restart the GCS probes the nodes that its table says are alive", "#9379, #9380", Feature::kGcsRestart,
     true},
    {kRestartIsAnnounced, "restart_is_announced", "a restarted GCS tells the raylets, which tell their local owners",
     "#24642, #24628", Feature::kGcsRestart, true},
    {kDetectorStartsAfterService, "detector_starts_after_service",
     "after a restart the GCS counts nobody's silence before it can be reached", "#9380, #11592", Feature::kGcsRestart,
     true},
    {kPublisherWaitsForAck, "publisher_waits_for_ack",
     "a notice stays in the mailbox until the next poll acknowledges it", "#33115, #32046", Feature::kPubsub, true},
    {kPublisherIdTellsRestart, "publisher_id_tells_restart",
     "numbers of an earlier GCS neither acknowledge nor hide the notices of this one", "#33115", Feature::kPubsub,
     true},
    {kUnknownSubscriberIsRejected, "unknown_subscriber_is_rejected",
     "the poll of a subscriber without a record is rejected; it subscribes and reads again", "C14, #63041, #22340",
     Feature::kPubsub, false},
    {kRegistrationIsActivity, "registration_is_activity",
     "a record to which a subscription was added counts as active for the sweep", "#66251", Feature::kPubsub, false},
    {kCheckAliveReadsStatusFirst, "check_alive_reads_status_first",
     "the self-check of a raylet reads the answer only if there is one", "C15", Feature::kGcsRestart, false},
    {kDestroyWaitsForEnd, "destroy_waits_for_end",
     "a worker that is destroyed keeps its lease until its process has ended", "found by raymc", Feature::kCancelPath,
     false},
    {kCancelKnowsReplyHalves, "cancel_knows_reply_halves",
     "a cancel between the halves of a reply is left to the second half", "C6, #54798", Feature::kCancellation, false},
};
static_assert(std::size(kRows) == kSafeguardCount);

constexpr std::array<SafeguardRow, kSafeguardCount> by_safeguard() {
  std::array<SafeguardRow, kSafeguardCount> table{};
  for (const SafeguardRow& row : kRows) table[static_cast<std::size_t>(row.safeguard)] = row;
  return table;
}
constexpr std::array<SafeguardRow, kSafeguardCount> kTable = by_safeguard();

}  // namespace

std::span<const SafeguardRow> safeguard_table() {
  return kTable;
}

SafeguardSet SafeguardSet::pinned() {
  SafeguardSet set;
  for (const SafeguardRow& row : kTable) set.set(row.safeguard, row.pinned);
  return set;
}

SafeguardSet SafeguardSet::hardened() {
  SafeguardSet set;
  for (const SafeguardRow& row : kTable) set.set(row.safeguard, row.hardened);
  return set;
}

std::optional<Safeguard> find_safeguard(std::string_view id) {
  for (const SafeguardRow& row : kTable) {
    if (row.id == id) return row.safeguard;
  }
  return std::nullopt;
}

std::string_view id_of(Safeguard safeguard) {
  return kTable[static_cast<std::size_t>(safeguard)].id;
}

}  // namespace raymc
