// A library to preload: pthread_create fails with EAGAIN while $FEW_THREADS threads that it started are alive, as it
// does under a limit on processes. Unlike such a limit it holds for root, too, and counts this process alone.
#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>

namespace {

using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);

std::atomic<int> alive{0};

struct Start {
  void* (*routine)(void*);
  void* argument;
};

void* run(void* given) {
  const Start start = *static_cast<Start*>(given);
  delete static_cast<Start*>(given);
  void* const result = start.routine(start.argument);
  alive.fetch_sub(1);  // before whoever joins it goes on
  return result;
}

}  // namespace

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*routine)(void*),
                              void* argument) noexcept {
  static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  const char* const most = std::getenv("FEW_THREADS");
  if (alive.fetch_add(1) >= (most == nullptr ? 0 : std::atoi(most))) {
    alive.fetch_sub(1);
    return EAGAIN;
  }
  auto* const start = new Start{routine, argument};
  const int failed = create(thread, attributes, run, start);
  if (failed != 0) {
    delete start;
    alive.fetch_sub(1);
  }
  return failed;
}
