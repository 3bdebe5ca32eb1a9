// The command conform: is what a real system logged a behaviour of the model? Reads logs or a record, finds a witness
// or says how far the best one comes and what would have to be different.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "checker/cli/catalogue.hpp"
#include "checker/cli/command_line.hpp"
#include "checker/cli/console.hpp"
#include "checker/cli/known_findings.hpp"
#include "checker/cli/out_folder.hpp"
#include "checker/cli/recording_project.hpp"
#include "checker/cli/session_tables.hpp"
#include "checker/cli/witnessed.hpp"
#include "checker/conform/explainer.hpp"
#include "checker/conform/outlook.hpp"
#include "checker/conform/record.hpp"
#include "checker/report/answer.hpp"
#include "checker/report/tell.hpp"

namespace mc {

template <RecordingProject P>
class Conforming {
 public:
  using Model = typename P::Model;

  Conforming(const P& project, const CommandLine& line, const std::vector<CatalogueEntry>& catalogue, Console& console,
             OutFolder& out)
      : project_(project), line_(line), catalogue_(catalogue), console_(console), out_(out) {}

  [[nodiscard]] ExitCode run() {
    const std::string& first = line_.scenarios.front();
    const std::vector<Session> sessions = line_.scenarios.size() == 1 ? sessions_in(first) : std::vector<Session>{};
    std::vector<std::string> stems;
    if (sessions.empty()) stems.push_back(line_.conform.redact ? "redacted" : stem_of(first));
    for (const Session& session : sessions) stems.push_back(session.name);
    if (!out_.prepare(files_written(Command::kConform, stems))) return ExitCode::kCannotWrite;
    if (!sessions.empty()) return run_all(sessions);
    Result<ReadLogs> logs = read(line_.scenarios);
    if (!logs.ok()) return console_.bad_input(logs.error());
    if (const std::optional<ExitCode> failed = keep(logs.value())) return *failed;
    ConformedSession conformed;
    return conform_pieces(logs.value(), told(first), stems.front(), conformed);
  }

 private:
  /// What files say of where a record came from: a name may be private.
  [[nodiscard]] std::string told(const std::string& path) const {
    return line_.conform.redact ? "a redacted record" : path;
  }

  [[nodiscard]] static std::string stem_of(const std::string& path) {
    std::filesystem::path name = std::filesystem::absolute(path).lexically_normal();  // "." has no name of its own
    if (!name.has_filename()) name = name.parent_path();
    return name.stem().string();
  }

  /// One of several: its name, and the record or the logs.
  struct Session {
    std::string name;
    std::string path;
  };

  /// The records of a folder and the recorded sessions in it, by name.
  [[nodiscard]] std::vector<Session> sessions_in(const std::string& folder) const {
    std::vector<Session> found;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
      const std::filesystem::path& path = entry.path();
      if (is_record_file(path)) found.push_back({path.stem().string(), path.string()});
      const std::optional<std::filesystem::path> logs = project_.logs_of_session(path);
      if (logs) found.push_back({path.filename().string(), logs->string()});
    }
    std::sort(found.begin(), found.end(), [](const Session& a, const Session& b) { return a.name < b.name; });
    for (std::size_t i = 0; i < found.size() && line_.conform.redact; ++i) {
      found[i].name = "session_" + std::to_string(i + 1);
    }
    return found;
  }

  [[nodiscard]] Result<ReadLogs> read(const std::vector<std::string>& paths) const {
    if (std::filesystem::path(paths.front()).extension() != ".jsonl") {
      Result<ReadLogs> logs = project_.read_logs(paths, line_.conform.release, console_.root);
      if (!logs.ok()) return logs;
      if (auto wrong = mistake_in(logs.value().record, paths.front(), LinesFrom::kLogs)) return *wrong;
      return logs;
    }
    const Result<std::string> text = read_file(paths.front(), RecordFile::kBytesMax);
    if (!text.ok()) return text.error();
    Result<RecordFile> record = parse_record(text.value(), paths.front());
    if (!record.ok()) return record.error();
    if (auto wrong = mistake_in(record.value(), paths.front(), LinesFrom::kRecordFile)) return *wrong;
    ReadLogs logs;
    logs.record = std::move(record.value());
    logs.notes = project_.set_clocks(logs.record);
    logs.source = std::to_string(logs.record.lines.size()) + " events";
    return logs;
  }

