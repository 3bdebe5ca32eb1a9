// The program over any project: reads the command line and runs one command. specs/main.cpp calls `run_program` and
// does nothing else.
#pragma once

#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "checker/cli/agenda.hpp"
#include "checker/cli/answering.hpp"
#include "checker/cli/auditing.hpp"
#include "checker/cli/catalogue.hpp"
#include "checker/cli/command_line.hpp"
#include "checker/cli/conforming.hpp"
#include "checker/cli/console.hpp"
#include "checker/cli/delivery.hpp"
#include "checker/cli/instances.hpp"
#include "checker/cli/known_findings.hpp"
#include "checker/cli/losses.hpp"
#include "checker/cli/memory_plan.hpp"
#include "checker/cli/out_folder.hpp"
#include "checker/cli/persistence.hpp"
#include "checker/cli/process.hpp"
#include "checker/cli/project.hpp"
#include "checker/cli/random_audit.hpp"
#include "checker/cli/releasing.hpp"
#include "checker/cli/results.hpp"
#include "checker/cli/simulating.hpp"
#include "checker/cli/tracing.hpp"
#include "checker/engine/memory.hpp"
#include "checker/report/signals.hpp"
#include "checker/report/text.hpp"

namespace mc {

/// One run of the program: the commands, each a member of the same name.
template <Project P>
class Program {
 public:
  using Model = typename P::Model;

  Program(const P& project, CommandLine line, std::vector<CatalogueEntry> catalogue, Console& console)
      : project_(project),
        line_(std::move(line)),
        catalogue_(std::move(catalogue)),
        console_(console),
        out_(line_, console) {}

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
      case Command::kConform: return conform();
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
    if (const ExitCode obstacle = look_for_obstacles(stems); obstacle != ExitCode::kAsExpected) return obstacle;
    const OrderlyEnd orderly;
    for (std::size_t i = 0; i < instances.size() && !console_.interrupted() && !console_.out.failed(); ++i) {
      take(instances[i], stems[i]);
    }
    return ExitCode::kAsExpected;
  }

  [[nodiscard]] Answered answer(const Instance<Model>& instance) {
    return answer_of(instance, line_, project_.info(), catalogue_, console_).answered;
  }

  /// Sees that everything can be written that these scenarios need, before any is searched.
  [[nodiscard]] ExitCode look_for_obstacles(const std::vector<std::string>& stems) {
    if (!out_.prepare(files_written(line_.command, stems))) return ExitCode::kCannotWrite;
    if (const std::optional<Refused> wrong = checkpoint_obstacle(line_, stems))
      return console_.refuse(wrong->code, wrong->error);
    const std::optional<std::string> wrong = line_.disk_asked ? try_folder(line_.disk) : std::nullopt;
    if (!wrong) return ExitCode::kAsExpected;
    console_.say(*wrong);
    return ExitCode::kCannotWrite;
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
    const std::vector<std::string> stems = output_stems(files.value());
    if (const ExitCode obstacle = look_for_obstacles(stems); obstacle != ExitCode::kAsExpected) return obstacle;
    say_plan();
    return check_all(instances, stems, agenda_of(instances, line_));
  }

