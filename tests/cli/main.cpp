// The test program; as `cli_tests toy ARGUMENTS...` it is the toy program that the tests start.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "checker/cli/program.hpp"
#include "tests/cli/toy.hpp"

int main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "toy") {
    return mc::run_program(toy::Project{}, std::vector<std::string>(argv + 2, argv + argc));
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
