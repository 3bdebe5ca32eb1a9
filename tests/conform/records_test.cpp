// The kept records of real sessions: each is explained; what is not like them is refused; logs contradict a Ray that
// lacks a safeguard which they show.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <set>

#include "model/log/kind.hpp"
#include "model/safeguards.hpp"
#include "tests/conform/conformed.hpp"

namespace raymc::test {
namespace {

/// Small records that end at rest, so that every line counts.
std::vector<mc::RecordFile> small_records(std::size_t most) {
  std::vector<mc::RecordFile> small;
  for (const auto& path : kept_records()) {
    mc::RecordFile record = read_record(path);
    const bool rests = record.end && !record.lines.empty() && *record.end - record.lines.back().t >= 1'000;
    if (rests && record.lines.size() <= 90 && small.size() < most) small.push_back(std::move(record));
  }
  return small;
}

bool counts(const mc::RecordLine& line) {
  for (const LogKindRow& row : log_kind_table()) {
    if (row.id == line.kind) return row.presence == mc::Presence::kRequired;
  }
  return false;
}

TEST(Records, EveryKeptRecordIsExplained) {
  const auto paths = kept_records();
  ASSERT_GE(paths.size(), 20U);
  for (const auto& path : paths) {
    const Conformed result = conform(read_record(path));
    EXPECT_EQ(result.verdict, mc::Explained::kYes)
        << path.filename() << ": " << result.read << " of " << result.events << " events, " << result.nodes << " nodes "
        << result.reason;
  }
}

TEST(Records, KeptRecordsAreRedacted) {
  for (const auto& path : kept_records()) {
    const mc::RecordFile record = read_record(path);
    EXPECT_TRUE(record.redacted) << path;
    for (const mc::RecordLine& line : record.lines) {
      EXPECT_TRUE(line.text.empty()) << path;
      for (const auto& [key, value] : line.ids) EXPECT_LT(value.size(), 40U) << path << " " << key;
    }
  }
}

TEST(Records, ADroppedLineIsRefused) {
  std::size_t tried = 0;
  std::size_t refused = 0;
  std::map<std::string, int> accepted;
  for (const mc::RecordFile& record : small_records(6)) {
    for (std::size_t i = 0; i < record.lines.size(); ++i) {
      if (!counts(record.lines[i])) continue;
      mc::RecordFile mutant = record;
      mutant.lines.erase(mutant.lines.begin() + static_cast<std::ptrdiff_t>(i));
      ++tried;
      const bool no = conform(mutant, {}, 20'000).verdict != mc::Explained::kYes;
      refused += no ? 1 : 0;
      if (!no) ++accepted[record.lines[i].kind];
    }
  }
  for (const auto& [kind, count] : accepted) std::cout << "accepted without " << kind << ": " << count << "\n";
  ASSERT_GT(tried, 100U);
  EXPECT_GE(refused * 100, tried * 95) << refused << " of " << tried;
}

TEST(Records, ADoubledLineIsRefused) {
  std::size_t tried = 0;
  std::size_t refused = 0;
  std::map<std::string, int> accepted;
  for (const mc::RecordFile& record : small_records(6)) {
    for (std::size_t i = 0; i < record.lines.size(); ++i) {
      if (!counts(record.lines[i])) continue;
      mc::RecordFile mutant = record;
      mutant.lines.insert(mutant.lines.begin() + static_cast<std::ptrdiff_t>(i), record.lines[i]);
      ++tried;
      const bool no = conform(mutant, {}, 20'000).verdict != mc::Explained::kYes;
      refused += no ? 1 : 0;
      if (!no) ++accepted[record.lines[i].kind];
    }
  }
  for (const auto& [kind, count] : accepted) std::cout << "accepted twice " << kind << ": " << count << "\n";
  ASSERT_GT(tried, 100U);
  EXPECT_GE(refused * 100, tried * 99) << refused << " of " << tried;
}

TEST(Records, AWrongIdIsRefused) {
  std::size_t tried = 0;
  std::size_t refused = 0;
  std::map<std::string, int> accepted;
  for (const mc::RecordFile& record : small_records(6)) {
    std::map<std::string, std::set<std::string>> known;
    for (const mc::RecordLine& line : record.lines) {
      for (const auto& [key, value] : line.ids) known[key == "target" ? "node" : key].insert(value);
    }
    for (std::size_t i = 0; i < record.lines.size(); ++i) {
      for (std::size_t k = 0; k < record.lines[i].ids.size(); ++k) {
        const auto& [key, value] = record.lines[i].ids[k];
        if (key == "how" || key == "call" || !counts(record.lines[i])) continue;
        const auto& others = known[key == "target" ? "node" : key];
        const auto other = std::find_if(others.begin(), others.end(), [&v = value](const auto& id) { return id != v; });
        if (other == others.end()) continue;
        mc::RecordFile mutant = record;
        mutant.lines[i].ids[k].second = *other;
        ++tried;
        const bool no = conform(mutant, {}, 20'000).verdict != mc::Explained::kYes;
        refused += no ? 1 : 0;
        if (!no) ++accepted[record.lines[i].kind + "." + key];
      }
    }
  }
  for (const auto& [kind, count] : accepted) std::cout << "accepted with another id " << kind << ": " << count << "\n";
  ASSERT_GT(tried, 100U);
  EXPECT_GE(refused * 100, tried * 99) << refused << " of " << tried;
}

/// Safeguards that some kept record contradicts when they are switched the other way.
TEST(Records, LogsShowSafeguards) {
  std::vector<mc::RecordFile> records;
  for (const auto& path : kept_records()) {
    mc::RecordFile record = read_record(path);
    if (record.lines.size() <= 150) records.push_back(std::move(record));
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  std::string contradicted;
  std::size_t count = 0;
  for (const SafeguardRow& row : safeguard_table()) {
    for (const mc::RecordFile& record : records) {
      if (std::chrono::steady_clock::now() > until) break;
      if (conform(record, {{row.safeguard, !row.pinned}}, 20'000).verdict != mc::Explained::kNo) continue;
      contradicted += std::string(row.id) + (row.pinned ? " (off)" : " (on)") + "\n";
      ++count;
      break;
    }
  }
  std::cout << count << " safeguards are shown by the records:\n" << contradicted;
  EXPECT_GE(count, 9U);
}

}  // namespace
}  // namespace raymc::test
