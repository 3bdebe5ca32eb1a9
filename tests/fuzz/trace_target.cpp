// Trace files: parsed; what is accepted is written again, shown, and replayed through the toy's model.
#include "checker/cli/replay.hpp"
#include "checker/report/html_page.hpp"
#include "checker/report/summary.hpp"
#include "checker/report/text.hpp"
#include "checker/report/trace_diff.hpp"
#include "checker/report/trace_file.hpp"
#include "checker/report/trace_text.hpp"
#include "checker/report/trace_views.hpp"
#include "tests/cli/toy.hpp"
#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const mc::Result<mc::TraceFile> parsed = mc::parse_trace(mc::fuzz::text_of(data, size), "fuzz.json");
  if (!parsed.ok()) {
    mc::fuzz::expect_plain(mc::plain_message(parsed.error().text()));
    return 0;
  }
  const mc::TraceFile& trace = parsed.value();
  const mc::Result<mc::TraceFile> again = mc::parse_trace(mc::to_json(trace), "again.json");
  MC_ASSERT(again.ok() && again.value() == trace, "what is written is read as it was");
  mc::fuzz::expect_plain(mc::text_trace_head(trace));
  mc::fuzz::expect_plain(mc::fenced("text", mc::text_trace(trace, mc::Colour::kOff)));
  mc::fuzz::expect_plain(mc::to_json(trace));
  // As many steps as a counterexample has: the views may take their time over thousands.
  if (trace.steps.size() < 200) {
    mc::fuzz::expect_plain(mc::mermaid_view(trace));
    mc::fuzz::expect_plain(mc::perfetto_view(trace));
    mc::fuzz::expect_plain(mc::shiviz_view(trace));
    mc::fuzz::expect_plain(mc::dot_view(trace));
    mc::fuzz::expect_plain(mc::html_page(trace));
    mc::fuzz::expect_plain(mc::trace_difference(trace, trace));
  }
  try {
    const mc::Result<mc::Instance<toy::Lock>> instance =
        toy::Project{}.parse(trace.scenario_text, "fuzz.json (its scenario)", {});
    if (instance.ok()) static_cast<void>(mc::Replay<toy::Lock>(instance.value(), trace).mismatch());
  } catch (const std::logic_error&) {
    // The toy reads numbers carelessly and can be told to break; that is no finding about the checker.
  }
  return 0;
}
