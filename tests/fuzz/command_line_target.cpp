// Command lines: one argument on each line. Nothing is run.
#include <sstream>

#include "checker/cli/command_line.hpp"
#include "tests/cli/toy.hpp"
#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream lines(mc::fuzz::text_of(data, size));
  std::vector<std::string> arguments;
  for (std::string line; std::getline(lines, line);) arguments.push_back(line);
  const toy::Project project;
  const mc::ParsedCommandLine parsed =
      mc::parse_command_line(project.info(), arguments, {"fence", "lease_request_identity"}, project.profiles());
  MC_ASSERT(parsed.line.has_value() || !parsed.out.empty() || !parsed.err.empty(),
            "a command line says or does something");
  mc::fuzz::expect_plain(parsed.out + parsed.err);
  if (parsed.line) static_cast<void>(parsed.line->overrides());
  return 0;
}
