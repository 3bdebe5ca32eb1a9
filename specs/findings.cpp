#include "specs/findings.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <string_view>
#include <tuple>

#include "specs/real_run.hpp"
#include "specs/standing.hpp"

namespace raymc {
namespace {

struct StatusWords {
  std::string_view heading;
  std::string_view meaning;
};

constexpr std::array<StatusWords, kFindingStatuses> kStatusWords{{
    {"In Ray as it is", "Nothing is asked of how Ray is set up."},
    {"In Ray, under a condition", "Ray does this where it is set up or loaded as \"what it takes\" says."},
    {"With a change that the pinned revision lacks", "Newer releases may have the change."},
    {"In the source, not as compiled", "The releases that were tried do not do this."},
    {"In doubt", "Read in the order of the code. Not seen in a running Ray, and perhaps not possible there."},
}};

/// What results/executed.tsv says where Ray was asked and did something else.
constexpr std::string_view kAnotherWay = "went another way";

constexpr std::array<std::string_view, kLikelihoods> kLikelihoodWords{
    "an ordinary program", "one fault, at many moments", "within milliseconds", "a rare order"};

const StatusWords& words_of(const Scenario& scenario) {
  return kStatusWords[static_cast<std::size_t>(scenario.finding->status)];
}

/// "#64415, #57928", or that there is none: other names of threads are of the project's own lists.
std::string threads_text(const Scenario& scenario) {
  std::string text;
  for (const std::string& thread : scenario.threads) {
    if (thread.size() < 2 || thread[0] != '#' || std::isdigit(static_cast<unsigned char>(thread[1])) == 0) continue;
    text += (text.empty() ? "" : ", ") + thread;
  }
  return text.empty() ? "none known" : text;
}

std::string held_by_text(const Scenario& scenario) {
  std::string text;
  for (const Safeguard safeguard : scenario.held_by)
    text += (text.empty() ? "`" : ", `") + std::string(id_of(safeguard)) + "`";
  return text.empty() ? "-" : text;
}

/// What came of it in each release.
std::string tries_text(const Scenario& scenario, const std::filesystem::path& root) {
  std::string text;
  for (const Tried& tried : tried_in(scenario.name, root)) {
    text += (text.empty() ? "" : "; ") + tried.release + ": ";
    text += tried.happened > 0 ? std::to_string(tried.happened) + " of " + std::to_string(tried.tries) : tried.verdict;
  }
  return text.empty() ? "not tried" : text;
}

/// The same, and the report.
std::string executed_text(const Scenario& scenario, const std::filesystem::path& root) {
  std::string text = tries_text(scenario, root);
  std::error_code ignored;
  if (std::filesystem::exists(root / "results/reports" / scenario.name / "report.md", ignored)) {
    text += "; [report](reports/" + scenario.name + "/report.md)";
  }
  return text;
}

/// What came of it in one release, if that was tried.
const Tried* tried_as(const std::vector<Tried>& tries, Release release) {
  const auto found = std::ranges::find_if(tries, [&](const Tried& tried) {
    return parse_release(tried.release) == release && (tried.happened > 0 || tried.verdict == kAnotherWay);
  });
  return found == tries.end() ? nullptr : &*found;
}

/// The releases in which it stands, by the model; bold where it happened in one that was tried, struck out where it did
/// not. "**2.55**, 2.56, 2.57".
std::string releases_text(const Scenario& scenario, const std::filesystem::path& root) {
  const std::vector<Tried> tries = tried_in(scenario.name, root);
  std::string text;
  for (const Standing& standing : standings_in(scenario.name, root)) {
    if (!standing.stands()) continue;
    const Tried* tried = tried_as(tries, standing.release);
    const std::string mark = tried == nullptr ? "" : tried->happened > 0 ? "**" : "~~";
    text += (text.empty() ? "" : ", ") + mark + to_string(standing.release) + mark;
  }
  return text.empty() ? "none" : text;
}

/// Where the model says one thing of a release and an unmodified Ray of that release did another.
std::string differences_text(const std::vector<Scenario>& scenarios, const std::filesystem::path& root) {
  std::string text;
  for (const Scenario& scenario : scenarios) {
    const std::vector<Tried> tries = tried_in(scenario.name, root);
    for (const Standing& standing : standings_in(scenario.name, root)) {
      const Tried* tried = tried_as(tries, standing.release);
      if (tried == nullptr || standing.stands() == (tried->happened > 0)) continue;
      text +=
          "| " + scenario.name + " | " + tried->release + " | " + cell_of(standing) + " | " + tried->verdict + " |\n";
    }
  }
  return text;
}

std::string row_of(const Scenario& scenario, const std::filesystem::path& root) {
  const std::string steps = scenario.expect->trace_length ? std::to_string(*scenario.expect->trace_length) : "-";
  return "| [" + scenario.name + "](../" + scenario.path + ") | " + scenario.question + " | " +
         scenario.finding->needs + " | " +
         std::string(kLikelihoodWords[static_cast<std::size_t>(scenario.finding->likelihood)]) + " | " +
         threads_text(scenario) + " | " + steps + " | " + held_by_text(scenario) + " | " +
         releases_text(scenario, root) + " | " + executed_text(scenario, root) + " |\n";
}

}  // namespace

mc::Result<std::vector<Scenario>> judged_scenarios(const std::filesystem::path& root, std::span<const Property> known) {
  std::vector<std::filesystem::path> files;
  std::error_code ignored;
  for (std::filesystem::recursive_directory_iterator next(root / "specs/scenarios", ignored), end; next != end;
       next.increment(ignored)) {
    if (next->path().extension() == ".toml") files.push_back(next->path());
  }
  std::vector<Scenario> judged;
  for (const std::filesystem::path& file : files) {
    mc::Result<Scenario> scenario = load_scenario(file, known);
    if (!scenario.ok()) return scenario.error();
    if (!scenario.value().finding) continue;
    scenario.value().path = file.lexically_relative(root).generic_string();
    judged.push_back(std::move(scenario.value()));
  }
  std::sort(judged.begin(), judged.end(), [](const Scenario& a, const Scenario& b) {
    return std::tuple(a.finding->status, a.name) < std::tuple(b.finding->status, b.name);
  });
  return judged;
}

std::vector<mc::OpenViolation> known_violations(const std::vector<Scenario>& judged,
                                                const std::filesystem::path& root) {
  std::vector<mc::OpenViolation> known;
  for (const Scenario& scenario : judged) {
    std::vector<std::string> held_by;
    for (const Safeguard safeguard : scenario.held_by) held_by.emplace_back(id_of(safeguard));
    known.push_back({scenario.name, std::string(words_of(scenario).heading), threads_text(scenario),
                     scenario.finding->needs, tries_text(scenario, root), scenario.path, scenario.question,
                     scenario.expect ? scenario.expect->property.value_or("") : std::string(), std::move(held_by)});
  }
  return known;
}

std::vector<mc::OpenViolation> open_violations(const std::vector<Scenario>& judged, const std::filesystem::path& root) {
  std::vector<Scenario> open;
  std::ranges::copy_if(judged, std::back_inserter(open), [](const Scenario& scenario) {
    const FindingStatus status = scenario.finding->status;
    return status == FindingStatus::kPinned || status == FindingStatus::kConditional;
  });
  return known_violations(open, root);
}

std::string findings_table(const std::vector<Scenario>& scenarios, const std::string& revision,
                           const std::filesystem::path& root) {
  const auto happened = std::count_if(scenarios.begin(), scenarios.end(), [&root](const Scenario& scenario) {
    const std::vector<Tried> tries = tried_in(scenario.name, root);
    return std::any_of(tries.begin(), tries.end(), [](const Tried& tried) { return tried.happened > 0; });
  });
  std::string text =
      "<!-- written by: raymc list findings -->\n\n# What the checker found in Ray\n\nRay at revision " + revision +
      ". Findings: " + std::to_string(scenarios.size()) + ", of which " + std::to_string(happened) +
      " were made to happen in an unmodified Ray\n([executed.tsv](executed.tsv), `./raymc ray "
      "conduct`). Each name leads to its scenario: `./raymc check FILE` gives the steps. \"Holds with\" "
      "names the proposed\nfixes with which every property of the scenario holds. \"Releases\" are those in which "
      "the model finds it ([releases.tsv](releases.tsv)): bold where it happened in an unmodified Ray of that release, "
      "struck out where it did not.\nQuestions to which the "
      "answer is not a violation are in [questions.md](questions.md).\n";
  std::size_t next = 0;
  for (std::size_t status = 0; status < kFindingStatuses; ++status) {
    if (next == scenarios.size() || static_cast<std::size_t>(scenarios[next].finding->status) != status) continue;
    text += "\n## " + std::string(kStatusWords[status].heading) + "\n\n" + std::string(kStatusWords[status].meaning) +
            "\n\n| finding | question | what it takes | how often | thread | steps | holds with | releases | in an "
            "unmodified "
            "Ray |\n|---|---|---|---|---|---|---|---|---|\n";
    for (; next < scenarios.size() && static_cast<std::size_t>(scenarios[next].finding->status) == status; ++next) {
      text += row_of(scenarios[next], root);
    }
  }
  if (const std::string differences = differences_text(scenarios, root); !differences.empty()) {
    text +=
        "\n## Where the model and a release differ\n\nWhy: [differences.md](differences.md).\n\n"
        "| finding | release | the model | that Ray |\n|---|---|---|---|\n" +
        differences;
  }
  return text;
}

}  // namespace raymc
