#include "specs/logs/session.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "checker/core/plain.hpp"
#include "specs/logs/clocks.hpp"
#include "specs/logs/files.hpp"
#include "specs/logs/messages.hpp"
#include "specs/logs/not_modelled.hpp"
#include "specs/logs/seen_lines.hpp"
#include "specs/logs/session_files.hpp"

namespace raymc {
namespace {

LogProcess process_of(LogFileKind kind) {
  switch (kind) {
    case LogFileKind::kDriver: return LogProcess::kOwner;
    case LogFileKind::kWorker: return LogProcess::kWorker;
    case LogFileKind::kRaylet: return LogProcess::kRaylet;
    case LogFileKind::kGcs:
    case LogFileKind::kMessages: return LogProcess::kGcs;
  }
  return LogProcess::kOwner;
}

/// What follows the task in the id of its return value.
constexpr std::string_view kFirstReturn = "01000000";

constexpr std::array<std::string_view, 9> kIds{"task",   "lease", "node", "target", "worker",
                                               "object", "owner", "how",  "call"};

/// Reads all files with one table.
class Session {
 public:
  Session(const std::vector<LogTable>& tables, std::string release) : tables_(tables), release_(std::move(release)) {}

  [[nodiscard]] mc::Result<ReadSession> read(const std::vector<std::string>& paths) {
    if (const auto error = choose_table(paths)) return *error;
    if (const auto error = read_files(paths)) return *error;
    put_in_order(files_, facts_);
    if (auto error = mistake_in(files_, facts_, paths.front())) return *error;
    out_.files = files_.size();
    if (auto error = name_processes(files_, facts_)) return *error;
    if (auto error = note_strangers(files_, messages_, out_.notes)) return *error;
    find_owners();
    collect();
    return std::move(out_);
  }

 private:
  /// The version stands in the log of the GCS; without that, it has to be given.
  std::optional<mc::InputError> choose_table(const std::vector<std::string>& paths) {
    std::string version;
    const LogFileReader reader{
        [](const std::string&, const LogFileName& name) { return name.kind == LogFileKind::kGcs; },
        [&](std::uint32_t, std::string_view text, bool) {
          const std::optional<LogHead> head = log_head(text);
          if (!head || !version.empty()) return;
          for (const LogTable& table : tables_) {
            const LogTable::Reading reading = table.read(LogProcess::kGcs, head->file, head->message);
            if (reading.entry == nullptr || reading.entry->fact != "version") continue;
            for (const auto& [name, value] : reading.found) {
              if (name == "version") version = value;
            }
          }
        }};
    if (auto error = read_log_files(paths, reader)) return error;
    std::string known;
    for (const LogTable& table : tables_) {
      known += (known.empty() ? "" : ", ") + table.release();
      const bool wanted = release_.empty() ? !version.empty() && table.covers(version) : table.release() == release_;
      if (wanted) table_ = &table;
    }
    if (table_ == nullptr && !release_.empty())
      return mistake("", 0, "there is no table of log texts for Ray " + release_, "there are tables for " + known);
    if (table_ == nullptr && version.empty()) {
      return mistake(paths.front(), 0, "no gcs_server.out tells which version of Ray wrote these logs",
                     "say it with --release; there are tables for " + known);
    }
    if (table_ == nullptr)
      return mistake(paths.front(), 0, "these are logs of Ray " + version, "there are tables for " + known);
    if (!version.empty() && !table_->covers(version)) {
      return mistake(paths.front(), 0, "these are logs of Ray " + version + ", not of " + release_);
    }
    out_.record.release = table_->release();
    return std::nullopt;
  }

