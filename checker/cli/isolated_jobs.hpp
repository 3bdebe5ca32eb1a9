// Numbered jobs in child processes, so that a job that ends its process (a failed assertion, a signal, an exception) is
// a result like any other. Used by audits of random scenarios, where each job runs on one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

namespace mc {

/// What one job left.
struct JobEnd {
  std::uint64_t number = 0;
  std::string text;  ///< what the job gave; of a job that ended its process: how, and the last line that it said
  bool died = false;
};

/// Runs `job` for the numbers `first` to `first + count - 1` in up to `processes` children at a time and hands each end
/// to `take`, in the order of the numbers. A job that takes more than ten minutes is ended. Returns early, with
/// children ended and waited for, when `cancel` becomes true. Must be called before the process starts threads. Throws
/// std::system_error if a process or a pipe cannot be made.
void run_isolated(std::uint64_t first, std::uint64_t count, unsigned processes,
                  const std::function<std::string(std::uint64_t)>& job, const std::function<void(const JobEnd&)>& take,
                  const std::atomic<bool>* cancel);

}  // namespace mc
