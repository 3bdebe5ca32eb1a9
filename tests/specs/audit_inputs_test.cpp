// Small scenarios on which an audit once found the model wrong: today it finds nothing in them. Each stands for a kind
// of mistake, which its question names.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "checker/audit/full_audit.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/scenario.hpp"
#include "tests/support/places.hpp"

namespace raymc {
namespace {

namespace fs = std::filesystem;

fs::path folder() {
  return fs::path(support::source_dir()) / "tests/specs/audit_inputs";
}

std::vector<std::string> inputs() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder())) names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

class AuditInputTest : public testing::TestWithParam<std::string> {};

TEST_P(AuditInputTest, NothingIsFound) {
  const mc::Result<Scenario> loaded = load_scenario(folder() / (GetParam() + ".toml"), all_properties());
  ASSERT_TRUE(loaded.ok()) << loaded.error().text();
  const Scenario& scenario = loaded.value();
  std::vector<Property> properties;
  for (const Property& property : all_properties()) {
    if (std::ranges::find(scenario.properties, property.id) != scenario.properties.end())
      properties.push_back(property);
  }
  const RayModel model(scenario.config);
  // The mistakes lie up to 31 steps deep.
  const mc::AuditEffort effort{.audited_states = 8'000, .walks = 20, .walk_depth = 100, .compared_states = 60'000};
  const mc::AuditSummary summary = mc::FullAudit<RayModel>(model, properties, scenario.limits, effort, 1).run();
  for (const std::string& fault : summary.faults) ADD_FAILURE() << fault;
}

INSTANTIATE_TEST_SUITE_P(Files, AuditInputTest, testing::ValuesIn(inputs()),
                         [](const auto& file) { return file.param; });

}  // namespace
}  // namespace raymc
