// Signals: an interrupt ends the process at once, unless it has something to hand over.
#pragma once

#include <atomic>
#include <string_view>

namespace mc {

/// While one exists, SIGINT and SIGTERM only set the flag: whoever holds it looks at the flag and comes to an orderly
/// end, or writes a file that must not stay half-written. Without one, the first signal says "interrupted" on stderr
/// and ends the process: reading, parsing and showing leave nothing behind that is worth keeping. Thread-safe.
class OrderlyEnd {
 public:
  OrderlyEnd();
  ~OrderlyEnd();
  OrderlyEnd(const OrderlyEnd&) = delete;
  OrderlyEnd& operator=(const OrderlyEnd&) = delete;
};

/// SIGINT and SIGTERM set the flag that this gives, and end the process with `exit_code` where no OrderlyEnd exists; a
/// second one always ends it. SIGPIPE and SIGXFSZ are ignored, so that a closed stdout and a file that may not grow are
/// errors of a write. Call once, before threads are started.
[[nodiscard]] const std::atomic<bool>& install_signal_handlers(std::string_view program, int exit_code);

/// The flag; false where no handlers are installed.
[[nodiscard]] bool interrupted();

}  // namespace mc
