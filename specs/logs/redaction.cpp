// A record without anything that is nobody's business.
#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "specs/logs/facts.hpp"
#include "specs/logs/session.hpp"

namespace raymc {
namespace {

/// New names for ids, by their kind, in the order in which they come.
class Renaming {
 public:
  std::string operator()(const std::string& kind, const std::string& id) {
    const auto [place, fresh] = names_.try_emplace({kind, id});
    if (fresh) place->second = kind.substr(0, 1) + std::to_string(++counts_[kind]);
    return place->second;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::string> names_;
  std::map<std::string, int> counts_;
};

/// "{CPU: 2, memory: 2e+10}" without the sizes of the machine and with names of one's own resources changed.
std::string bare_resources(std::string_view text, Renaming& renamed) {
  std::string out;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(", "));
    text.remove_prefix(std::min(text.size(), item.size() + 2));
    const std::size_t colon = item.rfind(": ");
    if (colon == std::string_view::npos) continue;
    std::string name(item.substr(0, colon));
    if (name == "memory" || name == "object_store_memory") continue;
    if (name.rfind("node:", 0) == 0 && name != "node:__internal_head__") continue;
    if (name != "CPU" && name != "GPU" && name != "node:__internal_head__") name = renamed("resource", name);
    out += (out.empty() ? "" : ", ") + name + std::string(item.substr(colon));
  }
  return out;
}

/// A number, or a word that the reader of logs writes: nothing that could be a name, a path or a text.
bool is_harmless(std::string_view value) {
  if (value == "driver" || value == "worker") return true;
  return std::all_of(value.begin(), value.end(), [](char c) { return (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace

mc::RecordFile redacted(const mc::RecordFile& record) {
  Renaming renamed;
  // Ids of one process are the same thing wherever they stand: a worker may be an owner, a target is a node.
  const auto sort_of = [](const std::string& key) -> std::string {
    if (key == "target" || key == "from_node" || key == "to_node") return "node";
    if (key == "owner" || key.starts_with("from_") || key.starts_with("to_")) return "worker";
    return key;
  };
  const auto id = [&](const std::string& key, const std::string& value) {
    if (key == "how" || key == "call") return value;
    if (key == "object")
      return renamed("task", value.substr(0, 48)) + "." + value.substr(std::min<std::size_t>(48, value.size()));
    return renamed(sort_of(key), value);
  };
  const auto stream = [&](const std::string& name) {
    const std::size_t colon = name.find(':');
    if (colon == std::string::npos) return name;
    const bool node = name.substr(0, colon) == "raylet";
    return name.substr(0, colon + 1) + renamed(node ? "node" : "worker", name.substr(colon + 1));
  };
  mc::RecordFile out = record;
  out.redacted = true;
  // Times only say what comes how long after what.
  const std::int64_t start = out.lines.empty() ? 0 : out.lines.front().t;
  if (out.end) *out.end -= start;
  // What no reader of ours wrote may say anything.
  std::erase_if(out.facts, [](const auto& fact) { return fact_named(fact.first) == nullptr; });
  for (auto& [name, values] : out.facts) {
    const FactRow& row = *fact_named(name);
    std::erase_if(values, [&row](const auto& one) { return row.find(one.first) == nullptr; });
    for (auto& [key, value] : values) {
      switch (row.find(key)->value) {
        case FactValue::kNode: value = renamed("node", value); break;
        case FactValue::kWorker: value = renamed("worker", value); break;
        case FactValue::kTask:
        case FactValue::kObject: value = id(key, value); break;
        case FactValue::kFunction: value = renamed("function", value); break;
        case FactValue::kResources: value = bare_resources(value, renamed); break;
        case FactValue::kRole:
        case FactValue::kCount:
          if (!is_harmless(value)) value.clear();
          break;
      }
    }
  }
  for (mc::RecordLine& line : out.lines) {
    line.t -= start;
    if (line.at) *line.at -= start;
    line.stream = stream(line.stream);
    for (auto& [key, value] : line.ids) value = id(key, value);
    line.file = line.stream.substr(0, line.stream.find(':')) + ".log";
    line.text.clear();
  }
  return out;
}

}  // namespace raymc
