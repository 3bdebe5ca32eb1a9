// Trace files: reading them strictly, showing them, and replaying them on the model of today.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "checker/report/trace_file.hpp"
#include "tests/cli/run.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/support/places.hpp"

namespace {

using nlohmann::json;
using toy::Folder;
using toy::Ran;

mc::TraceFile sample() {
  mc::TraceFile trace;
  trace.scenario = "one";
  trace.scenario_path = "one.toml";
  trace.scenario_text = "question \"?\"\n";
  trace.settings = {{"fence", false}};
  trace.facts = {{"version", "toy 0.0.1"}};
  trace.property = "M1.exclusive";
  trace.kind = "invariant";
  trace.claim = "at most one node holds the lock";
  trace.lanes = {{"node.n1", "n1", "node"}, {"node.n2", "n2", "node"}};
  trace.components = {{"node n1", 0}, {"fence", std::nullopt}};
  trace.messages = {{"Ask", "Ask L1", 0, 1}, {"Ask", "Ask L1: no", 1, 0}};
  trace.start.fingerprint = 0x0123456789abcdefULL;
  trace.start.components = {"idle", ""};
  trace.start.lives = {mc::Life::kUp, mc::Life::kStarting};
  trace.start.messages = {{0, mc::MessageEvent::kSent}};
  mc::TraceStep take;
  take.action = "take(n1)";
  take.sentence = "n1 takes";
  take.lane = 0;
  take.rules = {{"A1", "manual.txt", "take"}};
  take.bindings = {{"node", "n1"}};
  take.messages = {{0, mc::MessageEvent::kHeld}};
  take.processes = {{1, mc::ProcessEvent::kStarted, std::nullopt}};
  take.changes = {{0, "holding"}};
  take.after = 1;
  mc::TraceStep crash;
  crash.action = "crash(n2)";
  crash.sentence = "n2 crashes";
  crash.fault = true;
  crash.messages = {{0, mc::MessageEvent::kReleased}, {1, mc::MessageEvent::kSent}, {1, mc::MessageEvent::kLost}};
  crash.processes = {{1, mc::ProcessEvent::kCrashed, std::nullopt}, {1, mc::ProcessEvent::kBelieved, 0}};
  crash.after = 0xffffffffffffffffULL;
  trace.steps = {take, crash};
  trace.chain = {{1, 2, mc::LinkReason::kEnables}, {2, 0, mc::LinkReason::kOrder}};
  trace.rescue = mc::Rescue{true, 1, 3, 100, {{"release(n1)", "n1 releases"}}, mc::RescueEnd::kKept};
  return trace;
}

std::string error_of(const std::string& text) {
  const mc::Result<mc::TraceFile> result = mc::parse_trace(text, "t.json");
  return result.ok() ? "no error" : result.error().message;
}

/// The sample with one value replaced.
std::string changed(const std::string& pointer, const json& value) {
  json whole = json::parse(mc::to_json(sample()));
  whole[json::json_pointer(pointer)] = value;
  return whole.dump();
}

TEST(TraceFile, IsReadAsItWasWritten) {
  const mc::Result<mc::TraceFile> result = mc::parse_trace(mc::to_json(sample()), "t.json");
  ASSERT_TRUE(result.ok()) << result.error().text();
  EXPECT_EQ(result.value(), sample());
}

TEST(TraceFile, EveryTruncationIsAnErrorWithAPlace) {
  const std::string whole = mc::to_json(sample());
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
    const mc::Result<mc::TraceFile> result = mc::parse_trace(whole.substr(0, length), "t.json");
    ASSERT_FALSE(result.ok()) << length;
    EXPECT_EQ(result.error().message, "is not a whole JSON text");
    EXPECT_GE(result.error().line, 1U);
    EXPECT_GE(result.error().column, 1U);
  }
}

