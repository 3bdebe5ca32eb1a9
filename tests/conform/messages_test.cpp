// Records of a wire: how they are read, and that messages which cannot have been are refused: dropped, doubled, between
// other processes, about something else, never passed on, or seen before what caused them.
#include "specs/logs/messages.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "specs/logs/session.hpp"
#include "tests/conform/conformed.hpp"

namespace raymc::test {
namespace {

constexpr std::size_t kNodesMax = 2'000'000;
constexpr std::string_view kHead = R"({"format": "raymc.wire", "version": 1, "t": 5})";
constexpr std::string_view kRequest =
    R"({"t": 10, "n": 3, "is": "request", "call": "RequestWorkerLease", "from": "driver199:7", "to": "raylet1:8", "lease": "ab", "at": 12})";

std::string error_of(std::vector<std::string_view> lines, bool cut = false) {
  MessageReader reader;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool last = i + 1 == lines.size();
    const auto error = reader.take("messages.jsonl", static_cast<std::uint32_t>(i + 1), lines[i], cut && last);
    if (error) return error->text();
  }
  return {};
}

std::vector<mc::RecordLine> lines_of(std::vector<std::string_view> lines) {
  MessageReader reader;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto error = reader.take("messages.jsonl", static_cast<std::uint32_t>(i + 1), lines[i], false);
    EXPECT_FALSE(error) << error->text();
  }
  const std::map<std::string, std::pair<std::string, std::string>> known{
      {"7", {"owner", "d1"}}, {"8", {"node", "n1"}}, {"9", {"worker", "w1"}}, {"10", {"", ""}}};
  return raymc::lines_of(std::move(reader.messages()), reader.file(),
                         [&known](const std::string& pid) -> std::optional<std::pair<std::string, std::string>> {
                           const auto found = known.find(pid);
                           return found == known.end() ? std::nullopt : std::optional(found->second);
                         });
}

std::string id_of(const mc::RecordLine& line, std::string_view key) {
  for (const auto& [name, value] : line.ids) {
    if (name == key) return value;
  }
  return "-";
}

TEST(Messages, AreReadWithBothEndsAndTheirIds) {
  const auto lines = lines_of({kHead, kRequest});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].kind, "message.request");
  EXPECT_EQ(lines[0].t, 10);
  EXPECT_EQ(lines[0].at, 12);
  EXPECT_EQ(id_of(lines[0], "from_owner"), "d1");
  EXPECT_EQ(id_of(lines[0], "to_node"), "n1");
  EXPECT_EQ(id_of(lines[0], "lease"), "ab");
  EXPECT_EQ(id_of(lines[0], "call"), "RequestWorkerLease");
}

TEST(Messages, OfOthersAndErrorsAreLeftOut) {
  constexpr std::string_view kToNobody =
      R"({"t": 1, "n": 1, "is": "request", "call": "PushTask", "from": "worker1:77", "to": "worker1:9", "task": "cd"})";
  constexpr std::string_view kError =
      R"({"t": 1, "n": 1, "is": "reply", "call": "PushTask", "from": "worker1:9", "to": "driver1:7", "status": 14})";
  constexpr std::string_view kUnknown =
      R"({"t": 1, "n": 1, "is": "request", "call": "CheckAlive", "from": "raylet1:8", "to": "gcs1:10"})";
  EXPECT_TRUE(lines_of({kHead, kToNobody}).empty());
  EXPECT_TRUE(lines_of({kHead, kError}).empty());
  EXPECT_TRUE(lines_of({kHead, kUnknown}).empty());
  EXPECT_TRUE(lines_of({kHead, R"({"t": 1, "is": "end", "from": "gcs1:10"})"}).empty());
}

TEST(Messages, ThatNobodyGoesOnWithHoldUpNothing) {
  constexpr std::string_view kReturned =
      R"({"t": 1, "n": 1, "is": "reply", "call": "ReturnWorkerLease", "from": "raylet1:8", "to": "driver1:7", "lease": "ab"})";
  const auto lines = lines_of({kHead, kReturned});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].kind, "stray.reply");
}

