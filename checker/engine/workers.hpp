// The threads that a search or a simulation runs on: as many as are wanted, or as many as the system gives. Whoever
// wants more is told; no answer depends on their number.
#pragma once

#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <functional>
#include <string>

namespace mc {

/// How many threads were asked for, or one per processor if that is 0.
[[nodiscard]] unsigned threads_wanted(unsigned asked);

/// How many threads of those wanted, the calling one among them, can run at once: under the limits on processes,
/// threads and address space, found by starting them. At least 1. What a process could once have, it can have again;
/// once it was refused some it is not given more. Thread-safe. Cost: tens of microseconds per thread, the first time.
[[nodiscard]] unsigned threads_possible(unsigned wanted);

/// An arena with its threads. oneTBB ends the process if it is refused a thread, so it is never asked for too many.
class Workers {
 public:
  /// `asked` as in `threads_wanted`. `notice` may be null; it is told if there are fewer, once per process.
  Workers(unsigned asked, const std::function<void(const std::string&)>& notice);

  [[nodiscard]] unsigned threads() const { return threads_; }
  /// Calls `body` in the arena.
  template <class Body>
  decltype(auto) execute(const Body& body) {
    return arena_.execute(body);
  }

 private:
  unsigned threads_;
  tbb::global_control allowed_;
  tbb::task_arena arena_;
};

}  // namespace mc
