// The tables of log texts: they are whole, and rows and tables speak of the same kinds.
#include "specs/logs/texts.hpp"

#include <gtest/gtest.h>

#include <set>

#include "model/rows.hpp"
#include "tests/support/places.hpp"

namespace raymc {
namespace {

std::vector<LogTable> tables() {
  mc::Result<std::vector<LogTable>> loaded =
      load_log_tables(std::filesystem::path(support::source_dir()) / "specs/ray_logs");
  EXPECT_TRUE(loaded.ok()) << (loaded.ok() ? "" : loaded.error().text());
  return loaded.ok() ? loaded.value() : std::vector<LogTable>{};
}

std::set<LogKind> kinds_of_rows() {
  std::set<LogKind> kinds;
  for (const Transition* row : all_transitions()) {
    for (const LogLine& line : row->logs.lines) {
      if (line.kind != LogKind::kNone) kinds.insert(line.kind);
    }
  }
  return kinds;
}

TEST(LogTexts, TablesOfTwoReleasesAreThere) {
  std::set<std::string> releases;
  for (const LogTable& table : tables()) releases.insert(table.release());
  EXPECT_TRUE(releases.contains("2.55"));
  EXPECT_TRUE(releases.contains("2.60"));
}

TEST(LogTexts, EveryKindThatARowWritesHasATextInEveryRelease) {
  for (const LogTable& table : tables()) {
    std::set<LogKind> told;
    for (const LogEntry& entry : table.entries()) told.insert(entry.kind);
    told.insert(LogKind::kRayletErased);  // the line of subscriber_erased, where a wire tells whose it is
    for (const LogKind kind : kinds_of_rows()) {
      EXPECT_TRUE(told.contains(kind)) << table.release() << " has no text for "
                                       << log_kind_table()[static_cast<std::size_t>(kind)].id;
    }
  }
}

TEST(LogTexts, EveryKindWithATextIsWrittenByARow) {
  const std::set<LogKind> written = kinds_of_rows();
  for (const LogKindRow& row : log_kind_table()) {
    if (row.kind == LogKind::kNone || row.stream == LogStream::kWire) continue;
    EXPECT_TRUE(written.contains(row.kind)) << row.id;
  }
}

TEST(LogTexts, ATextIsReadToItsLastCharacter) {
  const mc::Result<LogText> text = LogText::parse("Pushing task {task} to worker {worker} of raylet {*where}");
  ASSERT_TRUE(text.ok());
  LogText::Found found;
  EXPECT_TRUE(text.value().read("Pushing task c8ef45cc to worker 745c8fae of raylet n1", found));
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].second, "c8ef45cc");
  EXPECT_EQ(found[2].second, "n1");
  EXPECT_FALSE(text.value().read("Pushing task c8ef45cc at worker 745c8fae of raylet n1", found));
  EXPECT_TRUE(text.value().begins("Pushing task c8ef45cc at worker"));
  const mc::Result<LogText> exact = LogText::parse("Completing task {task}");
  EXPECT_FALSE(exact.value().read("Completing task c8ef45cc again", found));
}

TEST(LogTexts, BracesAroundAHoleStandForThemselves) {
  const mc::Result<LogText> text = LogText::parse("Resources: {{*resources}}, end");
  ASSERT_TRUE(text.ok());
  LogText::Found found;
  ASSERT_TRUE(text.value().read("Resources: {CPU: 1, }, end", found));
  EXPECT_EQ(found[0].second, "CPU: 1, ");
}

TEST(LogTexts, WrongHolesAreRefused) {
  EXPECT_FALSE(LogText::parse("a {colour} b").ok());
  EXPECT_FALSE(LogText::parse("a {task").ok());
  EXPECT_FALSE(LogText::parse("a {task}{lease}").ok());
}

}  // namespace
}  // namespace raymc
