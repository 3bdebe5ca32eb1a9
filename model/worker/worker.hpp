// The end of a worker process, which faults and rows share, and what keeps one from exiting.
#pragma once

#include "model/transition.hpp"

namespace raymc {

/// The worker's process ends: its execution is gone and calls to it fail. Its raylet learns of it by R35.
void worker_dies(Step& step, WorkerId worker);

/// Its raylet lives and has closed the worker's connection, it has nothing to do, and nothing makes it leave: only a
/// message to its raylet would tell it (W13), and an idle worker sends none. Calls to it may be under way.
[[nodiscard]] bool is_left_behind(const View& view, WorkerId worker);

/// port_reuse: the live process that has got the port of the dead worker, or none.
[[nodiscard]] WorkerId heir_of(const View& view, WorkerId dead);

/// Ends the worker's execution and answers the push it came from, if its caller still waits.
void end_execution(Step& step, WorkerId worker, Reply reply, bool exiting = false);

/// Ends the worker's execution; the push it came from fails at its caller.
void fail_execution(Step& step, WorkerId worker);

/// The execution that runs, or comes next, is the worker's last (max_calls).
[[nodiscard]] bool is_last_execution(const View& view, WorkerId worker);

/// The worker's executor is to stop because its process exits: at once, or in steps of its own (feature
/// `graceful_exit`).
void begin_exit(Step& step, WorkerId worker);

/// Nothing that others need keeps the worker: it owns no task, no object, and pins nothing (CoreWorker::IsIdle).
/// Abstraction: references are the environment's choice (fault `not_idle`).
[[nodiscard]] bool worker_may_exit(const View& view, WorkerId worker);

/// The worker sends its raylet a blocked or an unblocked message; they are read later, in order (R36, R37).
void tell_raylet(Step& step, WorkerId worker, bool blocked);

/// The worker's executor stops for a graceful exit and says so with one blocked message (W12).
void stop_executor(Step& step, WorkerId worker);

}  // namespace raymc
