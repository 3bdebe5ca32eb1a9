// The table of rows as a table: ids, sentences, sources and origins, without running anything for long.
#include "model/rows.hpp"

#include <gtest/gtest.h>
#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/describe.hpp"
#include "model/ray_model.hpp"
#include "model/row_index.hpp"
#include "model/safeguards.hpp"
#include "model/strike.hpp"
#include "tests/model/clusters.hpp"
#include "tests/model/reachable.hpp"
#include "tests/support/places.hpp"

namespace raymc {
namespace {

/// The dossier's numbers of all rows, in any order. A number is never given to another row; "-" is none. A number
/// stands as often as there are rows for its parts.
constexpr std::string_view kNumbers[] = {
    "O1 O2 O4 O5 O8 O9 O12 O15 O16 O17 O18 O19 O21 O22 O24",
    "S2 S3 S4 S5 S6 S8 S9 S10 S11 S12 S13 S14 S15 S16 S17 S18 S19",
    "R1 R2 R3 R4 R5 R6 R7 R8 R10 R14 R15 R16 R20 R21 R22 R23 R28 R29 R30 R31 R32",
    "R33 R34 R34b R35 R38 R40 R41 R42 R43 R44 R48 R49 R51 R51 R52 R53 R54 R55",
    "W1 W3 W5 W7 W8 W10 W10 W11 W11 W11 W12 W12 W15",
    "V1 V2 V3 V4 V5 V6 V6 V6",
    "R36 R37 R37 W13 W14 W14",
    "G1 G1 G1 G2 G3 G4 G4 G5 G6 G7 G8 G12 G13 G14 G15 G16 G19 G19",
    "N1 N2 N3 N4 N5 N6 -",
    "W16 W16 W16 W16 W16 W16 W16 W16",
    "O13 O24 S7 R9 R17 R18 R45 R45 R45 R46 R47 G10 G11 F14 F14 F15",
    "- F11 F12 F19 F1b F1b F5 N5 R2 R33 R55 R55",
    "O6 W8 O25 O25 W6 W6 W9 W12 W12 W12",
    "R21 W12 W12",
    "O2 O2 O3 O3 O3 O3 O4 O20 O23 R11 R12 R13 R19 W8 W8 W12 W16",
    "B9 B18 B18 B18 B19 B19 B20 B21 B24 B24 B26 B27 B28 B28 B29",
    "G5 G12 G12 G12 F8 G16 G16 G17 G19 G19 R44 R44 R51 R55",
    "R39 O7 O14",
    "W4 W4",
    "G18 G18 F13",
    "R24 R25 R26 W2 W2 W2",
    "G9 G9 R24 R24 R27 R50 R50 R50 W16",
    "F1 F3 F4 F7 F8 F9 F10",
    "O22 R2 R4 R52 R52 R52 R52 W7 W7 W15 W15 W15 W15 W15 W15",
};

/// The components that may hold a row of a section; a handler of one section may run in another's process.
const std::map<char, std::set<std::string>> kFolders{
    {'O', {"owner"}},
    {'B', {"object"}},  // section 8.1 of the dossier of objects, which writes O
    {'S', {"owner"}},
    {'R', {"raylet", "scheduler", "gcs"}},
    {'W', {"worker", "raylet"}},
    {'V', {"scheduler", "gcs"}},
    {'G', {"gcs", "raylet"}},
    {'N', {"rpc"}},
    {'F', {"fault"}},
};

std::vector<std::string> words(std::string_view text) {
  std::istringstream in{std::string(text)};
  return {std::istream_iterator<std::string>(in), std::istream_iterator<std::string>()};
}

/// What stands between the dots of an id.
std::vector<std::string> parts_of(const std::string& id) {
  std::vector<std::string> parts;
  std::istringstream in(id);
  for (std::string part; std::getline(in, part, '.');) parts.push_back(part);
  return parts;
}

std::filesystem::path source_root() {
  return raymc::support::source_dir();
}

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

toml::table lock_table() {
  return toml::parse_file((source_root() / "model/sources.toml").string());
}

/// A citation of the lock, model/sources.toml.
struct Cite {
  std::string path;
  std::string symbol;             ///< with its classes
  std::vector<std::string> also;  ///< rows and safeguards that it decides besides
};

std::vector<Cite> lock_cites(const toml::table& root) {
  std::vector<Cite> cites;
  for (const toml::node& file : *root["file"].as_array()) {
    for (const toml::node& node : *(*file.as_table())["cites"].as_array()) {
      const toml::table& table = *node.as_table();
      Cite cite{*(*file.as_table())["path"].value<std::string>(), *table["symbol"].value<std::string>(), {}};
      if (const toml::array* also = table["also"].as_array()) {
        for (const toml::node& id : *also) cite.also.push_back(*id.value<std::string>());
      }
      cites.push_back(std::move(cite));
    }
  }
  return cites;
}

/// What a source means: the symbol itself, or the only one that is it but for classes.
std::vector<const Cite*> meant_by(const Source& source, const std::vector<Cite>& cites) {
  std::vector<const Cite*> found;
  for (const Cite& cite : cites) {
    if (cite.path != source.file) continue;
    if (cite.symbol == source.symbol) return {&cite};
    if (cite.symbol.ends_with("::" + std::string(source.symbol))) found.push_back(&cite);
  }
  return found;
}

TEST(Rows, StandInTheirPlaceOfTheTable) {
  const auto rows = all_transitions();
  ASSERT_EQ(rows.size(), kRowCount);
  const std::vector<std::string_view> rules = RayModel(clusters::cluster(1, 1)).rules();
  ASSERT_EQ(rules.size(), rows.size() + all_strikes().size());
  ASSERT_LE(rules.size(), mc::kRulesMax);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(rows[i]->row), i) << rows[i]->id;
    const bool can_fire = rows[i]->feature == Feature::kCore && !rows[i]->fault;
    EXPECT_EQ(rules[i], can_fire ? rows[i]->id : "");
  }
  for (std::size_t i = rows.size(); i < rules.size(); ++i)
    EXPECT_EQ(rules[i], "") << "without a fault there is no strike";
}

