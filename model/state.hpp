// One state of a Ray cluster: the variables of section 7.1 of the dossier, component by component.
// Dead fields always hold their default value, so that equal situations are equal states (model/normalise.*).
// Constant things (shape, profile) are not here; see model/config.hpp.
#pragma once

#include <array>
#include <cstdint>

#include "model/bounded.hpp"
#include "model/budget.hpp"
#include "model/ids.hpp"
#include "model/message.hpp"
#include "model/object.hpp"
#include "model/view_state.hpp"

namespace raymc {

/// The status of a task entry at its owner (section 1.1). A terminal status stays as the record of the result.
enum class TaskStatus : std::uint8_t {
  kNone,       ///< not submitted yet, or its owner is dead
  kArgs,       ///< PENDING_ARGS_AVAIL
  kNode,       ///< PENDING_NODE_ASSIGNMENT
  kSubmitted,  ///< SUBMITTED_TO_WORKER
  kFinished,   ///< its value is stored
  kFailed,     ///< an error object is stored
};

/// Which structure of the submitter holds a task.
enum class TaskPlace : std::uint8_t {
  kNowhere,
  kProgram,
  kResolver,
  kQueue,
  kPushed,
  kReplyHalf2,
  kWaitCause,
  kWaitsForArguments,  ///< in `pending_tasks_` of the dependency resolver
  kResolutionFailed,   ///< out of the resolver with an error; the callback has not run yet
  kRetryHeap,
};

struct Task {
  TaskStatus status = TaskStatus::kNone;
  TaskPlace place = TaskPlace::kProgram;
  std::uint8_t attempt = 0;         ///< 0 to kAttemptMax; the last value also stands for more
  std::uint8_t retries_left = 0;    ///< 0 to kRetriesMax
  bool canceled = false;            ///< `is_canceled_` of the entry
  bool in_cancel_set = false;       ///< `cancelled_tasks_` of the submitter
  std::uint8_t forgiven = 0;        ///< observation: retries that were not charged (O13), up to kAttemptMax
  std::uint8_t memory_retries = 0;  ///< memory_pressure: retries after a kill for want of memory, up to kAttemptMax
  bool cancel_again = false;        ///< a timer will repeat its cancellation (O22)
  Reply half2 = Reply::kNone;       ///< the reply whose second half is still to run
  NodeId half2_node;                ///< where the value of that reply is, if it is in plasma
  ObjectSet by_ref = 0;             ///< arguments that stand in the spec by reference: not resolved yet, or in plasma
  bool bad_argument = false;        ///< an error object was inlined as an argument
  bool actor_known = false;         ///< the actor in its arguments is registered, or its registration has failed
  bool actor_failed = false;        ///< that registration has failed
  bool retained = false;            ///< ended, but its spec is kept as lineage
  bool ran_before = false;          ///< `num_successful_executions_` is not 0
  static constexpr std::uint8_t kAttemptMax = 7;
  friend bool operator==(const Task&, const Task&) = default;
  [[nodiscard]] bool pending() const {
    return status == TaskStatus::kArgs || status == TaskStatus::kNode || status == TaskStatus::kSubmitted;
  }
};

/// A core worker that submits tasks: the driver, or a worker that runs a parent task.
struct Owner {
  bool alive = true;
  bool registered = true;       ///< its raylet still holds its connection
  bool exiting = false;         ///< it exits as soon as its tasks have ended
  std::uint8_t dead_nodes = 0;  ///< bit per node that its node cache holds as dead