TEST(TraceFile, WrongTypesAreNamed) {
  EXPECT_EQ(error_of(changed("/steps/1/fault", "yes")), "step 2.fault: must be true or false");
  EXPECT_EQ(error_of(changed("/steps/0/action", 7)), "step 1.action: must be a text");
  EXPECT_EQ(error_of(changed("/steps/0/after", "12")), "step 1.after: must be a fingerprint of 16 hexadecimal digits");
  EXPECT_EQ(error_of(changed("/steps/0/after", "-123456789abcdef")),
            "step 1.after: must be a fingerprint of 16 hexadecimal digits");
  EXPECT_EQ(error_of(changed("/steps/0/rules", "A1")), "step 1.rules: must be an array");
  EXPECT_EQ(error_of(changed("/steps/0/rules/0", "A1")), "step 1.rules: must be an object");
  EXPECT_EQ(error_of(changed("/steps/0", nullptr)), "step 1: must be an object");
  EXPECT_EQ(error_of(changed("/steps", json::object())), "steps: must be an array");
  EXPECT_EQ(error_of(changed("/start/components/0", false)), "start.components: must be a text");
  EXPECT_EQ(error_of(changed("/start", 5)), "start: must be an object");
  EXPECT_EQ(error_of(changed("/start/fingerprint", 5)), "start.fingerprint: must be a text");
  EXPECT_EQ(error_of(changed("/scenario", "one")), "scenario: must be an object");
  EXPECT_EQ(error_of(changed("/scenario/settings/0/on", 1)), "scenario.settings: must be true or false");
  EXPECT_EQ(error_of(changed("/facts/0/value", json::array())), "facts: must be a text");
  EXPECT_EQ(error_of("[]"), "is not a trace: its format is not \"raymc.trace\"");
  EXPECT_EQ(error_of("7"), "is not a trace: its format is not \"raymc.trace\"");
}

TEST(TraceFile, UnknownThingsAreRefused) {
  EXPECT_EQ(error_of(changed("/version", 1)),
            "version: is 1, and this program reads version 4; run the scenario again to get a newer file");
  EXPECT_EQ(error_of(changed("/version", 2)),
            "version: is 2, and this program reads version 4; run the scenario again to get a newer file");
  EXPECT_EQ(error_of(changed("/version", 3)),
            "version: is 3, and this program reads version 4; run the scenario again to get a newer file");
  EXPECT_EQ(error_of(changed("/version", 5)), "version: is 5, and this program reads version 4");
  EXPECT_EQ(error_of(changed("/version", "1")), "version: is \"1\", and this program reads version 4");
  EXPECT_EQ(error_of(changed("/format", "raymc.report")), "is not a trace: its format is not \"raymc.trace\"");
  EXPECT_EQ(error_of(changed("/kind", "liveness")),
            "kind: must be the kind of a property that can be violated, or \"overflow\"");
  EXPECT_EQ(error_of(changed("/loop", 99)), "loop: must begin before the last step");
  EXPECT_EQ(error_of(changed("/loop", -1)), "loop: must be a whole number");
  EXPECT_EQ(error_of(changed("/waits", "t1")), "waits: must be an array");
  EXPECT_EQ(error_of(changed("/culprits", "t1")), "culprits: must be an array");
  EXPECT_EQ(error_of(changed("/continuation", json::object())), "continuation: key \"steps\" is missing");
  const json step{{"action", "a"}, {"sentence", "s"}};
  EXPECT_EQ(error_of(changed("/continuation", {{"steps", {step}}, {"loop", 1}, {"rests", false}})),
            "continuation.loop: is 1, and there are 1");
  EXPECT_EQ(error_of(changed("/continuation", {{"steps", {step}}, {"loop", 0}, {"rests", true}})),
            "continuation: a run that repeats does not rest");
  EXPECT_EQ(error_of(changed("/colour", "red")), "unknown key \"colour\"");
  EXPECT_EQ(error_of(changed("/steps/0/colour", "red")), "step 1: unknown key \"colour\"");
  EXPECT_EQ(error_of(changed("/property", "")),
            "property: a trace has either a property or an overflowing action, as its kind says");
}

TEST(TraceFile, PositionsAreInRange) {
  EXPECT_EQ(error_of(changed("/steps/0/lane", 2)), "step 1.lane: is 2, and there are 2");
  EXPECT_EQ(error_of(changed("/components/0/lane", 2)), "components.lane: is 2, and there are 2");
  EXPECT_EQ(error_of(changed("/messages/0/to", 7)), "messages.to: is 7, and there are 2");
  EXPECT_EQ(error_of(changed("/steps/0/messages/0/message", 2)), "step 1.messages.message: is 2, and there are 2");
  EXPECT_EQ(error_of(changed("/steps/0/processes/0/lane", -1)), "step 1.processes.lane: must be a whole number");
  EXPECT_EQ(error_of(changed("/steps/1/processes/1/by", 9)), "step 2.processes.by: is 9, and there are 2");
  EXPECT_EQ(error_of(changed("/steps/0/changes/0/component", 2)), "step 1.changes: is 2, and there are 2");
  EXPECT_EQ(error_of(changed("/chain/0/before", 3)), "chain.before: is 3, and there are 3");
  EXPECT_EQ(error_of(changed("/rescue/after", 3)), "rescue.after: is 3, and there are 3");
  EXPECT_EQ(error_of(changed("/start/lives", json::array())), "start.lives: must be one for each lane");
  EXPECT_EQ(error_of(changed("/start/components", json::array())), "start.components: must be one for each");
}