TEST(Messages, EachNoticeInAnAnswerIsOne) {
  constexpr std::string_view kNews =
      R"({"t": 1, "n": 1, "is": "reply", "call": "GcsSubscriberPoll", "from": "gcs1:10", "to": "raylet1:8", "subscriber": "5a", "news": "NodeDead:ab JobFinished", "at": 2})";
  const auto lines = lines_of({kHead, kNews});
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].kind, "stray.notice");
  EXPECT_EQ(id_of(lines[0], "how"), "NodeDead");
  EXPECT_EQ(id_of(lines[0], "node"), "ab");
  EXPECT_EQ(id_of(lines[0], "to_node"), "n1");
  EXPECT_EQ(id_of(lines[1], "how"), "JobFinished");
  EXPECT_EQ(id_of(lines[1], "node"), "-");
}

TEST(Messages, TheAnswerToARequestThatWasGivenUpComesToNobody) {
  constexpr std::string_view kAgain =
      R"({"t": 14, "n": 4, "is": "request", "call": "RequestWorkerLease", "from": "driver199:7", "to": "raylet1:8", "lease": "ab", "at": 15})";
  constexpr std::string_view kToFirst =
      R"({"t": 20, "n": 5, "of": 3, "is": "reply", "call": "RequestWorkerLease", "from": "raylet1:8", "to": "driver199:7", "lease": "ab", "how": "granted", "worker": "w", "at": 21})";
  constexpr std::string_view kToSecond =
      R"({"t": 20, "n": 6, "of": 4, "is": "reply", "call": "RequestWorkerLease", "from": "raylet1:8", "to": "driver199:7", "lease": "ab", "how": "granted", "worker": "w", "at": 22})";
  const auto lines = lines_of({kHead, kRequest, kAgain, kToFirst, kToSecond});
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[2].kind, "message.reply");
  EXPECT_EQ(lines[2].at, 22);
  constexpr std::string_view kLater =
      R"({"t": 24, "n": 6, "is": "request", "call": "RequestWorkerLease", "from": "driver199:7", "to": "raylet1:8", "lease": "ab", "at": 25})";
  EXPECT_EQ(lines_of({kHead, kRequest, kToFirst, kLater}).size(), 3U) << "the first one was heard";
}

TEST(Messages, ALostCallOfAnOwnerFailsForItAsOneThatRaysFaultInjectionStrikes) {
  constexpr std::string_view kLost =
      R"({"t": 10, "n": 3, "is": "request", "call": "GetWorkerFailureCause", "from": "driver199:7", "to": "raylet1:8", "lease": "ab", "lost": true})";
  constexpr std::string_view kLostReply =
      R"({"t": 12, "n": 4, "is": "reply", "call": "PushTask", "from": "worker1:9", "to": "driver199:7", "task": "cd", "how": "ok", "lost": true})";
  constexpr std::string_view kOfTheGcs =
      R"({"t": 14, "n": 5, "is": "request", "call": "DrainRaylet", "from": "gcs1:10", "to": "raylet1:8", "lost": true})";
  const auto lines = lines_of({kHead, kLost, kLostReply, kOfTheGcs});
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[1].kind, "call_failed");
  EXPECT_EQ(lines[1].stream, "owner.calls:d1");
  EXPECT_EQ(id_of(lines[1], "how"), "request");
  EXPECT_EQ(id_of(lines[1], "call"), "GetWorkerFailureCause");
  EXPECT_EQ(id_of(lines[3], "how"), "reply");
  EXPECT_EQ(lines[3].stream, "owner.calls:d1");
}

TEST(Messages, AWriteOfTheStoreIsAMessageWhereItIsNotAnswered) {
  constexpr std::string_view kAnswered =
      R"({"t": 10, "n": 3, "is": "reply", "call": "HSET", "from": "other1:70", "to": "gcs1:10", "target": "ab", "at": 11})";
  constexpr std::string_view kHangs =
      R"({"t": 10, "n": 4, "is": "reply", "call": "HSET", "from": "other1:70", "to": "gcs1:10", "target": "ab"})";
  EXPECT_TRUE(lines_of({kHead, kAnswered}).empty());
  ASSERT_EQ(lines_of({kHead, kHangs}).size(), 1U);
  EXPECT_EQ(id_of(lines_of({kHead, kHangs})[0], "target"), "ab");
}

