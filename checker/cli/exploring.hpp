// The command explore: a person takes one action after another, line by line, on a terminal or from a pipe.
// Answers go to stdout and are the same either way; only a terminal is prompted.
#pragma once

#include <algorithm>
#include <istream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checker/cli/answering.hpp"
#include "checker/cli/console.hpp"
#include "checker/cli/project.hpp"
#include "checker/cli/replay.hpp"
#include "checker/core/culprit.hpp"
#include "checker/report/tell.hpp"
#include "checker/report/trace_text.hpp"
#include "checker/report/trace_words.hpp"

namespace mc {

/// One command of explore with what stands behind it.
struct ExploreLine {
  std::string word;
  std::vector<std::string> arguments;
};
[[nodiscard]] ExploreLine explore_line(const std::string& line);

/// The number that a text is, from 1 to `most`; none otherwise.
[[nodiscard]] std::optional<std::size_t> explore_number(const std::string& text, std::size_t most);

[[nodiscard]] std::string_view explore_help();

template <Printable M>
class Explorer {
 public:
  Explorer(const Instance<M>& instance, const CommandLine& line, const ProgramInfo& info,
           const std::vector<CatalogueEntry>& catalogue, Console& console)
      : instance_(instance), line_(line), info_(info), catalogue_(catalogue), console_(console) {
    path_.states.push_back(instance.model.initial_states().front());
  }

  /// Reads commands until "quit" or the end. A command that made no sense is said and skipped; from a pipe it is the
  /// exit code in the end.
  [[nodiscard]] ExitCode run(std::istream& in, bool prompted) {
    console_.out.write(instance_.name + ": " + instance_.question + "\n");
    show_choices();
    ExitCode code = ExitCode::kAsExpected;
    std::string text;
    while (!console_.interrupted() && !console_.out.failed()) {
      if (prompted) console_.out.write("> ");
      if (!std::getline(in, text)) break;
      const ExploreLine line = explore_line(text);
      if (line.word.empty()) continue;
      if (line.word == "quit" || line.word == "q") break;
      if (obey(line)) continue;
      console_.say("explore: \"" + text + "\" is no command that can be obeyed here; \"help\" lists them");
      if (!prompted) code = ExitCode::kUsage;
    }
    return console_.interrupted() ? ExitCode::kInconclusive : code;
  }

 private:
  [[nodiscard]] bool obey(const ExploreLine& line) {
    const std::size_t count = line.arguments.size();
    if (count == 0) {
      if (line.word == "help" || line.word == "h") return console_.out.write(std::string(explore_help())), true;
      if (line.word == "list" || line.word == "l") return show_choices(), true;
      if (line.word == "state" || line.word == "s") return show_state(), true;
      if (line.word == "diff" || line.word == "d") return show_difference();
      if (line.word == "path" || line.word == "p") return show_path(), true;
      if (line.word == "undo" || line.word == "u") return undo("1");
      return choose(line.word);
    }
    if (line.word == "undo" || line.word == "u") return count == 1 && undo(line.arguments[0]);
    if (line.word == "jump" || line.word == "j") {
      return count <= 2 && jump(line.arguments[0], count == 2 ? line.arguments[1] : "");
    }
    return line.word == "save" && count == 1 && save(line.arguments[0]);
  }

  [[nodiscard]] std::vector<typename M::Action> enabled() const {
    std::vector<typename M::Action> actions;
    instance_.model.enabled(path_.states.back(), actions);
    return actions;
  }

  /// Who takes an action: its process, or the environment or protocol.
  [[nodiscard]] std::string actor(const typename M::Action& action) const {
    if constexpr (Depictable<M>) {
      const std::optional<std::size_t> lane = instance_.model.lane_of(path_.states.back(), action);
      if (lane && !is_fault(instance_.model, action)) return instance_.model.lanes()[*lane].label;
    }
    return is_fault(instance_.model, action) ? "faults" : "protocol";
  }

  /// The enabled actions by component, faults at the end; the numbers are those of the model's order.
  void show_choices() {
    const std::vector<typename M::Action> actions = enabled();
    std::vector<std::string> actors;
    for (const typename M::Action& action : actions) {
      const std::string name = actor(action);
      if (std::find(actors.begin(), actors.end(), name) == actors.end()) actors.push_back(name);
    }
    std::stable_partition(actors.begin(), actors.end(), [](const std::string& name) { return name != "faults"; });
    std::string text = "after step " + std::to_string(path_.actions.size()) +
                       (actions.empty() ? ": nothing can happen any more\n" : ", possible\n");
    for (const std::string& name : actors) {
      text += "  " + painted(name, name == "faults" ? kYellow : kBold, console_.colour()) + "\n";
      for (std::size_t i = 0; i < actions.size(); ++i) {
        if (actor(actions[i]) != name) continue;
        const std::string number = std::to_string(i + 1);
        text += std::string(number.size() < 5 ? 5 - number.size() : 0, ' ') + number + "  " +
                instance_.model.describe(path_.states.back(), actions[i]) + "\n";
      }
    }
    console_.out.write(text + broken());
  }

