#include "specs/logs/seen_lines.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <system_error>

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
    if (line.kind == "returned") over.insert(place);
    if (line.kind == "already" || (line.kind == "queue" && over.contains(place))) ++repeated;
    if (line.kind == "call_failed" && value_of(line.ids, "call") == "RequestWorkerLease") --repeated;
  }
  return std::max(0, repeated);
}

int SeenLines::own_deaths() const {
  return static_cast<int>(std::count_if(record_.lines.begin(), record_.lines.end(), [](const mc::RecordLine& line) {
    return line.kind == "node_dead" && line.stream == "raylet:" + value_of(line.ids, "node");
  }));
}

bool SeenLines::gcs_forgets() const {
  return count("gcs_opens") > 1 && count("gcs_restarted") == 0;
}

bool SeenLines::leaves_tombstones() const {
  const std::size_t dot = record_.release.find('.');
  if (dot == std::string::npos) return false;
  const auto part = [](const std::string& text) { return number_in(text).value_or(0); };
  const std::pair release{part(record_.release.substr(0, dot)), part(record_.release.substr(dot + 1))};
  return release >= std::pair{2, 59};
}

}  // namespace raymc
