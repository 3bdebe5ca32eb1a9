#include "tests/oracle/case.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>

namespace raymc::oracle {
namespace {

/// One to eight properties, in random order.
std::vector<Property> draw_properties(bool liveness, Random& random) {
  liveness = liveness && random() % 2 == 0;
  std::vector<Property> drawn;
  for (const Property& property : all_properties()) {
    if (liveness || !mc::is_liveness(property.kind)) drawn.push_back(property);
  }
  std::shuffle(drawn.begin(), drawn.end(), random);
  if (liveness) {
    std::stable_partition(drawn.begin(), drawn.end(), [&](const Property& property) {
      return mc::is_liveness(property.kind) && random() % 4 == 0;
    });
  }
  drawn.resize(1 + random() % 8);
  return drawn;
}

/// The properties of these ids, in this order.
std::vector<Property> named(const std::vector<std::string>& ids) {
  std::vector<Property> properties;
  for (const std::string& id : ids) {
    properties.push_back(*std::ranges::find(all_properties(), id, &Property::id));
  }
  return properties;
}

}  // namespace

std::string without_tables(const std::string& text, const std::vector<std::string>& names) {
  std::istringstream lines(text);
  std::string kept;
  std::string line;
  bool keep = true;
  while (std::getline(lines, line)) {
    if (line.starts_with('[')) {
      // A table goes with the tables in it.
      keep = std::none_of(names.begin(), names.end(), [&](const std::string& name) {
        return line.starts_with("[" + name + "]") || line.starts_with("[[" + name + ".");
      });
    }
    if (keep) kept += line + "\n";
  }
  return kept;
}

std::optional<Question> draw_question(const std::string& text, bool liveness, Random& random) {
  const mc::Result<Scenario> own = parse_scenario(text, "case.toml", all_properties());
  const bool keep = own.ok() && random() % 2 == 0;
  Question question{without_tables(text, {"check", "limits", "expect"}), {}, {}};
  question.properties = keep ? named(own.value().properties) : draw_properties(liveness, random);
  if (!liveness) std::erase_if(question.properties, [](const Property& p) { return mc::is_liveness(p.kind); });
  if (question.properties.empty()) return std::nullopt;
  question.text += "\n[check]\nproperties = [";
  for (const Property& property : question.properties) question.text += "\"" + std::string(property.id) + "\", ";
  question.text += "]\n";
  mc::Result<Scenario> parsed = parse_scenario(question.text, "case.toml", all_properties());
  if (!parsed.ok()) return std::nullopt;
  question.scenario = std::move(parsed.value());
  return question;
}

mc::Limits draw_limits(const std::vector<std::uint64_t>& levels, Random& random) {
  mc::Limits limits;
  const std::uint64_t kind = random() % 4;  // bit 0: of depth, bit 1: of states
  if ((kind & 1U) != 0) {
    limits.depth_declared = random() % 2 == 0;
    // One time in two the last level itself: there a bound may have nothing to cut.
    const std::uint64_t depth = levels.size() - 1 + random() % 2 - (random() % 2 == 0 ? 0 : random() % levels.size());
    limits.depth_max = static_cast<std::uint32_t>(std::max<std::uint64_t>(depth, 1));
  }
  if ((kind & 2U) != 0) {
    std::uint64_t states = 0;
    const std::uint64_t last = random() % levels.size();
    for (std::uint64_t level = 0; level <= last; ++level) states += levels[level];
    limits.states_max = std::max<std::uint64_t>(states + random() % 3, 2) - 1;
    limits.states_declared = random() % 2 == 0;
  }
  return limits;
}

std::string with_limits(const std::string& text, const mc::Limits& limits) {
  std::string declared;
  if (limits.depth_declared) declared += "depth_max = " + std::to_string(*limits.depth_max) + "\n";
  if (limits.states_declared) declared += "states_max = " + std::to_string(*limits.states_max) + "\n";
  return declared.empty() ? text : text + "\n[limits]\n" + declared;
}

std::string limit_arguments(const mc::Limits& limits) {
  std::string arguments;
  if (limits.depth_max && !limits.depth_declared) arguments += " --depth-max " + std::to_string(*limits.depth_max);
  if (limits.states_max && !limits.states_declared) arguments += " --states-max " + std::to_string(*limits.states_max);
  return arguments;
}

}  // namespace raymc::oracle
