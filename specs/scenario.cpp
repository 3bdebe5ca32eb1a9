#include "specs/scenario.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "checker/core/nearest.hpp"
#include "specs/scenario_shape.hpp"
#include "specs/selection.hpp"
#include "specs/situations.hpp"
#include "specs/toml_reader.hpp"
#include "specs/toml_shape.hpp"

namespace raymc {
namespace {

/// A nested owner is a worker of the driver's job and would die with it, which is not modelled (ADR-0004).
void check_driver_faults(Diagnosis& diagnosis, const TomlReader& reader, const Budget& budget, const Shape& shape) {
  const bool fixed = std::any_of(shape.owners.begin(), shape.owners.end(),
                                 [](const OwnerShape& owner) { return owner.kind == OwnerKind::kWorker; });
  if (!fixed) return;
  const bool home_may_fail = shape.nodes[shape.owners[0].node.value].may_crash;
  for (const Fault fault :
       {Fault::kDriverCrash, Fault::kDriverPlasma, Fault::kOwnerGivesUp, Fault::kNodeBlackhole, Fault::kGcsPartition}) {
    const bool of_a_node = fault == Fault::kNodeBlackhole || fault == Fault::kGcsPartition;
    if (budget[fault] == 0 || (of_a_node && !home_may_fail)) continue;
    const std::string key(key_of(fault));
    diagnosis.fail(reader.place_of(key),
                   "budget." + key + " ends the driver, and with it a nested owner that would live on",
                   "ask the two questions in two scenarios");
  }
}

/// A parent's host is known only when it runs; faults of hosts and links ask for it before (client_host).
void check_parent_faults(Diagnosis& diagnosis, const TomlReader& reader, const Budget& budget, const Shape& shape) {
  const bool parent = std::any_of(shape.owners.begin(), shape.owners.end(),
                                  [](const OwnerShape& owner) { return owner.kind == OwnerKind::kTask; });
  for (const Fault fault : {Fault::kRayletHang, Fault::kNodeBlackhole, Fault::kGcsPartition, Fault::kOwnerPartition,
                            Fault::kOwnerDropped}) {
    if (!parent || budget[fault] == 0) continue;
    const std::string key(key_of(fault));
    diagnosis.fail(reader.place_of(key), "budget." + key + " does not know where an owner of kind \"task\" runs",
                   "make the owner a \"worker\"");
  }
}

void read_budget(Diagnosis& diagnosis, const toml::table& table, const Shape& shape, Budget& budget) {
  const TomlReader reader(diagnosis, table, "budget");
  for (std::uint8_t i = 0; i < kFaultCount; ++i) {
    const auto fault = static_cast<Fault>(i);
    budget[fault] = static_cast<std::uint8_t>(reader.integer(key_of(fault)));
  }
  check_driver_faults(diagnosis, reader, budget, shape);
  check_parent_faults(diagnosis, reader, budget, shape);
  if (budget[Fault::kStreamBroken] > 0 && shape.view != ResourceView::kTracked) {
    diagnosis.fail(reader.place_of("stream_broken"), "budget.stream_broken breaks streams that carry no view",
                   "set shape.resource_view to \"tracked\"");
  }
}

void read_features(Diagnosis& diagnosis, const TomlReader& reader, Config& config) {
  std::vector<std::string_view> known;
  for (const FeatureRow& row : feature_table()) known.push_back(row.id);
  for (const PlacedText& name : reader.names("features")) {
    if (const std::optional<Feature> feature = find_feature(name.text)) {
      config.features.add(*feature);
    } else {
      diagnosis.fail(name.place, "unknown feature \"" + name.text + "\"",
                     mc::nearest_hint(name.text, known, "features are"));
    }
  }
}

std::vector<std::string_view> safeguard_ids() {
  std::vector<std::string_view> ids;
  for (const SafeguardRow& row : safeguard_table()) ids.push_back(row.id);
  return ids;
}

void read_safeguards(Diagnosis& diagnosis, const toml::table& table, Scenario& scenario) {
  const std::vector<std::string_view> known = safeguard_ids();
  const toml::key* unknown = nullptr;
  for (const auto& [key, value] : table) {
    const std::optional<Safeguard> safeguard = find_safeguard(key.str());
    if (!safeguard) {
      if (unknown == nullptr || key.source().begin < unknown->source().begin) unknown = &key;
    } else if (!value.is_boolean()) {
      diagnosis.fail(place_of(value.source()), "safeguard " + std::string(key.str()) + " must be true or false");
    } else {
      scenario.overrides.emplace_back(*safeguard, value.as_boolean()->get());
    }
  }
  if (unknown != nullptr) {
    diagnosis.fail(place_of(unknown->source()), "unknown safeguard \"" + std::string(unknown->str()) + "\"",
                   mc::nearest_hint(unknown->str(), known, "safeguards are"));
  }
  std::sort(scenario.overrides.begin(), scenario.overrides.end());
}

void read_protocol(Diagnosis& diagnosis, const toml::table* table, Scenario& scenario) {
  scenario.profile = "pinned";
  if (table != nullptr) {
    const TomlReader reader(diagnosis, *table, "protocol");
    scenario.profile = profile_table()[reader.choice("profile")].name;
    if (const toml::table* safeguards = reader.table("safeguards")) read_safeguards(diagnosis, *safeguards, scenario);
  }
  scenario.config = in_ray(std::move(scenario.config), *find_profile(scenario.profile), scenario.own_memory_policy);
  for (const auto& [safeguard, on] : scenario.overrides) scenario.config.safeguards.set(safeguard, on);
}

void read_limits(Diagnosis& diagnosis, const toml::table& table, mc::Limits& limits) {
  const TomlReader reader(diagnosis, table, "limits");
  if (const auto depth = reader.optional_integer("depth_max")) limits.depth_max = static_cast<std::uint32_t>(*depth);
  if (const auto states = reader.optional_integer("states_max"))
    limits.states_max = static_cast<std::uint64_t>(*states);
  limits.depth_declared = limits.depth_max.has_value();
  limits.states_declared = limits.states_max.has_value();
}

/// After everything that says what the scenario is about: only then is it known what applies to it.
void read_check(Diagnosis& diagnosis, const toml::table& root, const toml::table* table,
                std::span<const Property> known, Scenario& scenario) {
  if (table == nullptr) {
    if (diagnosis.failed()) return;
    scenario.properties = selected_properties(diagnosis, place_of(root.source()), {}, scenario.config, known);
    return;
  }
  const TomlReader reader(diagnosis, *table, "check");
  scenario.symmetry = reader.boolean("symmetry");
  const std::vector<PlacedText> entries = reader.names("properties");
  if (entries.empty() && reader.has("properties")) {
    diagnosis.fail(reader.place_of("properties"), "check.properties must not be empty", "leave it out for the default");
  }
  // What a mistake elsewhere leaves behind is no scenario that a property could be asked about.
  if (diagnosis.failed()) return;
  scenario.properties = selected_properties(diagnosis, reader.place_of("properties"), entries, scenario.config, known);
  std::vector<Situation> situations = read_situations(diagnosis, reader, scenario.config);
  for (const Situation& situation : situations) scenario.properties.push_back(situation.name);
  if (!situations.empty())
    scenario.config.situations = std::make_shared<const std::vector<Situation>>(std::move(situations));
}

/// An expectation that no answer can meet is a contradiction.
void check_expect(Diagnosis& diagnosis, const TomlReader& reader, const Scenario& scenario) {
  const mc::Expectation& expect = *scenario.expect;
  const std::string outcome(to_string(expect.outcome));
  const bool names_one = expect.outcome == mc::Outcome::kViolated || expect.outcome == mc::Outcome::kUnreached;
  if (expect.property && !names_one) {
    diagnosis.fail(reader.place_of("property"),
                   "expect.property has no meaning when the outcome is \"" + outcome + "\"");
  }
  const std::vector<std::string_view> checked(scenario.properties.begin(), scenario.properties.end());
  if (expect.property && std::find(checked.begin(), checked.end(), *expect.property) == checked.end()) {
    diagnosis.fail(reader.place_of("property"),
                   "expect.property \"" + *expect.property + "\" is not in check.properties",
                   mc::nearest_hint(*expect.property, checked, "checked properties are"));
  }
  if (expect.trace_length && expect.outcome != mc::Outcome::kViolated) {
    diagnosis.fail(reader.place_of("trace_length"),
                   "expect.trace_length has no meaning when the outcome is \"" + outcome + "\"");
  }
  if (expect.outcome == mc::Outcome::kHoldsWithinBounds && !scenario.limits.depth_max && !scenario.limits.states_max) {
    diagnosis.fail(reader.place_of("outcome"), "\"holds within bounds\" is expected but no bound is declared",
                   "declare one in [limits]");
  }
}

void read_expect(Diagnosis& diagnosis, const toml::table& table, Scenario& scenario) {
  const TomlReader reader(diagnosis, table, "expect");
  mc::Expectation expect;
  expect.outcome = static_cast<mc::Outcome>(reader.choice("outcome"));
  if (const auto property = reader.optional_text("property")) expect.property = property->text;
  if (const auto length = reader.optional_integer("trace_length")) {
    expect.trace_length = static_cast<std::uint32_t>(*length);
  }
  if (const auto states = reader.optional_integer("states")) expect.states = static_cast<std::uint64_t>(*states);
  if (const auto count = reader.optional_integer("transitions"))
    expect.transitions = static_cast<std::uint64_t>(*count);
  if (const auto depth = reader.optional_integer("depth")) expect.depth = static_cast<std::uint32_t>(*depth);
  for (const PlacedText& name : reader.names("held_by")) {
    if (const std::optional<Safeguard> safeguard = find_safeguard(name.text)) {
      scenario.held_by.push_back(*safeguard);
    } else {
      diagnosis.fail(name.place, "unknown safeguard \"" + name.text + "\"",
                     mc::nearest_hint(name.text, safeguard_ids(), "safeguards are"));
    }
  }
  scenario.expect = std::move(expect);
  check_expect(diagnosis, reader, scenario);
}

/// A finding is a violation, and says that Ray does it only if no safeguard that Ray has is off.
void read_finding(Diagnosis& diagnosis, const toml::table& table, Scenario& scenario) {
  const TomlReader reader(diagnosis, table, "finding");
  Finding finding;
  finding.status = static_cast<FindingStatus>(reader.choice("status"));
  finding.likelihood = static_cast<Likelihood>(reader.choice("likelihood"));
  finding.needs = reader.text("needs").text;
  const SafeguardSet ray = find_profile(scenario.profile)->ray();
  bool patched = false;
  for (const SafeguardRow& row : safeguard_table()) {
    const bool on = scenario.config.has(row.safeguard);
    if (!on && ray.has(row.safeguard)) {
      diagnosis.fail(reader.place(), "a finding is about Ray, which has the safeguard \"" + std::string(row.id) + "\"",
                     "leave it on, or leave [finding] out");
    }
    patched = patched || (on && !ray.has(row.safeguard));
  }
  if (finding.status == FindingStatus::kPatched && !patched) {
    diagnosis.fail(reader.place_of("status"), "\"patched\" with no safeguard on that Ray lacks",
                   "name the change in [protocol.safeguards]");
  }
  if (!scenario.expect || scenario.expect->outcome != mc::Outcome::kViolated) {
    diagnosis.fail(reader.place(), "a finding is a violation, and none is expected",
                   "say so in [expect], or leave [finding] out");
  }
  scenario.finding = std::move(finding);
}

mc::InputError file_error(const std::filesystem::path& path, std::string message) {
  mc::InputError error;
  error.file = path.string();
  error.message = std::move(message);
  return error;
}

std::string yes_no(bool value) {
  return value ? "on" : "off";
}

std::string nodes_text(const Shape& shape) {
  std::string text;
  for (std::size_t i = 0; i < shape.nodes.size(); ++i) {
    const NodeShape& node = shape.nodes[i];
    text += (i == 0 ? "n" : ", n") + std::to_string(i + 1) + " (" + std::to_string(node.cpus) + " cpu, " +
            std::to_string(node.workers) + " workers";
    if (node.prestarted != node.workers) text += ", " + std::to_string(node.prestarted) + " prestarted";
    if (node.joins_late) text += ", joins late";
    if (!node.may_crash) text += ", never struck";
    text += ")";
  }
  return text;
}

std::string tasks_text(const Shape& shape) {
  std::string text;
  for (const TaskShape& task : shape.tasks) {
    text += (text.empty() ? "" : ", ") + task.name + " (" + shape.owners[task.owner.value].name + ", key " +
            std::to_string(task.key.value + 1) + ", retries " + std::to_string(task.max_retries);
    if (task.affinity.exists()) text += ", only on " + task.affinity.name();
    if (task.locality.exists()) text += ", near " + task.locality.name();
    if (task.endless) text += ", endless";
    text += ")";
  }
  return text;
}

std::string budget_text(const Budget& budget) {
  std::string text;
  for (std::uint8_t i = 0; i < kFaultCount; ++i) {
    if (budget.left[i] == 0) continue;
    text +=
        (text.empty() ? "" : ", ") + std::string(key_of(static_cast<Fault>(i))) + " " + std::to_string(budget.left[i]);
  }
  return text.empty() ? "none" : text;
}

std::string features_text(const FeatureSet& features) {
  std::string text;
  for (const FeatureRow& row : feature_table()) {
    if (features.has(row.feature)) text += (text.empty() ? "" : ", ") + std::string(row.id);
  }
  return text;
}

std::string bounds_text(const mc::Limits& limits) {
  std::string text;
  if (limits.depth_max) text += "depth at most " + std::to_string(*limits.depth_max);
  if (limits.states_max) {
    text += (text.empty() ? "" : ", ") + ("states at most " + std::to_string(*limits.states_max));
  }
  return text.empty() ? "none; every reachable state" : text;
}

/// "1, 2 and 1".
std::string key_cpus_of(const Shape& shape) {
  const std::size_t keys = keys_shown(shape);
  std::string text;
  for (std::size_t k = 0; k < keys; ++k) {
    text += (k == 0 ? "" : k + 1 == keys ? " and " : ", ") + std::to_string(shape.key_cpus[k]);
  }
  return text;
}

}  // namespace

mc::Result<Scenario> parse_scenario(std::string text, const std::string& path, std::span<const Property> known) {
  if (text.size() > kScenarioBytesMax) return file_error(path, "is larger than 1 MiB; a scenario is a page of text");
  Diagnosis diagnosis(path);
  if (!is_plain_toml(diagnosis, text)) return diagnosis.error();
  const toml::parse_result parsed = toml::parse(text, path);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    diagnosis.fail(place_of(error.source()), std::string(error.description()));
    return diagnosis.error();
  }
  Scenario scenario;
  scenario.path = path;
  scenario.name = std::filesystem::path(path).stem().string();
  const TomlReader reader(diagnosis, parsed.table(), "");
  (void)reader.integer("schema");
  scenario.question = reader.text("question").text;
  scenario.importance = static_cast<std::uint32_t>(reader.integer("importance"));
  read_features(diagnosis, reader, scenario.config);
  for (const PlacedText& thread : reader.names("threads")) scenario.threads.push_back(thread.text);
  if (const toml::table* shape = reader.table("shape")) {
    scenario.config.shape = read_shape(diagnosis, *shape);
    scenario.own_memory_policy = shape->contains("memory_policy");
  }
  if (const toml::table* budget = reader.table("budget"))
    read_budget(diagnosis, *budget, scenario.config.shape, scenario.config.budget);
  scenario.config = with_implied_features(std::move(scenario.config));
  read_protocol(diagnosis, reader.table("protocol"), scenario);
  if (const toml::table* limits = reader.table("limits")) read_limits(diagnosis, *limits, scenario.limits);
  read_check(diagnosis, parsed.table(), reader.table("check"), known, scenario);
  if (const toml::table* expect = reader.table("expect")) read_expect(diagnosis, *expect, scenario);
  if (const toml::table* finding = reader.table("finding")) read_finding(diagnosis, *finding, scenario);
  if (diagnosis.failed()) return diagnosis.error();
  scenario.text = std::move(text);
  return scenario;
}