  /// The claims that do not hold where the path ends.
  [[nodiscard]] std::string broken() const {
    std::string text;
    for (const Property<M>& property : instance_.properties) {
      if (is_liveness(property.kind) || property.kind == PropertyKind::kReachable) continue;
      if (shows(instance_.model, path_, property)) {
        text += painted("violated", kRed, console_.colour()) + ": " + std::string(property.id) +
                " (claim: " + std::string(property.claim) + ")\n" +
                culprit_lines(property, instance_.model, path_.states.back(), "  ");
      }
    }
    return text;
  }

  [[nodiscard]] bool choose(const std::string& text) {
    const std::vector<typename M::Action> actions = enabled();
    const std::optional<std::size_t> number = explore_number(text, actions.size());
    if (!number) return false;
    try {
      const typename M::State next = instance_.model.apply(path_.states.back(), actions[*number - 1]);
      path_.actions.push_back(actions[*number - 1]);
      path_.states.push_back(next);
    } catch (const CapacityExceeded& overflow) {
      console_.out.write(std::string(overflow.what()) + "\n");
      return true;
    }
    static_cast<void>(show_difference());
    show_choices();
    return true;
  }

  void show_state() {
    std::string text;
    for (const std::string& line : instance_.model.describe(path_.states.back())) text += "  " + line + "\n";
    console_.out.write(text + broken());
  }

  /// The path as a trace file.
  [[nodiscard]] TraceFile told() const {
    TraceFile told;
    told.scenario = instance_.name;
    told.scenario_path = instance_.path;
    told.question = instance_.question;
    told.scenario_text = instance_.text;
    told.settings = instance_.settings;
    told.facts = all_facts(instance_.facts, line_.overrides(), info_);
    told.kind = TraceFile::kPath;
    tell(
        instance_.model, path_, [&](std::string_view id) { return source_of(id, catalogue_); }, told);
    return told;
  }

  /// What the last step did, as the text view of the whole path says it.
  [[nodiscard]] bool show_difference() {
    if (path_.actions.empty()) return false;
    console_.out.write(text_step(told(), path_.actions.size(), console_.colour()));
    return true;
  }

  void show_path() {
    const TraceFile trace = told();
    std::string text = trace.steps.empty() ? "  at the start\n" : "";
    for (std::size_t i = 0; i < trace.steps.size(); ++i) {
      text += "  " + std::to_string(i + 1) + "  " + (trace.steps[i].fault ? "FAULT  " : "") + trace.steps[i].sentence +
              "\n";
    }
    console_.out.write(text);
  }

  [[nodiscard]] bool undo(const std::string& text) {
    const std::optional<std::size_t> count = explore_number(text, path_.actions.size());
    if (!count) return false;
    path_.actions.resize(path_.actions.size() - *count);
    path_.states.resize(path_.actions.size() + 1);
    show_choices();
    return true;
  }

  /// To the state after some steps of a trace file; without a number, after the last.
  [[nodiscard]] bool jump(const std::string& file, const std::string& number) {
    const Result<std::string> text = read_file(file, TraceFile::kBytesMax);
    if (!text.ok()) return console_.bad_input(text.error()), false;
    const Result<TraceFile> trace = parse_trace(text.value(), file);
    if (!trace.ok()) return console_.bad_input(trace.error()), false;
    const std::size_t steps = trace.value().steps.size();
    std::optional<std::size_t> count = number == "0" ? std::optional<std::size_t>(0) : explore_number(number, steps);
    if (number.empty()) count = steps;
    if (!count) return false;
    Replay<M> replay(instance_, trace.value());
    if (const std::optional<std::string> mismatch = replay.follow(*count)) return console_.say(*mismatch), false;
    path_ = replay.path();
    show_choices();
    return true;
  }

  /// With the first claim that is violated at the end, if one is.
  [[nodiscard]] bool save(const std::string& file) {
    TraceFile trace = told();
    for (const Property<M>& property : instance_.properties) {
      if (property.kind == PropertyKind::kReachable || is_liveness(property.kind)) continue;
      if (!shows(instance_.model, path_, property)) continue;
      trace.property = property.id;
      trace.kind = to_string(property.kind);
      trace.claim = property.claim;
      tell_why(instance_.model, path_, property, trace);
      break;
    }
    if (const std::optional<std::string> failure = write_file(file, to_json(trace))) {
      console_.say(*failure);
      return false;
    }
    console_.out.write("saved " + std::to_string(trace.steps.size()) + " steps in " + plain_path(file) + "\n");
    return true;
  }

  const Instance<M>& instance_;
  const CommandLine& line_;
  const ProgramInfo& info_;
  const std::vector<CatalogueEntry>& catalogue_;
  Console& console_;
  Trace<M> path_;
};

}  // namespace mc
