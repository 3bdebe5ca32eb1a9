// The program over any project: reads the command line and runs one command. specs/main.cpp calls `run_program` and
// does nothing else.
#pragma once

#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/cli/agenda.hpp"
#include "checker/cli/answering.hpp"
#include "checker/cli/auditing.hpp"
#include "checker/cli/catalogue.hpp"
#include "checker/cli/command_line.hpp"
#include "checker/cli/console.hpp"
#include "checker/cli/delivery.hpp"
#include "checker/cli/instances.hpp"
#include "checker/cli/losses.hpp"
#include "checker/cli/memory_plan.hpp"
#include "checker/cli/persistence.hpp"
#include "checker/cli/project.hpp"
#include "checker/cli/releasing.hpp"
#include "checker/cli/results.hpp"
#include "checker/cli/signals.hpp"
#include "checker/cli/simulating.hpp"
#include "checker/cli/tracing.hpp"
#include "checker/report/text.hpp"

namespace mc {

/// One run of the program: the commands, each a member of the same name.
template <Project P>
class Program {
 public:
  using Model = typename P::Model;

  Program(const P& project, CommandLine line, std::vector<CatalogueEntry> catalogue, Console& console)
      : project_(project), line_(std::move(line)), catalogue_(std::move(catalogue)), console_(console) {}

  [[nodiscard]] ExitCode run() {
    switch (line_.command) {
      case Command::kCheck: return check();
      case Command::kTrace: return tracing().trace();
      case Command::kReplay: return tracing().replay();
      case Command::kAudit: return audit();
      case Command::kList: return list();
      case Command::kExplain: return explain();
      case Command::kSafeguards: return safeguards();
      case Command::kResults: return results();
      case Command::kSimulate: return simulate();
      case Command::kGraph: return tracing().graph();
      case Command::kExplore: return tracing().explore();
      case Command::kRelease: return release();
    }
    MC_ASSERT(false, "every command is run");
  }

 private:
  /// Hands each instance that the command line names to `take`, with a stem for its files, until interrupted.
  template <class Take>
  ExitCode for_each_instance(const Take& take, std::size_t& expected) {
    const Result<std::vector<std::filesystem::path>> files = scenario_files(line_.scenarios, project_.info());
    if (!files.ok()) return console_.bad_input(files.error());
    const std::vector<Instance<Model>> instances = load_instances(project_, files.value(), line_.settings, console_);
    if (instances.empty()) return ExitCode::kBadInput;
    expected = instances.size();
    const std::vector<std::string> stems = output_stems(files.value());
    for (std::size_t i = 0; i < instances.size() && !console_.interrupted() && !console_.out.failed(); ++i) {
      take(instances[i], stems[i]);
    }
    return ExitCode::kAsExpected;
  }

  [[nodiscard]] Answered answer(const Instance<Model>& instance) {
    return answer_of(instance, line_, project_.info(), catalogue_, console_).answered;
  }

  void say_plan() {
    const std::string plan = memory_plan(line_);
    if (!plan.empty() && !line_.quiet) console_.say(plan);
  }

  [[nodiscard]] ExitCode check() {
    const Result<std::vector<std::filesystem::path>> files = scenario_files(line_.scenarios, project_.info());
    if (!files.ok()) return console_.bad_input(files.error());
    const std::vector<Instance<Model>> instances = load_instances(project_, files.value(), line_.settings, console_);
    if (instances.empty()) return ExitCode::kBadInput;
    say_plan();
    return check_all(instances, output_stems(files.value()), agenda_of(instances, line_));
  }

  [[nodiscard]] ExitCode check_all(const std::vector<Instance<Model>>& instances, const std::vector<std::string>& stems,
                                   const Agenda& agenda) {
    Delivery delivery(line_, console_);
    std::vector<Unrun> planned;
    std::vector<Unrun> others;
    for (const Item& item : agenda.items) {
      const Instance<Model>& instance = instances[item.position];
      if (item.grant.kind == Grant::Kind::kNone) {
        planned.push_back({instance.name, instance.path, agenda.refusal()});
      } else if (console_.interrupted() || console_.out.failed()) {
        others.push_back({instance.name, instance.path, "interrupted"});
      } else if (agenda.over()) {
        others.push_back({instance.name, instance.path, "the time of --budget " + line_.budget_text + " is over"});
      } else {
        const CommandLine line = agenda.line_for(item, line_);
        const std::string& stem = stems[item.position];
        Result<Answered> answered = lasting_answer_of(instance, line, project_.info(), catalogue_, console_, stem);
        if (!answered.ok()) return console_.bad_input(answered.error());
        delivery.deliver(std::move(answered.value()), stem);
      }
    }
    return delivery.finish(planned, others);
  }

