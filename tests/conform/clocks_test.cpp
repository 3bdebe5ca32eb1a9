// A clock that is wrong changes nothing: neither what is drawn from a record nor whether that explains it.
#include "specs/logs/clocks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>

#include "tests/conform/conformed.hpp"
#include "tests/support/places.hpp"

namespace raymc::test {
namespace {

/// The record as it would have been read if the clock of a process were ahead.
mc::RecordFile shifted(mc::RecordFile record, const std::string& process, std::int64_t by, bool leaves) {
  for (mc::RecordLine& line : record.lines) {
    if (process_of(line) != process) continue;
    line.t += by;
    if (line.at) *line.at += by;
  }
  if (leaves && record.end) *record.end += by;
  std::ranges::stable_sort(record.lines, {}, &mc::RecordLine::t);
  return record;
}

/// The driver whose leaving ends the record: there is one, or its last line is nearest to the end.
std::string leaver_of(const mc::RecordFile& record) {
  std::string leaver;
  std::int64_t latest = -1;
  for (const mc::RecordLine& line : record.lines) {
    if (!line.stream.starts_with("owner.") || line.t < latest) continue;
    latest = line.t;
    leaver = process_of(line);
  }
  return leaver;
}

TEST(Clocks, OfKeptRecordsAreRight) {
  for (const auto& path : kept_records()) {
    const ClockErrors errors = clock_errors(read_record(path).lines);
    EXPECT_TRUE(errors.empty()) << path << " " << errors.begin()->first << " " << errors.begin()->second;
  }
}

/// Every process of the records in turn has a clock that is so much wrong.
void expect_nothing_changes(const std::set<std::string>& some, std::int64_t wrong, std::size_t at_least) {
  const bool all = std::getenv("RAYMC_ALL_MUTANTS") != nullptr;
  std::size_t tried = 0;
  for (const auto& path : kept_records()) {
    if (!all && !some.contains(path.stem().string())) continue;
    const mc::RecordFile record = read_record(path);
    const Conformed as_it_is = conform(record);
    std::set<std::string> processes;
    for (const mc::RecordLine& line : record.lines) processes.insert(process_of(line));
    for (const std::string& process : processes) {
      for (const std::int64_t by : {wrong, -wrong}) {
        const Conformed result = conform(shifted(record, process, by, process == leaver_of(record)));
        EXPECT_EQ(result.verdict, as_it_is.verdict)
            << path.stem() << " " << process << " " << by << " " << result.reason;
        EXPECT_EQ(result.scenario, as_it_is.scenario) << path.stem() << " " << process << " " << by;
        ++tried;
      }
    }
  }
  EXPECT_GE(tried, at_least);
}

TEST(Clocks, ThatAreAnHourWrongChangeNothing) {
  expect_nothing_changes({"one_task", "raylet_is_killed", "raylet_is_stopped_for_a_while", "two_drivers",
                          "stopped_raylet_is_declared_dead", "nested_owner_is_killed", "node_joins_late",
                          "drain_reschedules_what_waits", "wired_two_bursts", "wired_worker_is_terminated"},
                         3'600'000, 60);
}

TEST(Clocks, ThatAreWrongByAnyTimeChangeNothing) {
  expect_nothing_changes({"one_task", "raylet_is_killed", "two_drivers", "wired_two_bursts"}, 1'234'567, 20);
}

}  // namespace
}  // namespace raymc::test
