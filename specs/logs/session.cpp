#include "specs/logs/session.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "checker/core/plain.hpp"
#include "specs/logs/files.hpp"
#include "specs/logs/messages.hpp"
#include "specs/logs/not_modelled.hpp"

namespace raymc {
namespace {

/// A whole number of so many digits; -1 if there is none.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

/// Days from 1970-01-01 (Howard Hinnant's days_from_civil).
std::int64_t days_of(int year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int era = (year >= 0 ? year : year - 399) / 400;
  const int of_era = year - era * 400;
  const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return std::int64_t{era} * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

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

/// A line that is something, before it is known whose it is.
struct Noted {
  mc::RecordLine line;
  const LogEntry* entry = nullptr;
  std::string pid;  ///< of messages that name a process by its number
};

/// One file.
struct LogFile {
  std::string path;
  LogFileName name;
  std::string process;     ///< id of the driver, worker or node
  std::string pid;         ///< of the process, as its lines begin
  std::int64_t began = 0;  ///< when its first line was written
  std::size_t lines = 0;
  std::size_t heads = 0;
  std::size_t debug = 0;
  std::string starts;  ///< a raylet's: the type of the worker process that it is about to start
  std::vector<Noted> noted;
};

using FactValues = std::vector<std::pair<std::string, std::string>>;

std::string value_of(const FactValues& values, std::string_view key) {
  for (const auto& [name, value] : values) {
    if (name == key) return value;
  }
  return {};
}

struct LogFact {
  const LogFile* file = nullptr;
  std::string name;
  FactValues values;
  std::int64_t t = 0;
};

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
    put_in_order();
    if (const auto error = judge_files(paths)) return *error;
    if (const auto error = name_processes()) return *error;
    find_owners();
    find_end();
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
                                 if (name.kind == LogFileKind::kMessages) return true;
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
    return wrong_;
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
    }
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

  std::optional<mc::InputError> judge_files(const std::vector<std::string>& paths) {
    const std::string& place = paths.front();
    if (files_.empty()) {
      return mistake(place, 0, "there is no log of Ray here",
                     "give the folder that holds raylet.out and gcs_server.out, such as session_latest/logs");
    }
    std::set<LogFileKind> kinds;
    std::size_t debug = 0;
    for (const auto& file : files_) {
      if (file->lines > 0 && file->heads == 0)
        return mistake(file->path, 0, "no line of this file is one of Ray's logs");
      kinds.insert(file->name.kind);
      debug += file->debug;
    }
    if (kinds.count(LogFileKind::kRaylet) == 0) return mistake(place, 0, "there is no log of a raylet (raylet.out)");
    if (kinds.count(LogFileKind::kDriver) == 0) {
      return mistake(place, 0, "there is no log of a driver (python-core-driver-*.log)");
    }
    if (debug == 0) {
      return mistake(place, 0, "these logs are not at debug level, and do not say enough",
                     "run Ray with RAY_BACKEND_LOG_LEVEL=debug");
    }
    std::set<std::string> clusters;
    for (const LogFact& fact : facts_) {
      if (fact.name == "cluster") clusters.insert(value_of(fact.values, "cluster"));
    }
    if (clusters.size() > 1)
      return mistake(place, 0, "these are logs of " + std::to_string(clusters.size()) + " clusters",
                     "give those of one session");
    out_.files = files_.size();
    return std::nullopt;
  }

  /// By the names of the files: an archive holds them as they came. But the lines of a GCS and of those that follow it
  /// are one stream: gcs_server.1.out is of the second one, or the older part of a file that grew too long.
  void put_in_order() {
    std::stable_sort(files_.begin(), files_.end(), [](const auto& a, const auto& b) { return a->path < b->path; });
    std::vector<std::size_t> places;
    std::vector<std::unique_ptr<LogFile>> gcs;
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (files_[i]->name.kind != LogFileKind::kGcs) continue;
      places.push_back(i);
      gcs.push_back(std::move(files_[i]));
    }
    std::stable_sort(gcs.begin(), gcs.end(), [](const auto& a, const auto& b) { return a->began < b->began; });
    for (std::size_t i = 0; i < places.size(); ++i) files_[places[i]] = std::move(gcs[i]);
    std::stable_sort(facts_.begin(), facts_.end(),
                     [](const LogFact& a, const LogFact& b) { return a.file->path < b.file->path; });
  }

