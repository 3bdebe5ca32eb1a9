// The owner's state machine as procedures that several rows share: the retry decision, the request for more workers,
// what happens to a lease when its worker is free, and the owner's own end. Sections 1 and 2 of the dossier.
#pragma once

#include "model/transition.hpp"

namespace raymc {

/// The owner's event loop can take its next event: the process is alive and no event is half done.
[[nodiscard]] bool loop_is_free(const View& view, OwnerId owner);

/// A task of `owner` whose reply (S14) or failed resolution (O3) is half done, or none.
[[nodiscard]] TaskId task_between_halves(const View& view, OwnerId owner);

/// The owner's program submits a task: its entry is created and its resolution posted (O1).
void submit_task(Step& step, TaskId task);

/// The posted resolution of `task` is the next event of its owner's loop.
[[nodiscard]] bool resolution_is_next(const View& view, TaskId task);

/// Queues a task whose arguments are known and asks for a worker: the turn of the loop that O2 and O16 share.
void queue_resolved_task(Step& step, TaskId task);

/// ResolveDependencies: the task is queued if its arguments are known, and waits for them in the resolver if not.
void resolve(Step& step, TaskId task);

/// RetryTaskIfPossible, then FailPendingTask: O12 or O15.
void fail_or_retry(Step& step, TaskId task);

/// The owner's node cache holds `node` alive.
[[nodiscard]] bool owner_knows_alive(const View& view, OwnerId owner, NodeId node);

/// O13: puts the next attempt on the retry heap without a charge if the owner knows that `node` was preempted.
bool retry_for_free(Step& step, TaskId task, NodeId node);

/// The owner may put a failure down to `node` now: with the proposed fix only when its death is known, or refuted.
[[nodiscard]] bool node_death_is_decided(const View& view, OwnerId owner, NodeId node);

/// The key has an entry in the submitter: a task in its queue, a pending request or a lease.
[[nodiscard]] bool key_has_entry(const View& view, KeyId key);

/// memory_pressure: `task` is about to be queued; if its key has no entry, its spec becomes the key's lease spec.
void note_lease_spec(Step& step, TaskId task);

/// Observes that `task` pays with one of its max_retries, or ends, although its raylet killed its worker of `lease` for
/// want of memory and would say so.
void note_charged_kill(Step& step, TaskId task, LeaseId lease);

/// Observes that `task` pays for a node that was preempted.
void note_charged_preemption(Step& step, TaskId task, NodeId node);

/// FailPendingTask: O15; nothing if the entry is gone.
void fail_pending(Step& step, TaskId task);

/// The second half of the reply that `task` stands between: O5, or S16 when it was cancelled before it ran.
void finish_reply(Step& step, TaskId task);

/// Takes the task out of the place between the halves; what the reply was.
Reply end_reply(Step& step, TaskId task);

/// RequestNewWorkerIfNeeded with all its guards; `target` is a spillback target or none (S2).
void request_new_workers(Step& step, KeyId key, NodeId target);

/// Asks for the cancellation of every pending lease request of a key whose queue is empty (S17).
void cancel_surplus_requests(Step& step, KeyId key);

/// OnWorkerIdle: return the lease (S12, S13) or push the next task on it (S11); then ask for more workers.
void worker_is_idle(Step& step, LeaseId lease, bool failed, bool exiting, bool expired);

/// Takes the whole queue of a key and fails each task (S10, and the fix of C8).
void fail_queue(Step& step, KeyId key);

/// The owner's process ends, for whatever reason: its entries, queues and leases are gone (F3, F4).
void owner_dies(Step& step, OwnerId owner);

/// The end of a task: a terminal status, and every other field at rest.
void end_task(Step& step, TaskId task, TaskStatus status);

}  // namespace raymc