  std::optional<mc::InputError> read_files(const std::vector<std::string>& paths) {
    const LogFileReader reader{[this](const std::string& path, const LogFileName& name) {
                                 message_file_ = name.kind == LogFileKind::kMessages ? path : std::string();
                                 if (name.kind == LogFileKind::kMessages) {
                                   messages_.begin(path);
                                   return true;
                                 }
                                 files_.push_back(std::make_unique<LogFile>());
                                 files_.back()->path = path;
                                 files_.back()->name = name;
                                 return true;
                               },
                               [this](std::uint32_t number, std::string_view text, bool cut) {
                                 if (message_file_.empty()) {
                                   take(*files_.back(), number, text, cut);
                                 } else if (!wrong_) {
                                   wrong_ = messages_.take(message_file_, number, text, cut);
                                 }
                               }};
    if (auto error = read_log_files(paths, reader)) return error;
    return wrong_ ? wrong_ : messages_.mistake_as_a_whole();
  }

  void take(LogFile& file, std::uint32_t number, std::string_view text, bool cut) {
    ++file.lines;
    ++out_.lines;
    const std::optional<LogHead> head = log_head(text);
    if (!head) return;
    ++file.heads;
    if (file.pid.empty()) {
      file.pid = head->pid;
      file.began = head->t;
      file.first = text;
    }
    file.ended = std::max(file.ended, head->t);
    if (head->level == 'D') ++file.debug;
    const LogTable::Reading reading = table_->read(process_of(file.name.kind), head->file, head->message);
    if (reading.entry == nullptr) {
      if (reading.changed != nullptr && !wrong_) {
        wrong_ = mistake(file.path, number,
                         cut ? "the file ends within this line"
                             : "this line begins like a known one and goes on otherwise: " +
                                   std::string(head->message.substr(0, 120)),
                         "the table of Ray " + table_->release() + " says: " + reading.changed->text);
      }
      return;
    }
    if (reading.entry->fact == "nothing") return;
    seen_.insert(reading.entry);
    if (reading.entry->fact == "starts") {
      for (const auto& [name, value] : reading.found) file.starts = value;
      return;
    }
    if (!reading.entry->fact.empty()) {
      LogFact fact{&file, reading.entry->fact, {}, head->t};
      for (const auto& [name, value] : reading.found) fact.values.emplace_back(name, mc::plain_line(value));
      facts_.push_back(std::move(fact));
      return;
    }
    Noted noted;
    noted.entry = reading.entry;
    noted.line.t = head->t;
    noted.line.kind = log_kind_table()[static_cast<std::size_t>(reading.entry->kind)].id;
    noted.line.file = mc::plain_line(file.path);
    noted.line.line = number;
    noted.line.text = mc::plain_line(head->message);
    for (const auto& [name, value] : reading.found) {
      if (name == "pid") noted.pid = value;
      if (std::find(kIds.begin(), kIds.end(), name) != kIds.end()) noted.line.ids.emplace_back(name, value);
    }
    if (noted.entry->kind == LogKind::kStart && !file.starts.empty() && file.starts != "WORKER") {
      // Workers that spill and restore objects run no tasks.
      for (const auto& [name, value] : noted.line.ids) aside_.insert(value);
      return;
    }
    if (!reading.entry->how.empty()) noted.line.ids.emplace_back("how", reading.entry->how);
    file.noted.push_back(std::move(noted));
  }

  /// Drivers and workers that submit tasks.
  void find_owners() {
    for (const auto& file : files_) {
      const bool submits = std::any_of(file->noted.begin(), file->noted.end(),
                                       [](const Noted& noted) { return noted.entry->kind == LogKind::kSubmit; });
      if (submits) owners_.insert(file->process);
    }
  }

  /// When a driver leaves in order its work is done; what follows is the end of the session, which is not modelled.
  void cut_at_end(const ClockErrors& errors) {
    std::optional<std::int64_t>& end = out_.record.end;
    for (const LogFact& fact : facts_) {
      if (fact.name != "leaves" || fact.file->name.kind != LogFileKind::kDriver) continue;
      const auto error = errors.find(fact.file->process);
      const std::int64_t t = fact.t - (error == errors.end() ? 0 : error->second);
      end = std::min(end.value_or(t), t);
    }
    if (!end) return;
    std::erase_if(out_.record.lines, [&end](const mc::RecordLine& line) { return line.t >= *end; });
    out_.notes.push_back("read up to the moment at which the driver leaves");
  }