  [[nodiscard]] std::optional<InputError> mistake_in(const RecordFile& record, const std::string& file,
                                                     LinesFrom from) const {
    return project_.mistake_in(record, file, from, line_.conform.release, console_.root);
  }

  /// Writes the record, if that is wanted.
  [[nodiscard]] std::optional<ExitCode> keep(ReadLogs& logs) {
    if (line_.conform.redact) logs.record = project_.redacted(logs.record);
    if (line_.conform.record.empty()) return std::nullopt;
    return write(line_.conform.record, to_json_lines(logs.record));
  }

  [[nodiscard]] std::optional<ExitCode> write(const std::filesystem::path& path, const std::string& text) {
    const std::optional<std::string> failure = write_file(path, text);
    if (!failure) return std::nullopt;
    console_.say(*failure);
    return ExitCode::kCannotWrite;
  }

  /// A long record piece by piece; what was cut is said.
  [[nodiscard]] ExitCode conform_pieces(const ReadLogs& logs, const std::string& source, const std::string& stem,
                                        ConformedSession& session) {
    const std::vector<RecordFile> pieces =
        line_.conform.scenario.empty() ? project_.pieces(logs.record) : std::vector<RecordFile>{logs.record};
    ExitCode code = ExitCode::kAsExpected;
    for (std::size_t i = 0; i < pieces.size() && !console_.interrupted(); ++i) {
      ReadLogs piece = logs;
      piece.record = pieces[i];
      const std::string number = std::to_string(i + 1);
      if (pieces.size() > 1) {
        piece.notes.push_back("cut where nothing is under way: piece " + number + " of " +
                              std::to_string(pieces.size()));
        if (i + 1 < pieces.size()) piece.unseen.clear();
      }
      code = worse(code, conform(piece, source, pieces.size() > 1 ? stem + "." + number : stem, session));
    }
    return code;
  }

  /// Every session of a folder, each by itself.
  [[nodiscard]] ExitCode run_all(const std::vector<Session>& sessions) {
    brief_ = true;
    ExitCode code = ExitCode::kAsExpected;
    std::vector<ConformedSession> all;
    for (const Session& session : sessions) {
      if (console_.interrupted()) return ExitCode::kInconclusive;
      ConformedSession& one = all.emplace_back();
      one.name = session.name;
      Result<ReadLogs> logs = read({session.path});
      if (logs.ok() && line_.conform.redact) logs.value().record = project_.redacted(logs.value().record);
      code = worse(code, logs.ok() ? conform_pieces(logs.value(), told(session.path), session.name, one)
                                   : refused(session.name, logs.error(), one));
    }
    std::vector<Witnessed> witnessed;
    for (const ConformedSession& one : all) {
      if (one.verdict == SessionVerdict::kExplained) witnessed.push_back(joined(one.pieces));
    }
    console_.out.write(std::to_string(witnessed.size()) + " of " + std::to_string(all.size()) +
                       " sessions are explained\n");
    if (!out_.asked()) return code;
    const bool written = out_.write("conformed.tsv", session_table(console_.program, all)) &&
                         out_.write("witnessed.tsv", witness_table(console_.program, catalogue_, witnessed));
    return written ? code : ExitCode::kCannotWrite;
  }

  [[nodiscard]] ExitCode too_large(const std::string& name, const std::string& why, ConformedSession& session) {
    session.add(SessionVerdict::kGivenUp, why);
    console_.out.write((brief_ ? name + ": " : "") + "cut off: " + why + "\n");
    return ExitCode::kInconclusive;
  }

