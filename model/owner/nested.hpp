// An owner that is born with a task: the worker that runs an attempt of a parent task becomes a core worker that
// submits tasks, waits for them in ray.get and owns them until its process ends. Where an owner of any kind lives. An
// attempt that the shape has no owner for runs without submitting anything. A parent may be the child of another
// parent. Abstraction: a worker that has run two parents is one core worker in Ray; here it is two owners, whose keys
// are different ones in any case, which live and die together.
#pragma once

#include "model/transition.hpp"

namespace raymc {

/// The node on which `owner` runs or ran; none before it is born.
[[nodiscard]] NodeId home_of(const View& view, OwnerId owner);

/// The live owners whose process is this worker: bit per owner.
[[nodiscard]] std::uint8_t owners_in(const View& view, WorkerId worker);

/// The live owner whose tasks the code that `worker` runs waits for, or none.
[[nodiscard]] OwnerId parent_in(const View& view, WorkerId worker);

/// Every task of `owner` has ended, with a value or an error.
[[nodiscard]] bool children_ended(const View& view, OwnerId owner);

/// The worker starts an attempt: if that makes it an owner, it subscribes to the GCS and submits its tasks.
void bear_owner(Step& step, WorkerId worker);

/// The raylet of `worker` closes its connection and reports its failure: of the owners that it is, and of those that it
/// will be, if it lives, when it begins what was pushed to it. Bit per owner.
std::uint8_t disconnect_owners_in(Step& step, WorkerId worker);

/// The process of `owner` ends, and with it the worker that it is.
void owner_exits(Step& step, OwnerId owner);

}  // namespace raymc