TEST(Rows, HaveIdsOfComponentNumberAndWords) {
  std::set<std::string> ids;
  std::multiset<std::string> found;
  for (const Transition* row : all_transitions()) {
    const std::string id(row->id);
    EXPECT_TRUE(ids.insert(id).second) << id << " names two rows";
    const std::vector<std::string> parts = parts_of(id);
    ASSERT_TRUE(parts.size() == 2 || parts.size() == 3) << id;
    const std::string number = parts.size() == 3 ? parts[1] : "-";
    found.insert(number);
    EXPECT_EQ(parts.back().find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos) << id;
    const std::string& component = parts.front();
    if (number == "-") {
      EXPECT_EQ(component, "rpc") << id;
    } else {
      EXPECT_EQ(kFolders.at(number[0]).count(component), 1U) << id;
    }
  }
  std::multiset<std::string> expected;
  for (const std::string_view line : kNumbers) {
    for (const std::string& number : words(line)) expected.insert(number);
  }
  EXPECT_EQ(found, expected) << "a new row needs its number in kNumbers";
}

TEST(Rows, HaveASentence) {
  std::set<std::string_view> sentences;
  for (const Transition* row : all_transitions()) {
    EXPECT_GE(words(row->doc).size(), 4U) << row->id;
    EXPECT_EQ(row->doc.find('\n'), std::string_view::npos) << row->id;
    EXPECT_NE(row->doc.back(), '.') << row->id << ": a trace goes on after the sentence";
    EXPECT_TRUE(sentences.insert(row->doc).second) << row->id << " says what another row says";
  }
}

