// Scenario files: parsed; and what is accepted is walked through a little, so that no accepted scenario breaks the
// model.
#include <string_view>
#include <vector>

#include "checker/engine/simulate.hpp"
#include "model/ray_model.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/scenario.hpp"
#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string_view> ids;
  for (const raymc::Property& property : raymc::all_properties()) ids.push_back(property.id);
  mc::Result<raymc::Scenario> parsed = raymc::parse_scenario(mc::fuzz::text_of(data, size), "fuzz.toml", ids);
  if (!parsed.ok()) {
    static_cast<void>(parsed.error().text());
    return 0;
  }
  const raymc::Scenario& scenario = parsed.value();
  static_cast<void>(raymc::facts_of(scenario));
  std::vector<raymc::Property> properties;
  for (const raymc::Property& property : raymc::all_properties()) {
    for (const std::string& id : scenario.properties) {
      if (property.id == id) properties.push_back(property);
    }
  }
  mc::WalkOptions options;
  options.walks = 2;
  options.depth_max = 60;
  options.threads = 1;
  options.shorten = false;
  static_cast<void>(mc::simulate(raymc::RayModel(scenario.config), properties, options));
  return 0;
}
