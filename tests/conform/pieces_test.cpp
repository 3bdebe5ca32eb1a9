// A session that is too long for the model is cut where nothing is under way.
#include "specs/logs/pieces.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "model/ids.hpp"
#include "tests/conform/conformed.hpp"
#include "tests/support/places.hpp"

namespace raymc::test {
namespace {

using Ids = std::vector<std::pair<std::string, std::string>>;

/// One task that runs on a node, and after it `more` others, one after another, on the same worker.
mc::RecordFile one_after_another(int more) {
  mc::RecordFile record =
      read_record(std::filesystem::path(support::source_dir()) / "tests/ray/records/one_task.jsonl");
  for (int i = 0; i < more; ++i) {
    const std::string task = "t" + std::to_string(i + 2);
    const std::string lease = "l" + std::to_string(i + 2);
    record.facts.push_back(
        {"task", {{"task", task}, {"function", "f1"}, {"resources", "CPU: 1"}, {"retries", "1"}, {"of", "w1"}}});
    const std::int64_t t = record.lines.back().t + 10;
    const auto add = [&](const std::string& stream, const std::string& kind, Ids ids) {
      mc::RecordLine line;
      line.t = t;
      line.stream = stream;
      line.kind = kind;
      line.ids = std::move(ids);
      record.lines.push_back(std::move(line));
    };
    add("owner.main:w1", "submit", {{"task", task}});
    add("owner.io:w1", "resolved", {{"task", task}});
    add("owner.io:w1", "request", {{"lease", lease}, {"node", "n1"}});
    add("raylet:n1", "queue", {{"lease", lease}});
    add("raylet:n1", "local", {{"lease", lease}});
    add("raylet:n1", "grant", {{"lease", lease}, {"worker", "w2"}});
    add("owner.io:w1", "granted", {{"lease", lease}, {"node", "n1"}, {"worker", "w2"}});
    add("owner.io:w1", "push", {{"task", task}, {"worker", "w2"}, {"node", "n1"}});
    add("worker.io:w2", "accept", {{"task", task}});
    add("worker.main:w2", "execute", {{"task", task}});
    add("worker.main:w2", "done", {{"how", "OK"}, {"task", task}});
    add("owner.io:w1", "answered", {{"task", task}, {"worker", "w2"}, {"node", "n1"}});
    add("owner.io:w1", "return", {{"worker", "w2"}, {"node", "n1"}});
    add("owner.io:w1", "complete", {{"task", task}});
    add("raylet:n1", "returned", {{"lease", lease}});
  }
  record.end = record.lines.back().t;
  return record;
}

TEST(Pieces, ALongSessionIsCutBetweenItsTasksAndEachPieceIsExplained) {
  const mc::RecordFile record = one_after_another(2 * kTasksMax + 1);
  const std::vector<mc::RecordFile> pieces = pieces_of(record);
  EXPECT_EQ(pieces.size(), 3U);
  std::size_t lines = 0;
  for (const mc::RecordFile& piece : pieces) {
    const auto submits = std::count_if(piece.lines.begin(), piece.lines.end(),
                                       [](const mc::RecordLine& line) { return line.kind == "submit"; });
    EXPECT_GT(submits, 0);
    EXPECT_LE(submits, static_cast<std::ptrdiff_t>(kTasksMax));
    lines += piece.lines.size();
    const Conformed result = conform(piece);
    EXPECT_EQ(result.verdict, mc::Explained::kYes) << result.read << " of " << result.events << " " << result.reason;
  }
  EXPECT_EQ(lines, record.lines.size());
}

TEST(Pieces, WhatFitsIsNotCut) {
  EXPECT_EQ(pieces_of(one_after_another(kTasksMax - 1)).size(), 1U);
}

}  // namespace
}  // namespace raymc::test
