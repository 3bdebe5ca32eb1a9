#include "specs/logs/not_modelled.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "specs/logs/seen_lines.hpp"

namespace raymc {
namespace {

/// The GCS also erases the subscriptions of processes that have ended, which the model takes for a part of their end.
void leave_out_ended_subscribers(std::vector<mc::RecordLine>& lines) {
  std::set<std::string> ended;
  for (const mc::RecordLine& line : lines) {
    if (line.kind == "owner_failed" || line.kind == "owner_gone") ended.insert(value_of(line.ids, "owner"));
    if (line.kind == "node_failed" || line.kind == "unregister") ended.insert(value_of(line.ids, "node"));
  }
  std::erase_if(lines, [&ended](const mc::RecordLine& line) {
    return (line.kind == "subscriber_erased" || line.kind == "raylet_erased") &&
           (ended.contains(value_of(line.ids, "owner")) || ended.contains(value_of(line.ids, "node")));
  });
}

/// A request that is cancelled while a process starts for it leaves its pop behind, which takes the process and gives
/// it back at once; the model forgets that pop with its request. A pop that had its worker when the request was
/// cancelled is a step of the model.
void leave_out_pops_that_waited(std::vector<mc::RecordLine>& lines) {
  std::map<std::string, int> starting;                         // processes, by raylet
  std::map<std::pair<std::string, std::string>, bool> waited;  // by raylet and cancelled lease
  std::erase_if(lines, [&](const mc::RecordLine& line) {
    const std::pair place{line.stream, value_of(line.ids, "lease")};
    if (line.kind == "start") ++starting[line.stream];
    if (line.kind == "announced") --starting[line.stream];
    if (line.kind == "cancel_queued") waited[place] = starting[line.stream] > 0;
    return line.kind == "popped_for_cancelled" && waited[place];
  });
}

}  // namespace

void leave_out_what_is_not_modelled(std::vector<mc::RecordLine>& lines) {
  leave_out_ended_subscribers(lines);
  leave_out_pops_that_waited(lines);
}

}  // namespace raymc
