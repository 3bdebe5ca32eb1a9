// Traces in the formats of other tools: as approved, in the rules of each format, and with texts that mean harm.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "checker/cli/tracing.hpp"
#include "tests/cli/run.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/support/places.hpp"

namespace {

using nlohmann::json;
using toy::Folder;
using toy::Ran;

std::string file(const std::string& name) {
  std::ifstream in(raymc::support::source_dir() + "/tests/cli/" + name);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

mc::TraceFile trace(const std::string& name) {
  mc::Result<mc::TraceFile> read = mc::parse_trace(file("traces/" + name + ".trace.json"), name);
  EXPECT_TRUE(read.ok()) << read.error().text();
  return read.value();
}

/// Every text of the trace replaced by one that every format must take care of.
mc::TraceFile hostile(const std::string& text) {
  mc::TraceFile whole = trace("twelve_steps");
  whole.scenario = whole.question = whole.claim = whole.property = text;
  for (mc::Lane& lane : whole.lanes) lane.id += text, lane.label = text;
  for (mc::TraceComponent& component : whole.components) component.label = text;
  for (mc::TraceMessage& message : whole.messages) message.label = message.kind = text;
  for (std::string& component : whole.start.components) component = text;
  for (mc::TraceStep& step : whole.steps) {
    step.sentence = step.action = text;
    for (mc::TraceChange& change : step.changes) change.text = text;
    for (mc::FiredRule& rule : step.rules) rule.id = rule.file = rule.symbol = text;
  }
  for (mc::OtherStep& step : whole.rescue->steps) step.sentence = text;
  return whole;
}

const std::vector<std::string>& harms() {
  static const std::vector<std::string> texts{"\"; } digraph evil {",
                                              "end",
                                              "END loop",
                                              "<script>alert(1)</script>",
                                              "a\nparticipant x\n  x->>x: y",
                                              "#59;%%{init: {}}%%",
                                              "\\",
                                              "tab\tand\x01 bell",
                                              "caf\xc3\xa9 \xf0\x9f\x92\xa5",
                                              "broken \xff\xc3",
                                              "host {\"evil\":1}",
                                              "\"\\l\"",
                                              "; note over p0: x",
                                              "`$(rm -rf /)`"};
  return texts;
}

class View : public testing::TestWithParam<const char*> {};

TEST_P(View, IsAsApproved) {
  const std::string view = GetParam();
  toy::expect_golden("views/twelve_steps." + view, mc::trace_view(trace("twelve_steps"), view, mc::Colour::kOff));
}

TEST_P(View, OfALongTraceIsWritten) {
  EXPECT_GT(mc::trace_view(trace("long"), GetParam(), mc::Colour::kOff).size(), 10'000U);
}

TEST_P(View, IsTheSameFromTheCommandLine) {
  const Folder folder;
  folder.write("t.json", file("traces/twelve_steps.trace.json"));
  const Ran ran = folder.run("trace t.json --format " + std::string(GetParam()));
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, mc::trace_view(trace("twelve_steps"), GetParam(), mc::Colour::kOff));
}

INSTANTIATE_TEST_SUITE_P(All, View, testing::Values("text", "mermaid", "perfetto", "shiviz", "dot"),
                         [](const auto& view) { return std::string(view.param); });

/// Every line is one of those that we write, and blocks are closed; the texts in them are plain.
void expect_mermaid(const std::string& text) {
  const std::string plain = "(?:[A-Za-z0-9 .,_()/']|#[0-9]+;)*";
  const std::regex line("sequenceDiagram|  participant p\\d+ as " + plain + "|  Note over p\\d+(?:,p\\d+)?: " + plain +
                        "|  p\\d+(?:->>|-x)p\\d+: " + plain +
                        "|  loop for ever|  rect rgb\\(\\d+, \\d+, \\d+\\)|  end");
  std::istringstream lines(text);
  int open = 0;
  for (std::string found; std::getline(lines, found);) {
    EXPECT_TRUE(std::regex_match(found, line)) << found;
    open += found.starts_with("  loop") || found.starts_with("  rect") ? 1 : found == "  end" ? -1 : 0;
    const std::string words = found.substr(0, found.find(':') == std::string::npos ? 0 : found.size());
    EXPECT_FALSE(std::regex_search(words, std::regex("end", std::regex::icase))) << found;
  }
  EXPECT_EQ(open, 0);
  EXPECT_LE(text.size(), mc::kMermaidBytesMax);
}

TEST(Mermaid, IsAlwaysADiagram) {
  expect_mermaid(mc::mermaid_view(trace("twelve_steps")));
  expect_mermaid(mc::mermaid_view(trace("long")));
  for (const std::string& harm : harms()) expect_mermaid(mc::mermaid_view(hostile(harm)));
}

TEST(Mermaid, FoldsWhatWouldBeTooLong) {
  mc::TraceFile whole = trace("long");
  for (mc::TraceStep& step : whole.steps) step.sentence += std::string(200, 'x');
  const std::string text = mc::mermaid_view(whole);
  expect_mermaid(text);
  EXPECT_NE(text.find("are left out"), std::string::npos);
  for (mc::TraceStep& step : whole.steps) step.fault = true;
  const std::string faults = mc::mermaid_view(whole);
  expect_mermaid(faults);
  EXPECT_NE(faults.find("the rest is left out"), std::string::npos);
}

TEST(Mermaid, IsReadByItsOwnParser) {
  const char* checker = std::getenv("RAYMC_MERMAID_CHECK");
  if (checker == nullptr) GTEST_SKIP() << "tests/views/run.sh sets it where npm is usable";
  const Folder folder;
  std::string files;
  const auto add = [&](const std::string& name, const mc::TraceFile& whole) {
    files += " '" + folder.write(name + ".mmd", mc::mermaid_view(whole)) + "'";
  };
  add("twelve_steps", trace("twelve_steps"));
  add("long", trace("long"));
  for (std::size_t i = 0; i < harms().size(); ++i) add("harm" + std::to_string(i), hostile(harms()[i]));
  const Ran ran = folder.shell(std::string(checker) + files);
  EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
  folder.write("wrong.mmd", "sequenceDiagram\n  a->>\n");
  EXPECT_NE(folder.shell(std::string(checker) + " wrong.mmd").exit_code, 0) << "the parser accepts anything";
}

/// What the schema says, and that flows begin before they end, each inside a slice of its track.
void expect_perfetto(const std::string& text) {
  static const mc::support::JsonSchema schema(json::parse(file("trace_events.schema.json")));
  const json whole = json::parse(text);
  ASSERT_EQ(schema.mistake(whole), "");
  std::map<std::int64_t, std::int64_t> sent;
  std::size_t flows = 0;
  for (const json& event : whole["traceEvents"]) {
    const std::string phase = event["ph"];
    if (phase != "s" && phase != "f") continue;
    const auto inside = [&](const json& slice) {
      return slice["ph"] == "X" && slice["tid"] == event["tid"] && slice["ts"] <= event["ts"] &&
             event["ts"] <= slice["ts"].get<std::int64_t>() + slice["dur"].get<std::int64_t>();
    };
    const json& all = whole["traceEvents"];
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), inside)) << event.dump();
    ++flows;
    if (phase == "s") {
      EXPECT_TRUE(sent.emplace(event["id"], event["ts"]).second) << event.dump();
    } else {
      ASSERT_TRUE(sent.count(event["id"])) << event.dump();
      EXPECT_LT(sent[event["id"]], event["ts"].get<std::int64_t>()) << event.dump();
    }
  }
  EXPECT_GT(flows, 10U);
}

