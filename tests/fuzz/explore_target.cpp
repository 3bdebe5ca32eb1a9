// Lines that `explore` reads, in the toy's model. Nothing is written: its streams go nowhere, and lines that name a
// file are left out.
#include <fcntl.h>

#include <sstream>

#include "checker/cli/exploring.hpp"
#include "tests/cli/toy.hpp"
#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  static const toy::Project project;
  static const mc::Result<mc::Instance<toy::Lock>> instance =
      project.parse("question Is it?\ncells 2\ncrashes 2\ncapacity 1\ncheck M1.exclusive\n", "toy", {});
  std::istringstream whole(mc::fuzz::text_of(data, size));
  std::string lines;
  for (std::string line; std::getline(whole, line);) {
    const std::string word = mc::explore_line(line).word;
    if (word != "save" && word != "jump" && word != "j") lines += line + "\n";
  }
  mc::Console console;
  console.program = "toy";
  console.out = console.err = mc::Output(nowhere);
  const mc::CommandLine line;
  const mc::ProgramInfo info = project.info();
  const std::vector<mc::CatalogueEntry> catalogue = project.catalogue();
  std::istringstream in(lines);
  static_cast<void>(mc::Explorer<toy::Lock>(instance.value(), line, info, catalogue, console).run(in, false));
  return 0;
}
