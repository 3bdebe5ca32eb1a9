// One scenario from question to answer: runs the search and writes down what it says, apart from what it took.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "checker/cli/catalogue.hpp"
#include "checker/cli/command_line.hpp"
#include "checker/cli/console.hpp"
#include "checker/cli/project.hpp"
#include "checker/engine/search.hpp"
#include "checker/report/answer.hpp"
#include "checker/report/explored.hpp"
#include "checker/report/progress.hpp"
#include "checker/report/tell.hpp"
#include "checker/report/tell_why.hpp"
#include "checker/report/vacuity.hpp"

namespace mc {

/// An answer and what it took to find it.
struct Answered {
  Answer answer;
  Measurements measured;
};

/// An answer that may not be the last word.
struct Attempt {
  Answered answered;
  bool interrupted = false;  ///< the search can be gone on with
  std::string mismatch;      ///< why what was to be taken up is of another search; then there is no answer
};

/// The bounds of a search: what the scenario declares, replaced by what the command line gives.
[[nodiscard]] Limits limits_of(const Limits& declared, const Limits& given);

/// The bounds that stand for any run, in words: "depth at most 24"; empty if there are none.
[[nodiscard]] std::string bounds_words(const Limits& limits);

/// Compares the verdict with the expectation, unless `overrides` changed the question.
[[nodiscard]] Comparison compare(const std::optional<Expectation>& expected, const Verdict& verdict,
                                 std::optional<std::uint32_t> trace_length, const std::vector<std::string>& overrides);

/// The facts that a report shows: the scenario's, the overrides, the program's version and revision.
[[nodiscard]] Facts all_facts(const Facts& facts, const std::vector<std::string>& overrides, const ProgramInfo& info);

/// A path through the instance in words, as it is shown and saved; `shows` names what it shows, in kind and claim.
template <Printable M>
[[nodiscard]] TraceFile trace_file_of(const Instance<M>& instance, const Trace<M>& trace, TraceFile shows,
                                      const Facts& facts, const std::vector<CatalogueEntry>& catalogue) {
  TraceFile told = std::move(shows);
  told.scenario = instance.name;
  told.scenario_path = instance.path;
  told.question = instance.question;
  told.scenario_text = instance.text;
  told.settings = instance.settings;
  told.facts = facts;
  tell(
      instance.model, trace, [&](std::string_view id) { return source_of(id, catalogue); }, told);
  return told;
}

/// The path or run that breaks the property of this id.
template <Printable M>
[[nodiscard]] TraceFile violation_file_of(const Instance<M>& instance, const std::string& id, const Trace<M>& trace,
                                          const Facts& facts, const std::vector<CatalogueEntry>& catalogue) {
  const auto property = std::find_if(instance.properties.begin(), instance.properties.end(),
                                     [&](const Property<M>& one) { return one.id == id; });
  MC_ASSERT(property != instance.properties.end(), "what is violated is a property of the scenario");
  TraceFile shows;
  shows.property = property->id;
  shows.kind = to_string(property->kind);
  shows.claim = property->claim;
  tell_end(instance.model, trace, *property, shows);
  TraceFile told = trace_file_of(instance, trace, std::move(shows), facts, catalogue);
  tell_why(instance.model, trace, *property, told);
  return told;
}

/// The counterexample of a report: of a violation, or of an overflow.
template <Printable M>
[[nodiscard]] TraceFile counterexample_file_of(const Instance<M>& instance, const Report<M>& report, const Facts& facts,
                                               const std::vector<CatalogueEntry>& catalogue) {
  const Trace<M>& trace = *report.counterexample;
  if (!report.overflowing) return violation_file_of(instance, report.verdict.violated, trace, facts, catalogue);
  TraceFile shows;
  shows.kind = "overflow";
  shows.claim = report.verdict.reason;
  shows.overflowing = instance.model.name(*report.overflowing);
  return trace_file_of(instance, trace, std::move(shows), facts, catalogue);
}

/// Whether symmetry is wanted.
template <Printable M>
[[nodiscard]] bool use_symmetry(const Instance<M>& instance, const CommandLine& line) {
  return line.symmetry.value_or(instance.symmetry);
}

/// What a search of the instance is given; progress goes to `view` unless the command line says quiet.
template <Printable M>
[[nodiscard]] Options options_of(const Instance<M>& instance, const CommandLine& line, const Console& console,
                                 ProgressView& view) {
  Options options;
  options.threads = line.threads;
  options.store = line.store;
  options.symmetry = use_symmetry(instance, line);
  options.limits = limits_of(instance.limits, line.limits);
  options.keep_going = line.keep_going;
  options.cancel = console.cancel;
  options.frontier = line.frontier;
  options.disk = line.disk;
  options.progress_seconds = console.err.is_terminal() ? 0.25 : 1.0;
  if (!line.quiet) options.progress = [&view](const Progress& progress) { view.show(progress); };
  return options;
}

/// What the search of a scenario's twin is given, after the scenario's own took so long. It is not kept.
[[nodiscard]] Options options_of_twin(Options options, double seconds);

/// Adds to a comparison what became of the scenario's twin.
void add_twin(const std::vector<std::string>& held_by, const Verdict& twin, Comparison& comparison);

/// Searches the scenario's twin, which has the safeguards of `held_by` on, as `options` say, and adds to a comparison
/// that is met whether every property holds in it. True if it was interrupted.
template <Printable M>
[[nodiscard]] bool compare_twin(const Instance<M>& instance, const Options& options, Comparison& comparison) {
  if (!instance.held_model || comparison.kind != Comparison::Kind::kMet) return false;
  const Report<M> twin = search(*instance.held_model, instance.properties, options);
  add_twin(instance.held_by, twin.verdict, comparison);
  return twin.interrupted;
}

/// Which part of the property that was never reached is to blame, in words; nothing if it has no parts. Searches once
/// more, as `options` say.
template <Printable M>
[[nodiscard]] std::vector<std::string> blamed_parts(const Instance<M>& instance, const std::string& unreached,
                                                    const Options& options) {
  std::vector<Property<M>> parts;
  for (const auto& [whole, part] : instance.parts) {
    if (whole == unreached) parts.push_back(part);
  }
  if (parts.empty()) return {};
  const Report<M> report = search(instance.model, parts, options);
  std::vector<std::string> words;
  for (const Judgement& judgement : report.verdict.judgements) {
    if (judgement.outcome == Outcome::kUnreached)
      words.push_back(unreached + ": no state has \"" + judgement.property + "\"");
  }
  if (words.empty() && report.exhaustive)
    words.push_back(unreached + ": each of its phrases is true of some state, all of them of none");
  return words;
}

/// Searches one instance. Progress goes to stderr unless the command line says quiet. `keeper` and `resume` as in
/// Options.
template <Printable M>
[[nodiscard]] Attempt answer_of(const Instance<M>& instance, const CommandLine& line, const ProgramInfo& info,
                                const std::vector<CatalogueEntry>& catalogue, Console& console,
                                SearchKeeper* keeper = nullptr, const SavedSearch* resume = nullptr) {
  // Progress counts stored states, which under symmetry are not those that the scenario expects.
  const bool symmetric = symmetry_use<M>(instance.model, instance.properties, use_symmetry(instance, line)).used;
  ProgressView view(console.err, instance.name, instance.expect && !symmetric ? instance.expect->states : std::nullopt);
  Options options = options_of(instance, line, console, view);
  options.notice = [&](const std::string& what) {
    view.finish();
    console.say(instance.name + ": " + what);
  };
  options.keeper = keeper;
  options.resume = resume;
  const Report<M> report = search(instance.model, instance.properties, options);
  view.finish();

  Attempt attempt{{}, report.interrupted, report.mismatch};
  if (!attempt.mismatch.empty()) return attempt;
  Answered& answered = attempt.answered;
  Answer& answer = answered.answer;
  answer.scenario = instance.name;
  answer.path = instance.path;
  answer.question = instance.question;
  answer.facts = all_facts(instance.facts, line.overrides(), info);
  answer.system = instance.system.empty() ? info.revision_label + " " + info.revision : instance.system;
  answer.variant = instance.variant;
  answer.faults = instance.faults;
  answer.bounds = bounds_words(options.limits);
  answer.verdict = report.verdict;
  // Before the end of a search, a fault may still have its moment.
  std::vector<std::string> idle;
  if (report.exhaustive) {
    idle = never_possible(catalogue, instance.mentions, report.verdict.coverage);
    answer.warnings = vacuities(report.verdict, instance.faults_max, idle);
  }
  answer.explored = explored_words(report.verdict, report.exhaustive, instance.faults_max, idle);
  if (report.symmetry.used || !report.symmetry.refused.empty()) {
    answer.symmetry = report.symmetry;
    answer.representatives = report.representatives;
  }
  for (const Property<M>& property : instance.properties) answer.claims.emplace_back(property.claim);
  std::optional<std::uint32_t> length;
  if (report.counterexample) {
    length = static_cast<std::uint32_t>(report.counterexample->actions.size());
    answer.trace = counterexample_file_of(instance, report, answer.facts, catalogue);
  }
  for (const Witness<M>& other : report.other_violations) {
    answer.other_traces.push_back(violation_file_of(instance, other.property, other.trace, answer.facts, catalogue));
  }
  // A search that goes on after a violation counts more than the scenario's author did.
  const bool goes_on = line.keep_going && instance.expect && report.verdict.outcome == Outcome::kViolated;
  answer.comparison = compare(goes_on ? std::optional(without_counts(*instance.expect)) : instance.expect,
                              report.verdict, length, line.overrides());
  if (compare_twin(instance, options_of_twin(options, report.seconds), answer.comparison)) attempt.interrupted = true;
  answer.exit_code = static_cast<int>(exit_code_of(report.verdict, answer.comparison.kind));
  for (const Judgement& judgement : report.verdict.judgements) {
    if (judgement.outcome != Outcome::kUnreached || answer.exit_code == 0) continue;
    for (std::string& blamed : blamed_parts(instance, judgement.property, options_of_twin(options, report.seconds)))
      answer.warnings.push_back(std::move(blamed));
  }
  if (line.strict && answer.exit_code == 0 && !answer.warnings.empty())
    answer.exit_code = static_cast<int>(ExitCode::kUnreached);
  answered.measured = {std::string(to_string(report.store)),
                       report.omission_odds,
                       report.threads,
                       report.seconds,
                       report.verdict.states,
                       report.representatives,
                       report.taken,
                       report.peak_resident_bytes};
  return attempt;
}

}  // namespace mc
