// Signals: an interrupt asks a search to end with a report instead of killing it.
#pragma once

#include <atomic>

namespace mc {

/// SIGINT and SIGTERM set the flag that this gives; a second one ends the process. SIGPIPE is ignored, so that a closed
/// stdout is a write error. Call once, before threads are started.
[[nodiscard]] const std::atomic<bool>& install_signal_handlers();

}  // namespace mc