  void collect() {
    std::map<const LogFile*, std::string> submitted;  // the latest task: the lines about its arguments follow
    for (const LogFact& fact : facts_) {
      FactValues values = fact.values;
      if (fact.name == "task") submitted[fact.file] = value_of(values, "task");
      const bool of_nobody = fact.name == "argument" ? submitted[fact.file].empty() : fact.file->process.empty();
      if (of_nobody) continue;
      if (fact.name == "argument") values.insert(values.begin(), {"task", submitted[fact.file]});
      if (fact.name == "returns") {
        if (value_of(values, "count") == "0") continue;
        values = {{"object", value_of(values, "task") + std::string(kFirstReturn)}};
      }
      if (fact.name == "resources" || fact.name == "node") values.emplace_back("of", fact.file->process);
      if (fact.name == "home")
        values.insert(values.begin(), {"kind", fact.file->name.kind == LogFileKind::kDriver ? "driver" : "worker"});
      if (fact.name == "task") values.emplace_back("of", fact.file->process);
      if (fact.name == "settings") continue;
      if (fact.name == "leaves" || fact.name == "cluster" || fact.name == "version") continue;
      if (fact.name == "home" && owners_.count(fact.file->process) == 0) continue;
      out_.record.facts.emplace_back(fact.name == "returns" ? "plasma" : fact.name, std::move(values));
    }
    add_settings();
    find_subscribers();
    for (const auto& file : files_) {
      std::unordered_map<std::string, std::string> workers;  // by pid
      for (Noted& noted : file->noted) keep(*file, noted, workers);
    }
    add_messages();
    const ClockErrors errors = clock_errors(out_.record.lines);
    set_right(out_.record.lines, errors);
    std::ranges::copy(notes_of(errors), std::back_inserter(out_.notes));
    cut_at_end(errors);
    leave_out_what_is_not_modelled(out_.record.lines);
    std::set<std::string> unseen;
    for (const LogEntry& entry : table_->entries()) {
      if (entry.kind != LogKind::kNone && seen_.count(&entry) == 0) unseen.insert(entry.text);
    }
    out_.unseen.assign(unseen.begin(), unseen.end());
  }

  /// Under which ids raylets subscribe at the GCS.
  void find_subscribers() {
    for (const SeenMessage& message : messages_.messages()) {
      for (const auto& file : files_) {
        const bool is_its = file->name.kind == LogFileKind::kRaylet && file->pid == message.from;
        if (is_its && !message.subscriber.empty()) subscribers_[message.subscriber] = file->process;
      }
    }
  }

  /// Of processes that take part.
  void add_messages() {
    out_.record.wired = messages_.has_read();
    std::map<std::string, std::pair<std::string, std::string>> known;  // by pid
    for (const auto& file : files_) {
      if (file->pid.empty() || aside_.contains(file->process)) continue;
      switch (file->name.kind) {
        case LogFileKind::kRaylet: known[file->pid] = {"node", file->process}; break;
        case LogFileKind::kWorker: known[file->pid] = {"worker", file->process}; break;
        case LogFileKind::kGcs: known[file->pid] = {"", ""}; break;
        case LogFileKind::kDriver:
          if (owners_.contains(file->process)) known[file->pid] = {"owner", file->process};
          break;
        case LogFileKind::kMessages: break;
      }
    }
    const ProcessOf process_of = [&known](const std::string& pid) {
      const auto found = known.find(pid);
      return found == known.end() ? std::nullopt : std::optional(found->second);
    };
    for (mc::RecordLine& line : lines_of(std::move(messages_.messages()), messages_.file(), process_of)) {
      const std::string owner = value_of(line.ids, "owner");
      if (owner.empty() || owners_.contains(owner)) out_.record.lines.push_back(std::move(line));
    }
  }

