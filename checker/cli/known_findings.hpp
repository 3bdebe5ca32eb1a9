// Is a violation one that is known? It is if a finding of the project is about the same property, and what holds the
// finding off takes this schedule away, too.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "checker/cli/project.hpp"
#include "checker/core/open_violation.hpp"
#include "checker/core/result.hpp"
#include "checker/report/json_text.hpp"

namespace mc {

/// The schedule, action by action, does not break the property of the instance: an action is not possible, or the
/// property holds at the end. Of a run without end only the former tells.
template <Printable M>
[[nodiscard]] bool takes_away(const Instance<M>& instance, const std::vector<std::string>& schedule,
                              const std::string& property) {
  const std::vector<typename M::State> initial = instance.model.initial_states();
  if (initial.empty()) return false;
  typename M::State state = initial.front();
  for (const std::string& name : schedule) {
    std::vector<typename M::Action> enabled;
    instance.model.enabled(state, enabled);
    const auto action = std::find_if(enabled.begin(), enabled.end(),
                                     [&](const typename M::Action& one) { return instance.model.name(one) == name; });
    if (action == enabled.end()) return true;
    try {
      state = instance.model.apply(state, *action);
    } catch (const CapacityExceeded&) {
      return false;
    }
  }
  const auto judged = std::find_if(instance.properties.begin(), instance.properties.end(),
                                   [&](const Property<M>& one) { return one.id == property; });
  return judged != instance.properties.end() && judged->kind == PropertyKind::kInvariant &&
         judged->holds(instance.model, state);
}

/// In words, a line for each set of safeguards that takes the schedule away; one line that says so if there is none.
template <Project P>
[[nodiscard]] std::vector<std::string> known_findings(const P& project, const Instance<typename P::Model>& instance,
                                                      const std::vector<std::string>& schedule,
                                                      const std::string& property, const std::filesystem::path& root) {
  std::vector<std::string> lines;
  if constexpr (FindingProject<P>) {
    const Result<std::vector<OpenViolation>> all = project.known_violations(root);
    if (!all.ok()) return lines;
    std::map<std::vector<std::string>, std::string> names;  // by what holds them off
    std::size_t about_it = 0;
    for (const OpenViolation& known : all.value()) {
      if (known.property != property) continue;
      ++about_it;
      if (known.held_by.empty()) continue;
      std::string& joined = names[known.held_by];
      joined += (joined.empty() ? "" : ", ") + known.name + " (thread: " + known.threads + ")";
    }
    for (const auto& [held_by, joined] : names) {
      Settings settings = instance.settings;
      std::string fixes;
      for (const std::string& id : held_by) {
        settings.emplace_back(id, true);
        fixes += (fixes.empty() ? "" : ", ") + id;
      }
      const auto fixed = project.parse(instance.text, instance.path, settings);
      if (!fixed.ok() || !takes_away(fixed.value(), schedule, property)) continue;
      lines.push_back("known finding: " + joined + ": with " + fixes + " this schedule does not break " + property);
    }
    if (lines.empty()) {
      lines.push_back("no known finding: " + std::to_string(about_it) + " are about " + property +
                      ", and what holds them off does not take this schedule away");
    }
  }
  return lines;
}

/// All findings, one object each.
[[nodiscard]] inline std::string findings_json(const std::vector<OpenViolation>& all) {
  std::string text = "[";
  for (const OpenViolation& known : all) {
    const nlohmann::ordered_json entry{
        {"id", known.name},     {"is", known.status},       {"says", known.question},
        {"source", known.page}, {"about", known.held_by},   {"property", known.property},
        {"needs", known.needs}, {"threads", known.threads}, {"executed", known.executed}};
    text += (text.size() > 1 ? ",\n" : "\n") + json_text(entry, -1);
  }
  return text + "\n]\n";
}

/// One finding in words; empty: there is none of that name.
[[nodiscard]] inline std::string finding_text(const std::string& name, const std::vector<OpenViolation>& all) {
  const auto known = std::ranges::find(all, name, &OpenViolation::name);
  if (known == all.end()) return {};
  std::string text = known->name + "\n";
  const auto line = [&text](const std::string& key, const std::string& value) {
    text += "  " + key + std::string(key.size() < 10 ? 10 - key.size() : 1, ' ') + value + "\n";
  };
  line("is", "finding, " + known->status);
  line("says", known->question);
  line("needs", known->needs);
  line("breaks", known->property);
  for (const std::string& fix : known->held_by) line("held off", "by " + fix);
  line("thread", known->threads);
  line("tried", known->executed);
  line("scenario", known->page);
  return text;
}

}  // namespace mc
