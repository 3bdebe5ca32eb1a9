#include "checker/cli/scenarios.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

namespace mc {
namespace {

namespace fs = std::filesystem;

InputError error_of(const fs::path& path, const std::string& message) {
  InputError error;
  error.file = path.string();
  error.message = message;
  return error;
}

/// The nearest folder at or above `start` with `marker` in it; empty if there is none.
fs::path above(fs::path start, const std::string& marker) {
  std::error_code failed;
  while (true) {
    if (fs::is_directory(start / marker, failed)) return start;
    if (!start.has_relative_path()) return {};
    start = start.parent_path();
  }
}

}  // namespace

fs::path project_root(const ProgramInfo& info) {
  if (const char* root = std::getenv("RAYMC_ROOT"); root != nullptr && *root != '\0') return root;
  std::error_code failed;
  const fs::path here = fs::current_path(failed);
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  if (!failed) {
    const fs::path found = above(program.parent_path(), info.scenario_folder);
    if (!found.empty()) return found;
  }
  const fs::path found = above(here, info.scenario_folder);
  return found.empty() ? here : found;
}

Result<std::vector<fs::path>> scenario_files(const std::vector<std::string>& arguments, const ProgramInfo& info) {
  std::vector<fs::path> starts(arguments.begin(), arguments.end());
  if (starts.empty()) starts.push_back(project_root(info) / info.default_folder);
  std::vector<fs::path> files;
  for (const fs::path& start : starts) {
    std::error_code failed;
    const fs::file_status status = fs::status(start, failed);
    if (!fs::exists(status)) return error_of(start, "there is no such scenario file or folder");
    if (!fs::is_directory(status)) {
      files.push_back(start);
      continue;
    }
    std::vector<fs::path> found;
    for (auto entry = fs::recursive_directory_iterator(start, failed);
         !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
      if (entry->path().extension() == ".toml" && entry->is_regular_file(failed)) found.push_back(entry->path());
    }
    if (failed) return error_of(start, "cannot be listed: " + failed.message());
    if (found.empty()) return error_of(start, "there is no .toml file in this folder");
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

std::string shown_path(const fs::path& path, const fs::path& root) {
  std::error_code failed;
  const fs::path whole = fs::weakly_canonical(path, failed);
  const fs::path base = fs::weakly_canonical(root, failed);
  const fs::path relative = whole.lexically_relative(base);
  const bool below = !failed && !relative.empty() && *relative.begin() != "..";
  return below ? relative.generic_string() : path.generic_string();
}

std::vector<std::string> output_stems(const std::vector<fs::path>& files) {
  std::map<std::string, int> seen;
  for (const fs::path& file : files) ++seen[file.stem().string()];
  std::set<std::string> given;
  std::vector<std::string> stems;
  for (const fs::path& file : files) {
    std::string stem = file.stem().string();
    if (seen[stem] > 1) stem = fs::absolute(file).parent_path().filename().string() + "-" + stem;
    // Also what the name of another file is after a number was added to one before.
    std::string free = stem;
    for (int number = 2; !given.insert(free).second; ++number) free = stem + "-" + std::to_string(number);
    stems.push_back(free);
  }
  return stems;
}

}  // namespace mc
