// Prints our counts for the workloads that run.sh compares with other model checkers, one line of tab-separated values
// per store: workload, tool, states, transitions, depth. Arguments: workloads such as twophase5 or recovery2211.
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "checker/engine/search.hpp"
#include "tests/models/recovery.hpp"
#include "tests/models/two_phase_commit.hpp"

namespace {

template <mc::Model M, std::size_t N>
bool print_counts(const std::string& workload, const M& model, const std::array<mc::Property<M>, N>& properties) {
  for (const mc::StoreKind store : {mc::StoreKind::kExact, mc::StoreKind::kFingerprint}) {
    mc::Options options;
    options.store = store;
    const mc::Report<M> report = mc::search(model, properties, options);
    const mc::Verdict& verdict = report.verdict;
    if (verdict.outcome != mc::Outcome::kHolds) return false;
    std::printf("%s\traymc-%s\t%llu\t%llu\t%u\n", workload.c_str(), std::string(to_string(store)).c_str(),
                static_cast<unsigned long long>(verdict.states), static_cast<unsigned long long>(verdict.transitions),
                verdict.depth);
    std::fprintf(stderr, "%s raymc-%s: %.2f s, %u threads, peak so far %zu MiB\n", workload.c_str(),
                 std::string(to_string(store)).c_str(), report.seconds, report.threads,
                 report.peak_resident_bytes >> 20U);
  }
  return true;
}

bool run(const std::string& workload) {
  constexpr std::string_view kTwoPhase = "twophase";
  constexpr std::string_view kRecovery = "recovery";
  const auto digit = [&](std::size_t i) { return static_cast<unsigned>(workload[i] - '0'); };
  if (workload.rfind(kTwoPhase, 0) == 0 && workload.size() == kTwoPhase.size() + 1) {
    return print_counts(workload, mc::models::TwoPhaseCommit(digit(kTwoPhase.size())), mc::models::kTwoPhaseProperties);
  }
  if (workload.rfind(kRecovery, 0) == 0 && workload.size() == kRecovery.size() + 4) {
    const std::size_t at = kRecovery.size();
    const mc::models::Recovery model({digit(at), digit(at + 1), digit(at + 2), digit(at + 3)});
    return print_counts(workload, model, mc::models::kRecoveryProperties);
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (run(argv[i])) continue;
    std::fprintf(stderr, "peer_counts: %s is no workload, or its properties do not hold\n", argv[i]);
    return 1;
  }
  return 0;
}
