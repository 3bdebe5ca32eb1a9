// The program raymc: the one place that sees every layer. It makes the command line one of Ray: how a scenario becomes
// a RayModel with its properties, and what can be listed and explained.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/cli/program.hpp"
#include "model/profile.hpp"
#include "model/ray_model.hpp"
#include "model/rows.hpp"
#include "specs/findings.hpp"
#include "specs/logs/cast.hpp"
#include "specs/logs/clocks.hpp"
#include "specs/logs/files.hpp"
#include "specs/logs/pieces.hpp"
#include "specs/logs/scenario_of.hpp"
#include "specs/logs/session.hpp"
#include "specs/logs/sound.hpp"
#include "specs/logs/texts.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/random_scenario.hpp"
#include "specs/real_run.hpp"
#include "specs/relax.hpp"
#include "specs/releases/standings.hpp"
#include "specs/scenario.hpp"
#include "specs/scenario_keys.hpp"
#include "specs/shrink.hpp"
#include "specs/situations.hpp"
#include "specs/standing.hpp"

namespace raymc {
namespace {

constexpr std::string_view kVersion = "0.1.0";                 // of CMakeLists.txt; tests/tree compares them
constexpr std::string_view kRayRevision = RAYMC_RAY_REVISION;  // of model/sources.toml, by CMakeLists.txt

std::string words(const Source& source) {
  return source.file.empty() ? std::string(source.symbol)
                             : std::string(source.file) + ": " + std::string(source.symbol);
}

/// The key of the fault that a row spends; empty if it spends none.
std::string fault_of(const Transition& transition) {
  return transition.fault ? std::string(key_of(*transition.fault)) : std::string();
}

void add_transitions(std::vector<mc::CatalogueEntry>& entries) {
  for (const Transition* transition : all_transitions()) {
    mc::CatalogueEntry entry;
    entry.kind = mc::EntryKind::kTransition;
    entry.id = transition->id;
    entry.origin = transition->origin == Origin::kProtocol ? "protocol" : "environment";
    entry.text = transition->doc;
    entry.source = words(transition->source);
    entry.related.emplace_back(id_of(transition->feature));
    if (const std::string fault = fault_of(*transition); !fault.empty()) entry.related.push_back(fault);
    entries.push_back(std::move(entry));
  }
}

void add_properties(std::vector<mc::CatalogueEntry>& entries) {
  for (const Property& property : all_properties()) {
    mc::CatalogueEntry entry;
    entry.kind = mc::EntryKind::kProperty;
    entry.id = property.id;
    entry.origin = to_string(property.kind);
    entry.text = property.claim;
    entry.source = property.source;
    entry.details.emplace_back("applies to", property.applies.words);
    if (!property.mutant.empty()) entry.related.emplace_back(property.mutant);
    entries.push_back(std::move(entry));
  }
}

/// "2.58 (#64702)".
std::string words(const Change& change) {
  return to_string(change.release) + " (" + std::string(change.by) + ")";
}

void add_switches(std::vector<mc::CatalogueEntry>& entries) {
  for (const SafeguardRow& row : safeguard_table()) {
    const History& history = row.history;
    mc::CatalogueEntry entry;
    entry.kind = mc::EntryKind::kSafeguard;
    entry.id = row.id;
    entry.origin = history.pinned  ? "in the pinned revision"
                   : history.since ? "since Ray " + to_string(history.since->release)
                                   : "proposed fix";
    entry.text = row.claim;
    entry.source = words(row.source);
    entry.details.emplace_back("thread", row.threads);
    if (history.since) entry.details.emplace_back("since", words(*history.since));
    if (history.until) entry.details.emplace_back("until", words(*history.until));
    entry.related.emplace_back(id_of(row.feature));
    entries.push_back(std::move(entry));
  }
  for (const FaultRow& row : fault_table()) {
    entries.push_back({mc::EntryKind::kFault,
                       std::string(row.key),
                       "at most " + std::to_string(Budget::kCountMax),
                       std::string(row.meaning),
                       {},
                       {},
                       {std::string(id_of(row.feature))}});
  }
  for (const FeatureRow& row : feature_table()) {
    entries.push_back({mc::EntryKind::kFeature,
                       std::string(row.id),
                       row.feature == Feature::kCore ? "always on" : "on request",
                       std::string(row.doc),
                       {},
                       {},
                       {}});
  }
  for (const ScenarioKey& key : scenario_keys()) {
    const std::string fallback = key.required ? "required" : "default " + std::string(key.fallback);
    entries.push_back({mc::EntryKind::kKey,
                       key.path(),
                       fallback,
                       std::string(key.meaning) + " (" + key.type_text() + ")",
                       {},
                       {},
                       {}});
  }
}

/// Everything in the catalogue that a scenario uses.
std::vector<std::string> mentions_of(const Scenario& scenario) {
  std::vector<std::string> ids = scenario.properties;
  for (const auto& [safeguard, on] : scenario.overrides) ids.emplace_back(id_of(safeguard));
  for (const FaultRow& row : fault_table()) {
    if (scenario.config.allows(row.fault)) ids.emplace_back(row.key);
  }
  for (const FeatureRow& row : feature_table()) {
    if (row.feature != Feature::kCore && scenario.config.on(row.feature)) ids.emplace_back(row.id);
  }
  return ids;
}

/// The safeguards that are on, of the features that are on.
std::vector<std::string> losable_in(const Config& config) {
  std::vector<std::string> ids;
  for (const SafeguardRow& row : safeguard_table()) {
    if (config.has(row.safeguard) && config.on(row.feature)) ids.emplace_back(row.id);
  }
  return ids;
}

/// The switches of features that are on and that stand against the Ray that is asked about.
struct Against {
  std::vector<std::string> fixes;   ///< proposed, and on
  std::vector<std::string> losses;  ///< what that Ray has, and is off
};

Against against(const Config& config, const Profile& profile) {
  const SafeguardSet ray = profile.ray();
  Against against;
  for (const SafeguardRow& row : safeguard_table()) {
    if (!config.on(row.feature) || config.has(row.safeguard) == ray.has(row.safeguard)) continue;
    (config.has(row.safeguard) ? against.fixes : against.losses).emplace_back(row.id);
  }
  return against;
}

/// "a and b"; of more than three their number, of `what`.
std::string listed(const std::vector<std::string>& ids, const std::string& what) {
  constexpr std::size_t kNamedMax = 3;
  if (ids.size() > kNamedMax) return std::to_string(ids.size()) + " " + what;
  std::string names;
  for (const std::string& id : ids) names += (names.empty() ? "" : " and ") + id;
  return names;
}

/// Which Ray the model is of: the revision or the release, with which proposed fixes, and without what it has.
std::string system_of(const Profile& profile, const Against& against) {
  std::string words = "Ray " + (profile.release ? to_string(*profile.release) : std::string(kRayRevision.substr(0, 7)));
  if (!against.fixes.empty()) words += " with " + listed(against.fixes, "proposed fixes");
  if (!against.losses.empty()) words += " without " + listed(against.losses, "of its safeguards");
  return words;
}

mc::Variant variant_of(const Against& against) {
  if (!against.losses.empty()) return mc::Variant::kWeakened;
  return against.fixes.empty() ? mc::Variant::kAsIs : mc::Variant::kFixed;
}

/// "1 raylet crash, 2 x reply lost".
std::string faults_of(const Budget& budget) {
  std::string words;
  for (const FaultRow& row : fault_table()) {
    if (budget[row.fault] == 0) continue;
    std::string name(row.key);
    std::replace(name.begin(), name.end(), '_', ' ');
    words +=
        (words.empty() ? "" : ", ") + std::to_string(budget[row.fault]) + (budget[row.fault] == 1 ? " " : " x ") + name;
  }
  return words.empty() ? "no fault" : words;
}

/// Applies what the command line, or a trace, switches on or off on top of a scenario; a profile comes first, if one is
/// chosen. Gives the profile that is in force then.
const Profile& apply(const mc::Settings& settings, Scenario& scenario) {
  const Profile* profile = find_profile(scenario.profile);
  for (const auto& [id, on] : settings) {
    if (const Profile* chosen = find_profile(id)) {
      profile = chosen;
      scenario.config = in_profile(scenario, *chosen);
    } else if (const std::optional<Safeguard> safeguard = find_safeguard(id)) {
      scenario.config.safeguards.set(*safeguard, on);
    }
  }
  return *profile;
}

/// Ray as a mc::Project.
class RayProject {
 public:
  using Model = RayModel;

