#include "specs/logs/session_files.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "specs/logs/seen_lines.hpp"

namespace raymc {
namespace {

/// A GCS may have written several files, one after the other.
std::optional<mc::InputError> twice(const LogFile& file, const LogFiles& files) {
  for (const auto& other : files) {
    if (other.get() == &file) return std::nullopt;  // the others are held against this one
    const bool overlaps = file.began < other->ended || file.first == other->first;
    if (other->name.kind != LogFileKind::kGcs || other->pid != file.pid || file.pid.empty() || !overlaps) continue;
    return mistake(file.path, 0, "this and " + other->path + " are logs of the same GCS, about the same time: copies",
                   "give each log once");
  }
  return std::nullopt;
}

}  // namespace

void put_in_order(LogFiles& files, std::vector<LogFact>& facts) {
  std::stable_sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a->path < b->path; });
  std::vector<std::size_t> places;
  std::vector<std::unique_ptr<LogFile>> gcs;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i]->name.kind != LogFileKind::kGcs) continue;
    places.push_back(i);
    gcs.push_back(std::move(files[i]));
  }
  std::stable_sort(gcs.begin(), gcs.end(), [](const auto& a, const auto& b) { return a->began < b->began; });
  for (std::size_t i = 0; i < places.size(); ++i) files[places[i]] = std::move(gcs[i]);
  std::stable_sort(facts.begin(), facts.end(),
                   [](const LogFact& a, const LogFact& b) { return a.file->path < b.file->path; });
}

std::optional<mc::InputError> mistake_in(const LogFiles& files, const std::vector<LogFact>& facts,
                                         const std::string& place) {
  if (files.empty()) {
    return mistake(place, 0, "there is no log of Ray here",
                   "give the folder that holds raylet.out and gcs_server.out, such as session_latest/logs");
  }
  std::set<LogFileKind> kinds;
  std::size_t debug = 0;
  for (const auto& file : files) {
    if (file->lines > 0 && file->heads == 0) return mistake(file->path, 0, "no line of this file is one of Ray's logs");
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
  for (const LogFact& fact : facts) {
    if (fact.name == "cluster") clusters.insert(value_of(fact.values, "cluster"));
  }
  if (clusters.size() > 1)
    return mistake(place, 0, "these are logs of " + std::to_string(clusters.size()) + " clusters",
                   "give those of one session");
  return std::nullopt;
}

std::optional<mc::InputError> name_processes(LogFiles& files, const std::vector<LogFact>& facts) {
  std::map<std::string, const LogFile*> known;
  for (const auto& file : files) {
    file->process = file->name.worker;
    for (const LogFact& fact : facts) {
      if (fact.file == file.get() && fact.name == "node") file->process = value_of(fact.values, "node");
    }
    if (file->lines == 0) continue;
    if (file->name.kind == LogFileKind::kGcs) {
      if (const auto error = twice(*file, files)) return error;
      continue;
    }
    if (file->process.empty() && file->noted.empty()) continue;
    if (file->process.empty())
      return mistake(file->path, 0, "the log does not say which node it is of: its beginning is missing");
    const auto [place, fresh] = known.try_emplace(file->process, file.get());
    if (!fresh) {
      return mistake(
          file->path, 0,
          "this and " + place->second->path + " are logs of the same process: copies, or files of several sessions",
          "give each log once");
    }
  }
  return std::nullopt;
}

std::optional<mc::InputError> note_strangers(const LogFiles& files, MessageReader& messages,
                                             std::vector<std::string>& notes) {
  std::set<std::string> pids;
  std::set<std::string> processes;
  for (const auto& file : files) {
    pids.insert(file->pid);
    processes.insert(file->process);
  }
  std::set<std::string> missing;
  for (const auto& file : files) {
    for (const Noted& noted : file->noted) {
      const std::string worker = noted.entry->kind == LogKind::kPush ? value_of(noted.line.ids, "worker") : "";
      if (!worker.empty() && !processes.contains(worker)) missing.insert(worker);
    }
  }
  if (!missing.empty()) {
    notes.push_back("there is no log of " + std::to_string(missing.size()) +
                    " of the workers to which tasks were pushed: what they did is not known");
  }
  if (!messages.has_read()) return std::nullopt;
  const Strangers strangers = strangers_in(messages.messages(), pids);
  if (!strangers.any_known) {
    return mistake(messages.file(), 0, "no process of this record of a wire has a log here",
                   "give the logs of the same session");
  }
  if (strangers.messages == 0) return std::nullopt;
  std::string names;
  std::size_t told = 0;
  for (const std::string& process : strangers.processes) {
    if (++told <= 4) names += (names.empty() ? "" : ", ") + process;
  }
  if (told > 4) names += ", ...";
  notes.push_back(std::to_string(strangers.messages) + " messages of " + std::to_string(told) +
                  " processes that have no log here are left out: " + names);
  return std::nullopt;
}

}  // namespace raymc
