#include "specs/real_run.hpp"

#include <charconv>
#include <fstream>
#include <optional>
#include <string_view>

#include "specs/columns.hpp"

namespace raymc {
namespace {

std::optional<std::uint64_t> whole_number(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The columns of a table that are told; `date` is one that older rows do not have.
struct Columns {
  std::size_t tries = 0;
  std::size_t good = 0;
  std::size_t reason = 0;
  std::size_t date = 0;
};
constexpr Columns kExecuted{.tries = 2, .good = 3, .reason = 5, .date = 6};
constexpr Columns kStands{.tries = 4, .good = 5, .reason = 7, .date = 8};

/// The lines of a table whose first column is this id in words, one for each release.
void add_seen(const std::filesystem::path& file, const Columns& at, const std::string& id,
              std::vector<std::string>& seen) {
  std::ifstream table(file);
  for (std::string line; std::getline(table, line);) {
    const std::vector<std::string> row = columns(line);
    if (row.size() <= at.reason || row.front() != id) continue;
    const std::string date = row.size() > at.date && row[at.date] != "-" ? ", " + row[at.date] : "";
    const std::string tries = row[at.tries] + (row[at.tries] == "1" ? " try; " : " tries; ");
    seen.push_back("Ray " + row[1] + date + ": in " + row[at.good] + " of " + tries + row[at.reason]);
  }
}

}  // namespace

std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=-";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

mc::RealRun real_run(const std::string& scenario, const std::string& path, const std::vector<std::string>& settings,
                     const std::filesystem::path& root) {
  std::string check = "./raymc check " + shell_word(path);
  for (const std::string& setting : settings) check += " " + setting;
  const std::string trace = shell_word("out/" + scenario + ".trace.json");
  mc::RealRun run{
      "Run it in Ray", {check + " --out out", "./raymc ray conduct " + trace, "./raymc ray report " + trace}, {}};
  add_seen(root / "results" / "executed.tsv", kExecuted, scenario, run.seen);
  return run;
}

std::vector<Tried> tried_in(const std::string& scenario, const std::filesystem::path& root) {
  std::vector<Tried> found;
  std::ifstream table(root / "results" / "executed.tsv");
  for (std::string line; std::getline(table, line);) {
    const std::vector<std::string> row = columns(line);
    if (row.size() <= kExecuted.reason || row.front() != scenario) continue;
    const std::optional<std::uint64_t> tries = whole_number(row[kExecuted.tries]);
    const std::optional<std::uint64_t> happened = whole_number(row[kExecuted.good]);
    if (!tries || !happened) continue;
    std::string verdict = row[kExecuted.reason].substr(0, row[kExecuted.reason].find(':'));
    verdict = verdict.substr(0, verdict.find(" at step"));
    found.push_back({row[1], *tries, *happened, std::move(verdict)});
  }
  return found;
}

mc::RealRun stands_run(const std::vector<std::string>& safeguards, const std::filesystem::path& root) {
  std::string names;
  for (const std::string& safeguard : safeguards) names += (names.empty() ? "" : ",") + safeguard;
  mc::RealRun run{"See Ray stand", {"./raymc ray conduct --safeguards --again --only " + names}, {}};
  for (const std::string& safeguard : safeguards) {
    add_seen(root / "results" / "stands.tsv", kStands, safeguard, run.seen);
  }
  return run;
}

}  // namespace raymc
