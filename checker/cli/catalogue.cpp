#include "checker/cli/catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "checker/core/assert.hpp"
#include "checker/report/json_text.hpp"

namespace mc {
namespace {

using Row = std::array<std::string, 3>;

/// The plural that `list` takes.
std::string_view plural(EntryKind kind) {
  switch (kind) {
    case EntryKind::kTransition: return "transitions";
    case EntryKind::kProperty: return "properties";
    case EntryKind::kSafeguard: return "safeguards";
    case EntryKind::kFault: return "faults";
    case EntryKind::kFeature: return "features";
    case EntryKind::kKey: return "keys";
  }
  MC_ASSERT(false, "every kind has a plural");
}

std::string aligned(const std::vector<Row>& rows) {
  std::array<std::size_t, 2> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    text += fmt::format("{:<{}}  {:<{}}  {}\n", row[0], widths[0], row[1], widths[1], row[2]);
  }
  return text;
}

bool contains(const std::vector<std::string>& ids, std::string_view id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

std::string line(std::string_view label, std::string_view value) {
  return fmt::format("  {:<11}{}\n", label, value);
}

/// How real runs showed a rule, in a column.
std::string shown_by(const Witnesses& witnesses, const std::string& rule) {
  const auto found = witnesses.find(rule);
  if (found == witnesses.end() || found->second.read + found->second.silent == 0) return "-";
  if (found->second.read > 0) return fmt::format("seen {}", found->second.read);
  return fmt::format("fits {}", found->second.silent);
}

}  // namespace

std::string_view to_string(EntryKind kind) {
  switch (kind) {
    case EntryKind::kTransition: return "transition";
    case EntryKind::kProperty: return "property";
    case EntryKind::kSafeguard: return "safeguard";
    case EntryKind::kFault: return "fault";
    case EntryKind::kFeature: return "feature";
    case EntryKind::kKey: return "scenario key";
  }
  MC_ASSERT(false, "every kind has a word");
}

std::string list_text(std::string_view kind, const std::vector<CatalogueEntry>& catalogue,
                      const std::vector<ScenarioSummary>& scenarios, const Witnesses& witnesses) {
  std::vector<Row> rows;
  if (kind == "scenarios") {
    for (const ScenarioSummary& scenario : scenarios)
      rows.push_back({scenario.path, scenario.expected, scenario.question});
  }
  for (const CatalogueEntry& entry : catalogue) {
    if (plural(entry.kind) != kind) continue;
    const bool shown = entry.kind == EntryKind::kTransition && !witnesses.empty();
    rows.push_back({entry.id,
                    shown ? fmt::format("{:<12}{}", entry.origin, shown_by(witnesses, entry.id)) : entry.origin,
                    entry.text});
  }
  return aligned(rows);
}

std::string list_json(std::string_view kind, const std::vector<CatalogueEntry>& catalogue,
                      const std::vector<ScenarioSummary>& scenarios) {
  std::vector<nlohmann::ordered_json> entries;
  if (kind == "scenarios") {
    for (const ScenarioSummary& scenario : scenarios)
      entries.push_back({{"id", scenario.path},
                         {"is", scenario.expected},
                         {"says", scenario.question},
                         {"about", scenario.mentions}});
  }
  for (const CatalogueEntry& entry : catalogue) {
    if (plural(entry.kind) != kind) continue;
    nlohmann::ordered_json json{{"id", entry.id},
                                {"is", entry.origin},
                                {"says", entry.text},
                                {"source", entry.source},
                                {"about", entry.related}};
    for (const auto& [name, value] : entry.details) json[name] = value;
    entries.push_back(std::move(json));
  }
  std::string text = "[";
  for (const nlohmann::ordered_json& entry : entries) text += (text.size() > 1 ? ",\n" : "\n") + json_text(entry, -1);
  return text + "\n]\n";
}

std::string explain_text(std::string_view id, const std::vector<CatalogueEntry>& catalogue,
                         const std::vector<ScenarioSummary>& scenarios, const Witnesses& witnesses) {
  std::string text;
  for (const CatalogueEntry& entry : catalogue) {
    if (entry.id != id) continue;
    text += fmt::format("{}\n", entry.id);
    text += line("is", fmt::format("{}, {}", to_string(entry.kind), entry.origin));
    text += line("says", entry.text);
    if (!entry.source.empty()) text += line("source", entry.source);
    const auto witnessed = witnesses.find(entry.id);
    if (witnessed != witnesses.end()) text += line("seen", in_words(witnessed->second));
    for (const auto& [name, value] : entry.details) text += line(name, value);
    for (const std::string& related : entry.related) text += line("about", related);
  }
  if (text.empty()) return text;
  for (const CatalogueEntry& entry : catalogue) {
    if (contains(entry.related, id)) text += line("used by", fmt::format("{} {}", to_string(entry.kind), entry.id));
  }
  for (const ScenarioSummary& scenario : scenarios) {
    if (contains(scenario.mentions, id)) text += line("used by", "scenario " + scenario.path);
  }
  return text;
}

std::vector<std::string> setting_ids(const std::vector<CatalogueEntry>& catalogue) {
  std::vector<std::string> ids;
  for (const CatalogueEntry& entry : catalogue) {
    if (entry.kind == EntryKind::kSafeguard) ids.push_back(entry.id);
  }
  return ids;
}

std::vector<std::string> never_possible(const std::vector<CatalogueEntry>& catalogue,
                                        const std::vector<std::string>& mentions,
                                        const std::vector<RuleCount>& coverage) {
  const auto fires = [&](const CatalogueEntry& rule) {
    return std::any_of(coverage.begin(), coverage.end(),
                       [&](const RuleCount& count) { return count.rule == rule.id && count.fired > 0; });
  };
  std::vector<std::string> idle;
  for (const CatalogueEntry& fault : catalogue) {
    if (fault.kind != EntryKind::kFault || !contains(mentions, fault.id)) continue;
    bool has_rules = false;
    bool struck = false;
    for (const CatalogueEntry& rule : catalogue) {
      if (rule.kind != EntryKind::kTransition || !contains(rule.related, fault.id)) continue;
      has_rules = true;
      struck = struck || fires(rule);
    }
    if (has_rules && !struck) idle.push_back(fault.id);
  }
  return idle;
}

std::string source_of(std::string_view id, const std::vector<CatalogueEntry>& catalogue) {
  for (const CatalogueEntry& entry : catalogue) {
    if (entry.id == id) return entry.source;
  }
  return {};
}

}  // namespace mc