  /// What the raylets' settings say: of each setting that matters the fact, and the name of its value there.
  void add_settings() {
    static constexpr std::array<std::array<std::string_view, 3>, 3> kSettings{
        {{"health_check_failure_threshold=", "health_check", "failures"},
         {"num_workers_soft_limit=", "idle_workers", "kept"},
         {"task_oom_retries=", "memory_retries", "left"}}};
    const auto all =
        std::find_if(facts_.begin(), facts_.end(), [](const LogFact& fact) { return fact.name == "settings"; });
    if (all == facts_.end()) return;
    const std::string settings = value_of(all->values, "settings");
    for (const auto& [setting, fact, value] : kSettings) {
      const std::size_t at = settings.find(setting);
      if (at == std::string::npos) continue;
      const std::size_t from = at + setting.size();
      const std::string number = settings.substr(from, settings.find(',', from) - from);
      if (number_in(number)) out_.record.facts.push_back({std::string(fact), {{std::string(value), number}}});
    }
  }

  void keep(const LogFile& file, Noted& noted, std::unordered_map<std::string, std::string>& workers) {
    mc::RecordLine& line = noted.line;
    const LogKindRow& kind = log_kind_table()[static_cast<std::size_t>(noted.entry->kind)];
    const auto id_of = [&line](std::string_view key) {
      for (const auto& [name, value] : line.ids) {
        if (name == key) return value;
      }
      return std::string();
    };
    if (kind.kind == LogKind::kStart) workers[noted.pid] = id_of("worker");
    if (!noted.pid.empty() && kind.kind != LogKind::kStart) {
      const auto known = workers.find(noted.pid);
      if (known == workers.end()) return;  // a driver, which announces itself, too
      line.ids.emplace_back("worker", known->second);
    }
    if (aside_.count(id_of("worker")) > 0) return;
    // Drivers subscribe under their own ids, raylets under others, which only a wire tells.
    const auto raylet =
        kind.kind == LogKind::kSubscriberErased ? subscribers_.find(id_of("owner")) : subscribers_.end();
    if (raylet != subscribers_.end()) {
      line.kind = log_kind_table()[static_cast<std::size_t>(LogKind::kRayletErased)].id;
      line.ids = {{"node", raylet->second}};
    }
    if (const std::string owner = id_of("owner"); !owner.empty() && owners_.count(owner) == 0) return;
    const bool at_worker = file.name.kind == LogFileKind::kWorker;
    if (noted.entry->process == LogProcess::kOwner && owners_.count(file.process) == 0) return;
    std::string stream(name_of(kind.stream));
    if (at_worker && noted.entry->process == LogProcess::kOwner) stream = "worker" + stream.substr(stream.find('.'));
    line.stream = kind.stream == LogStream::kGcs ? stream : stream + ":" + file.process;
    // The lines of one thread keep the order of their file, whatever the clock did.
    std::int64_t& latest = latest_[line.stream];
    latest = line.t = std::max(latest, line.t);
    out_.record.lines.push_back(std::move(line));
  }

  const std::vector<LogTable>& tables_;
  const std::string release_;
  const LogTable* table_ = nullptr;
  LogFiles files_;
  std::vector<LogFact> facts_;
  std::set<const LogEntry*> seen_;
  std::set<std::string> owners_;
  std::set<std::string> aside_;                           // workers that are none of the model's
  std::unordered_map<std::string, std::int64_t> latest_;  // by stream
  std::string message_file_;                              // that is being read; empty: a log is
  MessageReader messages_;
  std::map<std::string, std::string> subscribers_;  // nodes, by the id under which their raylets subscribe
  std::optional<mc::InputError> wrong_;
  ReadSession out_;
};

}  // namespace

mc::Result<ReadSession> read_session(const std::vector<std::string>& paths, const std::vector<LogTable>& tables,
                                     const std::string& release) {
  return Session(tables, release).read(paths);
}

}  // namespace raymc
