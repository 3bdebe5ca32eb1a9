// Asks the program random questions and compares its reports with the oracle's; see README.md. Prints a table; exit
// code 0 if all reports agree, 1 if one does not.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "specs/random_scenario.hpp"
#include "tests/oracle/case.hpp"
#include "tests/oracle/expectation.hpp"
#include "tests/oracle/explore.hpp"
#include "tests/oracle/program.hpp"
#include "tests/oracle/verdict.hpp"

namespace raymc::oracle {
namespace {

struct Arguments {
  std::filesystem::path program;
  std::filesystem::path tree;
  std::size_t count = 100;
  std::uint64_t seed = 1;
  std::filesystem::path keep;
  std::size_t states_max = 20'000;
  bool first = false;
  bool safety = false;
};

struct Row {
  std::size_t questions = 0, reports = 0, agree = 0;
};

std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string bounds_word(const mc::Limits& limits, End end) {
  if (end == End::kDeclaredBound) return "declared; they cut";
  if (end == End::kBound) return "given; they cut";
  return limits.depth_max || limits.states_max ? "cut nothing" : "none";
}

/// Draws questions until enough were asked, and keeps the score.
class Comparison {
 public:
  explicit Comparison(Arguments arguments) : arguments_(std::move(arguments)) {
    for (const char* const folder : {"ci", "defects", "hangs"}) {
      const std::filesystem::path below = arguments_.tree / "specs/scenarios" / folder;
      for (const auto& entry : std::filesystem::recursive_directory_iterator(below)) {
        if (entry.path().extension() == ".toml") files_.push_back(entry.path());
      }
    }
    std::sort(files_.begin(), files_.end());
    std::filesystem::create_directories(arguments_.keep);
  }

  bool run() {
    for (std::uint64_t number = 0; asked_ < arguments_.count && !(arguments_.first && disagree_ > 0); ++number) {
      Random random(arguments_.seed * 1'000'003 + number);
      const std::optional<Question> question = draw_question(draw_text(number, random), !arguments_.safety, random);
      if (question) {
        compare(*question, number, random);
      } else {
        ++refused_;
      }
    }
    print();
    return disagree_ == 0;
  }

 private:
  /// Three random scenarios, then one that ships.
  std::string draw_text(std::uint64_t number, Random& random) const {
    if (number % 4 == 3) return file_text(files_[random() % files_.size()]);
    return random_scenario(arguments_.seed, number, all_properties());
  }

  void compare(const Question& question, std::uint64_t number, Random& random) {
    const RayModel model(question.scenario.config);
    const bool keep_going = random() % 4 == 0;
    const Explored whole = explore(model, question.properties, mc::Limits::none(), arguments_.states_max, keep_going);
    if (whole.end == End::kTooLarge) {
      ++too_large_;
      return;
    }
    const mc::Limits limits = draw_limits(whole.levels, random);
    const Explored explored = explore(model, question.properties, limits, arguments_.states_max, keep_going);
    nlohmann::json expected = expected_answer(explored, question.properties);
    nlohmann::json refused = refused_answer(model, question.properties);
    const nlohmann::json expectation = draw_expectation(expected, random);
    const bool other_question = !limit_arguments(limits).empty();
    compare_with(expectation, other_question, keep_going, expected);
    compare_with(expectation, other_question, keep_going, refused);

    const std::filesystem::path file = arguments_.keep / ("case-" + std::to_string(number) + ".toml");
    std::ofstream(file) << with_limits(question.text, limits) + expectation_text(expectation);
    const bool liveness = std::any_of(question.properties.begin(), question.properties.end(),
                                      [](const Property& property) { return mc::is_liveness(property.kind); });
    ++asked_;
    Row& row = rows_[bounds_word(limits, explored.end) + "\t" + (liveness ? "yes" : "no") + "\t" +
                     (keep_going ? "goes on" : "stops") + "\t" + expected.at("outcome").get<std::string>()];
    const std::string arguments = limit_arguments(limits) + (keep_going ? " --keep-going" : "");
    ++row.questions;
    const std::size_t disagreed_before = disagree_;
    for (const char* const store : {"exact", "fingerprint"}) {
      for (const bool symmetry : {false, true}) {
        const Way way{store, symmetry, 1 + static_cast<unsigned>(random() % 3)};
        const bool keeps_encodings = way.store == "exact";
        count(file, way.arguments() + arguments, liveness && !keeps_encodings ? refused : expected, row);
      }
    }
    if (disagree_ == disagreed_before) std::filesystem::remove(file);
  }

  void count(const std::filesystem::path& file, const std::string& arguments, const nlohmann::json& expected,
             Row& row) {
    const std::vector<std::string> found = ask(arguments_.program, file, arguments, expected);
    ++row.reports;
    if (found.empty()) {
      ++row.agree;
      return;
    }
    ++disagree_;
    std::cerr << "DISAGREE check " << file.string() << arguments << "\n";
    for (const std::string& difference : found) std::cerr << "  " << difference << "\n";
  }

  void print() const {
    std::cout << "bounds\tliveness\tafter a violation\toutcome\tscenarios\treports\tagree\n";
    Row sum;
    for (const auto& [name, row] : rows_) {
      std::cout << name << "\t" << row.questions << "\t" << row.reports << "\t" << row.agree << "\n";
      sum = {sum.questions + row.questions, sum.reports + row.reports, sum.agree + row.agree};
    }
    std::cout << "all\t\t\t\t" << sum.questions << "\t" << sum.reports << "\t" << sum.agree << "\n"
              << "# left out: " << too_large_ << " scenarios of more than " << arguments_.states_max << " states, "
              << refused_ << " without a question\n";
  }

  Arguments arguments_;
  std::vector<std::filesystem::path> files_;
  std::map<std::string, Row> rows_;
  std::size_t asked_ = 0, too_large_ = 0, refused_ = 0, disagree_ = 0;
};

}  // namespace
}  // namespace raymc::oracle

int main(int argc, char** argv) {
  raymc::oracle::Arguments arguments;
  arguments.keep = std::filesystem::temp_directory_path() / ("raymc-oracle-" + std::to_string(getpid()));
  CLI::App app("a checker of its own that asks raymc random questions");
  app.add_option("program", arguments.program, "raymc")->required();
  app.add_option("tree", arguments.tree, "source tree, for the scenarios that ship")->required();
  app.add_option("count", arguments.count, "questions; each is asked in four ways");
  app.add_option("seed", arguments.seed, "of the questions");
  app.add_option("--keep", arguments.keep, "folder for the scenarios that they disagree about");
  app.add_option("--states-max", arguments.states_max, "scenarios with more states are left out");
  app.add_flag("--first", arguments.first, "stop at the first disagreement");
  app.add_flag("--safety", arguments.safety, "ask for nothing that is judged over runs");
  CLI11_PARSE(app, argc, argv);
  return raymc::oracle::Comparison(std::move(arguments)).run() ? 0 : 1;
}