  /// What cannot be conformed ends the command, or is one of several sessions.
  [[nodiscard]] ExitCode refused(const std::string& name, const InputError& error, ConformedSession& session) {
    session.add(SessionVerdict::kRefused, error.message);
    if (!brief_) return console_.bad_input(error);
    console_.out.write(name + ": refused: " + error.message + "\n");
    return ExitCode::kBadInput;
  }

  [[nodiscard]] ExitCode conform(const ReadLogs& logs, const std::string& source, const std::string& stem,
                                 ConformedSession& session) {
    std::string text;
    std::string path = "drawn from " + source;
    std::vector<std::string> notes = logs.notes;
    if (line_.conform.scenario.empty()) {
      const Result<DrawnScenario> drawn = project_.drawn(logs.record, source);
      if (!drawn.ok()) return refused(stem, drawn.error(), session);
      if (!drawn.value().no_room.empty()) return too_large(stem, drawn.value().no_room, session);
      text = drawn.value().text;
      notes.insert(notes.end(), drawn.value().notes.begin(), drawn.value().notes.end());
    } else {
      const Result<std::string> read = read_file(line_.conform.scenario, std::size_t{1} << 20U);
      if (!read.ok()) return console_.bad_input(read.error());
      text = read.value();
      path = line_.conform.scenario;
    }
    if (!line_.conform.write_scenario.empty()) {
      if (const auto failed = write(line_.conform.write_scenario, text)) return *failed;
    }
    const Result<Instance<Model>> instance = project_.parse(text, path, line_.settings);
    if (!instance.ok()) return refused(stem, instance.error(), session);
    return judge(logs, instance.value(), source, stem, notes, session);
  }

  [[nodiscard]] ExplainLimits limits(std::size_t nodes_max) const {
    ExplainLimits limits;
    limits.nodes_max = nodes_max;
    if (line_.limits.memory_max_bytes) limits.bytes_max = *line_.limits.memory_max_bytes;
    limits.cancel = console_.cancel;
    return limits;
  }

  [[nodiscard]] std::optional<std::int64_t> slack() const {
    if (line_.conform.slack < 0) return std::nullopt;
    return line_.conform.slack;
  }

  [[nodiscard]] ExitCode judge(const ReadLogs& logs, const Instance<Model>& instance, const std::string& source,
                               const std::string& stem, const std::vector<std::string>& notes,
                               ConformedSession& session) {
    const LogVocabulary words = instance.model.log_vocabulary();
    const Result<CompiledRecord> compiled = compile(logs.record, words, project_.process_sorts(), source);
    if (!compiled.ok()) return refused(stem, compiled.error(), session);
    if (compiled.value().events == 0) {
      InputError error;
      error.file = source;
      error.message = "no line here tells what the protocol did";
      return refused(stem, error, session);
    }
    const bool rests = logs.record.ends_at_rest();
    const Explanation<Model> answer =
        search(logs.record, instance.model, words, compiled.value(), line_.conform.nodes_max);
    const Matcher matcher(compiled.value(), words, std::nullopt, project_.unordered_stream());
    session.events += compiled.value().events;
    session.read += answer.reading.read;
    std::string text;
    if (!brief_) {
      text += "record     " + source + (logs.source.empty() ? "" : " (" + logs.source + ")") + ", release " +
              logs.record.release + "\nscenario   " + instance.path + "\n";
      for (const auto& [name, value] : instance.facts) text += "           " + name + ": " + value + "\n";
      for (const std::string& note : notes) text += "note       " + note + "\n";
      if (!rests) text += "note       the record does not end at rest: lines lost at its end would not be noticed\n";
    } else {
      text += stem + ": ";
    }
    ExitCode code = ExitCode::kAsExpected;
    switch (answer.verdict) {
      case Explained::kYes:
        session.pieces.push_back(witnessed_in(instance.model, answer));
        text += explained(compiled.value(), instance, answer, session);
        break;
      case Explained::kNo:
        code = ExitCode::kViolated;
        session.add(SessionVerdict::kNotExplained, first_unread(logs, compiled.value(), answer));
        text += not_explained(logs, matcher, instance, answer, rests);
        break;
      case Explained::kGivenUp:
        code = ExitCode::kInconclusive;
        session.add(SessionVerdict::kGivenUp, answer.reason);
        text += "cut off: " + answer.reason + "; " + progress(compiled.value(), answer) + "\n" +
                unread(logs, compiled.value(), answer);
        break;
    }
    if (!brief_ && !logs.unseen.empty()) {
      text += "\n" + std::to_string(logs.unseen.size()) +
              " of the lines that Ray may write, and that are looked for, are not in these logs: what they tell of did "
              "not happen" +
              (line_.conform.verbose ? "\n" : "; --verbose lists them\n");
      for (const std::string& one : logs.unseen) {
        if (line_.conform.verbose) text += "  " + one + "\n";
      }
    }
    console_.out.write(text);
    if (!out_.asked()) return code;
    const bool written = out_.write(stem + ".trace.json", to_json(witness(logs, instance, answer)));
    return written ? code : ExitCode::kCannotWrite;
  }