TEST(Messages, AProbeIsAMessageWhereTheOneBeforeHadNoAnswer) {
  constexpr std::string_view kFirst =
      R"({"t": 1, "n": 1, "is": "request", "call": "Check", "from": "gcs1:10", "to": "raylet1:8", "at": 1})";
  constexpr std::string_view kSecond =
      R"({"t": 5, "n": 3, "is": "request", "call": "Check", "from": "gcs1:10", "to": "raylet1:8", "at": 5})";
  constexpr std::string_view kAnswer =
      R"({"t": 2, "n": 2, "of": 1, "is": "reply", "call": "Check", "from": "raylet1:8", "to": "gcs1:10", "at": 2})";
  constexpr std::string_view kLater =
      R"({"t": 6, "n": 4, "of": 3, "is": "reply", "call": "Check", "from": "raylet1:8", "to": "gcs1:10", "at": 6})";
  EXPECT_TRUE(lines_of({kHead, kFirst, kAnswer, kSecond, kLater}).empty());
  const auto lines = lines_of({kHead, kFirst, kSecond, kLater});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].kind, "message.reply");
  EXPECT_EQ(id_of(lines[0], "from_node"), "n1");
}

TEST(Messages, OnlyTheWordThatARayletIsDeadTellsOfASelfCheck) {
  constexpr std::string_view kDead =
      R"({"t": 1, "n": 1, "is": "reply", "call": "CheckAlive", "from": "gcs1:10", "to": "raylet1:8", "how": "dead", "at": 2})";
  constexpr std::string_view kAlive =
      R"({"t": 1, "n": 1, "is": "reply", "call": "CheckAlive", "from": "gcs1:10", "to": "raylet1:8", "how": "alive", "at": 2})";
  ASSERT_EQ(lines_of({kHead, kDead}).size(), 1U);
  EXPECT_EQ(id_of(lines_of({kHead, kDead})[0], "how"), "dead");
  EXPECT_TRUE(lines_of({kHead, kAlive}).empty());
}

TEST(Messages, NoticesAreWordsOfTheProtocolAlone) {
  const std::string poll =
      R"({"t": 1, "n": 1, "is": "reply", "call": "GcsSubscriberPoll", "from": "gcs1:10", "to": "raylet1:8", )"
      R"("subscriber": "5a", "at": 2, "news": ")";
  EXPECT_EQ(error_of({kHead, poll + "NodeDead:ab JobFinished\"}"}), "");
  for (const char* wrong : {"alice@host:/home/alice", "NodeDead", "JobFinished:ab", "NodeDead:ab x"}) {
    EXPECT_NE(error_of({kHead, poll + wrong + "\"}"}).find("notice"), std::string::npos) << wrong;
  }
}

std::string without(std::string line, const std::string& part) {
  return line.erase(line.find(part), part.size());
}

TEST(Messages, WhatTheWireAlwaysTellsOfACallMayNotBeMissing) {
  const std::string lease =
      R"({"t": 1, "n": 1, "of": 0, "is": "reply", "call": "RequestWorkerLease", "from": "raylet1:8", )"
      R"("to": "driver1:7", "lease": "ab", "how": "granted", "worker": "w1", "at": 2})";
  const std::string batch =
      R"({"t": 1, "n": 1, "is": "request", "call": "GcsSubscriberCommandBatch", "from": "raylet1:8", )"
      R"("to": "gcs1:10", "subscriber": "5a", "channels": "X"})";
  EXPECT_EQ(error_of({kHead, lease}), "");
  EXPECT_EQ(error_of({kHead, batch}), "");
  EXPECT_EQ(error_of({kHead, without(batch, R"("subscriber": "5a", )")}),
            "messages.jsonl:2:0: a request of GcsSubscriberCommandBatch without its \"subscriber\"");
  EXPECT_NE(error_of({kHead, without(lease, R"("lease": "ab", )")}).find("without its \"lease\""), std::string::npos);
  EXPECT_NE(error_of({kHead, without(lease, R"("how": "granted", )")}).find("without its \"how\""), std::string::npos);
  EXPECT_NE(error_of({kHead, without(lease, R"("worker": "w1", )")}).find("without its \"worker\""), std::string::npos);
  const std::string error =
      R"({"t": 1, "n": 1, "is": "reply", "call": "RequestWorkerLease", "from": "raylet1:8", "to": "driver1:7", "status": 14})";
  EXPECT_EQ(error_of({kHead, error}), "") << "an error says nothing else";
}

