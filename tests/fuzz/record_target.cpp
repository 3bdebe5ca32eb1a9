// Records of real runs: parsed; what is accepted is written again, redacted, cut into pieces, and each piece is made a
// scenario of and searched for a few nodes.
#include "checker/conform/explainer.hpp"
#include "checker/conform/record.hpp"
#include "model/ray_model.hpp"
#include "specs/logs/cast.hpp"
#include "specs/logs/pieces.hpp"
#include "specs/logs/scenario_of.hpp"
#include "specs/logs/session.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/scenario.hpp"
#include "tests/fuzz/target.hpp"

namespace {

void conform(const mc::RecordFile& record) {
  constexpr std::size_t kNodesMax = 200;
  const mc::Result<raymc::RecordedScenario> drawn = raymc::scenario_of(record, "fuzz.jsonl");
  if (!drawn.ok()) {
    mc::fuzz::expect_plain(mc::plain_message(drawn.error().text()));
    return;
  }
  const mc::Result<raymc::Scenario> scenario =
      raymc::parse_scenario(drawn.value().text, "fuzz.toml", raymc::all_properties());
  if (!scenario.ok()) {
    mc::fuzz::expect_plain(mc::plain_message(scenario.error().text()));
    return;
  }
  const raymc::RayModel model(scenario.value().config);
  const mc::LogVocabulary words = model.log_vocabulary();
  const mc::Result<mc::CompiledRecord> compiled = mc::compile(record, words, raymc::process_sorts(), "fuzz.jsonl");
  if (!compiled.ok()) {
    mc::fuzz::expect_plain(mc::plain_message(compiled.error().text()));
    return;
  }
  mc::ExplainLimits limits;
  limits.nodes_max = kNodesMax;
  const mc::RecordCircumstances circumstances{raymc::known_places(record, compiled.value(), model),
                                              record.ends_at_rest(), 50, raymc::kUnorderedThread};
  static_cast<void>(mc::explain(model, words, compiled.value(), circumstances, limits));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const mc::Result<mc::RecordFile> parsed = mc::parse_record(mc::fuzz::text_of(data, size), "fuzz.jsonl");
  if (!parsed.ok()) {
    mc::fuzz::expect_plain(mc::plain_message(parsed.error().text()));
    return 0;
  }
  const std::string written = mc::to_json_lines(parsed.value());
  mc::fuzz::expect_plain(written);
  const mc::Result<mc::RecordFile> again = mc::parse_record(written, "again.jsonl");
  MC_ASSERT(again.ok() && again.value() == parsed.value(), "what is written is read as it was");
  mc::fuzz::expect_plain(mc::to_json_lines(raymc::redacted(parsed.value())));
  for (const mc::RecordFile& piece : raymc::pieces_of(parsed.value())) conform(piece);
  return 0;
}
