#include "checker/engine/monitor.hpp"

#include <algorithm>
#include <optional>

#include "checker/core/assert.hpp"
#include "checker/engine/memory.hpp"

namespace mc {
namespace {

// A look at the resident set costs microseconds, so it is taken by time and not by states.
constexpr std::chrono::milliseconds kMemoryCheckInterval{10};
// The machine as a whole is asked less often: it has more to tell.
constexpr std::chrono::milliseconds kMachineCheckInterval{100};

// What stays free below a limit that the user set, for what is taken between two looks and for the report.
constexpr std::size_t kMarginMax = std::size_t{16} << 20U;
std::size_t with_margin(std::size_t limit) {
  return limit - std::min(limit / 16, kMarginMax);
}

// A search that the system leaves less than this part of what it holds would soon be killed.
constexpr std::size_t kPartLeft = 16;

// Not worth a look at the system.
constexpr std::uint64_t kSmallBytes = std::uint64_t{1} << 20U;

}  // namespace

Monitor::Monitor(const Options& options)
    : options_(options),
      next_progress_(start_ + std::chrono::duration_cast<Clock::duration>(
                                  std::chrono::duration<double>(options.progress_seconds))),
      next_memory_check_(start_.time_since_epoch().count()),
      next_machine_check_((start_ + kMachineCheckInterval).time_since_epoch().count()) {}

bool Monitor::poll() {
  if (interrupted()) return true;
  if (options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed)) stop(Cause::kCancelled);
  const Clock::time_point now = Clock::now();
  if (options_.limits.time_max && now - start_ >= *options_.limits.time_max) stop(Cause::kTime);
  check_memory(now);
  if (options_.progress && std::this_thread::get_id() == coordinator_ && now >= next_progress_) report_progress();
  return interrupted();
}

void Monitor::check_memory(Clock::time_point now) {
  const auto due = [now](std::atomic<Clock::rep>& next, std::chrono::milliseconds interval) {
    // Relaxed: at worst two threads look at once.
    if (now.time_since_epoch().count() < next.load(std::memory_order_relaxed)) return false;
    next.store((now + interval).time_since_epoch().count(), std::memory_order_relaxed);
    return true;
  };
  const std::optional<std::size_t>& most = options_.limits.memory_max_bytes;
  if ((most || !groups_.empty()) && due(next_memory_check_, kMemoryCheckInterval)) {
    const std::size_t resident = resident_bytes();
    if (most && resident > with_margin(*most)) stop(Cause::kMemory);
    if (groups_.room().left < resident / kPartLeft) stop(Cause::kOutOfMemory);
  }
  if (due(next_machine_check_, kMachineCheckInterval) && available_bytes(groups_) < resident_bytes() / kPartLeft)
    stop(Cause::kOutOfMemory);
}

bool Monitor::allows(std::uint64_t more_bytes) {
  if (more_bytes < kSmallBytes && !options_.limits.memory_max_bytes) return true;
  const std::optional<std::size_t>& most = options_.limits.memory_max_bytes;
  if (most && resident_bytes() + more_bytes > with_margin(*most)) {
    stop(Cause::kMemory);
  } else if (available_bytes(groups_) / 16 * 15 < more_bytes) {
    stop(Cause::kOutOfMemory);
  }
  return !interrupted();
}

void Monitor::out_of_memory() {
  stop(Cause::kOutOfMemory);
}

void Monitor::out_of_disk() {
  stop(Cause::kDisk);
}

void Monitor::stop(Cause cause) {
  // The first cause stays. Relaxed: the coordinating thread reads it for the report after the barrier of the level.
  Cause none = Cause::kNone;
  cause_.compare_exchange_strong(none, cause, std::memory_order_relaxed);
}

std::string Monitor::reason() const {
  switch (cause_.load(std::memory_order_relaxed)) {
    case Cause::kCancelled: return "interrupted";
    case Cause::kTime: return "the time limit of " + std::to_string(options_.limits.time_max->count()) + " ms was hit";
    case Cause::kMemory:
      return "the memory limit of " + std::to_string(*options_.limits.memory_max_bytes) + " bytes was hit";
    case Cause::kOutOfMemory: return shortage_words(groups_);
    case Cause::kDisk: return "what was written of the frontier cannot be read back from the disk";
    case Cause::kNone: break;
  }
  MC_ASSERT(false, "a search that was not interrupted has no cause");
}

double Monitor::seconds() const {
  return std::chrono::duration<double>(Clock::now() - start_).count();
}

void Monitor::begin_level(std::uint32_t depth, std::uint64_t frontier, std::uint64_t states) {
  depth_ = depth;
  frontier_ = frontier;
  expanded_.store(0, std::memory_order_relaxed);
  states_.store(states, std::memory_order_relaxed);
}

void Monitor::advance(std::uint64_t expanded, std::uint64_t transitions, std::uint64_t found) {
  expanded_.fetch_add(expanded, std::memory_order_relaxed);
  transitions_.fetch_add(transitions, std::memory_order_relaxed);
  states_.fetch_add(found, std::memory_order_relaxed);
}

void Monitor::report_progress() {
  Progress progress;
  progress.states = states_.load(std::memory_order_relaxed);
  progress.transitions = transitions_.load(std::memory_order_relaxed);
  progress.depth = depth_;
  progress.frontier = frontier_;
  progress.expanded = expanded_.load(std::memory_order_relaxed);
  progress.resident_bytes = resident_bytes();
  if (visited_ != nullptr) progress.table_load = visited_->table_load();
  progress.seconds = seconds();
  options_.progress(progress);
  next_progress_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(options_.progress_seconds));
}

}  // namespace mc
