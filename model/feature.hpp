// Groups of rows that a scenario switches on, so that a question pays only for what it asks: the rows of a feature that
// is off are never asked, and its part of the state is not encoded.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace raymc {

enum class Feature : std::uint8_t {
  kCore,
  kCancellation,
  kResourceView,
  kGcsRestart,
  kHangs,
  kPartitions,
  kDuplicates,
  kDrain,
  kAffinity,
  kFairShare,
  kArguments,
  kResults,
  kBlocking,
  kNestedTasks,
  kIdleExit,
  kGracefulExit,
  kApplicationErrors,
  kCancelPath,
  kPubsub,
  kInMemoryGcs,
  kLeaseCancels,
  kMemoryPressure,
  kDevices,
  kJobs,
  kWorkerStarts,
  kSecondHead,
  kPortReuse,
  kPoolOrder,
  kPrestart,
  kOrderlyKills,
  kPostedDeaths,
};
inline constexpr std::uint8_t kFeatureCount = static_cast<std::uint8_t>(Feature::kPostedDeaths) + 1;

/// One row of the table of features.
struct FeatureRow {
  Feature feature;
  std::string_view id;   ///< as a scenario names it: "drain"
  std::string_view doc;  ///< what it adds, in words
};

/// All features, in the order of the enumeration. The core is always on.
[[nodiscard]] std::span<const FeatureRow> feature_table();

/// The feature with this id, if there is one.
[[nodiscard]] std::optional<Feature> find_feature(std::string_view id);

/// The id of a feature.
[[nodiscard]] std::string_view id_of(Feature feature);

/// Which features are on.
class FeatureSet {
 public:
  [[nodiscard]] bool has(Feature feature) const { return on_[static_cast<std::size_t>(feature)]; }
  void add(Feature feature) { on_.set(static_cast<std::size_t>(feature)); }
  friend bool operator==(const FeatureSet&, const FeatureSet&) = default;

 private:
  std::bitset<kFeatureCount> on_{1};
};

}  // namespace raymc