TEST(Rows, CiteWhatTheLockHolds) {
  const std::vector<Cite> cites = lock_cites(lock_table());
  EXPECT_GT(cites.size(), 100U);
  for (const Transition* row : all_transitions()) {
    ASSERT_FALSE(row->source.symbol.empty()) << row->id;
    if (row->source.file.empty()) {
      EXPECT_EQ(row->origin, Origin::kEnvironment) << row->id << " is no event of the operating system";
      EXPECT_TRUE(row->source.symbol.starts_with("SIG")) << row->id;
      continue;
    }
    EXPECT_EQ(meant_by(row->source, cites).size(), 1U)
        << row->id << " cites " << row->source.file << ": " << row->source.symbol << ", and the lock does not hold it"
        << " once: read it, and note that with ./raymc drift RAY_TREE --accept " << row->id << " --reader NAME";
  }
}

TEST(Safeguards, CiteWhatTheLockHolds) {
  const std::vector<Cite> cites = lock_cites(lock_table());
  for (const SafeguardRow& row : safeguard_table()) {
    EXPECT_EQ(meant_by(row.source, cites).size(), 1U)
        << row.id << " cites " << row.source.file << ": " << row.source.symbol << ", and the lock does not hold it"
        << " once: read it, and note that with ./raymc drift RAY_TREE --accept " << row.id << " --reader NAME";
  }
}

TEST(Lock, HoldsNothingThatIsNotCited) {
  const std::vector<Cite> cites = lock_cites(lock_table());
  std::set<const Cite*> cited;
  std::set<std::string> known;
  for (const Transition* row : all_transitions()) {
    known.emplace(row->id);
    for (const Cite* cite : meant_by(row->source, cites)) cited.insert(cite);
  }
  for (const SafeguardRow& row : safeguard_table()) {
    known.emplace(row.id);
    for (const Cite* cite : meant_by(row.source, cites)) cited.insert(cite);
  }
  for (const Cite& cite : cites) {
    EXPECT_TRUE(cited.contains(&cite) || !cite.also.empty()) << cite.path << ": " << cite.symbol;
    for (const std::string& id : cite.also) EXPECT_TRUE(known.contains(id)) << cite.symbol << " decides " << id;
  }
}

TEST(Lock, PinsOneRevision) {
  const toml::table root = lock_table();
  EXPECT_EQ(root["schema"].value_or(0), 2);
  const std::string revision = root["revision"].value_or(std::string());
  EXPECT_EQ(revision.size(), 40U);
  EXPECT_EQ(revision.find_first_not_of("0123456789abcdef"), std::string::npos);
  std::vector<std::string> places;
  for (const Cite& cite : lock_cites(root)) places.push_back(cite.path + '\0' + cite.symbol);
  EXPECT_TRUE(std::is_sorted(places.begin(), places.end()));
  EXPECT_EQ(std::adjacent_find(places.begin(), places.end()), places.end());
}

TEST(Rows, AreTheEnvironmentsExactlyWhereTheirComponentSaysSo) {
  for (const Transition* row : all_transitions()) {
    if (row->origin == Origin::kEnvironment) {
      EXPECT_TRUE(row->component == Component::kEnvironment || row->component == Component::kUserProgram) << row->id;
      EXPECT_NE(row->trigger.moment, Moment::kInside) << row->id;
      EXPECT_NE(row->guard, nullptr) << row->id << " asks no budget";
    } else {
      EXPECT_NE(row->component, Component::kEnvironment) << row->id;
    }
  }
}

// N1, N5 and N6 happen inside model/network.cpp, and G14 inside R44: they have a name, but nothing to do themselves.
TEST(Rows, HaveAnEffectUnlessTheyMarkAMoment) {
  const std::set<Row> marks{Row::kG14, Row::kN1, Row::kN5, Row::kN6};
  for (const Transition* row : all_transitions()) {
    EXPECT_EQ(row->effect == nullptr, marks.count(row->row) == 1) << row->id;
    EXPECT_TRUE(row->effect != nullptr || row->trigger.moment == Moment::kInside) << row->id;
  }
}

