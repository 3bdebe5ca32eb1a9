#include "checker/cli/process.hpp"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>
#include <string_view>
#include <utility>

#include "checker/cli/exit_code.hpp"
#include "checker/store/address_space.hpp"

namespace mc {
namespace {

constexpr std::size_t kStackLeast = std::size_t{1} << 20U;
constexpr std::size_t kStackWanted = std::size_t{8} << 20U;
// What the C library reserves for the heap of one more thread.
constexpr std::size_t kHeapBytes = std::size_t{128} << 20U;

// Of the program; in memory of its own, for there may be none left when it is needed.
std::array<char, 64> name{};

void write_to_stderr(std::string_view text) {
  static_cast<void>(!::write(2, text.data(), text.size()));
}

void say_last(std::string_view what, const char* detail) {
  write_to_stderr(name.data());
  write_to_stderr(what);
  write_to_stderr(detail);
  write_to_stderr("\n");
}

[[noreturn]] void end_process() {
  try {
    if (const std::exception_ptr thrown = std::current_exception()) std::rethrow_exception(thrown);
    say_last(": internal error", "");
  } catch (const std::bad_alloc&) {
    say_last(": out of memory", "");
    std::_Exit(static_cast<int>(ExitCode::kInconclusive));
  } catch (const std::exception& failure) {
    say_last(": internal error: ", failure.what());
  } catch (...) {
    say_last(": internal error", "");
  }
  std::_Exit(static_cast<int>(ExitCode::kInternal));
}

/// A body on a stack of its own, and what it returned.
struct Call {
  const std::function<int()>* body = nullptr;
  int result = 0;
};
Call* call_at_hand = nullptr;

void run_call() {
  call_at_hand->result = (*call_at_hand->body)();
}

/// A stack of that many bytes, or of fewer, or null.
void* stack_of(std::size_t& bytes) {
  for (bytes = kStackWanted; bytes >= kStackLeast; bytes /= 2) {
    void* const at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (at != MAP_FAILED) return at;
  }
  return nullptr;
}

}  // namespace

void prepare_process(const std::string& program) {
  program.copy(name.data(), name.size() - 1);
  std::set_terminate(end_process);
  const std::size_t left = address_space().left;
  if (left == kNoLimit) return;
  mallopt(M_ARENA_MAX, static_cast<int>(std::clamp<std::size_t>(left / 16 / kHeapBytes, 1, 256)));
}

int with_enough_stack(const std::function<int()>& body) {
  rlimit limit{};
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= kStackLeast) return body();
  std::size_t bytes = 0;
  ucontext_t here{};
  ucontext_t there{};
  void* const stack = stack_of(bytes);
  if (stack == nullptr || getcontext(&there) != 0) return body();
  there.uc_stack.ss_sp = stack;
  there.uc_stack.ss_size = bytes;
  there.uc_link = &here;
  Call call{&body, 0};
  call_at_hand = &call;
  makecontext(&there, run_call, 0);
  static_cast<void>(swapcontext(&here, &there));
  munmap(stack, bytes);
  return call.result;
}

}  // namespace mc