TEST(Perfetto, IsMadeOfTraceEvents) {
  expect_perfetto(mc::perfetto_view(trace("twelve_steps")));
  expect_perfetto(mc::perfetto_view(trace("long")));
  for (const std::string& harm : harms()) expect_perfetto(mc::perfetto_view(hostile(harm)));
}

/// ShiViz's rules: its regular expression finds every event; a host counts its events one by one; a clock names only
/// events that have been; and it knows at least what the host knew before.
void expect_shiviz(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "(?<event>.*)\\n(?<host>\\S*) (?<clock>{.*})");
  std::getline(lines, line);
  EXPECT_EQ(line, "");
  std::map<std::string, std::map<std::string, std::size_t>> clocks;
  std::size_t events = 0;
  for (std::string event; std::getline(lines, event); ++events) {
    ASSERT_TRUE(std::getline(lines, line)) << event;
    std::smatch match;
    ASSERT_TRUE(std::regex_match(line, match, std::regex("(\\S*) (\\{.*\\})"))) << line;
    const std::string host = match[1];
    const std::map<std::string, std::size_t> clock = json::parse(match[2].str());
    ASSERT_TRUE(clock.count(host)) << line;
    EXPECT_EQ(clock.at(host), clocks[host][host] + 1) << line;
    for (const auto& [other, value] : clocks[host]) EXPECT_GE(clock.count(other) ? clock.at(other) : 0, value) << line;
    for (const auto& [other, value] : clock) {
      if (other != host) {
        EXPECT_LE(value, clocks[other][other]) << line;
      }
    }
    clocks[host] = clock;
  }
  EXPECT_GT(events, 12U);
}