TEST(Messages, WhatACallDoesNotHaveIsRefused) {
  const auto push = [](const std::string& more) {
    return R"({"t": 1, "n": 1, "is": "request", "call": "PushTask", "from": "driver1:7", "to": "worker1:9", "task": "cd")" +
           more + "}";
  };
  EXPECT_EQ(error_of({kHead, push(R"(, "attempt": "0", "at": 2)")}), "");
  for (const char* foreign : {R"(, "lease": "ab")", R"(, "of": 3)", R"(, "worker": "w1")", R"(, "subscriber": "5a")",
                              R"(, "colour": "red")"}) {
    EXPECT_NE(error_of({kHead, push(foreign)}).find("does not have a"), std::string::npos) << foreign;
  }
  EXPECT_NE(error_of({kHead, push(R"(, "how": "ok")")}).find("no result"), std::string::npos);
  EXPECT_NE(error_of({kHead, push(R"(, "at": 2, "lost": true)")}).find("lost"), std::string::npos);
  EXPECT_NE(error_of({kHead, R"({"t": 1, "n": 1, "is": "request", "call": "Sing", "from": "a:1", "to": "b:2"})"})
                .find("none that such a record tells of"),
            std::string::npos);
  EXPECT_NE(error_of({kHead, R"({"t": 1, "is": "end", "from": "gcs1:10", "lease": "ab"})"}).find("does not have a"),
            std::string::npos);
}

std::string error_as_a_whole(const std::vector<std::string_view>& lines) {
  MessageReader reader;
  reader.begin("messages.jsonl");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto error = reader.take("messages.jsonl", static_cast<std::uint32_t>(i + 1), lines[i], false);
    EXPECT_FALSE(error) << error->text();
  }
  const auto error = reader.mistake_as_a_whole();
  return error ? error->text() : "";
}

TEST(Messages, AProcessThatHasEndedSendsNothing) {
  constexpr std::string_view kEnd = R"({"t": 5, "is": "end", "from": "gcs1:10"})";
  constexpr std::string_view kCheck =
      R"({"t": 100, "n": 1, "is": "request", "call": "Check", "from": "gcs1:10", "to": "raylet1:8", "at": 101})";
  constexpr std::string_view kOfTheNext =
      R"({"t": 200, "n": 2, "is": "request", "call": "Check", "from": "gcs2:11", "to": "raylet1:8", "at": 201})";
  EXPECT_EQ(error_as_a_whole({kHead, kCheck, kOfTheNext, R"({"t": 150, "is": "end", "from": "gcs1:10"})"}), "");
  EXPECT_EQ(error_as_a_whole({kHead, kEnd, kOfTheNext}), "");
  EXPECT_NE(
      error_as_a_whole({kHead, kEnd, kCheck}).find("messages.jsonl:3:0: a message of gcs1:10 after its end in line 2"),
      std::string::npos)
      << error_as_a_whole({kHead, kEnd, kCheck});
  EXPECT_NE(error_as_a_whole({kHead, kCheck, kEnd}).find("after its end"), std::string::npos) << "the times decide";
  EXPECT_EQ(error_as_a_whole({kHead, kCheck, R"({"t": 95, "is": "end", "from": "gcs1:10"})"}), "")
      << "another connection may be read a moment later";
}

TEST(Messages, ARecordOfAWireWithoutMessagesIsRefused) {
  EXPECT_NE(error_as_a_whole({}).find("no message in it"), std::string::npos);
  EXPECT_NE(error_as_a_whole({kHead}).find("no message in it"), std::string::npos);
  EXPECT_EQ(error_as_a_whole({kHead, kRequest}), "");
}

