// What a project gives the command line: how a scenario becomes a model with claims, and what can be listed and
// explained. The commands are generic over it; specs/main.cpp is the one place that makes it of Ray.
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checker/core/expectation.hpp"
#include "checker/core/limits.hpp"
#include "checker/core/model.hpp"
#include "checker/core/open_violation.hpp"
#include "checker/core/property.hpp"
#include "checker/core/result.hpp"
#include "checker/report/answer.hpp"
#include "checker/report/trace_file.hpp"

namespace mc {

/// Constant facts about the program.
struct ProgramInfo {
  std::string name;  ///< "raymc"
  std::string version;
  std::string revision_label;  ///< what the revision is of: "ray"
  std::string revision;
  std::string scenario_folder;  ///< relative to the project's root
  std::string default_folder;   ///< what `check` without an argument takes
};

/// What the command line switches on or off on top of a scenario: ids of safeguards, and the name of a profile.
using Settings = std::vector<std::pair<std::string, bool>>;

/// A named choice of settings, such as "hardened".
struct Profile {
  std::string name;
  Settings settings;  ///< what it stands for: its own name, or safeguards
};

/// A scenario, ready to be searched.
template <Model M>
struct Instance {
  M model;
  std::vector<Property<M>> properties;
  Limits limits;  ///< declared ones
  std::optional<Expectation> expect;
  std::string name;
  std::string path;  ///< as a report shows it
  std::string question;
  std::string text;                   ///< the file
  Facts facts;                        ///< shape, faults, bounds, profile: in the order in which they are shown
  std::vector<std::string> mentions;  ///< ids that the scenario uses: properties, safeguards, faults
  Settings settings;                  ///< those that it was made with
  std::vector<std::string> losable;   ///< the safeguards that are on and whose loss it could notice
  std::uint32_t importance = 1;       ///< its share of a time budget, against those of others
  std::optional<std::uint32_t> faults_max = std::nullopt;  ///< actions of the environment in one behaviour, if bounded
  bool symmetry = true;                                    ///< the scenario wants symmetry where it is possible
  std::vector<std::string> held_by = {};                   ///< safeguards with which every property is expected to hold
  std::optional<M> held_model = std::nullopt;              ///< the model with these on; empty if there are none
  Variant variant = Variant::kAsIs;
  std::string system = {};  ///< which system the model is of, in words; empty: the program's revision says it
  std::string faults = {};  ///< what the environment may do, in words: "1 raylet crash"
  /// Parts of Reachable properties, by the id of the whole: asked where the whole is never reached.
  std::vector<std::pair<std::string, Property<M>>> parts = {};
};

enum class EntryKind : std::uint8_t { kTransition, kProperty, kSafeguard, kFault, kFeature, kKey };

/// One thing with an id that can be listed and explained.
struct CatalogueEntry {
  EntryKind kind = EntryKind::kTransition;
  std::string id;
  std::string origin;                ///< "protocol", "invariant", "pinned", ...: one word or two
  std::string text;                  ///< claim or meaning, one sentence
  std::string source;                ///< where it comes from, in words; may be empty
  Facts details;                     ///< anything else worth a line
  std::vector<std::string> related;  ///< ids of other entries that this one is about
};

/// A scenario's text with one thing less, and what is gone.
struct Reduction {
  std::string what;
  std::string text;
};

template <class P>
concept Project = requires(const P project, const std::string text, const std::string path, const Settings settings,
                           const std::optional<std::uint32_t> length, const std::uint64_t number) {
  typename P::Model;
  requires Printable<typename P::Model>;
  { project.info() } -> std::same_as<ProgramInfo>;
  { project.catalogue() } -> std::same_as<std::vector<CatalogueEntry>>;
  { project.profiles() } -> std::same_as<std::vector<Profile>>;
  /// The instance of a scenario's text. Each setting's id is that of a safeguard in the catalogue.
  { project.parse(text, path, settings) } -> std::same_as<Result<Instance<typename P::Model>>>;
  /// Everything that can be taken away from a scenario by itself, in a fixed order. What is left need not be a
  /// scenario.
  { project.reductions(text) } -> std::same_as<std::vector<Reduction>>;
  /// The scenario with one property (an id), expected to be violated after so many steps, with settings that become its
  /// own, and a comment at the top.
  { project.restated(text, text, length, settings, text) } -> std::same_as<std::string>;
  /// The text of one of the random scenarios that follow from a seed. The project may refuse it, rarely.
  { project.random_scenario(number, number) } -> std::same_as<std::string>;
};

/// A project whose scenarios say what they found in the real system: a table of all of them, in Markdown.
template <class P>
concept FindingProject = Project<P> && requires(const P project, const std::filesystem::path root) {
  { project.findings(root) } -> std::same_as<Result<std::string>>;
  /// How each of them stands in each release of the system, by exploring its scenario: a table, columns parted by tabs.
  { project.releases(root) } -> std::same_as<Result<std::string>>;
  /// All of them, and those that stand against the system as it is.
  { project.known_violations(root) } -> std::same_as<Result<std::vector<OpenViolation>>>;
  { project.open_violations(root) } -> std::same_as<Result<std::vector<OpenViolation>>>;
};

}  // namespace mc