  [[nodiscard]] static std::string progress(const CompiledRecord& record, const Explanation<Model>& answer) {
    return std::to_string(answer.reading.read) + " of " + std::to_string(record.events) + " events, " +
           std::to_string(answer.path.actions.size()) + " steps, " + std::to_string(answer.nodes) + " nodes";
  }

  [[nodiscard]] std::string explained(const CompiledRecord& record, const Instance<Model>& instance,
                                      const Explanation<Model>& answer, ConformedSession& session) const {
    std::string text = "explained: " + progress(record, answer) + "\n";
    if (const Witnessed& witnessed = session.pieces.back(); !brief_) {
      text += "           " + std::to_string(witnessed.read.size()) + " rules by a line of their own, " +
              (record.wired ? std::to_string(witnessed.message.size()) + " by a message of their own, " : "") +
              std::to_string(witnessed.silent.size()) + " silently\n";
    }
    return text + violations(instance, answer, session) + lost(instance, answer, session);
  }

  /// What waits at the end of the witness, and will wait for ever.
  [[nodiscard]] static std::string lost(const Instance<Model>& instance, const Explanation<Model>& answer,
                                        ConformedSession& session) {
    std::string text;
    Outlook<Model> outlook(instance.model, answer.path, 20'000);  // states at most
    for (const Property<Model>& property : instance.properties) {
      if (property.kind != PropertyKind::kQuiescent) continue;
      const std::optional<std::size_t> since = outlook.lost_since(property);
      if (!since) continue;
      session.add_broken(property.id);
      text += "           and without another fault " + std::string(property.id) + " is never true from step " +
              std::to_string(*since) + " on: it is claimed that " + std::string(property.claim) + "\n";
    }
    return text;
  }

  /// Properties of single states, along the witness.
  [[nodiscard]] std::string violations(const Instance<Model>& instance, const Explanation<Model>& answer,
                                       ConformedSession& session) const {
    std::string text;
    for (const Property<Model>& property : instance.properties) {
      if (property.kind != PropertyKind::kInvariant) continue;
      const auto& states = answer.path.states;
      const auto holds = [&](const auto& state) { return property.holds(instance.model, state); };
      const auto broken = std::find_if_not(states.begin(), states.end(), holds);
      if (broken == states.end()) continue;
      session.add_broken(property.id);
      text += "           and violates " + std::string(property.id) + " from step " +
              std::to_string(broken - states.begin()) + " on: it is claimed that " + std::string(property.claim) + "\n";
      if (brief_) continue;
      std::vector<std::string> schedule;
      for (auto i = states.begin(); i != broken; ++i) {
        schedule.push_back(instance.model.name(answer.path.actions[static_cast<std::size_t>(i - states.begin())]));
      }
      for (const std::string& one :
           known_findings(project_, instance, schedule, std::string(property.id), console_.root)) {
        text += "           " + one + "\n";
      }
    }
    return text;
  }

  [[nodiscard]] std::string where(const ReadLogs& logs, const Event& event) const {
    const RecordLine& line = logs.record.lines[event.line];
    std::string text = line.file + ":" + std::to_string(line.line) + ": " + line.kind;
    for (const auto& [key, value] : line.ids) text += " " + key + "=" + value;
    return text;
  }

  /// The next line of each process, the oldest first.
  [[nodiscard]] static std::vector<const Event*> next_unread(const CompiledRecord& record,
                                                             const Explanation<Model>& answer) {
    std::vector<const Event*> next;
    for (std::size_t s = 0; s < record.streams.size(); ++s) {
      const std::vector<Event>& events = record.streams[s].events;
      if (answer.reading.next[s] < events.size()) next.push_back(&events[answer.reading.next[s]]);
    }
    if (answer.reading.sent < record.messages.size()) next.push_back(&record.messages[answer.reading.sent].event);
    std::stable_sort(next.begin(), next.end(), [](const Event* a, const Event* b) { return a->t < b->t; });
    return next;
  }

  [[nodiscard]] static std::string first_unread(const ReadLogs& logs, const CompiledRecord& record,
                                                const Explanation<Model>& answer) {
    const std::vector<const Event*> next = next_unread(record, answer);
    return next.empty() ? "lines are missing at the end" : logs.record.lines[next.front()->line].kind;
  }

  [[nodiscard]] std::string unread(const ReadLogs& logs, const CompiledRecord& record,
                                   const Explanation<Model>& answer) const {
    const std::vector<const Event*> next = next_unread(record, answer);
    std::string text;
    for (const Event* event : next) text += "  " + where(logs, *event) + "\n";
    return next.empty() ? "" : "next unread line of each process, the oldest first:\n" + text;
  }

  [[nodiscard]] std::string not_explained(const ReadLogs& logs, const Matcher& matcher, const Instance<Model>& instance,
                                          const Explanation<Model>& answer, bool rests) {
    std::string text = "not explained: " + progress(matcher.record(), answer) + "\n";
    if (brief_) return text + unread(logs, matcher.record(), answer);
    if (answer.all_read && rests) {
      text +=
          "every line is read, but more would have to follow before the processes come to rest: lines are missing\n";
    }
    text += unread(logs, matcher.record(), answer) + possible(matcher, instance, answer);
    return text + relaxed(logs, instance);
  }

  /// The rules that could write the oldest unread lines, and why they do not.
  [[nodiscard]] std::string possible(const Matcher& matcher, const Instance<Model>& instance,
                                     const Explanation<Model>& answer) const {
    std::vector<bool> wanted(matcher.words().kinds.size());
    const CompiledRecord& record = matcher.record();
    for (std::size_t s = 0; s < record.streams.size(); ++s) {
      const std::vector<Event>& events = record.streams[s].events;
      if (answer.reading.next[s] < events.size()) wanted[events[answer.reading.next[s]].kind] = true;
    }
    if (answer.reading.sent < record.messages.size()) wanted[record.messages[answer.reading.sent].event.kind] = true;
    std::string text;
    std::vector<typename Model::Action> actions;
    instance.model.enabled(answer.path.states.back(), actions);
    std::vector<bool> seen(wanted.size());
    for (const typename Model::Action& action : actions) {
      RuleSet fired;
      std::vector<Emission> lines;
      try {
        static_cast<void>(instance.model.apply_logged(answer.path.states.back(), action, fired, lines));
      } catch (const CapacityExceeded&) {
        continue;
      }
      for (const Emission& line : lines) {
        if (!wanted[line.kind]) continue;
        seen[line.kind] = true;
        text += "  " + std::string(matcher.words().kinds[line.kind].name) + ": " + instance.model.name(action) +
                " could write it, but " + matcher.misfit(line, answer.reading) + "\n";
      }
    }
    for (std::size_t kind = 0; kind < wanted.size(); ++kind) {
      if (!wanted[kind] || seen[kind]) continue;
      std::string rules;
      for (const std::string_view rule : instance.model.rules_that_write(static_cast<std::uint8_t>(kind))) {
        rules += (rules.empty() ? "" : ", ") + std::string(rule);
      }
      text += "  " + std::string(matcher.words().kinds[kind].name) + ": no step that writes it is possible there (" +
              rules + ")\n";
    }
    return text.empty() ? text : "what the model could do there:\n" + text;
  }

  /// The single changes to the scenario with which the record would be explained.
  [[nodiscard]] std::string relaxed(const ReadLogs& logs, const Instance<Model>& instance) {
    std::string found;
    std::size_t tried = 0;
    for (const Relaxation& one : project_.relaxations(instance.text)) {
      if (console_.interrupted()) break;
      Settings settings = instance.settings;
      settings.insert(settings.end(), one.settings.begin(), one.settings.end());
      ++tried;
      if (explains(logs, one.text, settings)) found += "  " + one.what + "\n";
    }
    if (found.empty()) return "no single change of the scenario explains it (" + std::to_string(tried) + " tried)\n";
    return "it would be explained with any of:\n" + found;
  }

  [[nodiscard]] bool explains(const ReadLogs& logs, const std::string& text, const Settings& settings) const {
    constexpr std::size_t kNodes = 10'000;  // of each of the many that are tried
    const Result<Instance<Model>> instance = project_.parse(text, "a wider scenario", settings);
    if (!instance.ok()) return false;
    const LogVocabulary words = instance.value().model.log_vocabulary();
    const Result<CompiledRecord> compiled = compile(logs.record, words, project_.process_sorts(), "");
    if (!compiled.ok()) return false;
    return search(logs.record, instance.value().model, words, compiled.value(), kNodes).verdict == Explained::kYes;
  }

  [[nodiscard]] Explanation<Model> search(const RecordFile& record, const Model& model, const LogVocabulary& words,
                                          const CompiledRecord& compiled, std::size_t nodes_max) const {
    return explain(
        model, words, compiled,
        {project_.known(record, compiled, model), record.ends_at_rest(), slack(), project_.unordered_stream()},
        limits(nodes_max));
  }

  /// The witness, or the longest prefix of one, as a trace file; each step with the lines that it explains.
  [[nodiscard]] TraceFile witness(const ReadLogs& logs, const Instance<Model>& instance,
                                  const Explanation<Model>& answer) const {
    TraceFile told;
    told.scenario = instance.name;
    told.scenario_path = instance.path;
    told.question = instance.question;
    told.scenario_text = instance.text;
    told.settings = instance.settings;
    told.facts = all_facts(instance.facts, line_.overrides(), project_.info());
    told.kind = TraceFile::kPath;
    told.claim = answer.verdict == Explained::kYes ? "what the record says" : "what can be explained of the record";
    tell(
        instance.model, answer.path, [this](std::string_view id) { return source_of(id, catalogue_); }, told);
    for (std::size_t i = 0; i < answer.steps.size(); ++i) {
      std::size_t number = 0;
      for (const Event* event : answer.steps[i].events) {
        const RecordLine& line = logs.record.lines[event->line];
        const std::string key = number++ == 0 ? "log" : "log " + std::to_string(number);
        told.steps[i].bindings.emplace_back(
            key, line.file + ":" + std::to_string(line.line) + " " + (line.text.empty() ? line.kind : line.text));
      }
    }
    return told;
  }

  const P& project_;
  const CommandLine& line_;
  const std::vector<CatalogueEntry>& catalogue_;
  Console& console_;
  OutFolder& out_;
  bool brief_ = false;
};

}  // namespace mc