// Where a guard is asked, a guard is written: a row's own, for another row that it stands for. `perform_if` does the
// rest.
TEST(Rows, DoNotAskAGuardInAnEffect) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source_root() / "model")) {
    if (entry.path().extension() != ".cpp" || entry.path().filename() == "ray_model.cpp") continue;
    const std::string text = text_of(entry.path());
    for (std::size_t at = text.find(".guard("); at != std::string::npos; at = text.find(".guard(", at + 1)) {
      const std::size_t guard = text.rfind(".guard =", at);
      const std::size_t effect = text.rfind(".effect =", at);
      ASSERT_NE(guard, std::string::npos) << entry.path();
      EXPECT_TRUE(effect == std::string::npos || guard > effect) << entry.path();
    }
  }
}

std::uint32_t left_in(const Budget& budget) {
  std::uint32_t sum = 0;
  for (const std::uint8_t left : budget.left) sum += left;
  return sum;
}

std::vector<std::string> enabled_names(const RayModel& model, const State& state, bool environment) {
  std::vector<Action> actions;
  model.enabled(state, actions);
  std::vector<std::string> names;
  for (const Action& action : actions) {
    if (model.is_environment(action) == environment) names.push_back(model.name(action));
  }
  return names;
}

class BudgetTest : public testing::TestWithParam<clusters::Cluster> {};

TEST_P(BudgetTest, LimitsTheEnvironmentAndNobodyElse) {
  const RayModel model(GetParam().config);
  visit_some(model, 400, [&](const State& state, const std::vector<Action>& actions) {
    State without_faults = state;
    without_faults.budget = Budget{};
    EXPECT_EQ(enabled_names(model, without_faults, true), std::vector<std::string>{});
    EXPECT_EQ(enabled_names(model, without_faults, false), enabled_names(model, state, false));
    for (const Action& action : actions) {
      const auto next = apply_if_it_fits(model, state, action);
      if (!next) continue;
      const std::uint32_t spent = left_in(state.budget) - left_in(next->budget);
      EXPECT_EQ(spent, model.is_environment(action) ? 1U : 0U) << model.name(action);
    }
  });
}

/// The rows of `moment` that `asked` leaves out and that could fire all the same.
std::string wrongly_left_out(const RowIndex& index, Moment moment, const RowIndex::Rows& asked, const View& view,
                             Action base) {
  for (const Transition* row : index.rows(moment)) {
    if (std::find(asked.begin(), asked.end(), row) != asked.end()) continue;
    base.row = row->row;
    std::vector<Action> bound;
    if (row->bindings != nullptr) row->bindings(view, base, bound);
    if (row->bindings == nullptr) bound.push_back(base);
    const bool fires = std::any_of(bound.begin(), bound.end(),
                                   [&](const Action& a) { return row->guard == nullptr || row->guard(view, a); });
    if (fires) return std::string(row->id);
  }
  return {};
}

// What makes `enabled` fast must not make it forget.
TEST_P(BudgetTest, RowsThatThingsAtRestAreNotAskedWouldRefuse) {
  const RayModel model(GetParam().config);
  const RowIndex index(model.config());
  visit_some(model, 400, [&](const State& state, const std::vector<Action>&) {
    const View view{model.config(), state};
    for (std::uint8_t t = 0; t < model.config().tasks(); ++t) {
      Action base;
      base.task = TaskId{t};
      base.owner = model.config().shape.tasks[t].owner;
      EXPECT_EQ(wrongly_left_out(index, Moment::kTask, index.of_task(state.tasks[t]), view, base), "");
    }
    for (std::uint8_t w = 0; w < model.config().workers(); ++w) {
      if (state.workers[w] == Worker{}) continue;
      Action base;
      base.worker = WorkerId{w};
      base.node = model.config().node_of(base.worker);
      base.lease = state.workers[w].lease;
      base.task = state.workers[w].task;
      EXPECT_EQ(wrongly_left_out(index, Moment::kWorker, index.of_worker(view, base.worker), view, base), "");
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Features, BudgetTest, testing::ValuesIn(clusters::all_features()),
                         [](const auto& cluster) { return cluster.param.name; });

}  // namespace
}  // namespace raymc
