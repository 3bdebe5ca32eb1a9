#include "checker/cli/results.hpp"

#include <algorithm>
#include <vector>

namespace mc {
namespace {

std::string head(const ProgramInfo& info) {
  return "# Regenerate with: ./" + info.name + " golden, or for release/: ./" + info.name + " release\n# " + info.name +
         " " + info.version + ", " + info.revision_label + " " + info.revision + "\n";
}

}  // namespace

std::string golden_table(std::span<const Answer> answers, const ProgramInfo& info) {
  std::string text = head(info) + "scenario\toutcome\tproperty\tstates\ttransitions\tdepth\ttrace_length\tof\n";
  for (const Answer& answer : answers) {
    const Verdict& verdict = answer.verdict;
    text += answer.path + "\t" + std::string(to_string(verdict.outcome)) + "\t" +
            (verdict.violated.empty() ? "-" : verdict.violated) + "\t" + std::to_string(verdict.states) + "\t" +
            std::to_string(verdict.transitions) + "\t" + std::to_string(verdict.depth) + "\t" +
            (answer.trace ? std::to_string(answer.trace->steps.size()) : "-") + "\t" + answer.system + "\n";
  }
  return text;
}

std::string coverage_table(std::span<const Answer> answers, const ProgramInfo& info) {
  std::vector<std::string> rules;  // by position; a rule that no instance has stays empty
  std::vector<std::vector<std::uint64_t>> fired;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::vector<RuleCount>& coverage = answers[i].verdict.coverage;
    rules.resize(std::max(rules.size(), coverage.size()));
    fired.resize(rules.size(), std::vector<std::uint64_t>(answers.size()));
    for (std::size_t rule = 0; rule < coverage.size(); ++rule) {
      if (!coverage[rule].rule.empty()) rules[rule] = coverage[rule].rule;
      fired[rule][i] = coverage[rule].fired;
    }
  }
  std::string text = head(info) + "rule\ttotal";
  for (const Answer& answer : answers) text += "\t" + answer.path;
  text += "\n";
  for (std::size_t rule = 0; rule < rules.size(); ++rule) {
    if (rules[rule].empty()) continue;
    std::uint64_t total = 0;
    std::string columns;
    for (const std::uint64_t count : fired[rule]) {
      total += count;
      columns += "\t" + std::to_string(count);
    }
    text += rules[rule] + "\t" + std::to_string(total) + columns + "\n";
  }
  return text;
}

std::string losses_table(std::span<const Loss> losses, const ProgramInfo& info) {
  std::string text = "# Regenerate with: ./" + info.name + " safeguards " + info.scenario_folder +
                     "/ci --out results\n# " + info.name + " " + info.version + ", " + info.revision_label + " " +
                     info.revision + "; each run is cut at " + std::to_string(kLossStatesMax) +
                     " states or four times the scenario's own\n"
                     "safeguard\torigin\tnoticed_by\tdepth\tscenario\ttried\n";
  for (const Loss& loss : losses) {
    const auto shown = [](const std::string& value) { return value.empty() ? std::string("-") : value; };
    text += loss.safeguard + "\t" + loss.origin + "\t" + shown(loss.property) + "\t" +
            (loss.depth ? std::to_string(*loss.depth) : "-") + "\t" + shown(loss.scenario) + "\t" +
            std::to_string(loss.tried) + "\n";
  }
  return text;
}

}  // namespace mc