TEST(Shiviz, IsALogWithVectorClocks) {
  expect_shiviz(mc::shiviz_view(trace("twelve_steps")));
  expect_shiviz(mc::shiviz_view(trace("long")));
  for (const std::string& harm : harms()) expect_shiviz(mc::shiviz_view(hostile(harm)));
}

TEST(Shiviz, AReceiptComesAfterItsSending) {
  const std::string text = mc::shiviz_view(trace("twelve_steps"));
  // Step 2 handles what step 1 sent.
  EXPECT_NE(text.find("\n2 "), std::string::npos);
  std::istringstream lines(text.substr(text.find("\n2 ") + 1));
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  EXPECT_NE(line.find("\"owner.driver\":2"), std::string::npos) << line;
}

TEST(Dot, IsDrawnByGraphviz) {
  if (std::system("dot -V >/dev/null 2>&1") != 0) GTEST_SKIP() << "Graphviz is not installed";
  const Folder folder;
  const auto draw = [&](const std::string& text) {
    folder.write("g.dot", text);
    const Ran ran = folder.shell("dot -Tsvg g.dot");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.err.find("syntax error"), std::string::npos) << ran.err;
    EXPECT_EQ(ran.out.find("<title>evil"), std::string::npos);
    return ran.out;
  };
  EXPECT_NE(draw(mc::dot_view(trace("twelve_steps"))).find("<svg"), std::string::npos);
  static_cast<void>(draw(mc::dot_view(trace("long"))));
  for (const std::string& harm : harms()) {
    if (harm.find('\xff') == std::string::npos) static_cast<void>(draw(mc::dot_view(hostile(harm))));
  }
  folder.write("small.toml", toy::kHolds);
  EXPECT_NE(draw(folder.run("graph small.toml").out).find("<svg"), std::string::npos);
}

TEST(Graph, IsAsApproved) {
  const Folder folder;
  folder.write("small.toml", toy::kBroken);
  const Ran ran = folder.run("graph small.toml");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  toy::expect_golden("views/graph.dot", ran.out);
}

TEST(Graph, IsNotDrawnWhenItIsTooLarge) {
  const Folder folder;
  folder.write("small.toml", toy::kHolds);
  const Ran ran = folder.run("graph small.toml --states-max 3");
  EXPECT_EQ(ran.exit_code, 20);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err, "toy: the scenario has more than 3 states\n  hint: --states-max draws more\n");
  EXPECT_EQ(folder.run("graph small.toml --states-max 7").exit_code, 0);
}

TEST(TextView, ColoursAreForTerminalsOnly) {
  const std::string plain = mc::trace_view(trace("twelve_steps"), "text", mc::Colour::kOff);
  const std::string painted = mc::trace_view(trace("twelve_steps"), "text", mc::Colour::kOn);
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  EXPECT_EQ(std::regex_replace(painted, std::regex("\x1b\\[[0-9;]*m"), ""), plain);
  EXPECT_NE(painted.find("\x1b[1;33mFAULT"), std::string::npos);
}

}  // namespace