  [[nodiscard]] ExitCode simulate() {
    std::vector<SimulationAnswer> answers;
    ExitCode code = ExitCode::kAsExpected;
    std::size_t expected = 0;
    const auto take = [&](const Instance<Model>& instance, const std::string& stem) {
      WalkView view(console_.err, instance.name, line_.quiet);
      answers.push_back(
          simulate_instance(instance, line_, project_.info(), catalogue_, console_,
                            [&view](std::uint64_t walks, std::uint64_t steps) { view.show(walks, steps); }));
      view.finish();
      const SimulationAnswer& answer = answers.back();
      if (line_.format == Format::kText)
        console_.out.write((answers.size() > 1 ? "\n--------\n\n" : "") + text_simulation(answer, console_.colour()));
      code =
          worse(code, worse(static_cast<ExitCode>(answer.exit_code), write_simulation(answer, stem, line_, console_)));
    };
    const ExitCode loaded = for_each_instance(take, expected);
    if (loaded != ExitCode::kAsExpected) return loaded;
    if (line_.format == Format::kJson) console_.out.write(json_simulation(answers));
    return answers.size() < expected ? worse(code, ExitCode::kInconclusive) : code;
  }

  [[nodiscard]] ExitCode release() {
    ReleasePage page;
    if (line_.compare) {
      Result<std::vector<AnswerFile>> last = answers_in(*line_.compare);
      if (!last.ok()) return console_.bad_input(last.error());
      last_ = std::move(last.value());
    }
    if (line_.scenarios.empty())
      line_.scenarios.push_back((console_.root / project_.info().scenario_folder / "release").string());
    say_plan();
    std::optional<InputError> refused;
    std::vector<std::string> stems;
    std::size_t expected = 0;
    const auto take = [&](const Instance<Model>& instance, const std::string& stem) {
      if (refused) return;
      Result<Answered> answered = lasting_answer_of(instance, line_, project_.info(), catalogue_, console_, stem);
      if (!answered.ok()) {
        refused = answered.error();
        return;
      }
      if (!line_.quiet) console_.err.write(measurements_line(instance.name, answered.value().measured));
      page.answers.push_back({std::move(answered.value().answer), std::move(answered.value().measured), {}});
      stems.push_back(stem);
    };
    const ExitCode loaded = for_each_instance(take, expected);
    if (loaded != ExitCode::kAsExpected) return loaded;
    if (refused) return console_.bad_input(*refused);
    if (console_.interrupted()) {
      console_.say(line_.checkpoint ? "interrupted; go on with --resume" : "interrupted; nothing is written");
      return ExitCode::kInconclusive;
    }
    return deliver_release(std::move(page), stems);
  }

  [[nodiscard]] ExitCode deliver_release(ReleasePage page, const std::vector<std::string>& stems) {
    page.environment = environment_of(line_, project_.info());
    if (line_.compare) page.differences = differences(last_, page.answers);
    console_.out.write(release_sentence(page) + "\n");
    ExitCode code = ExitCode::kAsExpected;
    for (const AnswerFile& file : page.answers) code = worse(code, static_cast<ExitCode>(file.answer.exit_code));
    if (page.differences && std::any_of(page.differences->begin(), page.differences->end(),
                                        [](const Difference& difference) { return !difference.explained; })) {
      code = worse(code, ExitCode::kViolated);
    }
    if (!write_release(*line_.out, page, stems, project_.info(), console_)) return worse(code, ExitCode::kCannotWrite);
    // What a limit on time or memory ended can be gone on with.
    const bool over = std::none_of(page.answers.begin(), page.answers.end(), [](const AnswerFile& file) {
      return file.answer.verdict.outcome == Outcome::kInconclusive;
    });
    if (line_.checkpoint && over) forget_checkpoints(*line_.checkpoint, stems);
    return code;
  }

  [[nodiscard]] ExitCode audit() {
    std::size_t expected = 0;
    ExitCode code = ExitCode::kAsExpected;
    const ExitCode loaded =
        for_each_instance([&](const Instance<Model>& instance,
                              const std::string&) { code = worse(code, audit_instance(instance, line_, console_)); },
                          expected);
    return worse(loaded, code);
  }

