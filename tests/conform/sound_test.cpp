// Records that no reader of Ray's logs would have written are refused with the file and the line: ids that are missing
// or foreign, messages after the end of their process, facts and releases that are none.
#include "specs/logs/sound.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include "model/log/kind.hpp"
#include "tests/conform/conformed.hpp"
#include "tests/support/places.hpp"

namespace raymc::test {
namespace {

const std::vector<LogTable>& tables() {
  static const std::vector<LogTable> kTables =
      load_log_tables(std::filesystem::path(support::source_dir()) / "specs/ray_logs").value();
  return kTables;
}

std::string mistake_of(const mc::RecordFile& record, const std::string& release = {}) {
  const auto wrong = mistake_in(record, "run.jsonl", mc::LinesFrom::kRecordFile, release, tables());
  return wrong ? wrong->text() : "";
}

mc::RecordFile kept(const std::string& name) {
  return read_record(std::filesystem::path(support::source_dir()) / "tests/ray/records" / (name + ".jsonl"));
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Sound, KeptRecordsAre) {
  for (const auto& path : kept_records()) EXPECT_EQ(mistake_of(read_record(path)), "") << path;
}

/// Bits of keys that lines of the kind may lack, if no line of the record has them.
bool may_lack(const mc::RecordLine& line, const std::string& key) {
  for (const LogKindRow& row : log_kind_table()) {
    if (row.id != line.kind) continue;
    for (std::uint8_t i = 0; i < kLogIdCount; ++i) {
      if (name_of(LogId{i}) == key && ((row.lacks >> i) & 1U) != 0) return true;
    }
  }
  return false;
}

TEST(Sound, AnIdThatIsMissingIsNoWildcard) {
  for (const char* name : {"raylet_is_killed", "wired_two_bursts", "wired_lease_is_rejected", "two_drivers"}) {
    const mc::RecordFile record = kept(name);
    for (std::size_t i = 0; i < record.lines.size(); ++i) {
      for (std::size_t k = 0; k < record.lines[i].ids.size(); ++k) {
        const std::string key = record.lines[i].ids[k].first;
        // A stray message may be of anybody, and its result may be left out.
        const bool stray = record.lines[i].kind.starts_with("stray.");
        if (may_lack(record.lines[i], key) || (stray && key != "call")) continue;
        mc::RecordFile mutant = record;
        mutant.lines[i].ids.erase(mutant.lines[i].ids.begin() + static_cast<std::ptrdiff_t>(k));
        const std::string wrong = mistake_of(mutant);
        EXPECT_TRUE(says(wrong, "run.jsonl:" + std::to_string(i + 2) + ":")) << record.lines[i].kind << "." << key;
      }
    }
  }
}

TEST(Sound, AForeignIdIsRefused) {
  const mc::RecordFile record = kept("wired_two_bursts");
  std::set<std::string> kinds;
  for (std::size_t i = 0; i < record.lines.size(); ++i) {
    if (!kinds.insert(record.lines[i].kind).second) continue;
    for (std::uint8_t id = 0; id < kLogIdCount; ++id) {
      const std::string key(name_of(LogId{id}));
      const auto& ids = record.lines[i].ids;
      if (std::ranges::count(ids, key, &std::pair<std::string, std::string>::first) > 0) continue;
      // An answer to a call of the other results, and the other ends of a stray one, are another message.
      if (record.lines[i].kind.starts_with("stray.")) continue;
      mc::RecordFile mutant = record;
      mutant.lines[i].ids.emplace_back(key, "x1");
      EXPECT_NE(mistake_of(mutant), "") << record.lines[i].kind << " with " << key;
    }
  }
  mc::RecordFile twice = record;
  const auto submit = std::ranges::find(twice.lines, "submit", &mc::RecordLine::kind);
  submit->ids.push_back(mc::RecordLine(*submit).ids.front());
  EXPECT_TRUE(says(mistake_of(twice), "twice"));
}

TEST(Sound, WhatOneReaderSaysOfALineItSaysOfAll) {
  mc::RecordFile record;
  record.release = "2.55";
  mc::RecordLine line;
  line.stream = "raylet:n1";
  line.kind = "disconnect";
  line.ids = {{"worker", "w1"}};
  record.lines = {line, line};
  EXPECT_EQ(mistake_of(record), "") << "older readers left out how";
  record.lines[1].ids.emplace_back("how", "true");
  EXPECT_TRUE(says(mistake_of(record), "run.jsonl:3:")) << mistake_of(record);
}

TEST(Sound, WhatHasEndedSendsNothing) {
  const mc::RecordFile record = kept("wired_driver_is_killed");
  EXPECT_EQ(mistake_of(record), "");
  std::size_t tried = 0;
  for (std::size_t i = 0; i < record.lines.size(); ++i) {
    if (record.lines[i].kind != "process.ended" && record.lines[i].kind != "stray.ended") continue;
    const auto of_it = [&](const mc::RecordLine& line) {
      return line.stream == "wire" && std::ranges::count(line.ids, record.lines[i].ids.front()) > 0;
    };
    mc::RecordFile mutant = record;
    const auto first = std::ranges::find_if(mutant.lines, of_it);
    if (first - mutant.lines.begin() == static_cast<std::ptrdiff_t>(i)) continue;
    mc::RecordLine end = mutant.lines[i];
    end.t = first->t - 1;
    mutant.lines.erase(mutant.lines.begin() + static_cast<std::ptrdiff_t>(i));
    mutant.lines.insert(mutant.lines.begin(), end);
    EXPECT_TRUE(says(mistake_of(mutant), "after its end in line 2")) << mistake_of(mutant);
    ++tried;
  }
  EXPECT_GT(tried, 0U);
}

TEST(Sound, WhatIsSeenAfterTheEndOfItsReceiverComesToNobody) {
  // A worker that ends before the task that it runs is pushed to it.
  mc::RecordFile record = kept("wired_two_bursts");
  ASSERT_EQ(conform(record).verdict, mc::Explained::kYes);
  const auto push = std::ranges::find_if(record.lines, [](const mc::RecordLine& line) {
    return line.kind == "message.request" &&
           std::ranges::count(line.ids, std::pair<std::string, std::string>("call", "PushTask")) > 0;
  });
  ASSERT_NE(push, record.lines.end());
  mc::RecordLine end = *push;
  end.kind = "stray.ended";
  end.at.reset();
  const auto to = std::ranges::find(push->ids, "to_worker", &std::pair<std::string, std::string>::first);
  end.ids = {{"from_worker", to->second}};
  // Nothing that the worker sends is seen.
  std::erase_if(record.lines,
                [&](const mc::RecordLine& line) { return std::ranges::count(line.ids, end.ids.front()) > 0; });
  const auto again = std::ranges::find_if(record.lines, [&](const mc::RecordLine& line) { return line == *push; });
  record.lines.insert(again, end);
  EXPECT_NE(conform(record).verdict, mc::Explained::kYes);
}

TEST(Sound, FactsAreOnlyThoseThatReadersWrite) {
  const mc::RecordFile record = kept("one_task");
  using Change = std::function<void(mc::RecordFile&)>;
  const auto set = [](const std::string& fact, const std::string& key, const std::string& value) -> Change {
    return [=](mc::RecordFile& file) {
      for (auto& [name, values] : file.facts) {
        for (auto& [known, old] : values) {
          if (name == fact && known == key) old = value;
        }
      }
    };
  };
  const std::vector<std::pair<Change, std::string>> changes{
      {set("task", "retries", "many"), "\"retries\" is \"many\", and should be a whole number"},
      {set("task", "retries", "-7"), "whole number"},
      {set("task", "retries", "1e3"), "whole number"},
      {set("health_check", "failures", "999999999999"), "whole number"},
      {set("resources", "resources", "CPU: banana"), "amounts of resources"},
      {set("resources", "resources", "CPU: -1"), "amounts of resources"},
      {set("home", "kind", "king"), "driver or worker"},
      {set("home", "node", ""), "an id"},
      {set("task", "task", "../etc"), "an id"},
      {[](mc::RecordFile& file) {
         file.facts.push_back({"banana", {}});
       },
       "none that a reader of logs writes"},
      {[](mc::RecordFile& file) {
         file.facts.push_back({"plasma", {{"colour", "x"}}});
       },
       "does not have"},
      {[](mc::RecordFile& file) {
         file.facts.push_back({"plasma", {}});
       },
       "needs one \"object\""},
      {[](mc::RecordFile& file) { file.facts.push_back(file.facts.front()); }, "run.jsonl:1:"},
  };
  for (const auto& [change, part] : changes) {
    mc::RecordFile mutant = record;
    change(mutant);
    if (part == "run.jsonl:1:") {
      mutant = record;
      for (const auto& fact : record.facts) {
        if (fact.first == "resources") mutant.facts.push_back(fact);
      }
    }
    EXPECT_TRUE(says(mistake_of(mutant), part)) << part << ": " << mistake_of(mutant);
    EXPECT_TRUE(says(mistake_of(mutant), "run.jsonl:1:")) << mistake_of(mutant);
  }
}

TEST(Sound, TheReleaseIsThatOfTheRecordAndOneThatIsKnown) {
  mc::RecordFile record = kept("one_task");
  EXPECT_EQ(mistake_of(record, record.release), "");
  EXPECT_TRUE(says(mistake_of(record, "banana"), "no table of log texts for Ray banana"));
  EXPECT_TRUE(says(mistake_of(record, record.release == "2.55" ? "2.60" : "2.55"), "run.jsonl:1:"));
  record.release = "banana";
  EXPECT_TRUE(says(mistake_of(record), "run.jsonl:1:")) << mistake_of(record);
}

TEST(Sound, EveryTextNamesWhatTheTableOfKindsSays) {
  for (const LogTable& table : tables()) {
    for (const LogEntry& entry : table.entries()) {
      if (entry.kind == LogKind::kNone) continue;
      const LogKindRow& row = log_kind_table()[static_cast<std::size_t>(entry.kind)];
      for (std::uint8_t i = 0; i < kLogIdCount; ++i) {
        const std::string key(name_of(LogId{i}));
        const bool by_number = key == "worker" && says(entry.text, "{pid}");
        const bool told = says(entry.text, "{" + key + "}") || by_number || (key == "how" && !entry.how.empty());
        const bool lacks = ((row.lacks >> i) & 1U) != 0;
        EXPECT_TRUE(!told || row.has(LogId{i})) << row.id << " tells " << key;
        EXPECT_TRUE(told || lacks || !row.has(LogId{i})) << row.id << " does not tell " << key;
      }
    }
  }
}

}  // namespace
}  // namespace raymc::test
