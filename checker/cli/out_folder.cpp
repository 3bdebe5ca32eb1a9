#include "checker/cli/out_folder.hpp"

#include <algorithm>
#include <string_view>

#include "checker/report/files.hpp"

namespace mc {
namespace {

/// Whether a file without a mark beside it is one that an earlier version wrote: by how it begins.
bool is_of_report(const std::filesystem::path& file) {
  constexpr std::size_t kHeadBytes = 256;
  const std::string name = file.filename().string();
  const std::string text = head_of(file, kHeadBytes);
  const std::string_view head = text;
  if (name.ends_with(".json")) {
    const std::size_t format = head.find("\"format\": \"raymc.");
    return format != std::string_view::npos &&
           head.substr(0, format).find_first_not_of("{ \n") == std::string_view::npos;
  }
  if (name.ends_with(".tsv")) return head.starts_with("# Regenerate with: ./");
  if (name == "SUMMARY.html") return head.find("<title>Release check</title>") != std::string_view::npos;
  if (name != "SUMMARY.md") return false;
  const std::string_view first = head.substr(0, head.find('\n'));
  return first == "# Release check" || (first.starts_with("## ") && first.ends_with(" scenarios as expected"));
}

}  // namespace

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
    case Command::kSafeguards: names = {"safeguards.tsv"}; break;
    default: break;
  }
  return names;
}

OutFolder::OutFolder(const CommandLine& line, Console& console)
    : console_(console), folder_(line.out.value_or("raymc-out")), asked_(line.out.has_value()) {}

bool OutFolder::said(const std::optional<std::string>& failure) {
  if (failure) console_.say(*failure);
  return !failure;
}

bool OutFolder::open() {
  if (!open_) open_ = said(folder_.open(OwnedFolder::Kind::kShared, is_of_report));
  return open_;
}

bool OutFolder::prepare(const std::vector<std::string>& names) {
  if (!asked_) return true;
  return open() && std::all_of(names.begin(), names.end(),
                               [this](const std::string& name) { return said(folder_.blocked(name)); });
}

bool OutFolder::write(const std::string& name, const std::string& text) {
  return open() && said(folder_.write(name, text));
}

}  // namespace mc