  [[nodiscard]] ExitCode safeguards() {
    const Result<std::vector<std::filesystem::path>> files = scenario_files(line_.scenarios, project_.info());
    if (!files.ok()) return console_.bad_input(files.error());
    std::vector<Instance<Model>> instances = load_instances(project_, files.value(), line_.settings, console_);
    if (instances.empty()) return ExitCode::kBadInput;
    const std::vector<Loss> losses =
        losses_of(project_, std::move(instances), catalogue_, line_.threads, console_, line_.quiet);
    if (console_.interrupted()) {
      console_.say("interrupted; nothing is written");
      return ExitCode::kInconclusive;
    }
    const std::string table = losses_table(losses, project_.info());
    if (!line_.out) {
      console_.out.write(table);
    } else if (const std::optional<std::string> failure = write_file(*line_.out / "safeguards.tsv", table)) {
      console_.say(*failure);
      return ExitCode::kCannotWrite;
    }
    return ExitCode::kAsExpected;
  }

  [[nodiscard]] ExitCode results() {
    std::vector<Answer> answers;
    if (line_.scenarios.empty()) line_.scenarios.push_back((console_.root / project_.info().scenario_folder).string());
    std::size_t expected = 0;
    ExitCode code = ExitCode::kAsExpected;
    const auto take = [&](const Instance<Model>& instance, const std::string&) {
      Answered answered = answer(instance);
      if (!line_.quiet) console_.err.write(measurements_line(answered.answer.path, answered.measured));
      for (const std::string& line : answered.answer.comparison.lines) console_.say(answered.answer.path + ": " + line);
      code = worse(code, static_cast<ExitCode>(answered.answer.exit_code));
      answers.push_back(std::move(answered.answer));
    };
    const ExitCode loaded = for_each_instance(take, expected);
    if (loaded != ExitCode::kAsExpected) return loaded;
    if (console_.interrupted()) {
      console_.say("interrupted; nothing is written");
      return ExitCode::kInconclusive;
    }
    for (const auto& [name, text] : {std::pair("golden.tsv", golden_table(answers, project_.info())),
                                     std::pair("coverage.tsv", coverage_table(answers, project_.info()))}) {
      const std::optional<std::string> failure = write_file(*line_.out / name, text);
      if (!failure) continue;
      console_.say(*failure);
      return ExitCode::kCannotWrite;
    }
    return code;
  }

  [[nodiscard]] Tracing<P> tracing() { return Tracing<P>(project_, line_, catalogue_, console_); }

  [[nodiscard]] ExitCode list() {
    std::vector<ScenarioSummary> scenarios;
    if (line_.subject == "scenarios") scenarios = all_scenarios(project_, console_);
    console_.out.write(list_text(line_.subject, catalogue_, scenarios));
    return ExitCode::kAsExpected;
  }

  [[nodiscard]] ExitCode explain() {
    const std::string text = explain_text(line_.subject, catalogue_, all_scenarios(project_, console_));
    if (!text.empty()) {
      console_.out.write(text);
      return ExitCode::kAsExpected;
    }
    std::vector<std::string_view> ids;
    for (const CatalogueEntry& entry : catalogue_) ids.push_back(entry.id);
    const std::string_view best = nearest(line_.subject, ids);
    console_.say("nothing has the id \"" + line_.subject + "\"\n  hint: " +
                 (best.empty() ? "see the lists of \"list\"" : "did you mean \"" + std::string(best) + "\"?"));
    return ExitCode::kUsage;
  }

  const P& project_;
  CommandLine line_;
  std::vector<CatalogueEntry> catalogue_;
  std::vector<AnswerFile> last_;  // of release: what it is compared with
  Console& console_;
};

/// Runs the program; gives the exit code of the process.
template <Project P>
[[nodiscard]] int run_program(const P& project, const std::vector<std::string>& arguments) {
  reserve_standard_streams();
  Console console;
  console.program = project.info().name;
  console.cancel = &install_signal_handlers();
  console.root = project_root(project.info());
  ExitCode code = ExitCode::kAsExpected;
  try {
    std::vector<CatalogueEntry> catalogue = project.catalogue();
    ParsedCommandLine parsed =
        parse_command_line(project.info(), arguments, setting_ids(catalogue), project.profiles());
    console.out.write(parsed.out);
    console.err.write(parsed.err);
    code = parsed.exit_code;
    if (parsed.line) code = Program<P>(project, std::move(*parsed.line), std::move(catalogue), console).run();
  } catch (const std::exception& failure) {
    console.say(std::string("internal error: ") + failure.what());
    return static_cast<int>(ExitCode::kInternal);
  }
  if (console.out.failed()) {
    if (!console.out.failure().empty()) console.say(console.out.failure());
    code = worse(code, ExitCode::kCannotWrite);
  }
  return static_cast<int>(code);
}

}  // namespace mc