TEST(Messages, OfProcessesWithoutALogAreCounted) {
  MessageReader reader;
  static_cast<void>(reader.take("messages.jsonl", 1, kHead, false));
  static_cast<void>(reader.take("messages.jsonl", 2, kRequest, false));
  const Strangers none = strangers_in(reader.messages(), {"7", "8"});
  EXPECT_EQ(none.messages, 0U);
  const Strangers one = strangers_in(reader.messages(), {"7"});
  EXPECT_EQ(one.messages, 1U);
  EXPECT_EQ(one.processes, std::set<std::string>{"raylet1:8"});
  EXPECT_TRUE(one.any_known);
  EXPECT_FALSE(strangers_in(reader.messages(), {"1"}).any_known);
}

TEST(Messages, StandInTheOrderInWhichTheWireSawThem) {
  constexpr std::string_view kLater =
      R"({"t": 10, "n": 2, "is": "request", "call": "PushTask", "from": "driver199:7", "to": "worker1:9", "task": "cd", "at": 11})";
  const auto lines = lines_of({kHead, kRequest, kLater, R"({"t": 9, "is": "end", "from": "worker1:9"})"});
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].kind, "stray.ended");
  EXPECT_EQ(id_of(lines[1], "call"), "PushTask");
  EXPECT_EQ(id_of(lines[2], "call"), "RequestWorkerLease");
  // Numbers decide, whatever the clock says; an end stands before what was seen later.
  constexpr std::string_view kEarly =
      R"({"t": 1, "n": 9, "is": "request", "call": "PushTask", "from": "driver199:7", "to": "worker1:9", "task": "cd", "at": 11})";
  const auto odd = lines_of({kHead, kEarly, kLater, kRequest, R"({"t": 5, "is": "end", "from": "worker1:9"})"});
  ASSERT_EQ(odd.size(), 4U);
  EXPECT_EQ(odd[0].kind, "stray.ended");
  EXPECT_EQ(odd[3].t, 10) << "a line is not older than the one before it";
}

TEST(Messages, WhatIsNoRecordOfAWireIsRefused) {
  EXPECT_NE(error_of({kRequest}).find("no record of a wire"), std::string::npos);
  EXPECT_NE(error_of({R"({"format": "raymc.wire", "version": 2})"}).find("another version"), std::string::npos);
  EXPECT_NE(error_of({kHead, "x"}).find("no JSON object"), std::string::npos);
  EXPECT_NE(error_of({kHead, kRequest.substr(0, 40)}, true).find("ends within"), std::string::npos);
  EXPECT_NE(error_of({kHead, R"({"t": 1, "is": "poem"})"}).find("neither"), std::string::npos);
  EXPECT_NE(error_of({kHead, R"({"t": 1, "is": "request", "call": "PushTask", "from": "a:1"})"}).find("to whom"),
            std::string::npos);
  EXPECT_NE(error_of({kHead, R"({"t": 9, "at": 8, "is": "request", "call": "PushTask", "from": "a:1", "to": "b:2"})"})
                .find("before it is seen"),
            std::string::npos);
  EXPECT_NE(error_of({kHead, kRequest, kRequest}).find("two messages have the number 3"), std::string::npos);
  for (const char* wrong :
       {R"("at": "12")", R"("of": "3")", R"("lost": 1)", R"("status": "14")", R"("task": ["a"])", R"("n": 1.5)"}) {
    const std::string line =
        R"({"t": 10, "is": "reply", "call": "PushTask", "from": "a:1", "to": "b:2", )" + std::string(wrong) + "}";
    EXPECT_NE(error_of({kHead, line}).find("is not of the sort"), std::string::npos) << wrong;
  }
  EXPECT_NE(
      error_of(
          {kHead, R"({"t": 1, "n": 1, "is": "reply", "call": "PushTask", "from": "a:1", "to": "b:2", "how": "alice"})"})
          .find("no result"),
      std::string::npos);
  EXPECT_EQ(error_of({kHead, kRequest}), "");
}

