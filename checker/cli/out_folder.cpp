#include "checker/cli/out_folder.hpp"

#include <algorithm>

#include "checker/core/assert.hpp"

namespace mc {

std::vector<std::string> files_written(Command command, const std::vector<std::string>& stems) {
  std::vector<std::string> names;
  const auto for_each = [&](const std::string& before, const std::string& after) {
    for (const std::string& stem : stems) names.push_back(before + stem + after);
  };
  switch (command) {
    case Command::kCheck:
      for (const char* kind : {".report.json", ".run.json", ".trace.json"}) for_each("", kind);
      names.emplace_back("SUMMARY.md");
      break;
    case Command::kSimulate:
      for (const char* kind : {".simulation.json", ".trace.json"}) for_each("", kind);
      break;
    case Command::kRelease:
      for_each("answers/", ".json");
      names.insert(names.end(), {"golden.tsv", "coverage.tsv", "SUMMARY.md", "SUMMARY.html"});
      break;
    case Command::kResults: names = {"golden.tsv", "coverage.tsv"}; break;
    case Command::kConform:
      for_each("", ".trace.json");
      names.insert(names.end(), {"conformed.tsv", "witnessed.tsv"});
      break;
    case Command::kSafeguards: names = {"safeguards.tsv"}; break;
    default: break;
  }
  return names;
}

OutFolder::OutFolder(const CommandLine& line, Console& console)
    : console_(console), folder_(line.out.value_or(std::filesystem::path())), asked_(line.out.has_value()) {}

bool OutFolder::said(const std::optional<std::string>& failure) {
  if (failure) console_.say(*failure);
  return !failure;
}

bool OutFolder::open() {
  if (!open_) open_ = said(folder_.open(OwnedFolder::Kind::kShared));
  return open_;
}

bool OutFolder::prepare(const std::vector<std::string>& names) {
  if (!asked_) return true;
  // Asked first, so that a refusal leaves nothing in the folder.
  return std::all_of(names.begin(), names.end(),
                     [this](const std::string& name) { return said(folder_.blocked(name)); }) &&
         open();
}

bool OutFolder::write(const std::string& name, const std::string& text) {
  MC_ASSERT(asked_, "nothing is written into a folder that nobody named");
  return open() && said(folder_.write(name, text));
}

}  // namespace mc