TEST(TraceFile, WordsAreKnownAndStoriesMakeSense) {
  EXPECT_EQ(error_of(changed("/steps/0/messages/0/event", "eaten")), "step 1.messages.event: is no known word");
  EXPECT_EQ(error_of(changed("/steps/0/processes/0/event", "")), "step 1.processes.event: is no known word");
  EXPECT_EQ(error_of(changed("/start/lives/0", "undead")), "start.lives: is no known word");
  EXPECT_EQ(error_of(changed("/start/messages", json::array())), "step 1.messages: a message cannot be held");
  EXPECT_EQ(error_of(changed("/steps/0/messages/0/event", "sent")), "step 1.messages: a message cannot be sent");
  EXPECT_EQ(error_of(changed("/steps/0/messages/0/event", "lost")), "step 2.messages: a message cannot be released");
  EXPECT_EQ(error_of(changed("/steps/0/processes/0/by", 0)), "step 1.processes.by: only a belief is somebody's");
  EXPECT_EQ(error_of(changed("/lanes/1/id", "node.n1")), "lanes: two have the same id");
  EXPECT_EQ(error_of(changed("/chain/0/step", 2)), "chain: must be in the order of the steps");
  EXPECT_EQ(error_of(changed("/chain/0/before", 1)), "chain: must be in the order of the steps");
  EXPECT_EQ(error_of(changed("/lanes", json(std::vector<int>(1001)))), "lanes: has more than 1000 entries");
}

TEST(TraceFile, MissingKeysAreNamed) {
  json whole = json::parse(mc::to_json(sample()));
  whole["steps"][1].erase("after");
  EXPECT_EQ(error_of(whole.dump()), "step 2: key \"after\" is missing");
  whole.erase("claim");
  EXPECT_EQ(error_of(whole.dump()), "key \"claim\" is missing");
}

TEST(TraceFile, HugeTextsAreRefusedUnread) {
  EXPECT_EQ(error_of(std::string(mc::TraceFile::kBytesMax + 1, ' ')), "is larger than 64 MiB");
}

TEST(TraceFile, DeepNestingIsAnErrorAndNoCrash) {
  EXPECT_EQ(error_of(std::string(1'000'000, '[')), "nests too deep");
}

TEST(TraceFile, BytesThatAreNoTextAreWrittenAsReplacements) {
  mc::TraceFile trace = sample();
  trace.claim = "\xff";
  EXPECT_TRUE(mc::parse_trace(mc::to_json(trace), "t.json").ok());
}

/// A file of the source tree as JSON.
json file_of(const std::string& name) {
  std::ifstream file(raymc::support::source_dir() + "/" + name);
  return json::parse(file);
}

const mc::support::JsonSchema& schema() {
  static const mc::support::JsonSchema schema(file_of("specs/schema/trace.schema.json"));
  return schema;
}

TEST(TraceSchema, FitsWhatIsWritten) {
  EXPECT_EQ(schema().mistake(json::parse(mc::to_json(sample()))), "");
  for (const char* name : {"golden/broken", "traces/twelve_steps", "traces/long"}) {
    EXPECT_EQ(schema().mistake(file_of("tests/cli/" + std::string(name) + ".trace.json")), "") << name;
  }
}

TEST(TraceSchema, RefusesWhatTheReaderRefuses) {
  json whole = json::parse(mc::to_json(sample()));
  for (const auto& [pointer, value] : std::vector<std::pair<std::string, json>>{
           {"/version", 2},
           {"/colour", "red"},
           {"/kind", "liveness"},
           {"/loop", -1},
           {"/steps/0/fault", "yes"},
           {"/steps/0/after", "12"},
           {"/steps/0/lane", "n1"},
           {"/steps/0/messages/0/event", "eaten"},
           {"/steps/0/colour", "red"},
           {"/rescue/end", 3},
           {"/lanes/0", json::object()},
       }) {
    json broken = whole;
    broken[json::json_pointer(pointer)] = value;
    EXPECT_NE(schema().mistake(broken), "") << pointer;
    EXPECT_NE(error_of(broken.dump()), "no error") << pointer;
  }
}

