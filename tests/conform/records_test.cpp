// The kept records of real sessions: each is explained, and they contradict a Ray that lacks a safeguard which they
// show.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "model/safeguards.hpp"
#include "tests/conform/conformed.hpp"
#include "tests/support/places.hpp"

namespace raymc::test {
namespace {

TEST(Records, EveryKeptRecordIsExplained) {
  const auto paths = kept_records();
  ASSERT_GE(paths.size(), 20U);
  for (const auto& path : paths) {
    const Conformed result = conform(read_record(path));
    EXPECT_EQ(result.verdict, mc::Explained::kYes) << path.filename() << ": " << result.read << " of " << result.events
                                                   << " events, " << result.nodes << " nodes " << result.reason;
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

TEST(Records, TenThousandEventsTakeLessThanAMinute) {
  // An owner that repeats a cancellation (#65420) writes logs of any length.
  mc::RecordFile record = read_record(std::filesystem::path(support::source_dir()) /
                                      "tests/ray/records/cancellation_is_repeated_for_ever.jsonl");
  const auto last = std::find_if(record.lines.rbegin(), record.lines.rend(),
                                 [](const mc::RecordLine& line) { return line.kind == "cancel_request"; });
  ASSERT_NE(last, record.lines.rend());
  const mc::RecordLine repeated = *last;
  record.lines.insert(last.base(), 10'000, repeated);
  const auto start = std::chrono::steady_clock::now();
  const Conformed result = conform(record);
  EXPECT_EQ(result.verdict, mc::Explained::kYes)
      << result.read << " of " << result.events << " events " << result.reason;
  EXPECT_GT(result.events, 10'000U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::minutes(1));
}

/// The first kept record that contradicts a Ray in which the safeguard is switched the other way.
std::string contradicted_by(const SafeguardRow& row, const std::map<std::string, mc::RecordFile>& records,
                            std::size_t nodes_max) {
  for (const auto& [name, record] : records) {
    if (conform(record, {{row.safeguard, !row.history.pinned}}, nodes_max).verdict == mc::Explained::kNo) return name;
  }
  return "-";
}

/// A safeguard that is switched, and the record that has no explanation then; "-": none is known.
struct Flip {
  std::string switched;
  std::string record;
};

/// By safeguard.
std::map<std::string, Flip> read_flips(const std::filesystem::path& golden) {
  std::map<std::string, Flip> flips;
  std::ifstream in(golden);
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::string id;
    Flip flip;
    if (!line.starts_with("#") && (fields >> id >> flip.switched >> flip.record)) flips[id] = flip;
  }
  flips.erase("safeguard");  // the head of the table
  return flips;
}

TEST(Records, ContradictFlippedSafeguards) {
  constexpr std::size_t kNodesMax = 300'000;
  std::map<std::string, mc::RecordFile> records;
  for (const auto& path : kept_records()) records.emplace(path.stem().string(), read_record(path));
  const std::filesystem::path golden = std::filesystem::path(support::source_dir()) / "tests/conform/golden/flips.tsv";
  if (const char* approve = std::getenv("RAYMC_APPROVE"); approve != nullptr && *approve == '1') {
    std::ofstream out(golden);
    out << "# Which kept record shows that Ray has a safeguard, or has it not: the record has no explanation when the "
           "safeguard is\n# switched the other way. Approve a change with RAYMC_APPROVE=1.\nsafeguard\tswitched\t"
           "contradicted by\n";
    for (const SafeguardRow& row : safeguard_table()) {
      out << row.id << (row.history.pinned ? "\toff\t" : "\ton\t") << contradicted_by(row, records, kNodesMax) << "\n";
    }
  }
  const std::map<std::string, Flip> flips = read_flips(golden);
  EXPECT_EQ(flips.size(), safeguard_table().size()) << "approve the table";
  std::size_t contradicted = 0;
  for (const SafeguardRow& row : safeguard_table()) {
    const auto kept = flips.find(std::string(row.id));
    ASSERT_NE(kept, flips.end()) << row.id << " is new: approve the table";
    EXPECT_EQ(kept->second.switched, row.history.pinned ? "off" : "on") << row.id;
    const std::string& record = kept->second.record;
    if (record == "-") {
      // A whole search takes minutes; what a short one finds may not be missing.
      EXPECT_EQ(contradicted_by(row, records, 2'000), "-") << row.id;
      continue;
    }
    ++contradicted;
    ASSERT_TRUE(records.contains(record)) << row.id << ": " << record;
    const Conformed flipped = conform(records.at(record), {{row.safeguard, !row.history.pinned}}, kNodesMax);
    EXPECT_EQ(flipped.verdict, mc::Explained::kNo) << row.id << " in " << record << " " << flipped.reason;
  }
  EXPECT_GE(contradicted, 25U);
}

}  // namespace
}  // namespace raymc::test