TEST(Messages, ARedactedRecordHasNoFactsButThoseThatReadersWrite) {
  mc::RecordFile record;
  record.facts = {{"banana", {{"x", "/home/alice"}}},
                  {"task", {{"task", "ab"}, {"retries", "3"}, {"note", "alice"}}},
                  {"health_check", {{"failures", "3"}}}};
  const mc::RecordFile redacted = raymc::redacted(record);
  ASSERT_EQ(redacted.facts.size(), 2U);
  EXPECT_EQ(redacted.facts[0].second.size(), 2U);
  EXPECT_EQ(redacted.facts[1].second[0].second, "3");
}

TEST(Messages, AreRedacted) {
  mc::RecordFile record;
  record.wired = true;
  record.lines = lines_of({kHead, kRequest});
  record.lines[0].text = "secret";
  const mc::RecordFile redacted = raymc::redacted(record);
  EXPECT_TRUE(redacted.wired);
  EXPECT_EQ(redacted.lines[0].at, 2);
  EXPECT_EQ(id_of(redacted.lines[0], "from_owner"), "w1");
  EXPECT_EQ(id_of(redacted.lines[0], "to_node"), "n1");
  EXPECT_EQ(id_of(redacted.lines[0], "lease"), "l1");
  EXPECT_EQ(id_of(redacted.lines[0], "call"), "RequestWorkerLease");
  EXPECT_EQ(redacted.lines[0].file, "wire.log");
  EXPECT_TRUE(redacted.lines[0].text.empty());
}

/// The kept records with messages that are short and end at rest.
std::vector<mc::RecordFile> wired_records() {
  std::vector<mc::RecordFile> wired;
  for (const auto& path : kept_records()) {
    mc::RecordFile record = read_record(path);
    if (!record.wired || record.lines.size() > 130) continue;
    record.end = record.lines.back().t + mc::RecordFile::kQuiet;
    if (conform(record, {}, kNodesMax).verdict == mc::Explained::kYes) wired.push_back(std::move(record));
  }
  return wired;
}

bool is_message(const mc::RecordLine& line) {
  return line.kind == "message.request" || line.kind == "message.reply";
}

struct Mutant {
  std::string what;
  mc::RecordFile record;
};
using Mutate = void (*)(const mc::RecordFile& record, std::size_t line, std::vector<Mutant>& out);

std::string name_of(const mc::RecordLine& line) {
  return id_of(line, "call") + (line.kind == "message.reply" ? " reply" : " request");
}

void drop(const mc::RecordFile& record, std::size_t i, std::vector<Mutant>& out) {
  if (!record.lines[i].at) return;  // nobody knows more than that it was lost
  out.push_back({name_of(record.lines[i]), record});
  std::vector<mc::RecordLine>& lines = out.back().record.lines;
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
}

void twice(const mc::RecordFile& record, std::size_t i, std::vector<Mutant>& out) {
  out.push_back({name_of(record.lines[i]), record});
  std::vector<mc::RecordLine>& lines = out.back().record.lines;
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(i), record.lines[i]);
}

/// Each id and each end is another one of its sort.
void exchange(const mc::RecordFile& record, std::size_t i, std::vector<Mutant>& out) {
  const auto sort_of = [](const std::string& key) -> std::string {
    const std::size_t after = key.find('_');
    return after == std::string::npos ? key == "target" ? "node" : key : key.substr(after + 1);
  };
  for (std::size_t k = 0; k < record.lines[i].ids.size(); ++k) {
    const auto& [key, value] = record.lines[i].ids[k];
    if (key == "call" || key == "how") continue;
    std::set<std::string> others;
    for (const mc::RecordLine& line : record.lines) {
      for (const auto& [name, id] : line.ids) {
        if (sort_of(name) == sort_of(key) && id != value) others.insert(id);
      }
    }
    if (others.empty()) continue;
    out.push_back({name_of(record.lines[i]) + "." + key, record});
    out.back().record.lines[i].ids[k].second = *others.begin();
  }
}

