// Which rules no session of an unmodified Ray has shown, by a line or a message of their own: tests/ray/unseen.tsv says
// why of each. The table is held to the registry and to the tables of what was witnessed.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "model/feature.hpp"
#include "model/rows.hpp"
#include "tests/support/places.hpp"

namespace raymc::test {
namespace {

std::filesystem::path root() {
  return support::source_dir();
}

std::vector<std::vector<std::string>> rows_of(const std::filesystem::path& table) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream in(table);
  EXPECT_TRUE(in) << table;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("#")) continue;
    std::vector<std::string> fields;
    std::istringstream text(line);
    for (std::string field; std::getline(text, field, '\t');) fields.push_back(field);
    rows.push_back(std::move(fields));
  }
  if (!rows.empty()) rows.erase(rows.begin());  // the head
  return rows;
}

std::set<std::string> seen_rules() {
  std::set<std::string> seen;
  for (const char* table : {"results/witnessed.tsv", "results/ray/witnessed.tsv", "results/ray/wire/witnessed.tsv",
                            "results/ray/conduct/witnessed.tsv"}) {
    for (const auto& row : rows_of(root() / table)) {
      EXPECT_EQ(row.size(), 4U) << table;
      if (row.size() == 4 && (row[1] != "0" || row[2] != "0")) seen.insert(row[0]);
    }
  }
  return seen;
}

TEST(Unseen, EveryRuleIsSeenOrHasAReason) {
  const std::set<std::string> seen = seen_rules();
  std::map<std::string, std::string> reasons;
  for (const auto& row : rows_of(root() / "tests/ray/unseen.tsv")) {
    ASSERT_EQ(row.size(), 3U) << "rule, whether it is core, why";
    EXPECT_TRUE(reasons.emplace(row[0], row[2]).second) << row[0] << " stands there twice";
    EXPECT_GE(row[2].size(), 15U) << row[0];
  }
  std::size_t core = 0;
  std::size_t core_seen = 0;
  for (const Transition* row : all_transitions()) {
    const std::string id(row->id);
    const bool is_seen = seen.contains(id);
    EXPECT_EQ(reasons.erase(id), is_seen ? 0U : 1U)
        << id << (is_seen ? " was seen, and stands in tests/ray/unseen.tsv" : " was not seen, and has no reason there");
    core += row->feature == Feature::kCore ? 1 : 0;
    core_seen += row->feature == Feature::kCore && is_seen ? 1 : 0;
  }
  for (const auto& [rule, why] : reasons) ADD_FAILURE() << rule << " is no rule";
  EXPECT_GE(seen.size(), 120U);
  std::cout << seen.size() << " of " << all_transitions().size() << " rules were seen, of " << core << " core rules "
            << core_seen << "\n";
}

TEST(Unseen, TheTableSaysWhichRulesAreCore) {
  std::map<std::string, bool> core;
  for (const Transition* row : all_transitions()) core[std::string(row->id)] = row->feature == Feature::kCore;
  bool others = false;
  for (const auto& row : rows_of(root() / "tests/ray/unseen.tsv")) {
    ASSERT_EQ(row.size(), 3U);
    EXPECT_EQ(row[1], core[row[0]] ? "core" : "-") << row[0];
    EXPECT_FALSE(others && row[1] == "core") << row[0] << ": core rules stand first";
    others = others || row[1] != "core";
  }
}

}  // namespace
}  // namespace raymc::test