  [[nodiscard]] ExitCode check_all(const std::vector<Instance<Model>>& instances, const std::vector<std::string>& stems,
                                   const Agenda& agenda) {
    const OrderlyEnd orderly;
    Delivery delivery(line_, console_, out_);
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
        auto answered = lasting_answer_of(instance, line, project_.info(), catalogue_, console_, stem);
        if (const Refused* refused = std::get_if<Refused>(&answered)) {
          if (refused->code != ExitCode::kInconclusive) return console_.refuse(refused->code, refused->error);
          others.push_back({instance.name, instance.path, refused->error.message});
        } else {
          const std::vector<std::string> known = known_in(instance, std::get<Answered>(answered).answer, line);
          delivery.deliver(std::move(std::get<Answered>(answered)), stem);
          for (const std::string& one : known) console_.out.write(one + "\n");
        }
      }
    }
    return delivery.finish(planned, others);
  }

  /// Of a scenario that expects nothing: whether what it violates is known.
  [[nodiscard]] std::vector<std::string> known_in(const Instance<Model>& instance, const Answer& answer,
                                                  const CommandLine& line) const {
    const bool asked = line.format == Format::kText && !instance.expect && answer.trace;
    if (!asked || answer.trace->property.empty()) return {};
    std::vector<std::string> schedule;
    for (const auto& step : answer.trace->steps) schedule.push_back(step.action);
    return known_findings(project_, instance, schedule, answer.trace->property, console_.root);
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
      code = worse(code, worse(static_cast<ExitCode>(answer.exit_code),
                               write_simulation(answer, stem, line_.quiet, out_, console_)));
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
    std::optional<Refused> refused;
    std::vector<std::string> stems;
    std::size_t expected = 0;
    const auto take = [&](const Instance<Model>& instance, const std::string& stem) {
      if (refused) return;
      auto lasting = lasting_answer_of(instance, line_, project_.info(), catalogue_, console_, stem);
      if (Refused* wrong = std::get_if<Refused>(&lasting)) {
        refused = std::move(*wrong);
        return;
      }
      Answered& answered = std::get<Answered>(lasting);
      if (!line_.quiet) console_.err.write(measurements_line(instance.name, answered.measured));
      page.answers.push_back({std::move(answered.answer), std::move(answered.measured), {}});
      stems.push_back(stem);
    };
    const ExitCode loaded = for_each_instance(take, expected);
    if (loaded != ExitCode::kAsExpected) return loaded;
    if (refused && refused->code != ExitCode::kInconclusive) return console_.refuse(refused->code, refused->error);
    if (console_.interrupted()) {
      console_.say(line_.checkpoint ? "interrupted; go on with --resume" : "interrupted; nothing is written");
      return ExitCode::kInconclusive;
    }
    return deliver_release(std::move(page), stems);
  }

  [[nodiscard]] ExitCode deliver_release(ReleasePage page, const std::vector<std::string>& stems) {
    page.environment = environment_of(line_, project_.info());
    if constexpr (FindingProject<P>) {
      Result<std::vector<OpenViolation>> open = project_.open_violations(console_.root);
      if (!open.ok()) return console_.bad_input(open.error());
      page.open_violations = std::move(open.value());
    }
    if (line_.compare) page.differences = differences(last_, page.answers);
    console_.out.write(release_sentence(page) + "\n");
    ExitCode code = ExitCode::kAsExpected;
    for (const AnswerFile& file : page.answers) code = worse(code, static_cast<ExitCode>(file.answer.exit_code));
    if (page.differences && std::any_of(page.differences->begin(), page.differences->end(),
                                        [](const Difference& difference) { return !difference.explained; })) {
      code = worse(code, ExitCode::kViolated);
    }
    const OrderlyEnd orderly;
    if (!write_release(page, stems, project_.info(), out_)) return worse(code, ExitCode::kCannotWrite);
    // What a limit on time or memory ended can be gone on with.
    const bool over = std::none_of(page.answers.begin(), page.answers.end(), [](const AnswerFile& file) {
      return file.answer.verdict.outcome == Outcome::kInconclusive;
    });
    if (line_.checkpoint && over) {
      for (const std::string& stem : stems) Checkpoint::forget(*line_.checkpoint / stem);
    }
    return code;
  }

  [[nodiscard]] ExitCode audit() {
    if (line_.random.count > 0) return RandomAudit(project_, line_, console_, out_).run();
    std::size_t expected = 0;
    ExitCode code = ExitCode::kAsExpected;
    const ExitCode loaded =
        for_each_instance([&](const Instance<Model>& instance,
                              const std::string&) { code = worse(code, audit_instance(instance, line_, console_)); },
                          expected);
    return console_.interrupted() ? worse(worse(loaded, code), ExitCode::kInconclusive) : worse(loaded, code);
  }

  [[nodiscard]] ExitCode safeguards() {
    const Result<std::vector<std::filesystem::path>> files = scenario_files(line_.scenarios, project_.info());
    if (!files.ok()) return console_.bad_input(files.error());
    std::vector<Instance<Model>> instances = load_instances(project_, files.value(), line_.settings, console_);
    if (instances.empty()) return ExitCode::kBadInput;
    if (const ExitCode obstacle = look_for_obstacles({}); obstacle != ExitCode::kAsExpected) return obstacle;
    const std::vector<Loss> losses =
        losses_of(project_, std::move(instances), catalogue_, line_.threads, console_, line_.quiet);
    const std::string table = losses_table(losses, project_.info());
    if (!line_.out) console_.out.write(table);
    return !line_.out || out_.write("safeguards.tsv", table) ? ExitCode::kAsExpected : ExitCode::kCannotWrite;
  }

  [[nodiscard]] ExitCode results() {
    std::vector<Answer> answers;
    if (line_.scenarios.empty()) line_.scenarios.push_back((console_.root / project_.info().scenario_folder).string());
    std::size_t expected = 0;
    ExitCode code = ExitCode::kAsExpected;
    const auto take = [&](const Instance<Model>& instance, const std::string&) {
      Answered answered = answer(instance);
      if (!line_.quiet) console_.err.write(measurements_line(answered.answer.path, answered.measured));
      if (answered.answer.exit_code != 0) {
        for (const std::string& line : answered.answer.comparison.lines) {
          console_.say(answered.answer.path + ": " + line);
        }
      }
      code = worse(code, static_cast<ExitCode>(answered.answer.exit_code));
      answers.push_back(std::move(answered.answer));
    };
    const ExitCode loaded = for_each_instance(take, expected);
    if (loaded != ExitCode::kAsExpected) return loaded;
    if (console_.interrupted()) {
      console_.say("interrupted; nothing is written");
      return ExitCode::kInconclusive;
    }
    const OrderlyEnd orderly;
    const bool written = out_.write("golden.tsv", golden_table(answers, project_.info())) &&
                         out_.write("coverage.tsv", coverage_table(answers, project_.info()));
    return written ? code : ExitCode::kCannotWrite;
  }

  [[nodiscard]] ExitCode conform() {
    if constexpr (RecordingProject<P>) {
      return Conforming<P>(project_, line_, catalogue_, console_, out_).run();
    } else {
      console_.say("there are no logs to conform: " + project_.info().name + " is about no system that runs");
      return ExitCode::kUsage;
    }
  }

  [[nodiscard]] Tracing<P> tracing() { return Tracing<P>(project_, line_, catalogue_, console_); }

  [[nodiscard]] ExitCode list() {
    if (line_.subject == "findings" || line_.subject == "releases") return findings();
    std::vector<ScenarioSummary> scenarios;
    if (line_.subject == "scenarios") scenarios = all_scenarios(project_, console_);
    console_.out.write(line_.format == Format::kJson
                           ? list_json(line_.subject, catalogue_, scenarios)
                           : list_text(line_.subject, catalogue_, scenarios, witnesses_in(console_.root)));
    return ExitCode::kAsExpected;
  }

  [[nodiscard]] ExitCode findings() {
    if constexpr (FindingProject<P>) {
      if (line_.format == Format::kJson && line_.subject == "releases") {
        console_.say("--format: the releases are a table of their own form\n  hint: leave --format out");
        return ExitCode::kUsage;
      }
      if (line_.format == Format::kJson) {
        const Result<std::vector<OpenViolation>> all = project_.known_violations(console_.root);
        if (!all.ok()) return console_.bad_input(all.error());
        console_.out.write(findings_json(all.value()));
        return ExitCode::kAsExpected;
      }
      const Result<std::string> table =
          line_.subject == "findings" ? project_.findings(console_.root) : project_.releases(console_.root);
      if (!table.ok()) return console_.bad_input(table.error());
      console_.out.write(table.value());
      return ExitCode::kAsExpected;
    } else {
      console_.say("no scenario of this project is a finding");
      return ExitCode::kUsage;
    }
  }

  [[nodiscard]] ExitCode explain() {
    std::string text =
        explain_text(line_.subject, catalogue_, all_scenarios(project_, console_), witnesses_in(console_.root));
    if constexpr (FindingProject<P>) {
      const Result<std::vector<OpenViolation>> all = project_.known_violations(console_.root);
      if (text.empty() && all.ok()) text = finding_text(line_.subject, all.value());
    }
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
  OutFolder out_;
};

