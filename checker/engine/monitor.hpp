// Watches a running search: time, memory, the cancel flag and the progress report. The only part of the engine that
// looks at a clock; it can end a search, but it never shapes what a finished level says.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "checker/engine/cgroup.hpp"
#include "checker/engine/options.hpp"

namespace mc {

/// One per search. `poll` and `interrupted` are thread-safe; the rest belongs to the coordinating thread, which is the
/// one that constructed the monitor. The counters are relaxed: they are shown to a person and nothing is built on them.
class Monitor {
 public:
  explicit Monitor(const Options& options);

  /// Whom to ask how full the table is; must outlive every `poll`.
  void watch(const VisitedSet& visited) { visited_ = &visited; }
  /// There is no table any more.
  void unwatch() { visited_ = nullptr; }

  /// Looks whether the search must end, and reports progress if it is due and this is the coordinating thread. Called
  /// every few hundred states. Returns `interrupted()`.
  bool poll();
  /// Whether the search may take so many more bytes at once: within its limit, and without the system running dry. If
  /// not, the search ends, with the reason. Thread-safe.
  bool allows(std::uint64_t more_bytes);
  /// Ends the search for want of memory.
  void out_of_memory();
  /// Ends the search because what it put on the disk does not come back.
  void out_of_disk();
  /// True if the search ended for want of memory.
  [[nodiscard]] bool lacks_memory() const {
    const Cause cause = cause_.load(std::memory_order_relaxed);
    return cause == Cause::kMemory || cause == Cause::kOutOfMemory;
  }
  [[nodiscard]] bool interrupted() const { return cause_.load(std::memory_order_relaxed) != Cause::kNone; }
  /// Why the search ended, in words; requires `interrupted()`.
  [[nodiscard]] std::string reason() const;
  [[nodiscard]] double seconds() const;

  /// A level begins: `frontier` states at `depth`, `states` found so far.
  void begin_level(std::uint32_t depth, std::uint64_t frontier, std::uint64_t states);
  /// A part of the level is done.
  void advance(std::uint64_t expanded, std::uint64_t transitions, std::uint64_t found);

 private:
  using Clock = std::chrono::steady_clock;
  enum class Cause : std::uint8_t { kNone, kCancelled, kTime, kMemory, kOutOfMemory, kDisk };

  void stop(Cause cause);
  void check_memory(Clock::time_point now);
  void report_progress();

  const Options& options_;
  const VisitedSet* visited_ = nullptr;
  const MemoryGroups& groups_ = memory_groups();
  const Clock::time_point start_ = Clock::now();
  const std::thread::id coordinator_ = std::this_thread::get_id();
  Clock::time_point next_progress_;
  std::atomic<Clock::rep> next_memory_check_;
  std::atomic<Clock::rep> next_machine_check_;
  std::atomic<Cause> cause_ = Cause::kNone;
  std::uint32_t depth_ = 0;
  std::uint64_t frontier_ = 0;
  std::atomic<std::uint64_t> states_ = 0;
  std::atomic<std::uint64_t> transitions_ = 0;
  std::atomic<std::uint64_t> expanded_ = 0;
};

/// True if one more value can be appended: there is room, or the monitor allows so much as a larger vector takes.
template <class T>
[[nodiscard]] bool has_room_for_one(const std::vector<T>& values, Monitor& monitor) {
  return values.size() < values.capacity() || monitor.allows((2 * values.size() + 1) * sizeof(T));
}

}  // namespace mc
