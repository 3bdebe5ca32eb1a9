// The one way in which the checker works in parallel: a loop over independent pieces, which ends when all are done.
// Runs on the oneTBB arena that the caller stands in. Under ThreadSanitizer the pieces run on plain threads instead:
// the packaged oneTBB is not instrumented, so that the sanitizer would not see its barriers and would report every
// hand-over between levels as a race.
#pragma once

#include <tbb/parallel_for.h>

#include <cstddef>

#if defined(__SANITIZE_THREAD__)
#define MC_PLAIN_THREADS 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MC_PLAIN_THREADS 1
#endif
#endif

#if defined(MC_PLAIN_THREADS)
#include <tbb/task_arena.h>

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>
#endif

namespace mc {

#if defined(MC_PLAIN_THREADS)
/// Calls `body(i)` for every i below `count`, in any order, some at once. What it writes is visible when this returns;
/// what was written before is visible to it. If a call throws, the rest may be left out and the exception comes out.
template <class Body>
void parallel_for(std::size_t count, const Body& body) {
  std::atomic<std::size_t> next = 0;
  std::exception_ptr thrown;
  std::mutex mutex;
  const auto work = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) body(i);
    } catch (...) {
      const std::lock_guard lock(mutex);
      thrown = std::current_exception();
      next = count;
    }
  };
  std::vector<std::thread> team;
  try {
    for (int i = 1; i < tbb::this_task_arena::max_concurrency(); ++i) team.emplace_back(work);
  } catch (const std::exception&) {
    // No more threads or memory: those that there are do the work.
  }
  work();
  for (std::thread& member : team) member.join();
  if (thrown) std::rethrow_exception(thrown);
}
#else
/// Calls `body(i)` for every i below `count`, in any order, some at once. What it writes is visible when this returns;
/// what was written before is visible to it. If a call throws, the rest may be left out and the exception comes out.
template <class Body>
void parallel_for(std::size_t count, const Body& body) {
  tbb::parallel_for(std::size_t{0}, count, body);
}
#endif

}  // namespace mc
