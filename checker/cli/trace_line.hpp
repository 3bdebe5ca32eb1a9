// The part of the command line that is about traces: which view, which question about one trace or two, and stepping by
// hand.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace mc {

struct CommandLine;
struct ProgramInfo;

/// What `trace`, `graph` and `explore` are told.
struct TraceLine {
  std::vector<std::string> files;  ///< one trace, or two to compare
  std::string view = "text";       ///< text, html, json, mermaid, perfetto, shiviz or dot
  bool compare = false;
  bool minimise = false;
  std::string without;         ///< safeguard to switch off
  std::string with;            ///< safeguard to switch on
  std::size_t states_max = 0;  ///< of graph and minimise; 0: their own bound
};

/// Adds `trace`, `replay`, `graph` and `explore` to the program.
void add_trace_commands(CLI::App& app, const ProgramInfo& info, CommandLine& line);

/// What is wrong with the options of `trace` together; empty if nothing is.
[[nodiscard]] std::string trace_mistake(const TraceLine& line, const std::vector<std::string>& settings_known);

}  // namespace mc
