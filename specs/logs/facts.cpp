#include "specs/logs/facts.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "specs/logs/seen_lines.hpp"

namespace raymc {
namespace {

using enum FactValue;

constexpr FactRow kFacts[] = {
    {"node", {{{"node", kNode}, {"of", kNode}}}},
    {"resources", {{{"of", kNode}, {"resources", kResources}}}, true},
    {"home", {{{"worker", kWorker}, {"kind", kRole}, {"node", kNode}}}, true},
    {"task",
     {{{"task", kTask}, {"function", kFunction}, {"resources", kResources}, {"retries", kCount}, {"of", kWorker}}}},
    {"argument", {{{"task", kTask}, {"object", kObject}}}},
    {"plasma", {{{"object", kObject}}}},
    {"idle", {{{"worker", kWorker}, {"node", kNode}}}, true},
    {"health_check", {{{"failures", kCount}}}},
    {"idle_workers", {{{"kept", kCount}}}},
    {"memory_retries", {{{"left", kCount}}}},
};

constexpr int kCountMax = 1'000'000;

/// "CPU: 0.5": of each resource how much.
bool is_amount(std::string_view item) {
  const std::size_t colon = item.rfind(": ");
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view number = item.substr(colon + 2);
  double value = -1;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  return read.ec == std::errc{} && read.ptr == number.data() + number.size() && value >= 0 && value < 1e18;
}

bool are_resources(std::string_view text) {
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(", "));
    text.remove_prefix(std::min(text.size(), item.size() + 2));
    if (!is_amount(item)) return false;
  }
  return true;
}

/// What the value should be; empty: it is.
std::string_view expected(FactValue sort, const std::string& value) {
  switch (sort) {
    case kRole: return value == "driver" || value == "worker" ? "" : "driver or worker";
    case kResources: return are_resources(value) ? "" : "amounts of resources, such as CPU: 1";
    case kFunction: return "";
    case kCount: {
      int number = 0;
      const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
      const bool whole = read.ec == std::errc{} && read.ptr == value.data() + value.size();
      return whole && number >= -1 && number <= kCountMax ? "" : "a whole number from -1 to 1000000";
    }
    default: break;
  }
  const bool is_id = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.';
  });
  return is_id ? "" : "an id";
}

}  // namespace

const FactKey* FactRow::find(std::string_view key) const {
  const auto found = std::ranges::find(keys, key, &FactKey::key);
  return found == keys.end() || key.empty() ? nullptr : &*found;
}

std::span<const FactRow> fact_table() {
  return kFacts;
}

const FactRow* fact_named(std::string_view name) {
  const auto* found = std::ranges::find(kFacts, name, &FactRow::name);
  return found == std::end(kFacts) ? nullptr : found;
}

std::optional<std::string> mistake_in_facts(const mc::RecordFile& record) {
  std::set<std::pair<std::string, std::string>> known;
  for (std::size_t i = 0; i < record.facts.size(); ++i) {
    const auto& [name, values] = record.facts[i];
    const std::string fact = "fact " + std::to_string(i + 1) + " (\"" + name + "\")";
    const FactRow* row = fact_named(name);
    if (row == nullptr) return fact + " is none that a reader of logs writes";
    for (const auto& [key, value] : values) {
      const FactKey* expects = row->find(key);
      if (expects == nullptr) return fact + " has a \"" + key + "\", which such a fact does not have";
      const std::string_view should = expected(expects->value, value);
      if (!should.empty()) return fact + ": \"" + key + "\" is \"" + value + "\", and should be " + std::string(should);
    }
    for (const FactKey& key : row->keys) {
      const auto times = std::ranges::count(values, key.key, &std::pair<std::string, std::string>::first);
      if (!key.key.empty() && times != 1) return fact + " needs one \"" + std::string(key.key) + "\"";
    }
    if (row->once && !known.emplace(name, value_of(values, row->keys.front().key)).second) {
      return fact + ": there is one about the same " + std::string(row->keys.front().key) + " already";
    }
  }
  return std::nullopt;
}

}  // namespace raymc
