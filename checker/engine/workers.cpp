#include "checker/engine/workers.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

#include "checker/engine/cgroup.hpp"
#include "checker/store/address_space.hpp"

namespace mc {
namespace {

// The stack that oneTBB gives to a thread, and what its heap takes besides.
constexpr std::size_t kStackBytes = std::size_t{4} << 20U;
constexpr std::size_t kThreadBytes = 2 * kStackBytes;

/// Threads that do nothing but be there until it is destroyed.
class Crowd {
 public:
  Crowd() = default;
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    ended_.notify_all();
    for (const pthread_t member : members_) pthread_join(member, nullptr);
  }
  /// Starts up to so many; returns how many there are.
  unsigned start(unsigned count) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return 0;
    pthread_attr_setstacksize(&attributes, kStackBytes);
    members_.reserve(count);
    pthread_t member{};
    while (members_.size() < count && pthread_create(&member, &attributes, &Crowd::wait, this) == 0) {
      members_.push_back(member);
    }
    pthread_attr_destroy(&attributes);
    return static_cast<unsigned>(members_.size());
  }

 private:
  static void* wait(void* crowd) {
    auto* const self = static_cast<Crowd*>(crowd);
    std::unique_lock lock(self->mutex_);
    self->ended_.wait(lock, [self] { return self->over_; });
    return nullptr;
  }

  std::mutex mutex_;
  std::condition_variable ended_;
  bool over_ = false;
  std::vector<pthread_t> members_;
};

/// As many threads as may take a quarter of what is left of the address space, this one included.
unsigned threads_with_room(unsigned wanted) {
  const std::size_t left = address_space().left;
  if (left == kNoLimit) return wanted;
  return static_cast<unsigned>(std::min<std::size_t>(wanted, 1 + left / 4 / kThreadBytes));
}

std::string shortage(unsigned wanted, unsigned possible) {
  const std::string cause = threads_with_room(wanted) < wanted
                                ? words(address_space())
                                : "the limit on processes and threads (ulimit -u, pids.max)";
  return "runs on " + std::to_string(possible) + " of " + std::to_string(wanted) + " threads: " + cause +
         " allows no more; the answer is the same";
}

}  // namespace

unsigned threads_wanted(unsigned asked) {
  return asked > 0 ? asked : std::max(1U, std::thread::hardware_concurrency());
}

unsigned threads_possible(unsigned wanted) {
  static std::mutex mutex;
  static unsigned known = 1;    // could be had
  static bool refused = false;  // more could not
  const std::lock_guard lock(mutex);
  if (wanted <= known || refused) return std::min(wanted, known);
  // What the group says spares the attempts that it would refuse; what it does not say, they find out.
  const std::size_t allowed = cgroup_threads_left();
  const unsigned most =
      std::min(threads_with_room(wanted), allowed >= wanted ? wanted : 1 + static_cast<unsigned>(allowed));
  const unsigned started = most > 1 ? Crowd().start(most - 1) : 0;
  known = std::max(known, 1 + started);
  refused = known < wanted;
  return std::min(wanted, known);
}

Workers::Workers(unsigned asked, const std::function<void(const std::string&)>& notice)
    : threads_(threads_possible(threads_wanted(asked))),
      allowed_(tbb::global_control::max_allowed_parallelism, threads_),
      arena_(static_cast<int>(threads_)) {
  const unsigned wanted = threads_wanted(asked);
  static std::atomic<bool> told = false;
  if (notice && threads_ < wanted && !told.exchange(true)) notice(shortage(wanted, threads_));
}

}  // namespace mc
