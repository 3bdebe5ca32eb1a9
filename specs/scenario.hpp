// One question about Ray, read from a TOML file: the cluster and its work, the faults, the safeguards, the bounds on
// the search, the properties and the expected answer. Used by specs/main.cpp and tests. Does not know what a property
// says: those that exist are passed in.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checker/core/expectation.hpp"
#include "checker/core/limits.hpp"
#include "checker/core/result.hpp"
#include "model/config.hpp"
#include "model/profile.hpp"
#include "specs/properties/catalogue.hpp"

namespace raymc {

/// How a finding stands against the Ray that people run.
enum class FindingStatus : std::uint8_t {
  kPinned,       ///< Ray as it is does this
  kConditional,  ///< the same, where Ray is set up or loaded in the way that `needs` says
  kPatched,      ///< only with a change that is not in the pinned revision
  kSourceOnly,   ///< by the source; not as compiled
  kDoubtful,     ///< by the order of the code; not seen, and perhaps not possible
};
inline constexpr std::size_t kFindingStatuses = 5;

/// How often its users may meet a finding.
enum class Likelihood : std::uint8_t {
  kOrdinary,  ///< an ordinary program does it
  kOneFault,  ///< one fault, at any of many moments
  kNarrow,    ///< one fault or cancel, within milliseconds
  kUnlikely,  ///< several faults, or one and an order that is rarely met
};
inline constexpr std::size_t kLikelihoods = 4;

/// What a scenario's violation says about Ray.
struct Finding {
  FindingStatus status = FindingStatus::kPinned;
  Likelihood likelihood = Likelihood::kOneFault;
  std::string needs;  ///< the precondition, in words
};

/// A scenario file that was found to be right.
struct Scenario {
  std::string path;
  std::string name;  ///< file stem
  std::string question;
  std::uint32_t importance = 1;  ///< its share of a time budget
  Config config;
  std::string profile;                                ///< "pinned", "hardened" or that of a release
  std::vector<std::pair<Safeguard, bool>> overrides;  ///< single safeguards, in the order of the enumeration
  bool own_memory_policy = false;                     ///< it chooses whom a raylet kills, whatever its Ray does
  mc::Limits limits;                                  ///< declared ones only
  std::vector<std::string> properties;                ///< ids of those that are checked, in order
  bool symmetry = true;                               ///< explore representatives where it is possible
  std::vector<std::string> threads;                   ///< Ray's issues and pull requests: "#55469"
  std::vector<Safeguard> held_by;                     ///< the safeguards with which every property holds
  std::optional<Finding> finding;                     ///< what the violation says about Ray, where it is judged
  std::optional<mc::Expectation> expect;              ///< absent: every property must hold
  std::string text;                                   ///< the file, byte for byte
};

/// Longest scenario file that is read, in bytes.
inline constexpr std::size_t kScenarioBytesMax = 1U << 20U;

/// Reads a scenario from `text`. `path` is used for errors and for the name only; `known` are the properties that
/// exist. The error is the first mistake: unknown or missing key, wrong type or range, contradiction.
[[nodiscard]] mc::Result<Scenario> parse_scenario(std::string text, const std::string& path,
                                                  std::span<const Property> known);

/// Reads a scenario file; a file that cannot be read is an error too.
[[nodiscard]] mc::Result<Scenario> load_scenario(const std::filesystem::path& path, std::span<const Property> known);

/// The scenario's model in another Ray than its own. Of its single switches those remain that `Profile::leaves` says.
[[nodiscard]] Config in_profile(const Scenario& scenario, const Profile& profile);

/// What a report says about a scenario, in words: pairs such as ("faults", "raylet_crash 1, reply_lost 1").
[[nodiscard]] std::vector<std::pair<std::string, std::string>> facts_of(const Scenario& scenario);

}  // namespace raymc