  std::uint8_t preempted_nodes = 0;  ///< drain: bit per dead node whose death reason is preemption
  std::uint8_t known_nodes = 0;      ///< affinity: bit per node that was announced to it
  WorkerId worker;                   ///< OwnerKind::kTask: the worker that it is, until its raylet has forgotten it
  NodeId home;                       ///< OwnerKind::kTask: the node of that worker, also after its death
  friend bool operator==(const Owner&, const Owner&) = default;
};

/// What the owner knows of a lease (`pending_lease_requests`, `worker_to_lease_entry_`).
enum class OwnerLease : std::uint8_t {
  kNone,
  kPending,
  kIdle,
  kBusy,
};

/// Where the raylet holds a lease request (section 3.1).
enum class LeaseStage : std::uint8_t {
  kNone,
  kInfeasible,   ///< `infeasible_leases_`
  kGrantWait,    ///< `leases_to_grant_`, WAITING
  kWaitArgs,     ///< `waiting_lease_queue_`: an argument is not local
  kGrantWorker,  ///< `leases_to_grant_`, WAITING_FOR_WORKER: resources are allocated
  kLeased,       ///< `leased_workers_`
};

/// Where the raylet holds a second copy of a request that it did not recognise.
enum class SecondCopy : std::uint8_t {
  kNone,
  kQueued,  ///< `leases_to_grant_`, behind the first
  kPopped,  ///< resources are allocated, a worker is reserved
};

/// What a raylet remembers of why the worker of a lease failed (`worker_failure_reasons_`).
enum class FailureCause : std::uint8_t {
  kNone,
  kMemory,       ///< it killed the worker for want of memory
  kMemoryFinal,  ///< the same, and the lease spec does not allow to try again
};

/// One lease request under its LeaseID. A request goes to one raylet only, so both sides stand together.
struct Lease {
  bool used = false;
  KeyId key;
  NodeId node;                 ///< the raylet asked
  bool spilled = false;        ///< grant_or_reject
  bool after_refusal = false;  ///< observation: asked because the request before it was refused (R2, S6)
  OwnerLease at_owner = OwnerLease::kNone;
  WorkerId owner_worker;  ///< the worker the owner believes it leased
  bool ended = false;     ///< duplicates: its raylet remembers that it answered this id for good
  LeaseStage stage = LeaseStage::kNone;
  WorkerId worker;  ///< of kLeased
  SecondCopy second = SecondCopy::kNone;
  bool second_answers = false;  ///< the caller waits for the second copy, not for the first
  TaskId asked_for;             ///< with tables that name the task: the task that the request was made for
  std::uint8_t cancels = 0;     ///< CancelWorkerLease calls for it: none, one, or more
  bool tombstone = false;       ///< the raylet remembers that it was cancelled
  static constexpr std::uint8_t kCancelsMax = 2;

  ObjectSet arguments = 0;         ///< the plasma arguments in its lease spec
  bool start_overdue = false;      ///< worker_starts: the process that it waits for will never register
  std::uint8_t failed_starts = 0;  ///< worker_starts: how often that has happened to it, up to kFailedStartsMax
  static constexpr std::uint8_t kFailedStartsMax = 7;
  FailureCause cause = FailureCause::kNone;  ///< memory_pressure
  bool no_devices = false;                   ///< devices: the grant that its owner uses names none
  bool by_locality = false;                  ///< the lease policy chose the node because an argument is there
  friend bool operator==(const Lease&, const Lease&) = default;
};

enum class ProcessState : std::uint8_t {
  kNone,
  kStarting,
  kRunning,
  kDead,
};

/// Where the raylet's pool holds a worker.
enum class PoolPlace : std::uint8_t {
  kNowhere,
  kIdle,
  kReserved,  ///< popped; the callback is posted (between R20 and R22/R23)
  kLeased,
  kAskedToExit,  ///< `pending_exit_idle_workers_`: asked to exit, not answered yet
  kExiting,      ///< returned as exiting, or agreed to exit; never used again
};

/// What a worker's executor does.
enum class Execution : std::uint8_t {
  kNone,
  kQueued,
  kStarting,   ///< off the queue; its arguments are fetched, and it is not yet the current task
  kPreparing,  ///< the current task, but its code does not run yet
  kRunning,
};

/// Where the code that a worker runs stands in its blocking ray.get; an attempt blocks at most once.
enum class Get : std::uint8_t {
  kNone,     ///< it has not blocked
  kWaiting,  ///< it waits for the object
  kAsking,   ///< the object is there; it asks its raylet for its CPU (only with `unblock_waits_for_cpu`)
  kDone,     ///< it has gone on
};

struct Worker {
  ProcessState process = ProcessState::kNone;
  bool registered = false;     ///< its raylet holds its connection
  bool killed = false;         ///< KillAsync has marked it: a signal is on its way
  bool stopped = false;        ///< its executor has stopped for a graceful exit
  bool exit_promised = false;  ///< it has answered that it will exit
  bool exiting = false;        ///< its shutdown has begun: it starts no task any more
  bool holds_value = false;    ///< faults: it owns a value for which it has refused to exit, and will refuse again

