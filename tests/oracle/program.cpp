#include "tests/oracle/program.hpp"

#include <sys/wait.h>

#include <array>
#include <cstdio>

#include "tests/oracle/verdict.hpp"

namespace raymc::oracle {
namespace {

/// What a shell command writes to stdout, and its exit status; -1 if it did not exit.
std::pair<std::string, int> run(const std::string& command) {
  std::string output;
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return {output, -1};
  std::array<char, 65'536> buffer{};
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) output.append(buffer.data(), size);
  const int status = pclose(pipe);
  return {output, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

}  // namespace

std::string Way::arguments() const {
  return " --store " + store + " --symmetry " + (symmetry ? "on" : "off") + " --threads " + std::to_string(threads);
}

std::vector<std::string> ask(const std::filesystem::path& program, const std::filesystem::path& file,
                             const std::string& arguments, const nlohmann::json& expected) try {
  const auto [output, status] = run("'" + program.string() + "' check '" + file.string() + "' --quiet --format json" +
                                    arguments + " 2>/dev/null");
  const nlohmann::json report = nlohmann::json::parse(output);
  std::vector<std::string> found = differences(expected, compared_part(report.at("answers").at(0)));
  if (status != expected.at("exit")) found.push_back("exit status: raymc " + std::to_string(status));
  return found;
} catch (const nlohmann::json::exception& error) {
  return {std::string("report: ") + error.what()};
}

}  // namespace raymc::oracle
