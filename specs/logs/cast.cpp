#include "specs/logs/cast.hpp"

#include <algorithm>
#include <string_view>

#include "model/log/book.hpp"

namespace raymc {
namespace {

std::string_view value_of(const std::vector<std::pair<std::string, std::string>>& values, std::string_view key) {
  for (const auto& [name, value] : values) {
    if (name == key) return value;
  }
  return {};
}

/// The driver's connection breaks, or its node is dead.
bool is_lost(const mc::RecordFile& record, const std::string& driver) {
  std::string_view home;
  for (const auto& [name, values] : record.facts) {
    if (name == "home" && value_of(values, "worker") == driver) home = value_of(values, "node");
  }
  return std::any_of(record.lines.begin(), record.lines.end(), [&](const mc::RecordLine& line) {
    if (line.kind == "owner_gone") return value_of(line.ids, "owner") == driver;
    return line.kind == "node_failed" && value_of(line.ids, "node") == home;
  });
}

constexpr std::uint8_t number(LogSort sort) {
  return static_cast<std::uint8_t>(sort);
}

}  // namespace

std::size_t home_place(const mc::RecordFile& record, const std::string& owner) {
  const auto is_home = [&owner](const auto& fact) {
    return fact.first == "home" && value_of(fact.second, "worker") == owner;
  };
  return static_cast<std::size_t>(std::ranges::find_if(record.facts, is_home) - record.facts.begin());
}

RecordedCast cast_of(const mc::RecordFile& record) {
  RecordedCast cast;
  for (const auto& [name, values] : record.facts) {
    if (name != "resources") continue;
    const bool is_head = value_of(values, "resources").find("__internal_head__") != std::string_view::npos;
    cast.nodes.insert(is_head ? cast.nodes.begin() : cast.nodes.end(), std::string(value_of(values, "of")));
  }
  for (const mc::RecordLine& line : record.lines) {
    if (line.kind != "submit" || line.stream.rfind("owner.", 0) != 0) continue;
    const std::string driver = line.stream.substr(line.stream.find(':') + 1);
    if (std::find(cast.drivers.begin(), cast.drivers.end(), driver) == cast.drivers.end())
      cast.drivers.push_back(driver);
  }
  std::ranges::stable_sort(cast.drivers, {}, [&](const std::string& driver) { return home_place(record, driver); });
  // The model follows the end of the first driver's job.
  std::stable_partition(cast.drivers.begin(), cast.drivers.end(),
                        [&](const std::string& driver) { return is_lost(record, driver); });
  return cast;
}

mc::ProcessSorts process_sorts() {
  return {{"owner.main", number(LogSort::kOwner)},    {"owner.io", number(LogSort::kOwner)},
          {"owner.calls", number(LogSort::kOwner)},   {"raylet", number(LogSort::kNode)},
          {"worker.main", number(LogSort::kWorker)},  {"worker.io", number(LogSort::kWorker)},
          {"worker.calls", number(LogSort::kWorker)}, {"gcs", mc::LogKey::kText}};
}

mc::Bindings known_places(const mc::RecordFile& record, const mc::CompiledRecord& compiled, const RayModel& model) {
  const RecordedCast cast = cast_of(record);
  mc::Bindings known(model.log_vocabulary().sorts.size());
  const auto add = [&](LogSort sort, const std::string& id) {
    known[number(sort)].push_back(compiled.find(number(sort), id).value_or(mc::Event::kNoId));
  };
  for (const std::string& node : cast.nodes) add(LogSort::kNode, node);
  auto driver = cast.drivers.begin();
  for (const OwnerShape& owner : model.config().shape.owners) {
    const bool is_driver = owner.kind != OwnerKind::kTask && driver != cast.drivers.end();
    add(LogSort::kOwner, is_driver ? *driver++ : std::string());
  }
  std::vector<std::uint16_t>& workers = known[number(LogSort::kWorker)];
  workers.assign(model.config().workers(), mc::Event::kNoId);
  for (std::uint8_t n = 0; n < model.config().nodes() && n < cast.nodes.size(); ++n) {
    std::uint8_t place = model.config().first_worker(n);
    const std::uint8_t end = model.config().first_worker(static_cast<std::uint8_t>(n + 1));
    for (const auto& [name, values] : record.facts) {
      if (name != "idle" || value_of(values, "node") != cast.nodes[n] || place == end) continue;
      // A worker that no line names any more stands at a place of its own, without a name.
      workers[place++] = compiled.find(number(LogSort::kWorker), value_of(values, "worker")).value_or(mc::Event::kNoId);
    }
  }
  return known;
}

}  // namespace raymc