  OwnerId job;         ///< several drivers: the one whose tasks alone it runs; none: it has run none
  WorkerId port_of;    ///< port_reuse: the dead worker whose port it has got, while somebody still knows that one
  bool stuck = false;  ///< its graceful exit, or its start, never comes to an end

  PoolPlace place = PoolPlace::kNowhere;
  LeaseId lease;  ///< reserved for, or leased under
  Execution execution = Execution::kNone;
  TaskId task;
  std::uint8_t attempt = 0;
  std::uint8_t ran = 0;  ///< with max_calls above 1: executions that have ended
  Get get = Get::kNone;
  bool blocked = false;       ///< its raylet has marked it blocked (`blocked_`) and lent its CPU
  std::uint8_t unread = 0;    ///< blocked and unblocked messages in its socket that its raylet has not read
  bool told_blocked = false;  ///< the newest of them says blocked; they alternate
  friend bool operator==(const Worker&, const Worker&) = default;
};

/// Why a raylet drains (`drain_request_`), if it does.
enum class Drain : std::uint8_t {
  kNone,
  kIdle,        ///< the autoscaler found the node idle
  kPreemption,  ///< the node will be taken away at a deadline
};

struct Raylet {
  bool alive = true;
  bool shutting_down = false;
  Drain drain = Drain::kNone;            ///< drain: the request that it has accepted
  std::int8_t available = 0;             ///< CPUs that are not allocated; below zero only after an unblock (R37)
  std::uint8_t dead_nodes = 0;           ///< bit per node: dead in the node cache and in `failed_nodes_cache_`
  std::uint8_t known_nodes = 0;          ///< bit per node that was announced
  std::uint8_t failed_owners = 0;        ///< bit per owner in `failed_workers_cache_`
  Bounded<LeaseId, kLeasesMax> waiting;  ///< `leases_to_grant_` in state WAITING, oldest first
  Bounded<LeaseId, kLeasesMax> pops;     ///< pool_order: those that wait for a worker process, oldest first
  std::uint8_t draining_nodes = 0;       ///< drain, tracked view: bit per other node that it has seen draining

  RayletView view;
  bool hung = false;  ///< its event loop has stopped

  bool job_ended = false;    ///< jobs: the driver's job is in `finished_jobs_`
  bool job_unknown = false;  ///< jobs: it is not in `all_jobs_` yet

  std::uint16_t accounts = 0;  ///< bit per lease in `granted_leases` and `granted_lease_args_`

