// The measuring hand of `./raymc bench peers` and `./raymc bench scaling`.
//   peer_bench run WORKLOAD THREADS exact|fingerprint   one search; prints states, transitions, depth. WORKLOAD is
//     twophaseN, recoveryTMRC, or recoveryTMRC-ABCD: task 1 has A retries fewer than R, task 2 B, ...
//   peer_bench measure COMMAND...   what it prints goes to stderr; tells wall seconds, peak KiB, CPU seconds
//   peer_bench probe THREADS MIB    random batched probes of a table, M/s: the machine's ceiling
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "checker/engine/search.hpp"
#include "tests/models/recovery.hpp"
#include "tests/models/two_phase_commit.hpp"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

template <mc::Model M, std::size_t N>
int search(const M& model, const std::array<mc::Property<M>, N>& properties, const mc::Options& options) {
  const mc::Verdict verdict = mc::search(model, properties, options).verdict;
  std::fprintf(stderr, "%llu\t%llu\t%u\n", static_cast<unsigned long long>(verdict.states),
               static_cast<unsigned long long>(verdict.transitions), verdict.depth);
  return verdict.outcome == mc::Outcome::kHolds ? 0 : 1;
}

int run(const std::string& workload, const std::string& threads, std::string_view store) {
  constexpr std::string_view kTwoPhase = "twophase";
  constexpr std::string_view kRecovery = "recovery";
  mc::Options options;
  options.threads = static_cast<unsigned>(std::atoi(threads.c_str()));
  const std::optional<mc::StoreKind> kind = mc::store_kind(store);
  if (!kind) return 64;
  options.store = *kind;
  const auto digit = [&](std::size_t i) { return static_cast<unsigned>(workload[i] - '0'); };
  if (workload.rfind(kTwoPhase, 0) == 0 && workload.size() > kTwoPhase.size()) {
    const auto managers = static_cast<unsigned>(std::atoi(workload.c_str() + kTwoPhase.size()));
    return search(mc::models::TwoPhaseCommit(managers), mc::models::kTwoPhaseProperties, options);
  }
  if (workload.rfind(kRecovery, 0) == 0 && workload.size() >= kRecovery.size() + 4) {
    const std::size_t at = kRecovery.size();
    mc::models::Recovery::Sizes sizes{digit(at), digit(at + 1), digit(at + 2), digit(at + 3), {}};
    for (std::size_t i = at + 5; i < std::min(workload.size(), at + 9); ++i) {
      sizes.fewer[i - at - 5] = static_cast<std::uint8_t>(digit(i));
    }
    return search(mc::models::Recovery(sizes), mc::models::kRecoveryProperties, options);
  }
  return 64;
}

int measure(char** command) {
  const Clock::time_point start = Clock::now();
  const pid_t child = fork();
  if (child == 0) {
    dup2(STDERR_FILENO, STDOUT_FILENO);
    execvp(command[0], command);
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || wait4(child, &status, 0, &usage) != child) return 71;
  const double wall = seconds_since(start);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  std::printf("%.3f\t%ld\t%.3f\n", wall, usage.ru_maxrss, seconds(usage.ru_utime) + seconds(usage.ru_stime));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 70;
}

// What a store does at best for each successor: fetch the line of a random fingerprint in a batch, then look at it.
std::uint64_t probe_some(const std::uint64_t* table, std::uint64_t words, std::uint64_t seed, std::uint64_t count) {
  constexpr std::size_t kBatch = 64;
  std::array<std::uint64_t, kBatch> places{};
  std::uint64_t sum = 0;
  for (std::uint64_t done = 0; done < count; done += kBatch) {
    for (std::uint64_t& place : places) {
      seed += 0x9e3779b97f4a7c15U;
      std::uint64_t mixed = (seed ^ (seed >> 30U)) * 0xbf58476d1ce4e5b9U;
      mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
      place = (mixed ^ (mixed >> 31U)) & (words - 1);
      __builtin_prefetch(table + place);
    }
    for (const std::uint64_t place : places) sum += table[place];
  }
  return sum;
}

int probe(unsigned threads, std::size_t mib) {
  constexpr std::uint64_t kProbes = 40'000'000;
  if (threads == 0 || mib == 0 || (mib & (mib - 1)) != 0) return 64;
  const std::size_t bytes = mib << 20U;
  void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return 71;
  static_cast<void>(madvise(memory, bytes, MADV_HUGEPAGE));
  auto* const table = static_cast<std::uint64_t*>(memory);
  const std::uint64_t words = bytes / sizeof(std::uint64_t);
  for (std::uint64_t i = 0; i < words; ++i) table[i] = i;
  std::vector<std::thread> team;
  std::vector<std::uint64_t> sums(threads);
  const Clock::time_point start = Clock::now();
  for (unsigned i = 0; i < threads; ++i) {
    team.emplace_back([&, i] { sums[i] = probe_some(table, words, i * 0x123456789abcU + 1, kProbes / threads); });
  }
  for (std::thread& one : team) one.join();
  const double seconds = seconds_since(start);
  std::uint64_t sum = 0;
  for (const std::uint64_t one : sums) sum += one;
  if (sum == 0) return 70;  // and keeps the loads alive
  std::printf("%.1f\n", static_cast<double>(kProbes) / seconds / 1e6);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "run" && argc == 5) return run(argv[2], argv[3], argv[4]);
  if (what == "measure" && argc > 2) return measure(argv + 2);
  if (what == "probe" && argc == 4) {
    return probe(static_cast<unsigned>(std::atoi(argv[2])), static_cast<std::size_t>(std::atoi(argv[3])));
  }
  std::fprintf(stderr, "usage: see the head of tests/bench/peer_bench.cpp\n");
  return 64;
}
