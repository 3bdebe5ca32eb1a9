#include "checker/cli/trace_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "checker/cli/command_line.hpp"
#include "checker/cli/number_check.hpp"
#include "checker/core/nearest.hpp"

namespace mc {
namespace {

constexpr std::size_t kStatesMax = 1'000'000;

void add_trace(CLI::App& app, const ProgramInfo& info, CommandLine& line) {
  TraceLine& trace = line.trace;
  CLI::App* command = app.add_subcommand("trace", "show a counterexample that check wrote, or ask about it");
  command->add_option("files", trace.files, "trace file; two with --diff")
      ->required()
      ->expected(1, 2)
      ->type_name("FILE");
  command
      ->add_option("--format", trace.view,
                   "text for people, html for a browser, the others for the tools of these names")
      ->check(CLI::IsMember({"text", "html", "json", "mermaid", "perfetto", "shiviz", "dot"}).description(""))
      ->type_name("text|html|json|mermaid|perfetto|shiviz|dot");
  command->add_flag("--diff", trace.compare, "say where two traces part ways");
  command->add_flag("--minimise", trace.minimise, "find the smallest scenario that still shows the violation");
  command->add_option("--without", trace.without, "switch a safeguard off and say at which step it is missed")
      ->type_name("SAFEGUARD");
  command
      ->add_option("--with", trace.with,
                   "switch a safeguard on and say at which step it acts; with --format json, as a trace")
      ->type_name("SAFEGUARD");
  command->add_option("--states-max", trace.states_max, "states that each search of --minimise may explore (200000)")
      ->check(whole_number_check(1, 1'000'000'000))
      ->type_name("N");
  command->callback([&line] {
    line.command = Command::kTrace;
    line.subject = line.trace.files.front();
  });
  command->footer("Examples:\n  " + info.name + " trace lost_reply.trace.json\n  " + info.name +
                  " trace lost_reply.trace.json --format html > lost_reply.html\n  " + info.name +
                  " trace --diff before.trace.json after.trace.json\n  " + info.name +
                  " trace lost_reply.trace.json --minimise > smaller.toml");
}

void add_stepping(CLI::App& app, const ProgramInfo& info, CommandLine& line) {
  CLI::App* graph = app.add_subcommand("graph", "all states of a small scenario as a graph for Graphviz");
  graph->add_option("scenario", line.scenarios, "scenario file")->required()->expected(1)->type_name("SCENARIO");
  graph->add_option("--states-max", line.trace.states_max, "states that the graph may have (200)")
      ->check(whole_number_check(1, kStatesMax))
      ->type_name("N");
  graph->callback([&line] { line.command = Command::kGraph; });
  graph->footer("Example:\n  " + info.name + " graph small.toml | dot -Tsvg > small.svg");
  CLI::App* explore = app.add_subcommand("explore", "step through a scenario by hand");
  explore->add_option("scenario", line.scenarios, "scenario file")->required()->expected(1)->type_name("SCENARIO");
  explore->callback([&line] { line.command = Command::kExplore; });
  explore->footer("Reads commands line by line, also from a pipe; \"help\" lists them.");
}

}  // namespace

void add_trace_commands(CLI::App& app, const ProgramInfo& info, CommandLine& line) {
  add_trace(app, info, line);
  CLI::App* replay = app.add_subcommand("replay", "step a saved trace through today's model");
  replay->add_option("file", line.subject, "trace file")->required()->type_name("FILE");
  replay->callback([&line] { line.command = Command::kReplay; });
  replay->footer("Fails with code 10 at the first step that no longer fits, and names it.");
  add_stepping(app, info, line);
}

std::string trace_mistake(const TraceLine& line, const std::vector<std::string>& settings_known) {
  const int questions =
      (line.compare ? 1 : 0) + (line.minimise ? 1 : 0) + (line.without.empty() ? 0 : 1) + (line.with.empty() ? 0 : 1);
  if (questions > 1) return "--diff, --minimise, --without and --with cannot be asked together";
  if (line.compare && line.files.size() != 2) return "--diff needs two trace files";
  if (!line.compare && line.files.size() == 2) return "two trace files are for --diff";
  const bool switched = !line.with.empty() || !line.without.empty();
  if (questions == 1 && line.view != "text" && !(switched && line.view == "json")) {
    return "--format is for showing a trace; --with and --without also give json";
  }
  const std::string& safeguard = line.without.empty() ? line.with : line.without;
  const std::vector<std::string_view> known(settings_known.begin(), settings_known.end());
  if (!safeguard.empty() && std::find(known.begin(), known.end(), safeguard) == known.end()) {
    return "unknown safeguard \"" + safeguard + "\"\n  hint: " + nearest_hint(safeguard, known, "safeguards are");
  }
  return {};
}

}  // namespace mc