  std::optional<mc::InputError> name_processes() {
    std::map<std::string, const LogFile*> known;
    for (const auto& file : files_) {
      file->process = file->name.worker;
      for (const LogFact& fact : facts_) {
        if (fact.file == file.get() && fact.name == "node") file->process = value_of(fact.values, "node");
      }
      if (file->name.kind == LogFileKind::kGcs || file->lines == 0) continue;
      if (file->process.empty() && file->noted.empty()) continue;
      if (file->process.empty())
        return mistake(file->path, 0, "the log does not say which node it is of: its beginning is missing");
      const auto [place, fresh] = known.try_emplace(file->process, file.get());
      if (!fresh) {
        return mistake(file->path, 0,
                       "this and " + place->second->path + " are logs of the same process: files of several sessions");
      }
    }
    return std::nullopt;
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
  void find_end() {
    for (const LogFact& fact : facts_) {
      if (fact.name != "leaves" || fact.file->name.kind != LogFileKind::kDriver) continue;
      end_ = std::min(end_.value_or(fact.t), fact.t);
    }
    if (end_) {
      out_.record.end = end_;
      out_.notes.push_back("read up to the moment at which the driver leaves");
    }
  }

  void collect() {
    std::map<const LogFile*, std::string> submitted;  // the latest task: the lines about its arguments follow
    for (const LogFact& fact : facts_) {
      FactValues values = fact.values;
      if (fact.name == "task") submitted[fact.file] = value_of(values, "task");
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
    std::stable_sort(out_.record.lines.begin(), out_.record.lines.end(),
                     [](const mc::RecordLine& a, const mc::RecordLine& b) { return a.t < b.t; });
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

  /// Of processes that take part, up to the end of the record.
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
      const bool takes_part = owner.empty() || owners_.contains(owner);
      if (takes_part && (!end_ || line.t < *end_)) out_.record.lines.push_back(std::move(line));
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
      out_.record.facts.push_back(
          {std::string(fact), {{std::string(value), settings.substr(from, settings.find(',', from) - from)}}});
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
    if (end_ && line.t >= *end_) return;
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
  std::vector<std::unique_ptr<LogFile>> files_;
  std::vector<LogFact> facts_;
  std::set<const LogEntry*> seen_;
  std::set<std::string> owners_;
  std::set<std::string> aside_;                           // workers that are none of the model's
  std::unordered_map<std::string, std::int64_t> latest_;  // by stream
  std::string message_file_;                              // that is being read; empty: a log is
  MessageReader messages_;
  std::map<std::string, std::string> subscribers_;  // nodes, by the id under which their raylets subscribe
  std::optional<std::int64_t> end_;
  std::optional<mc::InputError> wrong_;
  ReadSession out_;
};

}  // namespace

std::optional<LogHead> log_head(std::string_view line) {
  // [2026-11-29 06:43:08,886 D 30776 31204] (raylet) main.cc:279: message
  if (line.size() < 30 || line.front() != '[') return std::nullopt;
  const int year = digits(line, 1, 4);
  const int month = digits(line, 6, 2);
  const int day = digits(line, 9, 2);
  const int hour = digits(line, 12, 2);
  const int minute = digits(line, 15, 2);
  const int second = digits(line, 18, 2);
  const int milli = digits(line, 21, 3);
  if (std::min({year, month, day, hour, minute, second, milli}) < 0 || line[24] != ' ' || line[26] != ' ')
    return std::nullopt;
  LogHead head;
  head.t = (((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000 + milli;
  head.level = line[25];
  const std::size_t close = line.find(']', 27);
  if (close == std::string_view::npos || close > 60) return std::nullopt;
  head.pid = line.substr(27, line.find(' ', 27) - 27);
  std::string_view rest = line.substr(close + 1);
  if (rest.substr(0, 2) == " (") {
    const std::size_t end = rest.find(") ");
    if (end == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(end + 1);
  }
  if (rest.empty() || rest.front() != ' ') return std::nullopt;
  rest.remove_prefix(1);
  const std::size_t colon = rest.find(':');
  const std::size_t after = colon == std::string_view::npos ? colon : rest.find(": ", colon + 1);
  if (after == std::string_view::npos || after - colon > 8) return std::nullopt;
  head.file = rest.substr(0, colon);
  head.message = rest.substr(after + 2);
  return head;
}

mc::Result<ReadSession> read_session(const std::vector<std::string>& paths, const std::vector<LogTable>& tables,
                                     const std::string& release) {
  return Session(tables, release).read(paths);
}

}  // namespace raymc