/// The program on the stack at hand; see `run_program`.
template <Project P>
[[nodiscard]] int run_program_here(const P& project, const std::vector<std::string>& arguments) {
  reserve_standard_streams();
  Console console;
  console.program = project.info().name;
  console.cancel = &install_signal_handlers(console.program, static_cast<int>(ExitCode::kInconclusive));
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
  } catch (const std::bad_alloc&) {
    console.say(shortage_words(memory_groups()));
    return static_cast<int>(ExitCode::kInconclusive);
  } catch (const std::system_error& failure) {
    const bool refused = failure.code() == std::errc::resource_unavailable_try_again;
    console.say((refused ? "" : "internal error: ") + std::string(failure.what()));
    return static_cast<int>(refused ? ExitCode::kInconclusive : ExitCode::kInternal);
  } catch (const std::exception& failure) {
    console.say(std::string("internal error: ") + failure.what());
    return static_cast<int>(ExitCode::kInternal);
  }
  if (console.out.failed()) {
    if (!console.out.failure().empty()) console.say(console.out.failure());
    code = worse(code, console.out.interrupted() ? ExitCode::kInconclusive : ExitCode::kCannotWrite);
  }
  return static_cast<int>(code);
}

/// Runs the program; gives the exit code of the process.
template <Project P>
[[nodiscard]] int run_program(const P& project, const std::vector<std::string>& arguments) {
  prepare_process(project.info().name);
  return with_enough_stack([&] { return run_program_here(project, arguments); });
}

}  // namespace mc
