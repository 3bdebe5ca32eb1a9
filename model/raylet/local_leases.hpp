// The local half of a raylet: resources, the grant pass, the worker pool, and what ends a lease (sections 3.3 to 3.7).
// Procedures that rows of several files share.
#pragma once

#include <array>

#include "model/transition.hpp"

namespace raymc {

/// How far a pass over the local queue gets: what it would do first with the requests that it reaches.
struct ExaminedQueue {
  LeaseId grant;                ///< the first that can be granted
  LeaseId lacks_argument;       ///< one that comes earlier, and an argument of which is not local any more
  bool no_room_to_pin = false;  ///< one was passed over because its arguments may not be pinned now
};
[[nodiscard]] ExaminedQueue examine_queue(const View& view, NodeId node);

/// Grants waiting requests in order while resources last: R14 and R16 (a pass of LocalLeaseManager).
void grant_pass(Step& step, NodeId node);

/// The same pass class by class, each as long as its share, its cap and the resources last: R14 and R17.
void class_pass(Step& step, NodeId node);

/// Which classes a pass skips because they have more than their fair share (R17). None while that is not asked.
[[nodiscard]] std::array<bool, kKeysMax> skipped_classes(const View& view, NodeId node);

/// As many leases of `key` are granted at `node` as fit its CPUs; the next has to wait for its time (R17).
[[nodiscard]] bool at_cap(const View& view, NodeId node, KeyId key);

/// Gives back the CPUs of one lease of `key`.
void free_resources(Step& step, NodeId node, KeyId key);

/// Takes back the CPUs of `worker`, which its raylet holds blocked; they may be lent to others, so that available CPUs
/// go below zero (ReturnCpuResourcesToUnblockedWorker).
void take_cpus_back(Step& step, WorkerId worker, KeyId key);

/// Frees what a returned lease of `key` held; a worker that is still held blocked is unblocked first.
void free_returned(Step& step, WorkerId worker, KeyId key);

/// Frees what the lease of a worker that is gone held: of a blocked one no CPU, which is lent already.
void free_what_is_held(Step& step, WorkerId worker, KeyId key);

/// A live, registered worker is free: it serves a waiting pop request (R22 follows in the same turn) or becomes idle.
/// PushWorker makes no test of the worker; a dead one can come here (R23, R34b).
void push_worker(Step& step, WorkerId worker);

/// Takes `lease` off the raylet's table and its worker off the lease.
void erase_lease(Step& step, LeaseId lease);

/// The raylet has answered this LeaseID for good; with the fix of F19 it remembers that.
void lease_has_ended(Step& step, LeaseId lease);

/// Queues `lease`, which the raylet holds already, once more; `answers`: its caller waits for this copy.
/// Abstraction: a second copy is never sent elsewhere, one of an infeasible request changes nothing, and a third does
/// what a second did.
void add_second_copy(Step& step, LeaseId lease, bool answers);

/// What waits in the queue for `lease` is its second copy.
[[nodiscard]] bool is_second_copy(const Lease& lease);

/// The first copy of `lease` is gone: a second one that was not recognised is the only one now.
void promote_second_copy(Step& step, LeaseId lease);

/// Removes queued work of `lease`, whatever its stage, frees what it holds and answers its request canceled, in the way
/// that `reply` says.
void cancel_work(Step& step, LeaseId lease, Reply reply = Reply::kCanceled);

/// The same without an answer to the request.
void drop_work(Step& step, LeaseId lease);

/// jobs: the raylet knows that the job of the request, or of the worker, has ended.
[[nodiscard]] bool is_of_ended_job(const View& view, LeaseId lease);
[[nodiscard]] bool is_of_ended_job(const View& view, WorkerId worker);

/// The request is in state WAITING_FOR_WORKER, and no worker is reserved for it.
[[nodiscard]] bool waits_for_process(const View& view, NodeId node, LeaseId lease);

/// More requests wait for a worker process than processes are starting that will register, if `failing` of those fail.
[[nodiscard]] bool goes_short_of_processes(const View& view, NodeId node, std::size_t failing = 0);

/// The pool has posted `a.worker` to a request that is still wanted; the callback is the raylet's next event for it.
[[nodiscard]] bool has_popped(const View& view, const Action& a);

/// The pool has no worker for the request: what was allocated is free again, and the request waits in the local queue
/// (R24). No pass is run.
void pop_has_failed(Step& step, LeaseId lease);

/// Cancels all queued work of `owner` at `node` (CancelAllLeasesOwnedBy).
void cancel_work_of(Step& step, NodeId node, OwnerId owner);

/// KillAsync of every worker of `node` that is leased to `owner`.
void kill_workers_of(Step& step, NodeId node, OwnerId owner);

/// DisconnectClient for a worker that is registered: R35.
void disconnect_worker(Step& step, WorkerId worker);

/// The raylet's process ends, for whatever reason (F1); its idle workers vanish with it, busy ones follow by W11.
void raylet_dies(Step& step, NodeId node);

/// The raylet holds the lease queued (not yet granted).
[[nodiscard]] bool queued(const Lease& lease);

}  // namespace raymc
