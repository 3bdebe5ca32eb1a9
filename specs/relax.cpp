#include "specs/relax.hpp"

#include <algorithm>
#include <sstream>

#include "checker/core/assert.hpp"
#include "model/budget.hpp"
#include "model/feature.hpp"
#include "model/profile.hpp"
#include "model/safeguards.hpp"
#include "specs/toml_reader.hpp"

namespace raymc {
namespace {

class Widener {
 public:
  explicit Widener(toml::table root) : root_(std::move(root)) {}

  std::vector<WiderScenario> run() {
    key("messages in any order", "delivery", "unordered");
    key("lease expiry", "lease_expiry", true);
    key("tasks that are submitted at any time", "submission", "any_time");
    faults();
    features();
    safeguards();
    return std::move(found_);
  }

 private:
  [[nodiscard]] static toml::table& table_in(toml::table& root, std::string_view name) {
    if (root.get(name) == nullptr) root.insert(name, toml::table{});
    return *root.get(name)->as_table();
  }

  void offer(std::string what, const toml::table& root, std::vector<std::pair<std::string, bool>> settings = {}) {
    std::ostringstream text;
    text << root << "\n";
    found_.push_back({std::move(what), text.str(), std::move(settings)});
  }

  [[nodiscard]] static bool same(toml::node_view<toml::node> node, bool value) { return node.value<bool>() == value; }
  [[nodiscard]] static bool same(toml::node_view<toml::node> node, const char* value) {
    return node.value_or(std::string()) == value;
  }

  template <class Value>
  void key(std::string what, std::string_view name, Value value) {
    toml::table root = root_;
    toml::table& shape = table_in(root, "shape");
    if (same(shape[name], value)) return;
    shape.insert_or_assign(name, value);
    offer(std::move(what), root);
  }

  void faults() {
    for (const FaultRow& fault : fault_table()) {
      toml::table root = root_;
      toml::table& budget = table_in(root, "budget");
      const std::int64_t count = budget[fault.key].value_or(std::int64_t{0});
      if (count >= Budget::kCountMax) continue;
      budget.insert_or_assign(fault.key, count + 1);
      offer("one more " + std::string(fault.key), root);
    }
  }

  void features() {
    for (const FeatureRow& feature : feature_table()) {
      if (feature.feature == Feature::kCore) continue;
      toml::table root = root_;
      if (root.get("features") == nullptr) root.insert("features", toml::array{});
      toml::array& features = *root.get("features")->as_array();
      const bool on = std::any_of(features.begin(), features.end(),
                                  [&](const toml::node& entry) { return entry.value_or(std::string()) == feature.id; });
      if (on) continue;
      features.push_back(std::string(feature.id));
      offer("feature " + std::string(feature.id), root);
    }
  }

  void safeguards() {
    const Profile* profile = find_profile(root_["protocol"]["profile"].value_or(std::string("pinned")));
    MC_ASSERT(profile != nullptr, "a scenario that was read names a profile");
    const SafeguardSet usual = profile->safeguards();
    for (const SafeguardRow& row : safeguard_table()) {
      const bool on = root_["protocol"]["safeguards"][row.id].value_or(usual.has(row.safeguard));
      offer("safeguard " + std::string(row.id) + (on ? " off" : " on"), root_, {{std::string(row.id), !on}});
    }
  }

  toml::table root_;
  std::vector<WiderScenario> found_;
};

}  // namespace

std::vector<WiderScenario> wider_scenarios(std::string_view text) {
  toml::parse_result result = toml::parse(text);
  MC_ASSERT(static_cast<bool>(result), "a scenario that was read is read again");
  return Widener(std::move(result).table()).run();
}

}  // namespace raymc
