// Micro-benchmarks of what a search does for each successor: encode, hash, probe, expand; and a loop of plain
// arithmetic to compare them with from machine to machine. Run by `./raymc bench micro`.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <vector>

#include "checker/engine/search.hpp"
#include "tests/models/recovery.hpp"
#include "tests/models/two_phase_commit.hpp"

namespace mc {
namespace {

constexpr std::uint64_t kStates = 1 << 20U;

std::uint64_t mixed(std::uint64_t number) {
  number = (number ^ (number >> 30U)) * 0xbf58476d1ce4e5b9U;
  number = (number ^ (number >> 27U)) * 0x94d049bb133111ebU;
  return number ^ (number >> 31U);
}

/// A serial chain of multiplications: how fast the machine is at the moment.
void calibration(benchmark::State& state) {
  std::uint64_t number = 1;
  for (auto _ : state) {
    for (int i = 0; i < 16; ++i) number = mixed(number);
    benchmark::DoNotOptimize(number);
  }
}
BENCHMARK(calibration);

void hash(benchmark::State& state) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(state.range(0)), std::byte{1});
  for (auto _ : state) {
    benchmark::DoNotOptimize(bytes.data());
    benchmark::DoNotOptimize(fingerprint(bytes));
  }
}
BENCHMARK(hash)->Arg(8)->Arg(16)->Arg(64);

template <Model M>
std::vector<typename M::State> some_states(const M& model) {
  std::vector<typename M::State> states = model.initial_states();
  std::vector<typename M::Action> actions;
  for (std::size_t next = 0; next < states.size() && states.size() < 2000; ++next) {
    actions.clear();
    model.enabled(states[next], actions);
    for (const auto& action : actions) states.push_back(model.apply(states[next], action));
  }
  return states;
}

void encode(benchmark::State& state) {
  const models::Recovery model({2, 3, 2, 2});
  const auto states = some_states(model);
  ByteSink sink;
  std::size_t next = 0;
  for (auto _ : state) {
    sink.clear();
    model.encode(states[next], sink);
    benchmark::DoNotOptimize(sink.view().data());
    next = next + 1 == states.size() ? 0 : next + 1;
  }
}
BENCHMARK(encode);

/// A batch of 64 candidates of which all are known, in a table of a million states.
void probe(benchmark::State& state, StoreKind kind) {
  const std::unique_ptr<VisitedSet> set = make_visited_set(kind);
  Seat& seat = set->add_seat();
  Links links;
  std::vector<Findings> findings{{StateId{0}, StateId{1}, {}}};
  const auto bytes_of = [](std::uint64_t i, std::uint64_t* bytes) { *bytes = mixed(i + 1); };
  set->begin_level();
  for (std::uint64_t i = 0; i < kStates; ++i) {
    std::uint64_t bytes = 0;
    bytes_of(i, &bytes);
    const auto* const data = reinterpret_cast<const std::byte*>(&bytes);
    const Candidate candidate{fingerprint({data, 8}), Link(StateId{0}, ActionIndex{static_cast<std::uint32_t>(i)}), 0,
                              8};
    Insertion done;
    set->insert(seat, data, {&candidate, 1}, &done);
    findings[0].states.push_back(done.state);
  }
  set->close_level(findings, links);
  set->begin_level();
  std::uint64_t next = 0;
  std::array<std::uint64_t, VisitedSet::kBatchMax> buffer{};
  std::array<Candidate, VisitedSet::kBatchMax> candidates{};
  std::array<Insertion, VisitedSet::kBatchMax> done{};
  const auto* const data = reinterpret_cast<const std::byte*>(buffer.data());
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < buffer.size(); ++i) {
      bytes_of(mixed(++next) % kStates, &buffer[i]);
      candidates[i] = {fingerprint({data + 8 * i, 8}), Link(StateId{1}, ActionIndex{i}), 8 * i, 8};
      set->prefetch(candidates[i].fingerprint);
    }
    set->insert(seat, data, candidates, done.data());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * buffer.size()));
}
BENCHMARK_CAPTURE(probe, exact, StoreKind::kExact);
BENCHMARK_CAPTURE(probe, fingerprint, StoreKind::kFingerprint);

/// A whole search of a small size on one thread: one item is one transition.
template <class M, class Properties>
void expand(benchmark::State& state, const M& model, const Properties& properties) {
  Options options;
  options.threads = 1;
  std::uint64_t transitions = 0;
  for (auto _ : state) transitions += search(model, properties, options).verdict.transitions;
  state.SetItemsProcessed(static_cast<std::int64_t>(transitions));
}
void expand_twophase(benchmark::State& state) {
  expand(state, models::TwoPhaseCommit(6), models::kTwoPhaseProperties);
}
void expand_recovery(benchmark::State& state) {
  expand(state, models::Recovery({2, 2, 1, 1}), models::kRecoveryProperties);
}
BENCHMARK(expand_twophase);
BENCHMARK(expand_recovery);

}  // namespace
}  // namespace mc

BENCHMARK_MAIN();
