#include "specs/logs/pieces.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "model/ids.hpp"
#include "specs/logs/clocks.hpp"
#include "specs/logs/seen_lines.hpp"

namespace raymc {
namespace {

/// What is under way between the first and the last line that speak of it; empty: the line is about nothing of the
/// kind.
std::vector<std::string> matters_of(const mc::RecordLine& line) {
  std::vector<std::string> matters;
  for (const auto& [key, value] : line.ids) {
    if (key == "task" || key == "lease" || key == "object") matters.push_back(key + " " + value);
  }
  const bool of_worker = line.kind == "start" || line.kind == "announced";
  if (of_worker) matters.push_back("start " + value_of(line.ids, "worker"));
  const bool of_exit = line.kind == "ask_exit" || line.kind == "disconnect" || line.kind == "blocked";
  if (of_exit) matters.push_back("exit " + value_of(line.ids, "worker"));
  if (line.kind == "exit_asked" || line.kind == "exit_begins") matters.push_back("exit " + process_of(line));
  const bool of_death = line.kind == "probe_failed" || line.kind == "node_failed" || line.kind == "node_dead" ||
                        line.kind == "owner_node_dead" || line.kind == "unregister" || line.kind == "drain_node";
  if (of_death) matters.push_back("death " + value_of(line.ids, "node"));
  if (line.kind == "sigterm" || line.kind == "drain_asked") matters.push_back("death " + process_of(line));
  if (line.kind == "owner_gone" || line.kind == "owner_dead" || line.kind == "owner_failed") {
    matters.push_back("owner " + value_of(line.ids, "owner"));
  }
  return matters;
}

/// Positions in front of which nothing is under way.
std::vector<std::size_t> quiet_points(const mc::RecordFile& record) {
  std::map<std::string, std::pair<std::size_t, std::size_t>> spans;
  std::map<std::string, int> uses;  // by worker
  for (std::size_t i = 0; i < record.lines.size(); ++i) {
    const mc::RecordLine& line = record.lines[i];
    std::vector<std::string> matters = matters_of(line);
    // An owner gives a lease back in the name of its worker, which it may be granted again.
    if (line.kind == "granted" || line.kind == "return") {
      const std::string worker = value_of(line.ids, "worker");
      const int use = line.kind == "granted" ? ++uses[worker] : uses[worker];
      matters.push_back("use " + std::to_string(use) + " of " + worker);
    }
    for (const std::string& matter : matters) spans.try_emplace(matter, i, i).first->second.second = i;
  }
  std::vector<int> begun(record.lines.size() + 1);
  for (const auto& [matter, span] : spans) {
    ++begun[span.first + 1];
    --begun[span.second + 1];
  }
  std::vector<std::size_t> quiet;
  int under_way = 0;
  for (std::size_t i = 1; i < record.lines.size(); ++i) {
    under_way += begun[i];
    if (under_way == 0) quiet.push_back(i);
  }
  return quiet;
}

std::size_t tasks_in(const mc::RecordFile& record, std::size_t from, std::size_t to) {
  std::set<std::string> tasks;
  for (std::size_t i = from; i < to; ++i) {
    if (record.lines[i].kind == "submit") tasks.insert(value_of(record.lines[i].ids, "task"));
  }
  return tasks.size();
}

/// What is alive in front of a line.
struct Standing {
  std::set<std::string> dead_nodes;
  std::vector<std::pair<std::string, std::string>> idle;  ///< worker and its node, in the order of their starts

  void read(const mc::RecordLine& line) {
    const std::string worker = value_of(line.ids, "worker");
    if (line.kind == "announced") idle.emplace_back(worker, process_of(line));
    if (line.kind == "disconnect") {
      std::erase_if(idle, [&](const auto& one) { return one.first == worker; });
    }
    if (line.kind != "node_failed") return;
    const std::string node = value_of(line.ids, "node");
    dead_nodes.insert(node);
    std::erase_if(idle, [&](const auto& one) { return one.second == node; });
  }
};

mc::RecordFile piece_of(const mc::RecordFile& record, std::size_t from, std::size_t to, const Standing& standing) {
  mc::RecordFile piece;
  piece.release = record.release;
  piece.redacted = record.redacted;
  piece.wired = record.wired;
  piece.end = to == record.lines.size() ? record.end : std::optional(record.lines[to].t);
  piece.lines.assign(record.lines.begin() + static_cast<std::ptrdiff_t>(from),
                     record.lines.begin() + static_cast<std::ptrdiff_t>(to));
  std::set<std::string> tasks;
  for (const mc::RecordLine& line : piece.lines) {
    if (line.kind == "submit") tasks.insert(value_of(line.ids, "task"));
  }
  for (const auto& [name, values] : record.facts) {
    if (name == "resources" && standing.dead_nodes.contains(value_of(values, "of"))) continue;
    if (name == "task" && !tasks.contains(value_of(values, "task"))) continue;
    piece.facts.emplace_back(name, values);
  }
  for (const auto& [worker, node] : standing.idle) {
    piece.facts.push_back({"idle", {{"worker", worker}, {"node", node}}});
  }
  return piece;
}

}  // namespace

std::vector<mc::RecordFile> pieces_of(const mc::RecordFile& record) {
  if (tasks_in(record, 0, record.lines.size()) <= kTasksMax) return {record};
  std::vector<std::size_t> ends = quiet_points(record);
  ends.push_back(record.lines.size());
  std::vector<mc::RecordFile> pieces;
  Standing standing;
  std::size_t from = 0;
  for (std::size_t e = 0; e < ends.size(); ++e) {
    const bool last = e + 1 == ends.size();
    // What comes before the first task belongs to it.
    const bool next_fits = !last && tasks_in(record, from, ends[e + 1]) <= kTasksMax;
    if (next_fits || (!last && tasks_in(record, from, ends[e]) == 0)) continue;
    pieces.push_back(piece_of(record, from, ends[e], standing));
    for (std::size_t i = from; i < ends[e]; ++i) standing.read(record.lines[i]);
    from = ends[e];
  }
  return pieces;
}

}  // namespace raymc
