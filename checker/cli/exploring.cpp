#include "checker/cli/exploring.hpp"

#include <sstream>

#include "checker/cli/quantity.hpp"

namespace mc {

ExploreLine explore_line(const std::string& line) {
  ExploreLine found;
  std::istringstream words(line);
  words >> found.word;
  for (std::string argument; words >> argument;) found.arguments.push_back(argument);
  return found;
}

std::optional<std::size_t> explore_number(const std::string& text, std::size_t most) {
  const std::optional<std::uint64_t> number = parse_whole_number(text);
  if (!number || *number < 1 || *number > most) return std::nullopt;
  return static_cast<std::size_t>(*number);
}

std::string_view explore_help() {
  return "  NUMBER            take the action with this number\n"
         "  undo [COUNT]      go back one step, or so many\n"
         "  list              what is possible here, by component\n"
         "  state             the whole state\n"
         "  diff              what the last step changed\n"
         "  path              the steps so far\n"
         "  jump FILE [STEP]  to the state after a step of a trace file; 0 is its start, no number its end\n"
         "  save FILE         write the path as a trace file\n"
         "  quit              the end; so is the end of the input\n"
         "The first letter is enough, but for save.\n";
}

}  // namespace mc
