// The program that is asked: runs `raymc check` on a file and compares its report with what the oracle expects.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace raymc::oracle {

/// One way to ask the same question.
struct Way {
  std::string store;
  bool symmetry = false;
  unsigned threads = 1;

  [[nodiscard]] std::string arguments() const;
};

/// In what the report of `raymc check FILE --format json ARGUMENTS` and the exit status differ from `expected`. A
/// program that writes no report differs.
[[nodiscard]] std::vector<std::string> ask(const std::filesystem::path& program, const std::filesystem::path& file,
                                           const std::string& arguments, const nlohmann::json& expected);

}  // namespace raymc::oracle