  [[nodiscard]] mc::ProgramInfo info() const {
    return {"raymc",           std::string(kVersion), "ray", std::string(kRayRevision),
            "specs/scenarios", "specs/scenarios/seed"};
  }

  [[nodiscard]] std::vector<mc::CatalogueEntry> catalogue() const {
    std::vector<mc::CatalogueEntry> entries;
    add_transitions(entries);
    add_properties(entries);
    add_switches(entries);
    return entries;
  }

  [[nodiscard]] std::vector<mc::Profile> profiles() const {
    std::vector<mc::Profile> profiles;
    for (const Profile& profile : profile_table()) {
      const std::string name(profile.name);
      profiles.push_back({name, {{name, true}}});
    }
    return profiles;
  }

  [[nodiscard]] std::vector<mc::Reduction> reductions(const std::string& text) const {
    std::vector<mc::Reduction> found;
    for (Reduction& reduction : reductions_of(text)) {
      found.push_back({std::move(reduction.what), std::move(reduction.text)});
    }
    return found;
  }

  [[nodiscard]] std::string restated(const std::string& text, const std::string& property,
                                     std::optional<std::uint32_t> trace_length, const mc::Settings& settings,
                                     const std::string& comment) const {
    return raymc::restated(text, property, trace_length, settings, comment);
  }

