// The rules of the house that a machine can check: which way includes point, how long files are, what they are
// called, that what must agree agrees, and that the formatter has nothing to say.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/places.hpp"

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = raymc::support::source_dir();

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

/// All C++ files of the tree, relative to the root, sorted.
std::vector<fs::path> sources() {
  std::vector<fs::path> found;
  for (const char* folder : {"checker", "model", "specs", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      const fs::path extension = entry.path().extension();
      if (extension == ".hpp" || extension == ".cpp") found.push_back(entry.path().lexically_relative(kRoot));
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// The layer that a file belongs to: "checker/core", "model", "specs", "specs/releases", "specs/main.cpp",
/// "tests/oracle", "tests".
std::string layer_of(const fs::path& file) {
  const std::string path = file.generic_string();
  if (path == "specs/main.cpp") return path;
  if (path.starts_with("specs/releases/")) return "specs/releases";
  if (path.starts_with("tests/oracle/") && path != "tests/oracle/oracle_test.cpp") return "tests/oracle";
  auto part = file.begin();
  std::string layer = part->string();
  if (layer == "checker") layer += "/" + (++part)->string();
  return layer;
}

/// Which layers a layer may include. Layers point down only; main.cpp alone sees all of them.
const std::map<std::string, std::set<std::string>> kMayInclude{
    {"checker/core", {"checker/core"}},
    {"checker/store", {"checker/core", "checker/store"}},
    {"checker/engine", {"checker/core", "checker/store", "checker/engine"}},
    {"checker/audit", {"checker/core", "checker/store", "checker/engine", "checker/audit"}},
    {"checker/report", {"checker/core", "checker/store", "checker/engine", "checker/audit", "checker/report"}},
    {"checker/conform", {"checker/core", "checker/report", "checker/conform"}},
    {"checker/cli",
     {"checker/core", "checker/store", "checker/engine", "checker/audit", "checker/report", "checker/conform",
      "checker/cli"}},
    {"model", {"checker/core", "model"}},
    {"specs", {"checker/core", "checker/conform", "model", "specs"}},
    {"specs/releases", {"checker/core", "checker/engine", "model", "specs", "specs/releases"}},
    {"tests/oracle", {"checker/core", "model", "specs", "tests/oracle"}},  // a judge of the engine, apart from it
};

TEST(Tree, IncludesPointDownTheLayersOnly) {
  const std::regex include("^#include \"([^\"]+)\"");
  for (const fs::path& file : sources()) {
    const auto allowed = kMayInclude.find(layer_of(file));
    if (allowed == kMayInclude.end()) continue;  // main.cpp and tests
    for (const std::string& line : lines_of(kRoot / file)) {
      std::smatch match;
      if (!std::regex_search(line, match, include)) continue;
      const std::string other = layer_of(fs::path(match[1].str()));
      EXPECT_TRUE(allowed->second.contains(other)) << file << " includes " << match[1];
    }
  }
}

TEST(Tree, EveryFileBelongsToAKnownLayer) {
  for (const fs::path& file : sources()) {
    const std::string layer = layer_of(file);
    EXPECT_TRUE(kMayInclude.contains(layer) || layer == "specs/main.cpp" || layer == "tests") << file;
  }
}

TEST(Tree, TheModelKnowsNoThreadsClocksOrRandomness) {
  const std::regex forbidden("#include <(thread|atomic|mutex|chrono|random|future|ctime|tbb/.*)>");
  for (const fs::path& file : sources()) {
    if (layer_of(file) != "model") continue;
    EXPECT_FALSE(std::regex_search(read(kRoot / file), forbidden)) << file;
  }
}

TEST(Tree, FilesAreShortAndWellFormed) {
  constexpr std::size_t kLinesMax = 500;
  for (const fs::path& file : sources()) {
    const std::vector<std::string> lines = lines_of(kRoot / file);
    EXPECT_LE(lines.size(), kLinesMax) << file << ": two concepts share a room";
    for (std::size_t i = 0; i < lines.size(); ++i) {
      EXPECT_EQ(lines[i].find('\t'), std::string::npos) << file << ":" << i + 1;
      EXPECT_TRUE(lines[i].empty() || lines[i].back() != ' ') << file << ":" << i + 1;
    }
  }
}

TEST(Tree, HeadersSayWhatTheyAreFor) {
  constexpr std::size_t kHeaderLinesMax = 10;
  for (const fs::path& file : sources()) {
    if (file.extension() != ".hpp") continue;
    const std::vector<std::string> lines = lines_of(kRoot / file);
    std::size_t comment = 0;
    while (comment < lines.size() && lines[comment].starts_with("//")) ++comment;
    EXPECT_GE(comment, 1U) << file << " has no header comment";
    EXPECT_LE(comment, kHeaderLinesMax) << file;
    ASSERT_LT(comment, lines.size()) << file;
    EXPECT_EQ(lines[comment], "#pragma once") << file;
  }
}

TEST(Tree, FilesAreNamedInSnakeCase) {
  const std::regex name("[a-z0-9_]+\\.(hpp|cpp)");
  for (const fs::path& file : sources()) EXPECT_TRUE(std::regex_match(file.filename().string(), name)) << file;
}

TEST(Tree, NoLooseEnds) {
  // Spelled in two parts, or this file would be its own finding.
  const std::regex forbidden(std::string("\\b(TO") + "DO|FIX" + "ME|X" + "XX|HA" + "CK)\\b");
  for (const fs::path& file : sources()) EXPECT_FALSE(std::regex_search(read(kRoot / file), forbidden)) << file;
}

/// The first capture of a pattern in a file.
std::string found_in(const char* file, const std::string& pattern) {
  const std::string text = read(kRoot / file);
  std::smatch match;
  return std::regex_search(text, match, std::regex(pattern)) ? match[1].str() : "not found in " + std::string(file);
}

TEST(Tree, TheVersionIsOne) {
  EXPECT_EQ(found_in("specs/main.cpp", "kVersion = \"([^\"]+)\""),
            found_in("CMakeLists.txt", "VERSION ([0-9.]+) LANG"));
}

// Code and guides take it from the lock; results name the one that they were made with.
TEST(Tree, TheRevisionOfRayStandsInTheLockAlone) {
  const std::string revision = found_in("model/sources.toml", "\nrevision = \"([0-9a-f]+)\"");
  ASSERT_EQ(revision.size(), 40U);
  std::vector<fs::path> files = sources();
  for (const char* file : {"README.md", "model/README.md", "specs/drift/README.md", "CMakeLists.txt", "raymc"})
    files.emplace_back(file);
  for (const fs::path& file : files) EXPECT_EQ(read(kRoot / file).find(revision), std::string::npos) << file;
}

/// Where bytes come in, and the fuzz target that feeds them. What raymc reads of its own machine is not here.
const std::map<std::string, std::string> kReaders{{"checker/report/checkpoint.cpp", "checkpoint"},
                                                  {"checker/report/owned_folder.cpp", "owned_folder"},
                                                  {"checker/cli/tracing.hpp", "trace"},
                                                  {"checker/cli/releasing.cpp", "answer"},
                                                  {"checker/cli/instances.hpp", "scenario"},
                                                  {"specs/scenario.cpp", "scenario"},
                                                  {"specs/shrink.cpp", "scenario"},
                                                  {"checker/cli/exploring.hpp", "explore"},
                                                  {"checker/cli/conforming.hpp", "record"},
                                                  {"checker/conform/record.cpp", "record"},
                                                  {"specs/logs/files.cpp", "logs"},
                                                  {"checker/cli/command_line.cpp", "command_line"}};
const std::set<std::string> kOwnMachine{
    "checker/engine/cgroup.cpp",    "checker/report/files.cpp",    "checker/report/files.hpp",
    "checker/report/release.cpp",   "checker/cli/persistence.cpp", "checker/engine/memory.cpp",
    "checker/cli/random_audit.hpp", "specs/logs/texts.cpp",        "checker/cli/witnesses.cpp",
    "specs/real_run.cpp",           "specs/standing.cpp"};

TEST(Tree, EveryReaderHasAFuzzTarget) {
  const std::regex reads("read_file\\(|ifstream|getline|\\.parse\\(std::vector");
  std::set<std::string> found;
  for (const fs::path& file : sources()) {
    const std::string path = file.generic_string();
    if (path.starts_with("tests/") || kOwnMachine.contains(path)) continue;
    if (std::regex_search(read(kRoot / file), reads)) found.insert(path);
  }
  for (const std::string& path : found) EXPECT_TRUE(kReaders.contains(path)) << path << " reads and is not fuzzed";
  const std::string launcher = read(kRoot / "raymc");
  for (const auto& [path, target] : kReaders) {
    EXPECT_TRUE(found.contains(path)) << path << " reads no more";
    EXPECT_TRUE(fs::exists(kRoot / "tests/fuzz" / (target + "_target.cpp"))) << target;
    EXPECT_FALSE(fs::is_empty(kRoot / "tests/fuzz/corpus" / target)) << target;
    EXPECT_NE(read(kRoot / "tests/CMakeLists.txt").find("raymc_fuzz_target(" + target + " "), std::string::npos);
    EXPECT_NE(read(kRoot / "CMakePresets.json").find("\"fuzz_" + target + "\""), std::string::npos);
    EXPECT_NE(launcher.find(target), std::string::npos) << "the launcher says which there are";
  }
}

/// The names of all tests: "Suite.Test" without what a parameter adds, and those of scripts, "program.limits".
std::set<std::string> test_names() {
  std::set<std::string> names;
  const auto add = [&](const std::string& text, const std::string& pattern, const std::string& format) {
    const std::regex regex(pattern);
    for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it)
      names.insert(it->format(format));
  };
  for (const fs::path& file : sources()) add(read(kRoot / file), "TEST(?:_[FP])?\\((\\w+), (\\w+)\\)", "$1.$2");
  const std::string list = read(kRoot / "tests/CMakeLists.txt");
  add(list, "raymc_fuzz_target\\((\\w+) ", "fuzz.$1");
  add(list, "add_test\\(NAME (\\w+\\.\\w+) ", "$1");
  std::smatch scripts;
  if (std::regex_search(list, scripts, std::regex("foreach\\(check ([^)]*)\\)"))) {
    add(scripts[1].str(), "(\\w+)", "program.$1");
  }
  return names;
}

TEST(Tree, TestsThatTheTableOfFaultsNamesExist) {
  const std::string table = read(kRoot / "tests/robustness.md");
  const std::set<std::string> names = test_names();
  const std::regex named("`(?:\\w+/)?((?:[A-Z]\\w+|fuzz|program|oracle)\\.)(\\w+|\\*)(?:/(\\w+|\\*))?`");
  std::size_t found = 0;
  for (std::sregex_iterator it(table.begin(), table.end(), named), end; it != end; ++it, ++found) {
    const std::string suite = (*it)[1];
    const std::string test = (*it)[2];
    const std::string parameter = (*it)[3];
    const auto place = names.lower_bound(test == "*" ? suite : suite + test);
    EXPECT_TRUE(place != names.end() && (test == "*" ? place->starts_with(suite) : *place == suite + test))
        << it->str();
    const bool of_a_file = suite == "AuditInputTest." || suite == "FalseAlarmTest.";
    const std::string folder = suite == "FalseAlarmTest." ? "false_alarms" : "audit_inputs";
    EXPECT_EQ(of_a_file, fs::exists(kRoot / "tests/specs" / folder / (parameter + ".toml"))) << it->str();
  }
  EXPECT_GT(found, 50U);
}

/// What a JSON writer of its own would let out.
TEST(Tree, JsonGoesOutInOneWay) {
  for (const fs::path& file : sources()) {
    const std::string path = file.generic_string();
    if (path.starts_with("tests/") || path == "checker/report/json_text.cpp") continue;
    for (const std::string& line : lines_of(kRoot / file)) {
      const bool of_an_error = path == "checker/report/trace_reader.cpp";
      EXPECT_TRUE(line.find(".dump(") == std::string::npos || of_an_error) << path << ": " << line;
    }
  }
}

TEST(Tree, TheFormatterHasNothingToSay) {
  if (std::system("clang-format --version 2>/dev/null | grep -q 'version 14\\.'") != 0) {
    GTEST_SKIP() << "clang-format 14 is not installed";
  }
  const std::string command = "cd '" + kRoot.string() +
                              "' && find checker model specs tests -name '*.[ch]pp' -print0 |"
                              " xargs -0 clang-format --dry-run -Werror 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << "run: clang-format -i on the files above";
}

}  // namespace
