// The end of a worker process, which faults and rows share.
#pragma once

#include "model/transition.hpp"

namespace raymc {

/// The worker's process ends: its execution is gone and calls to it fail. Its raylet learns of it by R35.
void worker_dies(Step& step, WorkerId worker);

}  // namespace raymc
