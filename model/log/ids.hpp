// Which ids a row's line names where they are not simply those of its binding. One function for each way to find them.
#pragma once

#include "model/log/line.hpp"

namespace raymc::log_ids {

// Of the owner.
bool resolved(const LogScene& scene, LogIds& ids);          ///< only if the task is queued now
bool resolved_in_vain(const LogScene& scene, LogIds& ids);  ///< nobody told the resolver of the cancellation
bool of_lease(const LogScene& scene, LogIds& ids);          ///< node: the raylet that was asked
bool request(const LogScene& scene, LogIds& ids);           ///< the same, after the row
bool canceled(const LogScene& scene, LogIds& ids);          ///< how: as Ray calls the reason
bool granted(const LogScene& scene, LogIds& ids);           ///< worker: the one that the reply names
bool redirected(const LogScene& scene, LogIds& ids);        ///< target: the node that the reply names
bool push(const LogScene& scene, LogIds& ids);              ///< the next task of the key, and the leased worker
bool return_lease(const LogScene& scene, LogIds& ids);      ///< the leased worker
bool pushed_worker(const LogScene& scene, LogIds& ids);     ///< the worker of the push that ends
bool failed_call(const LogScene& scene, LogIds& ids);       ///< worker and node of the call
bool notice_node(const LogScene& scene, LogIds& ids);       ///< the node that a notice tells of
bool recovery(const LogScene& scene, LogIds& ids);          ///< only if a recovery begins
bool reconstruct(const LogScene& scene, LogIds& ids);       ///< only a task that may be retried may make it again
bool of_object(const LogScene& scene, LogIds& ids);         ///< task: the one that makes the object
bool request_lost(const LogScene& scene, LogIds& ids);      ///< how a call fails, and which
bool reply_lost(const LogScene& scene, LogIds& ids);
bool early_error(const LogScene& scene, LogIds& ids);

bool at_owner(const LogScene& scene, LogIds& ids);           ///< only if an owner is told
bool subscribing_owner(const LogScene& scene, LogIds& ids);  ///< only if an owner subscribes

// Of the raylet.
bool at_raylet(const LogScene& scene, LogIds& ids);        ///< only if a raylet is told
bool new_node(const LogScene& scene, LogIds& ids);         ///< target: the node that a notice tells of
bool already_leased(const LogScene& scene, LogIds& ids);   ///< the worker of the lease
bool allocated(const LogScene& scene, LogIds& ids);        ///< the lease that leaves the queue of the raylet
bool still_waiting(const LogScene& scene, LogIds& ids);    ///< the first in it for which CPUs are missing
bool start(const LogScene& scene, LogIds& ids);            ///< the slot that is filled
bool popped(const LogScene& scene, LogIds& ids);           ///< the lease that a worker was popped for
bool rescheduled(const LogScene& scene, LogIds& ids);      ///< the first lease that a drain takes out of the queue
bool rescheduled_too(const LogScene& scene, LogIds& ids);  ///< the second, if there is one
bool says_blocked(const LogScene& scene, LogIds& ids);     ///< only if the oldest message says so
bool says_unblocked(const LogScene& scene, LogIds& ids);
bool failed_owner(const LogScene& scene, LogIds& ids);  ///< the owner that a notice or a call tells of
bool local_owner(const LogScene& scene, LogIds& ids);   ///< the owner of the binding, at its raylet

// Of the worker.
bool runs(const LogScene& scene, LogIds& ids);         ///< the worker's task
bool done(const LogScene& scene, LogIds& ids);         ///< the same; its code has come to its end
bool done_badly(const LogScene& scene, LogIds& ids);   ///< ... by the end of the process
bool done_unsent(const LogScene& scene, LogIds& ids);  ///< ... before the process died; only if it ran
bool interrupted(const LogScene& scene, LogIds& ids);  ///< only if the cancelled task's code runs
bool not_running(const LogScene& scene, LogIds& ids);  ///< only if it does not
bool is_idle(const LogScene& scene, LogIds& ids);      ///< the worker finds itself idle
bool is_not_idle(const LogScene& scene, LogIds& ids);
bool raylet_gone(const LogScene& scene, LogIds& ids);  ///< only a process that has started can say so

}  // namespace raymc::log_ids
