// Scenario files: parsed; and what is accepted is walked through a little, so that no accepted scenario breaks the
// model.
#include <algorithm>
#include <string_view>
#include <vector>

#include "checker/engine/simulate.hpp"
#include "model/ray_model.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/scenario.hpp"
#include "specs/shrink.hpp"
#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mc::Result<raymc::Scenario> parsed =
      raymc::parse_scenario(mc::fuzz::text_of(data, size), "fuzz.toml", raymc::all_properties());
  if (!parsed.ok()) {
    mc::fuzz::expect_plain(mc::plain_message(parsed.error().text()));
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
  // Everything that --minimise may take away, of which the first few are read again.
  std::vector<raymc::Reduction> smaller = raymc::reductions_of(scenario.text);
  smaller.resize(std::min<std::size_t>(smaller.size(), 4));
  for (const raymc::Reduction& less : smaller)
    static_cast<void>(raymc::parse_scenario(less.text, "smaller.toml", raymc::all_properties()));
  mc::WalkOptions options;
  options.walks = 2;
  options.depth_max = 60;
  options.threads = 1;
  options.shorten = false;
  static_cast<void>(mc::simulate(raymc::RayModel(scenario.config), properties, options));
  return 0;
}
