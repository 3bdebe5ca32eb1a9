// Random scenarios reach whatever a scenario can say: every key and choice of the table, every feature, fault,
// safeguard and property. So a new row in one of these tables is audited from its first day, or noticed here.
#include "specs/random_scenario.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "model/describe_words.hpp"
#include "model/message.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/scenario.hpp"
#include "specs/scenario_keys.hpp"
#include "specs/toml_reader.hpp"

namespace raymc {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::uint64_t kCount = 4000;

/// Adds the paths of all keys below `node`, and "path=value" for every text, number and truth value.
void add_uses(const toml::node& node, const std::string& path, std::set<std::string>& uses) {
  uses.insert(path);
  if (const toml::table* table = node.as_table()) {
    for (const auto& [key, value] : *table) {
      add_uses(value, path.empty() ? std::string(key.str()) : path + "." + std::string(key.str()), uses);
    }
  } else if (const toml::array* array = node.as_array()) {
    for (const toml::node& entry : *array) add_uses(entry, path, uses);
  } else if (node.is_string()) {
    uses.insert(path + "=" + node.as_string()->get());
  } else if (node.is_boolean()) {
    uses.insert(path + (node.as_boolean()->get() ? "=true" : "=false"));
  } else if (node.is_integer()) {
    uses.insert(path + "=" + std::to_string(node.as_integer()->get()));
  }
}

/// What the accepted ones of so many scenarios use, and how many were refused.
struct Sample {
  std::set<std::string> uses;
  std::uint64_t refused = 0;
  std::string first_refusal;
};

const Sample& sample() {
  static const Sample sample = [] {
    Sample all;
    for (std::uint64_t number = 0; number < kCount; ++number) {
      const std::string text = random_scenario(kSeed, number, all_properties());
      const mc::Result<Scenario> scenario = parse_scenario(text, "random.toml", all_properties());
      if (scenario.ok()) {
        const toml::parse_result parsed = toml::parse(text);
        add_uses(parsed.table(), "", all.uses);
      } else if (all.refused++ == 0) {
        all.first_refusal = scenario.error().message + " in\n" + text;
      }
    }
    return all;
  }();
  return sample;
}

TEST(RandomScenario, IsAFunctionOfSeedAndNumber) {
  EXPECT_EQ(random_scenario(7, 11, all_properties()), random_scenario(7, 11, all_properties()));
  EXPECT_NE(random_scenario(7, 11, all_properties()), random_scenario(7, 12, all_properties()));
  EXPECT_NE(random_scenario(7, 11, all_properties()), random_scenario(8, 11, all_properties()));
}

TEST(RandomScenario, IsNeverRefused) {
  EXPECT_EQ(sample().refused, 0U) << sample().first_refusal;
}

TEST(RandomScenario, ReachesEveryKey) {
  for (const ScenarioKey& key : scenario_keys()) {
    EXPECT_TRUE(sample().uses.contains(key.path())) << key.path();
    for (const std::string_view choice : key.choices) {
      if (key.fallback == "\"" + std::string(choice) + "\"" || key.fallback == choice)
        continue;  // said by saying nothing
      EXPECT_TRUE(sample().uses.contains(key.path() + "=" + std::string(choice))) << key.path() << " = " << choice;
    }
    if (key.type == KeyType::kBoolean) {
      EXPECT_TRUE(sample().uses.contains(key.path() + "=true")) << key.path();
      EXPECT_TRUE(sample().uses.contains(key.path() + "=false")) << key.path();
    }
    // A short range is a size of the model; its smallest ones are reached, for most scenarios must stay small.
    if (key.type != KeyType::kInteger && key.type != KeyType::kIntegers) continue;
    if (key.max - key.min > 10 || key.table == "expect") continue;
    for (std::int64_t value = key.min; value <= std::min(key.max, key.min + 2); ++value) {
      const bool left_out = key.table == "budget" && value == 0;  // a fault that does not happen
      if (left_out || key.fallback == std::to_string(value)) continue;
      EXPECT_TRUE(sample().uses.contains(key.path() + "=" + std::to_string(value))) << key.path() << " = " << value;
    }
  }
}

TEST(RandomScenario, ReachesEveryFeatureSafeguardCallAndProperty) {
  for (const FeatureRow& row : feature_table()) {
    EXPECT_TRUE(sample().uses.contains("features=" + std::string(row.id))) << row.id;
  }
  for (const SafeguardRow& row : safeguard_table()) {
    for (const char* value : {"=true", "=false"}) {
      EXPECT_TRUE(sample().uses.contains("protocol.safeguards." + std::string(row.id) + value)) << row.id << value;
    }
  }
  for (std::uint8_t r = 0; r < kRpcCount; ++r) {
    const std::string call = word(static_cast<Rpc>(r));
    EXPECT_TRUE(sample().uses.contains("shape.faulty_calls=" + call)) << call;
  }
  for (const Property& property : all_properties()) {
    EXPECT_TRUE(sample().uses.contains("check.properties=" + std::string(property.id))) << property.id;
  }
}

}  // namespace
}  // namespace raymc