/// Runs check on a scenario and gives the trace that it wrote.
std::string trace_of(const Folder& folder, std::string_view scenario, const std::string& options = "") {
  folder.write("one.toml", scenario);
  static_cast<void>(folder.run("check one.toml --quiet --out out " + options));
  return folder.read("out/one.trace.json");
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Trace, IsShownAsApproved) {
  const Folder folder;
  std::string text;
  for (const std::string_view scenario : {toy::kBroken, toy::kQuiet, toy::kOverflow}) {
    static_cast<void>(trace_of(folder, scenario));
    const Ran ran = folder.run("trace out/one.trace.json");
    EXPECT_EQ(ran.exit_code, 0);
    text += ran.out + "\n";
  }
  toy::expect_golden("trace.txt", text);
}

TEST(Trace, AsJsonIsTheFile) {
  const Folder folder;
  const std::string file = trace_of(folder, toy::kBroken);
  EXPECT_EQ(folder.run("trace out/one.trace.json --format json").out, file);
}

TEST(Trace, ATruncatedFileIsABadFile) {
  const Folder folder;
  const std::string file = trace_of(folder, toy::kBroken);
  folder.write("half.json", file.substr(0, file.size() / 2));
  for (const char* command : {"trace half.json", "replay half.json"}) {
    const Ran ran = folder.run(command);
    EXPECT_EQ(ran.exit_code, 65);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(ran.err.find("toy: half.json:"), 0U) << ran.err;
    EXPECT_NE(ran.err.find("is not a whole JSON text"), std::string::npos) << ran.err;
  }
  EXPECT_EQ(folder.run("trace nowhere.json").exit_code, 65);
  EXPECT_EQ(folder.run("trace /dev/zero").exit_code, 65);
}

TEST(Replay, FitsTheModelThatGaveIt) {
  const Folder folder;
  for (const std::string_view scenario : {toy::kBroken, toy::kQuiet, toy::kOverflow}) {
    static_cast<void>(trace_of(folder, scenario));
    const Ran ran = folder.run("replay out/one.trace.json");
    EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  }
}

TEST(Replay, KeepsTheSafeguardsOfTheCommandLine) {
  const Folder folder;
  static_cast<void>(trace_of(folder, toy::kHolds, "--set fence=off"));
  const Ran ran = folder.run("replay out/one.trace.json");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "the trace fits: 2 steps, M1.exclusive is violated at the end\n");
}

// The toy's model is changed through the scenario that the trace carries.
TEST(Replay, NamesTheFirstStepThatNoLongerFits) {
  const Folder folder;
  const std::string file = trace_of(folder, toy::kBroken);
  folder.write("renamed.json", replaced(file, "fence off", "verb grab\\nfence off"));
  const Ran renamed = folder.run("replay renamed.json");
  EXPECT_EQ(renamed.exit_code, 10);
  EXPECT_EQ(renamed.out,
            "step 1 no longer fits: lock.A1.take(n1) is not enabled\n  hint: did you mean \"lock.A1.grab(n1)\"?\n");
  folder.write("guarded.json", replaced(file, "fence off", "fence on"));
  const Ran guarded = folder.run("replay guarded.json");
  EXPECT_EQ(guarded.exit_code, 10);
  EXPECT_EQ(guarded.out.find("step 2 no longer fits: lock.A1.take(n2) is not enabled"), 0U) << guarded.out;
}

TEST(Replay, ComparesFingerprintsAndTheClaim) {
  const Folder folder;
  const std::string file = trace_of(folder, toy::kBroken);
  json other = json::parse(file);
  other["steps"][0]["after"] = "0000000000000000";
  folder.write("other.json", other.dump());
  EXPECT_EQ(folder.run("replay other.json").out,
            "step 1 no longer fits: lock.A1.take(n1) leads to another state than it did\n");
  other["start"]["fingerprint"] = "0000000000000000";
  folder.write("other.json", other.dump());
  EXPECT_EQ(folder.run("replay other.json").out,
            "step 0 no longer fits: no initial state is the one that the trace starts in\n");
  json shorter = json::parse(file);
  shorter["steps"].erase(1);
  shorter["chain"] = json::array();
  shorter["rescue"] = nullptr;
  folder.write("shorter.json", shorter.dump());
  EXPECT_EQ(folder.run("replay shorter.json").out, "the last state no longer violates M1.exclusive\n");
}

TEST(Replay, AScenarioThatIsNoLongerReadIsABadFile) {
  const Folder folder;
  const std::string file = trace_of(folder, toy::kBroken);
  folder.write("old.json", replaced(file, "fence off", "fense off"));
  const Ran ran = folder.run("replay old.json");
  EXPECT_EQ(ran.exit_code, 65);
  EXPECT_EQ(ran.err, "toy: old.json (its scenario):2:1: unknown key\n");
}

}  // namespace