/// It was seen and never passed on, although somebody acts on it.
void lose(const mc::RecordFile& record, std::size_t i, std::vector<Mutant>& out) {
  if (!record.lines[i].at) return;
  out.push_back({name_of(record.lines[i]), record});
  out.back().record.lines[i].at.reset();
}

/// A reply stands before its request.
void turn(const mc::RecordFile& record, std::size_t i, std::vector<Mutant>& out) {
  if (record.lines[i].kind != "message.reply") return;
  for (std::size_t j = i; j-- > 0;) {
    const mc::RecordLine& request = record.lines[j];
    const bool same = request.kind == "message.request" && id_of(request, "call") == id_of(record.lines[i], "call") &&
                      id_of(request, "lease") == id_of(record.lines[i], "lease") &&
                      id_of(request, "task") == id_of(record.lines[i], "task");
    if (!same) continue;
    out.push_back({name_of(record.lines[i]), record});
    std::vector<mc::RecordLine>& lines = out.back().record.lines;
    std::swap(lines[i], lines[j]);
    std::swap(lines[i].t, lines[j].t);
    std::swap(lines[i].at, lines[j].at);
    return;
  }
}

/// Every `stride`-th mutant, or all with RAYMC_ALL_MUTANTS; those named are other runs of Ray.
void expect_refused(const char* sort, Mutate mutate, std::size_t stride,
                    const std::map<std::string, std::string>& runs) {
  if (std::getenv("RAYMC_ALL_MUTANTS") != nullptr) stride = 1;
  std::size_t number = 0;
  std::size_t tried = 0;
  std::size_t refused = 0;
  std::size_t others = 0;
  std::map<std::string, std::size_t> accepted;
  for (const mc::RecordFile& record : wired_records()) {
    std::vector<Mutant> mutants;
    for (std::size_t i = 0; i < record.lines.size(); ++i) {
      if (is_message(record.lines[i])) mutate(record, i, mutants);
    }
    for (const Mutant& mutant : mutants) {
      if (number++ % stride != 0) continue;
      ++tried;
      const mc::Explained verdict = conform(mutant.record, {}, kNodesMax).verdict;
      if (verdict == mc::Explained::kYes) ++accepted[mutant.what];
      refused += verdict == mc::Explained::kNo ? 1 : 0;
    }
  }
  std::cout << sort << ": " << refused << " of " << tried << " refused\n";
  for (const auto& [what, count] : accepted) {
    const auto run = runs.find(what);
    EXPECT_NE(run, runs.end()) << sort << ": " << what << " is accepted " << count << " times";
    if (run == runs.end()) continue;
    others += count;
    std::cout << "  accepted " << count << ": " << what << ": " << run->second << "\n";
  }
  ASSERT_GT(tried, 20U);
  EXPECT_GE(static_cast<double>(refused), 0.99 * static_cast<double>(tried - others));
}

/// Without these, the record is that of another run.
const std::map<std::string, std::string> kOtherRuns{
    {"CancelLocalTask reply", "it changes nothing at its caller, and may still be on its way"},
    {"CancelWorkerLease reply", "it changes nothing at its caller, and may still be on its way"},
    {"ReturnWorkerLease request", "the return of a lease that the raylet has forgotten changes nothing"},
};

TEST(MessageMutants, ADroppedMessageIsRefused) {
  expect_refused("dropped", drop, 2, kOtherRuns);
}

TEST(MessageMutants, ADoubledMessageIsRefused) {
  expect_refused("doubled", twice, 2, {});
}

TEST(MessageMutants, AMessageBetweenOthersOrAboutSomethingElseIsRefused) {
  expect_refused(
      "exchanged", exchange, 4,
      {{"RequestWorkerLease request.lease",
        "Ray's line of a call that fails names no lease: another request may be the one that was sent again"}});
}

TEST(MessageMutants, AMessageThatWasNeverPassedOnIsNotReceived) {
  expect_refused("lost", lose, 2, kOtherRuns);
}

TEST(MessageMutants, AReplyBeforeItsRequestIsRefused) {
  expect_refused("turned", turn, 1, {});
}

}  // namespace
}  // namespace raymc::test
