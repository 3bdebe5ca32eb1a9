// Values in plasma, as procedures that rows of several components share: what an owner knows and counts, and what the
// stores of the nodes hold. The numbers B of the rows are those of section 8.1 of the dossier of objects, which writes
// them with an O. Everything here does nothing, and costs nothing, while no feature has objects.
#pragma once

#include "model/transition.hpp"

namespace raymc {

// At the owner.

/// Puts the arguments that are in plasma before the run where the scenario says.
void place_arguments(const Config& config, State& s);

/// AddPendingTask: every argument gets a submitted reference; the program may drop its own.
void refer_to_arguments(const Config& config, State& s, TaskId task);

/// Everything that the task waits for in the resolver has an entry in the in-memory store.
[[nodiscard]] bool arguments_known(const View& view, TaskId task);

/// InlineDependencies and OnTaskDependenciesInlined: values that are not in plasma move into the spec.
void inline_arguments(Step& step, TaskId task);

/// RemoveFinishedTaskReferences: gives back what the task's spec still takes by reference.
void release_arguments(Step& step, TaskId task);

/// The owner counts the object out of scope: its pins are to be released and its copies freed.
[[nodiscard]] bool out_of_scope(const State& s, ObjectId object);

/// HandleTaskReturn: the value of a reply, which is in plasma at `node` or in the reply itself.
void record_value(Step& step, TaskId task, Reply reply, NodeId node);

/// A value that came in the reply goes to the local store all the same: the task has made it in plasma before.
[[nodiscard]] bool value_goes_to_plasma(const View& view, TaskId task);

/// MarkTaskReturnObjectsFailed: an error object takes the place of the value.
void record_error(Step& step, TaskId task);

/// CoreWorkerMemoryStore::Put: the value for which a recovery waited is there. That takes the mark of the recovery back
/// in a callback, which is posted.
void recovery_ends(const Config& config, Object& object);

/// UpdateObjectPinnedAtRaylet: the primary copy is at `node`, or lost if the owner knows that node dead.
void set_primary(Step& step, ObjectId object, NodeId node);

/// Stores an error object in the local store of the owner's node.
void store_error_in_plasma(Step& step, ObjectId object);

/// The task's spec is kept as lineage when it ends with this value.
[[nodiscard]] bool keeps_lineage(const View& view, TaskId task);

/// ResetObjectsOnRemovedNode (B23): primary copies at `dead` are lost; the next recovery tick takes them up.
void reset_objects_at(Step& step, OwnerId owner, NodeId dead);

/// The owner's process has ended and its records with it.
void forget_objects_of(Step& step, OwnerId owner);

/// Where the owner of `arguments` would have a request go because one of them is there, or none.
[[nodiscard]] NodeId node_with_argument(const View& view, ObjectSet arguments);

// At the raylets.

/// The store of `node` has all of `objects`.
[[nodiscard]] bool all_local(const View& view, NodeId node, ObjectSet objects);

/// What the arguments of granted leases pin at `node`.
[[nodiscard]] ObjectSet pinned_arguments(const View& view, NodeId node);

/// The arguments of a lease may be pinned at `node` now (PinLeaseArgsIfMemoryAvailable).
[[nodiscard]] bool may_pin(const View& view, NodeId node, ObjectSet arguments);

/// `from` can send an object to `to`. The one place that a cut between two raylets has to change.
[[nodiscard]] bool may_pull(const View& view, NodeId from, NodeId to);

/// The store of `node` has a copy from now on; requests that waited only for it may be granted (HandleObjectLocal).
void object_is_local(Step& step, NodeId node, ObjectId object);

/// CleanupLease, without the resources: the lease's pins and its place in its class are given back.
void close_account(Step& step, NodeId node, LeaseId lease);

/// A lease at `node` waits for arguments: the node is not idle (PULLING_TASK_ARGUMENTS), and knows it at once.
[[nodiscard]] bool pulls_arguments(const View& view, NodeId node);

/// The store of `node` has a primary copy: the node is not idle (IsLocalNodeIdle).
[[nodiscard]] bool store_is_busy(const View& view, NodeId node);

/// A worker has a PinObjectIDs in flight.
[[nodiscard]] bool pins_in_flight(const View& view, WorkerId worker);

/// A worker has sealed an object and asks its raylet to pin it.
void ask_for_pin(Step& step, WorkerId worker, ObjectId object);

/// The raylet's store is gone with it.
void lose_store(Step& step, NodeId node);

}  // namespace raymc