  friend bool operator==(const Raylet&, const Raylet&) = default;
};

/// What the GCS knows of a node.
enum class NodeRecord : std::uint8_t {
  kUnknown,
  kAlive,
  kDying,  ///< dead in the cache; the table write has not finished (between G4 and G5)
  kDead,   ///< dead in the table
};

/// Subscribers of the GCS: first the raylets, then the owners.
inline constexpr std::uint8_t kSubscribersMax = kNodesMax + kOwnersMax;
[[nodiscard]] constexpr std::uint8_t subscriber(NodeId node) {
  return node.value;
}
[[nodiscard]] constexpr std::uint8_t subscriber(OwnerId owner) {
  return static_cast<std::uint8_t>(kNodesMax + owner.value);
}

using Mailbox = Bounded<Notice, 6>;

/// Where a subscriber's long poll is.
enum class PollStage : std::uint8_t {
  kNone,     ///< it does not poll: not subscribed yet, or about to subscribe again
  kRequest,  ///< on its way to the GCS, or waiting to be sent
  kOpen,     ///< the GCS holds it and has nothing to say
  kReply,    ///< answered with a batch, which is on its way
};

/// The GCS's record of a subscriber (`SubscriberState`), as the sweep sees it.
enum class SubscriberRecord : std::uint8_t {
  kNone,
  kActive,
  kInactive,  ///< no poll for 300 s
  kRenewed,   ///< no poll for 300 s, and a subscription was added meanwhile
};

/// pubsub: both ends of a subscriber's channel. Numbers count the notices for this subscriber; the order of Ray's
/// numbers, which one GCS gives to all subscribers' notices, is the same.
struct Poll {
  PollStage stage = PollStage::kNone;
  SubscriberRecord record = SubscriberRecord::kNone;
  std::uint8_t batch = 0;      ///< of kReply: so many notices from the front of the mailbox
  std::uint8_t acked = 0;      ///< GCS: number of the last notice that left the mailbox
  std::uint8_t processed = 0;  ///< subscriber: number of the last notice that it has processed
  Mailbox inbox;               ///< subscriber: received, to be handled one by one
  friend bool operator==(const Poll&, const Poll&) = default;
};

/// jobs: the driver's job at the GCS.
enum class JobRecord : std::uint8_t {
  kRunning,
  kEnding,    ///< the driver's node is dead, and the job table is about to be written
  kFinished,  ///< finished in the table
};

struct Gcs {
  bool up = true;
  std::array<NodeRecord, kNodesMax> nodes{};
  std::array<std::uint8_t, kNodesMax> failed_probes{};
  std::uint8_t failed_owners = 0;  ///< the worker table: bit per owner that is recorded as failed
  std::uint8_t subscribed = 0;     ///< bit per subscriber
  std::uint8_t preemptions = 0;    ///< drain: bit per node with a preemption in `draining_nodes_`
  std::uint8_t acknowledged = 0;   ///< drain: bit per node whose preemption the autoscaler knows to be accepted
  std::uint8_t preempted = 0;      ///< drain: bit per dead node whose death reason is preemption
  std::uint8_t past_deadline = 0;  ///< drain: bit per node whose preemption deadline has passed, a fact of the clock
  std::array<Mailbox, kSubscribersMax> mailboxes;
  GcsView view;
  std::uint8_t dead_rows = 0;    ///< bit per live node that `dead_nodes_` still has: the node list names it twice
  std::uint8_t hung_writes = 0;  ///< store_stall: bit per node of which the write of the death hangs
  std::uint8_t unwatched = 0;    ///< bit per node that was loaded at a restart and is not probed
  JobRecord job = JobRecord::kRunning;
  bool opening = false;      ///< restarted, and not reachable yet
  bool new_cluster = false;  ///< in_memory_gcs: restarted with another cluster id than every process knows
  friend bool operator==(const Gcs&, const Gcs&) = default;
};

/// The first RAY_CHECK that failed (section 10.3); the process that it aborts is gone.
enum class RayCheck : std::uint8_t {
  kNone,
  kWorkerNotActiveForKey,  ///< AddWorkerLeaseClient
  kRedirectOfSpillback,    ///< RequestNewWorkerIfNeeded: redirect only for non-spillback
  kRejectOfNonSpillback,   ///< RequestNewWorkerIfNeeded: rejected only for spillback
  kLeaseBusyAtReply,       ///< PushNormalTask callback
  kStatusIsArgs,           ///< MarkDependenciesResolved
  kEntryExists,            ///< CompletePendingTask
  kLeaseNotGranted,        ///< LocalLeaseManager::Grant
  kTaskNotInWork,          ///< PinTaskArgs: the raylet's table has no other entry of the task
  kAvailableWithinTotal,   ///< double free of resources
  kExitIsPending,          ///< KillIdleWorker: the answer to Exit is for a worker that is asked to exit
  kSpillbackHasAddress,    ///< ScheduleOnNode, Spillback: the chosen node's address is known
  kOneStreamPerPeer,       ///< RaySyncer::Connect: no stream of that peer yet (GCS)
  kPendingAtRetry,         ///< RetryTaskIfPossible: the entry exists and is pending
  kSubmittedRefHeld,       ///< RemoveSubmittedTaskReferences: the count is above zero
  kOtherLeaseHoldsPins,    ///< GrantScheduledLeasesToWorkers: somebody else holds the pinned memory
  kSelfCheckHasAnswer,     ///< RegisterGcs: not a RAY_CHECK, but a read of an element that is not there
  kOneHeadAlive,           ///< HandleRegisterNode (GCS): one head node is alive at most
  kIdleWorkerHasNoLease,   ///< WorkerPool::PushWorker
};

/// Observations for properties; no guard reads them.
struct Ghost {
  std::array<std::uint8_t, kTasksMax> started{};  ///< bit per attempt that started while another start is possible
  std::uint8_t started_twice = 0;                 ///< bit per task of which one attempt started twice
  std::uint8_t ended_twice = 0;                   ///< bit per task that took two terminal transitions
  std::uint8_t refused_again = 0;  ///< bit per owner of which a request that followed a refusal was refused

