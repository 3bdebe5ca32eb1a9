// The command simulate: random walks through one scenario, and what they saw as plain data.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checker/cli/answering.hpp"
#include "checker/cli/out_folder.hpp"
#include "checker/engine/simulate.hpp"
#include "checker/report/simulation.hpp"

namespace mc {

/// How a property fared, in words.
[[nodiscard]] std::string walk_words(PropertyKind kind, const std::optional<Sighting>& first);

/// The command that walks the failing walk again, as a person would type it.
[[nodiscard]] std::string again_command(const ProgramInfo& info, const CommandLine& line, const std::string& path,
                                        std::uint64_t walk);

/// Writes the report and the trace into the folder of --out; without one, nothing.
[[nodiscard]] ExitCode write_simulation(const SimulationAnswer& answer, const std::string& stem, bool quiet,
                                        OutFolder& out, Console& console);

/// Shows how far the walks are, on stderr: a live line on a terminal, plain lines at growing intervals elsewhere.
class WalkView {
 public:
  WalkView(Output& out, std::string scenario, bool quiet)
      : out_(out), scenario_(std::move(scenario)), quiet_(quiet), live_(out.is_terminal()) {}
  void show(std::uint64_t walks, std::uint64_t steps);
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  Output& out_;
  std::string scenario_;
  bool quiet_;
  bool live_;
  bool shown_ = false;
  Clock::time_point start_ = Clock::now();
  double next_seconds_ = 5.0;  ///< for plain lines: 5 s, 10 s, 20 s, ...
};

/// Puts the violation into the answer, with its trace.
template <Printable M>
void add_failure(const Instance<M>& instance, WalkFailure<M> failure, const CommandLine& line, const ProgramInfo& info,
                 const std::vector<CatalogueEntry>& catalogue, SimulationAnswer& answer) {
  const Property<M>& property = instance.properties[failure.property];
  answer.violated = property.id;
  answer.failing_walk = failure.walk;
  answer.shortening = {"the walk was " + std::to_string(failure.path.found) + " steps long; leaving steps out left " +
                           std::to_string(failure.path.after_cuts),
                       failure.path.research};
  answer.again = again_command(info, line, instance.path, failure.walk);
  answer.trace = violation_file_of(instance, std::string(property.id), failure.path.trace, answer.facts, catalogue);
}

/// Walks through one instance as the command line says. After each round `progress` is told.
template <Printable M>
[[nodiscard]] SimulationAnswer simulate_instance(const Instance<M>& instance, const CommandLine& line,
                                                 const ProgramInfo& info, const std::vector<CatalogueEntry>& catalogue,
                                                 Console& console,
                                                 const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  WalkOptions options = line.walk;
  options.threads = line.threads;
  options.cancel = console.cancel;
  options.progress = progress;
  options.notice = [&](const std::string& what) { console.say(instance.name + ": " + what); };
  SimulationReport<M> report = simulate(instance.model, instance.properties, options);
  SimulationAnswer answer;
  answer.scenario = instance.name;
  answer.path = instance.path;
  answer.question = instance.question;
  answer.facts = all_facts(instance.facts, line.overrides(), info);
  answer.seed = options.seed;
  answer.walks_asked = options.only ? 1 : options.walks;
  answer.only = options.only;
  answer.walks = report.walks;
  answer.depth_max = options.depth_max;
  answer.steps = report.tally.steps;
  answer.ended = report.tally.ended;
  answer.cut = report.tally.cut;
  answer.overflowed = report.tally.overflowed;
  answer.states_estimate = report.tally.states.estimate();
  answer.interrupted = report.interrupted;
  for (std::size_t i = 0; i < report.rules.size(); ++i) {
    answer.coverage.push_back({report.rules[i], report.tally.fired[i]});
  }
  for (std::size_t i = 0; i < instance.properties.size(); ++i) {
    const Property<M>& property = instance.properties[i];
    answer.judgements.push_back({std::string(property.id), std::string(to_string(property.kind)),
                                 std::string(property.claim), walk_words(property.kind, report.tally.first[i])});
  }
  if (report.failure) add_failure(instance, std::move(*report.failure), line, info, catalogue, answer);
  answer.exit_code = static_cast<int>(report.failure       ? ExitCode::kViolated
                                      : report.interrupted ? ExitCode::kInconclusive
                                                           : ExitCode::kAsExpected);
  return answer;
}

}  // namespace mc