  [[nodiscard]] mc::Result<std::string> findings(const std::filesystem::path& root) const {
    const mc::Result<std::vector<Scenario>> judged = judged_scenarios(root, all_properties());
    if (!judged.ok()) return judged.error();
    return findings_table(judged.value(), std::string(kRayRevision), root);
  }

  [[nodiscard]] mc::Result<std::string> releases(const std::filesystem::path& root) const {
    const mc::Result<std::vector<Scenario>> judged = judged_scenarios(root, all_properties());
    if (!judged.ok()) return judged.error();
    std::vector<std::pair<std::string, std::vector<Standing>>> findings;
    for (const Scenario& finding : judged.value()) findings.emplace_back(finding.name, standings_of(finding));
    std::sort(findings.begin(), findings.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return standings_table(findings);
  }

  [[nodiscard]] mc::Result<std::vector<mc::OpenViolation>> known_violations(const std::filesystem::path& root) const {
    const mc::Result<std::vector<Scenario>> judged = judged_scenarios(root, all_properties());
    if (!judged.ok()) return judged.error();
    return raymc::known_violations(judged.value(), root);
  }

  [[nodiscard]] mc::Result<std::vector<mc::OpenViolation>> open_violations(const std::filesystem::path& root) const {
    const mc::Result<std::vector<Scenario>> judged = judged_scenarios(root, all_properties());
    if (!judged.ok()) return judged.error();
    return raymc::open_violations(judged.value(), root);
  }

  [[nodiscard]] std::string random_scenario(std::uint64_t seed, std::uint64_t number) const {
    return raymc::random_scenario(seed, number, all_properties());
  }

  [[nodiscard]] mc::Result<mc::ReadLogs> read_logs(const std::vector<std::string>& paths, const std::string& release,
                                                   const std::filesystem::path& root) const {
    const mc::Result<std::vector<LogTable>> tables = load_log_tables(root / "specs/ray_logs");
    if (!tables.ok()) return tables.error();
    mc::Result<ReadSession> session = read_session(paths, tables.value(), release);
    if (!session.ok()) return session.error();
    ReadSession& read = session.value();
    const std::string source = std::to_string(read.files) + " files, " + std::to_string(read.lines) + " lines";
    return mc::ReadLogs{std::move(read.record), source, std::move(read.unseen), std::move(read.notes)};
  }

  [[nodiscard]] std::optional<std::filesystem::path> logs_of_session(const std::filesystem::path& folder) const {
    return raymc::logs_of_session(folder);
  }

  [[nodiscard]] std::optional<mc::InputError> mistake_in(const mc::RecordFile& record, const std::string& file,
                                                         mc::LinesFrom from, const std::string& release,
                                                         const std::filesystem::path& root) const {
    const mc::Result<std::vector<LogTable>> tables = load_log_tables(root / "specs/ray_logs");
    return tables.ok() ? raymc::mistake_in(record, file, from, release, tables.value()) : tables.error();
  }

  [[nodiscard]] std::vector<std::string> set_clocks(mc::RecordFile& record) const { return raymc::set_clocks(record); }

  [[nodiscard]] mc::RecordFile redacted(const mc::RecordFile& record) const { return raymc::redacted(record); }

  [[nodiscard]] mc::Result<mc::DrawnScenario> drawn(const mc::RecordFile& record, const std::string& file) const {
    mc::Result<RecordedScenario> scenario = scenario_of(record, file);
    if (!scenario.ok()) return scenario.error();
    return mc::DrawnScenario{std::move(scenario.value().text), std::move(scenario.value().notes),
                             std::move(scenario.value().no_room)};
  }

  /// Of a violation alone, under the safeguards that the trace was found with: Ray is to show it, or if it has one that
  /// was off, to stand.
  [[nodiscard]] std::optional<mc::RealRun> real_run(const mc::TraceFile& trace,
                                                    const std::filesystem::path& root) const {
    mc::Result<Scenario> parsed = parse_scenario(trace.scenario_text, trace.scenario_path, all_properties());
    if (trace.property.empty() || !parsed.ok()) return std::nullopt;
    const Profile& profile = apply(trace.settings, parsed.value());
    std::vector<std::string> settings;
    for (const auto& [id, on] : trace.settings) {
      const bool whole = find_profile(id) != nullptr;
      settings.push_back(whole ? "--profile " + id : "--set " + shell_word(id) + (on ? "=on" : "=off"));
    }
    const std::vector<std::string> missing = against(parsed.value().config, profile).losses;
    if (!missing.empty()) return stands_run(missing, root);
    return raymc::real_run(trace.scenario, trace.scenario_path, settings, root);
  }

  [[nodiscard]] std::vector<mc::Relaxation> relaxations(const std::string& text) const {
    std::vector<mc::Relaxation> found;
    for (WiderScenario& wider : wider_scenarios(text)) {
      found.push_back({std::move(wider.what), std::move(wider.text), std::move(wider.settings)});
    }
    return found;
  }

  [[nodiscard]] std::vector<mc::RecordFile> pieces(const mc::RecordFile& record) const { return pieces_of(record); }

  [[nodiscard]] mc::ProcessSorts process_sorts() const { return raymc::process_sorts(); }

  [[nodiscard]] mc::Bindings known(const mc::RecordFile& record, const mc::CompiledRecord& compiled,
                                   const RayModel& model) const {
    return known_places(record, compiled, model);
  }

  [[nodiscard]] std::string_view unordered_stream() const { return kUnorderedThread; }

  [[nodiscard]] mc::Result<mc::Instance<RayModel>> parse(const std::string& text, const std::string& path,
                                                         const mc::Settings& settings) const {
    mc::Result<Scenario> parsed = parse_scenario(text, path, all_properties());
    if (!parsed.ok()) return parsed.error();
    Scenario& scenario = parsed.value();
    const Profile& profile = apply(settings, scenario);
    std::vector<Property> properties;
    for (const std::string& id : scenario.properties) {
      for (const Property& property : all_properties()) {
        if (property.id == id) properties.push_back(property);
      }
    }
    for (const Property& situation : situation_properties(scenario.config)) properties.push_back(situation);
    std::uint32_t faults_max = 0;
    for (const FaultRow& row : fault_table()) faults_max += scenario.config.budget[row.fault];
    std::vector<std::string> held_by;
    std::optional<RayModel> held_model;
    if (!scenario.held_by.empty()) {
      Config config = scenario.config;
      for (const Safeguard safeguard : scenario.held_by) {
        held_by.emplace_back(id_of(safeguard));
        config.safeguards.set(safeguard, true);
      }
      held_model.emplace(std::move(config));
    }
    const Against switched = against(scenario.config, profile);
    mc::Facts facts = facts_of(scenario);
    if (!switched.fixes.empty()) {
      std::string all;
      for (const std::string& id : switched.fixes) all += (all.empty() ? "" : ", ") + id;
      facts.emplace_back("fixes", all);
    }
    return mc::Instance<RayModel>{RayModel(scenario.config),
                                  std::move(properties),
                                  scenario.limits,
                                  scenario.expect,
                                  scenario.name,
                                  path,
                                  scenario.question,
                                  text,
                                  std::move(facts),
                                  mentions_of(scenario),
                                  settings,
                                  losable_in(scenario.config),
                                  scenario.importance,
                                  faults_max,
                                  scenario.symmetry,
                                  std::move(held_by),
                                  std::move(held_model),
                                  variant_of(switched),
                                  system_of(profile, switched),
                                  faults_of(scenario.config.budget),
                                  situation_parts(scenario.config)};
  }
};

static_assert(mc::Project<RayProject> && mc::RecordingProject<RayProject> && mc::RealProject<RayProject> &&
              mc::FindingProject<RayProject>);
static_assert(mc::Environmental<RayModel> && mc::Instrumented<RayModel> && mc::Symmetric<RayModel>);

}  // namespace
}  // namespace raymc

int main(int argc, char** argv) {
  return mc::run_program(raymc::RayProject{}, std::vector<std::string>(argv + 1, argv + argc));
}
