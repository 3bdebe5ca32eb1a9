// An owner that is born with a task: the worker that runs the first attempt of a parent task becomes a core worker that
// submits tasks, waits for them in ray.get and owns them until its process ends. Where an owner of any kind lives.
// A later attempt of the parent runs without submitting anything, so that owners stay few.
#pragma once

#include "model/transition.hpp"

namespace raymc {

/// The node on which `owner` runs or ran; none before it is born.
[[nodiscard]] NodeId home_of(const View& view, OwnerId owner);

/// The live owner whose process is this worker, or none.
[[nodiscard]] OwnerId owner_in(const View& view, WorkerId worker);

/// The live owner whose tasks the code that `worker` runs waits for, or none.
[[nodiscard]] OwnerId parent_in(const View& view, WorkerId worker);

/// Every task of `owner` has ended, with a value or an error.
[[nodiscard]] bool children_ended(const View& view, OwnerId owner);

/// The worker starts an attempt: if that makes it an owner, it subscribes to the GCS and submits its tasks.
void bear_owner(Step& step, WorkerId worker);

/// The raylet of `worker` closes its connection: if it is an owner's, its failure is to be reported. The owner, or
/// none.
OwnerId disconnect_owner_in(Step& step, WorkerId worker);

/// The process of `owner` ends, and with it the worker that it is.
void owner_exits(Step& step, OwnerId owner);

}  // namespace raymc
