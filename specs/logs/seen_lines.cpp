#include "specs/logs/seen_lines.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <system_error>

#include "model/log/wire.hpp"
#include "model/release.hpp"
#include "model/safeguards.hpp"

namespace raymc {

std::string value_of(const std::vector<std::pair<std::string, std::string>>& values, std::string_view key) {
  for (const auto& [name, value] : values) {
    if (name == key) return value;
  }
  return {};
}

std::optional<int> number_in(std::string_view text) {
  int value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{}) return std::nullopt;
  return value;
}

std::string fact_of(const mc::RecordFile& record, std::string_view name, std::string_view key) {
  for (const auto& [known, values] : record.facts) {
    if (known == name) return value_of(values, key);
  }
  return {};
}

std::string home_of(const mc::RecordFile& record, const std::string& owner) {
  for (const auto& [name, values] : record.facts) {
    if (name == "home" && value_of(values, "worker") == owner) return value_of(values, "node");
  }
  return {};
}

int SeenLines::count(std::string_view kind, std::string_view how) const {
  return static_cast<int>(std::count_if(record_.lines.begin(), record_.lines.end(), [&](const mc::RecordLine& line) {
    return line.kind == kind && (how.empty() || value_of(line.ids, "how") == how);
  }));
}

int SeenLines::never_passed_on(std::string_view kind) const {
  return static_cast<int>(std::count_if(record_.lines.begin(), record_.lines.end(),
                                        [&](const mc::RecordLine& line) { return line.kind == kind && !line.at; }));
}

int SeenLines::repeated_requests() const {
  std::set<std::pair<std::string, std::string>> over;  // by raylet and lease
  int repeated = 0;
  for (const mc::RecordLine& line : record_.lines) {
    const std::pair place{line.stream, value_of(line.ids, "lease")};
    if (line.kind == "returned" || line.kind == "spill" || line.kind == "cancel_queued") over.insert(place);
    if (line.kind == "already" || (line.kind == "queue" && over.contains(place))) ++repeated;
    if (line.kind == "call_failed" && value_of(line.ids, "call") == "RequestWorkerLease") --repeated;
  }
  return std::max(0, repeated);
}

int SeenLines::requests_given_up() const {
  std::map<std::pair<std::string, std::string>, bool> on_its_way;  // by raylet and lease
  int given_up = 0;
  for (const mc::RecordLine& line : record_.lines) {
    if (value_of(line.ids, "call") != "RequestWorkerLease") continue;
    const std::string lease = value_of(line.ids, "lease");
    if (line.kind == "message.request") {
      bool& waits = on_its_way[{value_of(line.ids, "to_node"), lease}];
      given_up += waits ? 1 : 0;
      waits = line.at.has_value();
    } else if (line.kind == "message.reply") {
      on_its_way[{value_of(line.ids, "from_node"), lease}] = false;
    }
  }
  return given_up;
}

int SeenLines::probes_failed_for_now() const {
  std::set<std::string> dead;
  for (const mc::RecordLine& line : record_.lines) {
    if (line.kind == "node_failed") dead.insert(value_of(line.ids, "node"));
  }
  return static_cast<int>(std::count_if(record_.lines.begin(), record_.lines.end(), [&](const mc::RecordLine& line) {
    return line.kind == "probe_failed" && !dead.contains(value_of(line.ids, "node"));
  }));
}

int SeenLines::false_deaths() const {
  std::set<std::string> left;   // streams of raylets that have said goodbye: they speak until they are gone
  std::set<std::string> dead;   // of those that were declared dead,
  std::set<std::string> alive;  // and that speak afterwards
  for (const mc::RecordLine& line : record_.lines) {
    const std::string stream = "raylet:" + value_of(line.ids, "node");
    if (line.kind == "unregister" && !dead.contains(stream)) left.insert(stream);
    if (line.kind == "node_failed" && !left.contains(stream)) dead.insert(stream);
    if (dead.contains(line.stream) || (line.kind == "node_dead" && line.stream == stream)) alive.insert(line.stream);
  }
  return static_cast<int>(alive.size());
}

bool SeenLines::gcs_forgets() const {
  return count("gcs_opens") > 1 && count("gcs_restarted") == 0;
}

int SeenLines::hung_writes() const {
  return static_cast<int>(std::count_if(record_.lines.begin(), record_.lines.end(), [](const mc::RecordLine& line) {
    return line.kind == "message.reply" && value_of(line.ids, "call") == kStoreCall;
  }));
}

int SeenLines::ends_seen(std::string_view whose) const {
  return static_cast<int>(std::count_if(record_.lines.begin(), record_.lines.end(), [&](const mc::RecordLine& line) {
    return line.kind == "process.ended" && !value_of(line.ids, whose).empty();
  }));
}

int SeenLines::starts_that_failed() const {
  std::set<std::string> starting;
  int failed = 0;
  for (const mc::RecordLine& line : record_.lines) {
    const std::string worker = value_of(line.ids, "worker");
    if (line.kind == "start") starting.insert(worker);
    if (line.kind == "announced") starting.erase(worker);
    if (line.kind == "disconnect") failed += static_cast<int>(starting.erase(worker));
  }
  return failed;
}

int SeenLines::exits_of_themselves() const {
  if (count("owner_gone") + count("owner_dead") > 0) return 0;
  std::set<std::string> told;
  int exits = 0;
  for (const mc::RecordLine& line : record_.lines) {
    const std::string process = line.stream.substr(line.stream.find(':') + 1);
    const std::string how = value_of(line.ids, "how");
    const bool asked = line.kind == "exit_asked" && how != "0";
    if (asked || (line.kind == "done" && how != "OK")) told.insert(process);
    if (line.kind == "exit_begins" && !told.contains(process)) ++exits;
  }
  return exits;
}

bool SeenLines::leaves_tombstones() const {
  const std::optional<Release> release = parse_release(record_.release);
  return release && SafeguardSet::of(*release).has(Safeguard::kCancelledRequestsAreTombstoned);
}

}  // namespace raymc
