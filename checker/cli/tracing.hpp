// The commands around a trace: its views, the comparison with another one, the smallest scenario that still shows it,
// and what a safeguard has to do with it; and the commands graph and explore.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <concepts>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checker/cli/exploring.hpp"
#include "checker/cli/graphing.hpp"
#include "checker/cli/instances.hpp"
#include "checker/cli/minimising.hpp"
#include "checker/cli/replay.hpp"
#include "checker/cli/what_if.hpp"
#include "checker/report/html_page.hpp"
#include "checker/report/trace_diff.hpp"
#include "checker/report/trace_text.hpp"
#include "checker/report/trace_views.hpp"

namespace mc {

[[nodiscard]] inline Result<TraceFile> load_trace(const std::string& path) {
  const Result<std::string> text = read_file(path, TraceFile::kBytesMax);
  if (!text.ok()) return text.error();
  return parse_trace(text.value(), path);
}

/// A trace in one of the formats of `trace --format`; `real` is for the page.
[[nodiscard]] inline std::string trace_view(const TraceFile& trace, const std::string& view, Colour colour,
                                            const std::optional<RealRun>& real = std::nullopt) {
  if (view == "json") return to_json(trace);
  if (view == "html") return html_page(trace, real);
  if (view == "mermaid") return mermaid_view(trace);
  if (view == "perfetto") return perfetto_view(trace);
  if (view == "shiviz") return shiviz_view(trace);
  if (view == "dot") return dot_view(trace);
  return text_trace_head(trace) + text_trace(trace, colour);
}

/// A project that knows how a trace is made to happen in the real system; none for a trace that shows no violation.
template <class P>
concept RealProject = Project<P> && requires(const P project, const TraceFile trace, const std::filesystem::path root) {
  { project.real_run(trace, root) } -> std::same_as<std::optional<RealRun>>;
};

template <Project P>
class Tracing {
 public:
  using Model = typename P::Model;

  Tracing(const P& project, const CommandLine& line, const std::vector<CatalogueEntry>& catalogue, Console& console)
      : project_(project), line_(line), catalogue_(catalogue), console_(console) {}

  [[nodiscard]] ExitCode trace() {
    const Result<TraceFile> read = load_trace(line_.subject);
    if (!read.ok()) return console_.bad_input(read.error());
    const TraceFile& trace = read.value();
    if (line_.trace.compare) return compare_with(trace, line_.trace.files.back());
    if (line_.trace.minimise) return minimise(trace);
    if (!line_.trace.without.empty()) return what_if(trace, line_.trace.without, false);
    if (!line_.trace.with.empty()) return what_if(trace, line_.trace.with, true);
    console_.out.write(trace_view(trace, line_.trace.view, console_.colour(), real_run(trace)));
    return ExitCode::kAsExpected;
  }

  [[nodiscard]] ExitCode replay() {
    const Result<TraceFile> read = load_trace(line_.subject);
    if (!read.ok()) return console_.bad_input(read.error());
    const TraceFile& trace = read.value();
    const Result<Instance<Model>> instance = instance_of(trace, trace.settings);
    if (!instance.ok()) return console_.bad_input(instance.error());
    if (const std::optional<std::string> mismatch = Replay<Model>(instance.value(), trace).mismatch()) {
      console_.out.write(*mismatch + "\n");
      return ExitCode::kViolated;
    }
    std::string end = trace.property + " is violated at the end";
    if (trace.kind == TraceFile::kPath) end = "no property is judged along a path";
    if (trace.kind == "overflow") end = "the overflow is as it was";
    console_.out.write("the trace fits: " + std::to_string(trace.steps.size()) + " steps, " + end + "\n");
    return ExitCode::kAsExpected;
  }

  [[nodiscard]] ExitCode graph() {
    const Result<Instance<Model>> instance = load_instance(project_, line_.scenarios.front(), line_.settings, console_);
    if (!instance.ok()) return console_.bad_input(instance.error());
    const std::size_t most = line_.trace.states_max == 0 ? kGraphStatesMax : line_.trace.states_max;
    const std::optional<std::string> text = state_graph_dot(instance.value(), most);
    if (!text) {
      console_.say("the scenario has more than " + std::to_string(most) + " states\n  hint: --states-max draws more");
      return ExitCode::kInconclusive;
    }
    console_.out.write(*text);
    return ExitCode::kAsExpected;
  }

  [[nodiscard]] ExitCode explore() {
    const Result<Instance<Model>> instance = load_instance(project_, line_.scenarios.front(), line_.settings, console_);
    if (!instance.ok()) return console_.bad_input(instance.error());
    const ProgramInfo info = project_.info();
    Explorer<Model> explorer(instance.value(), line_, info, catalogue_, console_);
    return explorer.run(std::cin, ::isatty(STDIN_FILENO) != 0 && console_.out.is_terminal());
  }