mc::Result<Scenario> load_scenario(const std::filesystem::path& path, std::span<const Property> known) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return file_error(path, "is a directory, not a scenario file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return file_error(path, std::string("cannot be read: ") + std::strerror(errno));
  }
  std::string text;
  for (std::istreambuf_iterator<char> next(file), end; next != end; ++next) {
    text.push_back(*next);
    if (text.size() > kScenarioBytesMax) {
      return file_error(path, "is larger than 1 MiB; a scenario is a page of text");
    }
  }
  if (file.bad()) return file_error(path, "cannot be read to its end");
  return parse_scenario(std::move(text), path.string(), known);
}

Config in_profile(const Scenario& scenario, const Profile& profile) {
  Config config = in_ray(scenario.config, profile, scenario.own_memory_policy);
  for (const auto& [safeguard, on] : scenario.overrides) {
    if (profile.leaves(safeguard)) config.safeguards.set(safeguard, on);
  }
  return config;
}

std::vector<std::pair<std::string, std::string>> facts_of(const Scenario& scenario) {
  const Shape& shape = scenario.config.shape;
  std::string profile = scenario.profile;
  for (const auto& [safeguard, on] : scenario.overrides) {
    profile += ", " + std::string(id_of(safeguard)) + " " + yes_no(on);
  }
  const std::string choices =
      std::string("resource view ") +
      std::string(scenario_key("shape", "resource_view").choices[static_cast<std::size_t>(shape.view)]) +
      ", submission " +
      std::string(scenario_key("shape", "submission").choices[static_cast<std::size_t>(shape.submission)]) +
      ", delivery " + std::string(scenario_key("shape", "delivery").choices[static_cast<std::size_t>(shape.delivery)]) +
      ", max calls one " + yes_no(shape.max_calls_one) +
      (shape.max_calls > 0 ? ", max calls " + std::to_string(shape.max_calls) : "") + ", lease expiry " +
      yes_no(shape.lease_expiry) + ", health check failures " + std::to_string(shape.health_check_failures) +
      ", key cpus " + key_cpus_of(shape);
  std::string owners;
  for (const OwnerShape& owner : shape.owners) {
    owners += (owners.empty() ? "" : ", ") + owner.name + " (";
    if (owner.kind == OwnerKind::kTask) {
      const std::string attempt = owner.attempt == 0 ? "" : "attempt " + std::to_string(owner.attempt + 1) + " of ";
      owners += "the worker that runs " + attempt + shape.tasks[owner.runs.value].name + ")";
    } else {
      owners += (owner.kind == OwnerKind::kDriver ? "driver" : "worker");
      owners += " on " + owner.node.name() + ")";
    }
  }
  return {{"nodes", nodes_text(shape)},
          {"owners", owners},
          {"tasks", tasks_text(shape)},
          {"setting", choices},
          {"features", features_text(scenario.config.features)},
          {"faults", budget_text(scenario.config.budget)},
          {"bounds", bounds_text(scenario.limits)},
          {"profile", profile}};
}

}  // namespace raymc
