// Scenario files that nobody means well with: they are refused, at once, with a message of a line.
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include "checker/core/plain.hpp"
#include "specs/scenario.hpp"
#include "specs/scenario_keys.hpp"
#include "tests/support/sanitized.hpp"

namespace {

using raymc::ScenarioKey;

const std::string kHead = "schema = 1\nquestion = \"Is it?\"\n[check]\nproperties = [\"L1.task_ends\"]\n";

const std::string kTask = "[[shape.task]]\nid = \"t1\"\n";

mc::Result<raymc::Scenario> parsed(const std::string& text) {
  static const std::vector<raymc::Property> kKnown{{.id = "L1.task_ends"}};
  return raymc::parse_scenario(text, "hostile.toml", kKnown);
}

std::string repeated(std::size_t count, const std::string& text) {
  std::string whole;
  for (std::size_t i = 0; i < count; ++i) whole += text;
  return whole;
}

/// The message; the scenario must be refused with less work than any search, however busy the machine is.
std::string refusal(const std::string& text) {
  const std::clock_t start = std::clock();
  const mc::Result<raymc::Scenario> scenario = parsed(text);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  EXPECT_FALSE(scenario.ok()) << text.substr(0, 200);
  if (!mc::support::kSanitized) {
    EXPECT_LT(seconds, 0.1) << text.substr(0, 200);
  }
  return scenario.ok() ? "" : mc::plain_message(scenario.error().text());
}

TEST(HostileScenario, AHeaderOfFiveHundredThousandPartsIsRefused) {
  EXPECT_EQ(refusal("[" + repeated(499'999, "a.") + "a]\n"),
            "hostile.toml:1:33: a key has too many parts\n  hint: the keys of a scenario are listed by \"list keys\"");
}

TEST(HostileScenario, WhatIsDeepIsRefusedHoweverItIsWritten) {
  const std::string deep = repeated(250'000, "a.") + "a";
  const std::string spaced = repeated(100'000, "a . ") + "a";
  const std::string texts = repeated(100'000, "\"a\".") + "a";
  for (const std::string& key : {deep, spaced, texts}) {
    for (const std::string& text :
         {"[" + key + "]\n", "[[" + key + "]]\n", key + " = 1\n", "x = {" + key + " = 1}\n",
          "x = [{" + key + " = 1}]\n", "\xef\xbb\xbf[" + key + "]\n", "x = \"\"\"a\"\"\"\"\"\n[" + key + "]\n",
          "x = '''\n\\'''\n[" + key + "]\n", "x = '\\'\n[" + key + "]\n"})
      EXPECT_NE(refusal(text).find("has too many parts"), std::string::npos) << text.substr(0, 40);
  }
  EXPECT_NE(refusal("x = " + repeated(500'000, "[")).find("nest too deep"), std::string::npos);
  EXPECT_NE(refusal("x = " + repeated(200'000, "{a=")).find("nest too deep"), std::string::npos);
  EXPECT_NE(refusal("x = " + repeated(100'000, "[{a=")).find("nest too deep"), std::string::npos);
}

TEST(HostileScenario, DotsAndBracketsInTextsAndCommentsAreNone) {
  const std::string dots = repeated(100, "a.[{\xc3\xbc");
  EXPECT_TRUE(parsed("# " + dots + "\nquestion = \"" + dots + "\\\"" + dots + "\"\nschema = 1\nthreads = ['one " +
                     dots + "', \"\"\"\n" + dots + "\"\"\"]\n[shape]\nnodes = 1\n" + kTask +
                     "[check]\nproperties = [\"L1.task_ends\"]\n")
                  .ok());
}

TEST(HostileScenario, ALetterBeyondAsciiInAKeyIsRefused) {
  for (const char* text : {"ü = 1\n", "[ü]\n", "a.ü = 1\n", "a = ü\n", "a = {ü = 1}\n", "a = 1ü\n", "数 = 1\n"})
    EXPECT_NE(refusal(text).find("a character beyond ASCII stands outside of a text"), std::string::npos) << text;
  EXPECT_NE(refusal("\"ü\" = 1\n").find("unknown key \"ü\""), std::string::npos);
}

TEST(HostileScenario, TwentyThousandOfAnythingAreRefusedAtOnce) {
  EXPECT_NE(refusal(kHead + "[shape]\nnodes = 1\n" + repeated(20'000, "[[shape.task]]\nid = \"t\"\n"))
                .find("20000 tasks, more than 8"),
            std::string::npos);
  EXPECT_NE(refusal(kHead + "[shape]\nnodes = 1\n" + repeated(20'000, "[[shape.owner]]\nname = \"o\"\n") + kTask)
                .find("20000 owners, more than 4"),
            std::string::npos);
  std::string names;
  for (int i = 0; i < 100'000; ++i) names += "'" + std::to_string(i) + "',";
  for (const std::string key : {"threads = [", "features = ["})
    EXPECT_NE(refusal(key + names + "]\n" + kHead + "[shape]\nnodes = 1\n" + kTask).find("has more than 1000 entries"),
              std::string::npos)
        << key;
}

TEST(HostileScenario, MoreThanAMebibyteIsRefused) {
  EXPECT_NE(refusal(kHead + "# " + std::string(1U << 20U, 'x')).find("is larger than 1 MiB"), std::string::npos);
}

/// A scenario that is right but for one key, which has this value; `line` is where it stands.
std::string with(const ScenarioKey& changed, const std::string& value, std::size_t* line = nullptr) {
  struct Section {
    std::string table, head;
    std::vector<std::pair<std::string, std::string>> keys;
  };
  static const std::vector<Section> sections{
      {"", "schema = 1", {{"question", "\"Is it?\""}}},
      {"shape", "[shape]", {{"nodes", "1"}}},
      {"shape.owner", "[[shape.owner]]", {{"name", "\"driver\""}}},
      {"shape.task", "[[shape.task]]", {{"id", "\"t1\""}}},
      {"budget", "[budget]", {}},
      {"protocol", "[protocol]", {}},
      {"limits", "[limits]", {}},
      {"check", "[check]", {{"properties", "[\"L1.task_ends\"]"}}},
      {"check.reachable",
       "[[check.reachable]]",
       {{"name", "\"it_waits\""}, {"when", "[\"task t1: PENDING_ARGS_AVAIL\"]"}}},
      {"finding", "[finding]", {{"status", "\"pinned\""}, {"likelihood", "\"narrow\""}, {"needs", "\"a fault\""}}},
      {"expect", "[expect]", {{"outcome", "\"violated\""}}},
  };
  std::string text;
  for (const Section& section : sections) {
    // A key that is a table takes the place of the table.
    if (!section.table.empty() && (section.table + ".").starts_with(changed.path() + ".")) continue;
    const bool here = section.table == changed.table;
    if (!here || changed.name != "schema") text += section.head + "\n";
    for (const auto& [key, value_of_key] : section.keys) {
      if (!here || changed.name != key) text += key + " = " + value_of_key + "\n";
    }
    if (!here) continue;
    text += std::string(changed.name) + " = ";
    if (line != nullptr) *line = 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    text += value + "\n";
  }
  return text;
}

TEST(HostileScenario, EveryKeyWithAMegabyteGivesAShortMessage) {
  const std::string long_text = "\"" + std::string(900'000, 'z') + "\"";
  for (const ScenarioKey& key : raymc::scenario_keys()) {
    for (const std::string& value : {long_text, "[" + long_text + "]", "{" + long_text + " = 1}"}) {
      std::size_t line = 0;
      const std::string message = refusal(with(key, value, &line));
      EXPECT_LT(message.size(), 8'000U) << key.path();
      EXPECT_TRUE(message.starts_with("hostile.toml:" + std::to_string(line) + ":")) << key.path() << ": " << message;
    }
  }
  EXPECT_LT(refusal(std::string(900'000, 'k') + " = 1\n").size(), 8'000U);
}

TEST(HostileScenario, EveryKeyWithHostileTextGivesAPlainMessage) {
  const std::string evil = R"("\n::error file=a::b\r##[error]\u001b[31m\u202e\u009b\u0085")";
  for (const ScenarioKey& key : raymc::scenario_keys()) {
    for (const std::string& value : {evil, "[" + evil + "]", "{" + evil + " = 1}"}) {
      const mc::Result<raymc::Scenario> scenario = parsed(with(key, value));
      if (scenario.ok()) continue;
      const std::string message = mc::plain_message(scenario.error().text());
      EXPECT_EQ(mc::plain_output(message, mc::Sequences::kGone), message) << key.path();
      EXPECT_EQ(message.find("\n::"), std::string::npos) << key.path() << message;
    }
  }
}

TEST(HostileScenario, NumbersOutOfRangeAreRefusedInEveryKey) {
  for (const ScenarioKey& key : raymc::scenario_keys()) {
    const bool counts = key.type == raymc::KeyType::kInteger || key.type == raymc::KeyType::kIntegers;
    if (!counts) continue;
    for (const std::string value : {"-1", "18446744073709551616", "9223372036854775807", "1.0", "1e3", "inf", "nan",
                                    "01", "\"1\"", "true", "1979-05-27"}) {
      std::size_t line = 0;
      const std::string message = refusal(with(key, value, &line));
      EXPECT_TRUE(message.starts_with("hostile.toml:" + std::to_string(line) + ":")) << value << ": " << message;
    }
  }
}

TEST(HostileScenario, AHintDoesNotNameWhatWasRefused) {
  const std::string text = kHead.substr(0, kHead.find("[check]")) +
                           "[shape]\nnodes = 2\n[[shape.owner]]\nname = \"driver\"\n[[shape.owner]]\nname = \"a\"\n"
                           "kind = \"worker\"\nnode = \"n2\"\n[[shape.task]]\nid = \"put\"\nowner = \"a\"\n"
                           "[[shape.task]]\nid = \"use\"\nkey = 2\ndepends_on = \"put\"\n";
  const std::string message = refusal(text + kHead.substr(kHead.find("[check]")));
  EXPECT_NE(message.find("there is no earlier task \"put\" of the same owner\n  hint: \"put\" belongs to \"a\""),
            std::string::npos)
      << message;
}

}  // namespace