 private:
  [[nodiscard]] std::optional<RealRun> real_run(const TraceFile& trace) const {
    if constexpr (RealProject<P>) return project_.real_run(trace, console_.root);
    return std::nullopt;
  }

  /// The instance of a trace's scenario, with safeguards switched.
  [[nodiscard]] Result<Instance<Model>> instance_of(const TraceFile& trace, const Settings& settings) const {
    std::vector<std::string> known = setting_ids(catalogue_);
    for (const Profile& profile : project_.profiles()) known.push_back(profile.name);
    for (const auto& [id, on] : settings) {
      if (std::find(known.begin(), known.end(), id) != known.end()) continue;
      InputError error;
      error.file = line_.subject;
      error.message = "there is no safeguard \"" + id + "\" any more";
      return error;
    }
    return project_.parse(trace.scenario_text, line_.subject + " (its scenario)", settings);
  }

  [[nodiscard]] ExitCode compare_with(const TraceFile& trace, const std::string& other) {
    const Result<TraceFile> read = load_trace(other);
    if (!read.ok()) return console_.bad_input(read.error());
    console_.out.write(trace_difference(trace, read.value()));
    return ExitCode::kAsExpected;
  }

  [[nodiscard]] ExitCode minimise(const TraceFile& trace) {
    if (trace.property.empty()) {
      console_.say("only a trace of a violation can be minimised");
      return ExitCode::kUsage;
    }
    // The trace must be one of today's model before anything is made of it.
    const Result<Instance<Model>> instance = instance_of(trace, trace.settings);
    if (!instance.ok()) return console_.bad_input(instance.error());
    const std::size_t most = line_.trace.states_max == 0 ? kMinimiserStatesMax : line_.trace.states_max;
    Minimiser<P> minimiser(project_, trace, most, line_.threads, console_.cancel, [this](const std::string& what) {
      if (!line_.quiet) console_.say(what);
    });
    const std::string text = minimiser.run();
    if (minimiser.cancelled()) {
      console_.say("interrupted");
      return ExitCode::kInconclusive;
    }
    if (text.empty()) {
      console_.say("the violation does not show within " + std::to_string(most) +
                   " states\n  hint: --states-max allows more");
      return ExitCode::kInconclusive;
    }
    console_.out.write(text);
    return ExitCode::kAsExpected;
  }

  [[nodiscard]] ExitCode what_if(const TraceFile& trace, const std::string& safeguard, bool on) {
    const Result<Instance<Model>> then = instance_of(trace, trace.settings);
    if (!then.ok()) return console_.bad_input(then.error());
    Settings settings = trace.settings;
    settings.emplace_back(safeguard, on);
    const Result<Instance<Model>> now = instance_of(trace, settings);
    if (!now.ok()) return console_.bad_input(now.error());
    Replay<Model> replay(then.value(), trace);
    if (const std::optional<std::string> mismatch = replay.mismatch()) {
      console_.out.write(*mismatch + "\n");
      return ExitCode::kViolated;
    }
    WhatIf<Model> question(then.value(), now.value(), trace, replay.path());
    if (line_.trace.view == "json") {
      const std::optional<SwitchedRun<Model>> run = question.run();
      console_.out.write(to_json(run ? told(now.value(), trace, *run) : trace));
      return ExitCode::kAsExpected;
    }
    console_.out.write(safeguard + (on ? " switched on: " : " switched off: "));
    console_.out.write(question.tell());
    return ExitCode::kAsExpected;
  }

  /// A setting as the command line takes it.
  [[nodiscard]] std::string option_of(const std::string& id, bool on) const {
    for (const Profile& profile : project_.profiles()) {
      if (profile.name == id) return "--profile " + id;
    }
    return "--set " + id + (on ? "=on" : "=off");
  }

  /// A run with a safeguard switched, as a path that violates nothing.
  [[nodiscard]] TraceFile told(const Instance<Model>& instance, const TraceFile& trace,
                               const SwitchedRun<Model>& run) const {
    TraceFile told;
    told.scenario = trace.scenario;
    told.scenario_path = trace.scenario_path;
    told.question = trace.question;
    told.scenario_text = trace.scenario_text;
    told.settings = instance.settings;
    std::vector<std::string> overrides;
    for (const auto& [id, on] : told.settings) overrides.push_back(option_of(id, on));
    told.facts = all_facts(instance.facts, overrides, project_.info());
    told.facts.emplace_back(kActsAtStep, std::to_string(run.acts));
    told.facts.emplace_back(kLeavesAtStep, std::to_string(run.leaves));
    told.kind = TraceFile::kPath;
    tell(
        instance.model, run.path, [&](std::string_view id) { return source_of(id, catalogue_); }, told);
    return told;
  }

  const P& project_;
  const CommandLine& line_;
  const std::vector<CatalogueEntry>& catalogue_;
  Console& console_;
};

}  // namespace mc