  std::uint8_t charged_preemptions = 0;  ///< bit per task that paid a retry for a node that was preempted

  std::uint8_t asked_dead_raylet = 0;  ///< bit per driver that asked its dead local raylet again
  std::uint8_t abandoned = 0;          ///< bit per owner that exited gracefully while tasks of it were pending
  std::uint8_t charged_kills = 0;      ///< bit per task that a kill for want of memory cost one of its max_retries
  std::uint8_t forfeited_retries = 0;  ///< bit per task that failed after such a kill with a retry for it left
  std::uint8_t lacked_devices = 0;     ///< bit per task that a worker took without being told its devices
  std::uint8_t left_behind = 0;        ///< bit per node: a worker process that nobody knows any more lives there
  bool wrong_recipient = false;        ///< a worker took a task that was pushed to another
  bool cancel_missed = false;          ///< a cancel came to an executor that held the task, and found nothing
  bool fresh_swept = false;            ///< the sweep erased a subscription that was newer than what made it sweep
  RayCheck aborted = RayCheck::kNone;
  friend bool operator==(const Ghost&, const Ghost&) = default;
};

/// Which links carry nothing. See model/links.hpp for the questions that are asked about it.
struct Links {
  std::uint8_t gcs_cut = 0;                   ///< bit per node that does not reach the GCS
  std::array<std::uint8_t, kNodesMax> cut{};  ///< bit per other node that does not reach this one; symmetric
  std::uint8_t silent = 0;                    ///< bit per node that vanished without closing a connection
  friend bool operator==(const Links&, const Links&) = default;
};

inline constexpr std::uint8_t kCallsMax = 48;
using Calls = Bounded<Call, kCallsMax>;

struct State {
  Budget budget;
  std::array<Task, kTasksMax> tasks;
  std::array<Bounded<TaskId, kTasksMax>, kKeysMax> queues;  ///< per key, oldest first
  /// memory_pressure: bit per key of which the owner's lease spec, that of the first task since the key had none (no
  /// task queued, no request, no lease), allows retries.
  std::uint8_t retriable_keys = 0;
  std::array<Owner, kOwnersMax> owners;
  std::array<Lease, kLeasesMax> leases;
  std::array<Worker, kWorkersMax> workers;
  std::array<Object, kObjectsMax> objects;
  std::array<Raylet, kNodesMax> raylets;
  Gcs gcs;
  std::array<Poll, kSubscribersMax> polls;
  Calls calls;
  Links links;
  Ghost ghost;
  friend bool operator==(const State&, const State&) = default;

  [[nodiscard]] Task& task(TaskId id) { return tasks[id.value]; }
  [[nodiscard]] const Task& task(TaskId id) const { return tasks[id.value]; }
  [[nodiscard]] Owner& owner(OwnerId id) { return owners[id.value]; }
  [[nodiscard]] const Owner& owner(OwnerId id) const { return owners[id.value]; }
  [[nodiscard]] Lease& lease(LeaseId id) { return leases[id.value]; }
  [[nodiscard]] const Lease& lease(LeaseId id) const { return leases[id.value]; }
  [[nodiscard]] Object& object(ObjectId id) { return objects[id.value]; }
  [[nodiscard]] const Object& object(ObjectId id) const { return objects[id.value]; }
  [[nodiscard]] Worker& worker(WorkerId id) { return workers[id.value]; }
  [[nodiscard]] const Worker& worker(WorkerId id) const { return workers[id.value]; }
  [[nodiscard]] Raylet& raylet(NodeId id) { return raylets[id.value]; }
  [[nodiscard]] const Raylet& raylet(NodeId id) const { return raylets[id.value]; }
};

/// One bit of a small set of ids.
[[nodiscard]] constexpr std::uint8_t bit(std::uint8_t index) {
  return static_cast<std::uint8_t>(1U << index);
}
[[nodiscard]] constexpr bool has_bit(std::uint8_t set, std::uint8_t index) {
  return ((set >> index) & 1U) != 0;
}

}  // namespace raymc
