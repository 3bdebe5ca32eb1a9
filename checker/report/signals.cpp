#include "checker/report/signals.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>

namespace mc {
namespace {

std::atomic<bool> flag{false};
std::atomic<int> orderly{0};  // OrderlyEnds that exist
int exit_code_at_once = 0;
std::array<char, 128> farewell{};
std::size_t farewell_size = 0;
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free,
              "a signal handler may only touch lock-free atomics");

extern "C" void on_signal(int) {
  flag.store(true);
  if (orderly.load() > 0) return;
  // Nobody is helped if this cannot be said.
  if (::write(STDERR_FILENO, farewell.data(), farewell_size) < 0) {
  }
  ::_exit(exit_code_at_once);
}

}  // namespace

OrderlyEnd::OrderlyEnd() {
  orderly.fetch_add(1);
}

OrderlyEnd::~OrderlyEnd() {
  orderly.fetch_sub(1);
}

const std::atomic<bool>& install_signal_handlers(std::string_view program, int exit_code) {
  constexpr std::string_view kInterrupted = ": interrupted\n";
  exit_code_at_once = exit_code;
  program = program.substr(0, farewell.size() - kInterrupted.size());
  const auto end = std::copy(program.begin(), program.end(), farewell.begin());
  std::copy(kInterrupted.begin(), kInterrupted.end(), end);
  farewell_size = program.size() + kInterrupted.size();
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);  // the second signal takes its default action
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // A terminal that is closed ends a search as an interrupt does; under nohup it does not.
  struct sigaction hangup {};
  if (sigaction(SIGHUP, nullptr, &hangup) == 0 && hangup.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  return flag;
}

bool interrupted() {
  return flag.load(std::memory_order_relaxed);
}

}  // namespace mc
