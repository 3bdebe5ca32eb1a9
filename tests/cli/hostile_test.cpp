// Hostile texts in every place that takes a text: names of files and folders, questions, names of actions, every text
// of a trace and of an answer, arguments, lines of explore. What comes out on either stream or in any file must steer
// no terminal, command no runner of GitHub, and be well-formed UTF-8, JSON and XML.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "checker/report/packed.hpp"
#include "tests/cli/run.hpp"

namespace {

namespace fs = std::filesystem;
using toy::Folder;
using toy::Ran;

/// In a line of a scenario.
const std::string kLine =
    "::error file=a::b ##[error]x \033[31mR\033]0;t\a\x7f \u009b31m\u202e\u2066\u2028\u0085 ::end";
const std::string kText = "\n::error file=c::d\r\n##[error]y\t" + kLine + "\n  ::warning::z";
const std::string kName = "a\n::error file=x::y ##[error]\033[31m\u202e\xff<&\">";

/// The text as one word of a shell.
std::string quoted(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

/// The first thing that may not go out; empty if all is well.
std::string harm_in(const std::string& bytes, bool github) {
  try {
    static_cast<void>(nlohmann::json(bytes).dump());
  } catch (const nlohmann::json::exception&) {
    return "it is not UTF-8";
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f)
      return "the control character " + std::to_string(byte) + " at " + std::to_string(i);
  }
  for (const char* steering : {"\u009b", "\u0085", "\u202e", "\u2066", "\u2028", "##["})
    if (bytes.find(steering) != std::string::npos) return "a steering character or command: " + std::string(steering);
  std::istringstream lines(bytes);
  for (std::string line; std::getline(lines, line);) {
    const std::string trimmed = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
    const bool from_us = github && line.starts_with("::error file=") && line.find(",title=raymc ") != std::string::npos;
    if (trimmed.starts_with("::") && !from_us) return "a command: " + line;
  }
  return {};
}

/// Whether tags are balanced and attributes quoted: what a parser stops at first.
bool is_well_formed_xml(const std::string& text) {
  std::vector<std::string> open;
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at)) {
    const std::size_t end = text.find('>', at);
    if (end == std::string::npos) return false;
    const std::string tag = text.substr(at + 1, end - at - 1);
    at = end;
    if (tag.starts_with("?")) continue;
    if (std::count(tag.begin(), tag.end(), '"') % 2 != 0) return false;
    const std::string name = tag.substr(0, tag.find_first_of(" /", tag.starts_with("/") ? 1 : 0));
    if (tag.starts_with("/")) {
      if (open.empty() || "/" + open.back() != name) return false;
      open.pop_back();
    } else if (!tag.ends_with("/")) {
      open.push_back(name);
    }
  }
  return open.empty();
}

class Hostile : public testing::Test {
 protected:
  Ran look_at(const std::string& command) {
    const bool github = command.find("--format github") != std::string::npos;
    Ran ran = folder_.shell(command);
    EXPECT_EQ(harm_in(ran.out, github), "") << command << "\n" << ran.out;
    EXPECT_EQ(harm_in(ran.err, false), "") << command << "\n" << ran.err;
    EXPECT_LT(ran.exit_code, 128) << command;
    EXPECT_NE(ran.exit_code, 70) << command << "\n" << ran.err;
    return ran;
  }

  /// Looks at every file below a folder.
  void look_below(const fs::path& path) {
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (!entry.is_regular_file()) continue;
      ++files;
      std::ifstream file(entry.path(), std::ios::binary);
      std::ostringstream text;
      text << file.rdbuf();
      EXPECT_EQ(harm_in(text.str(), false), "") << entry.path();
      if (entry.path().extension() == ".json") {
        EXPECT_TRUE(nlohmann::json::accept(text.str())) << entry.path();
      }
    }
    EXPECT_GT(files, 0U) << path;
  }

  /// A scenario that is broken, in a file of an evil name.
  [[nodiscard]] std::string evil_scenario() const {
    folder_.write(kName + ".toml", "question " + kLine + "\nverb " + kLine + "\nfence off\ncheck M1.exclusive\n");
    return quoted(kName + ".toml");
  }

  Folder folder_;
};

TEST_F(Hostile, ReportsOfAScenario) {
  const std::string file = evil_scenario();
  folder_.write("summary/page", "");
  for (const std::string format : {"text", "json", "junit", "github"}) {
    const Ran ran = look_at("GITHUB_STEP_SUMMARY=summary/page \"$TOY\" toy check " + file + " --format " + format);
    EXPECT_EQ(ran.exit_code, 10);
    EXPECT_FALSE(ran.out.empty());
    if (format == "json") {
      EXPECT_TRUE(nlohmann::json::accept(ran.out)) << ran.out;
    }
    if (format == "junit") {
      EXPECT_TRUE(is_well_formed_xml(ran.out)) << ran.out;
    }
  }
  for (const std::string format : {"text", "json"}) look_at("\"$TOY\" toy simulate " + file + " --format " + format);
  look_at("GITHUB_STEP_SUMMARY=summary/page \"$TOY\" toy check " + file + " --format github --out out >/dev/null");
  look_at("\"$TOY\" toy simulate " + file + " --out out");
  look_at("\"$TOY\" toy safeguards " + file);
  look_at("\"$TOY\" toy audit " + file);
  look_at("\"$TOY\" toy graph " + file);
  look_at("\"$TOY\" toy results " + file + " --out out");
  look_at("\"$TOY\" toy release " + file + " --out out/one");
  look_at("\"$TOY\" toy release " + file + " --out out/two --compare out/one --checkpoint out/keep --time-max 10s");
  look_below(folder_.path() + "/out");
  look_below(folder_.path() + "/summary");
}

TEST_F(Hostile, ListsAndExplanations) {
  const std::string file = evil_scenario();
  look_at("cp " + file + " scenarios/seed/; \"$TOY\" toy list scenarios");
  look_at("\"$TOY\" toy check scenarios --format json");
  look_at("\"$TOY\" toy explain M1.exclusive");
  look_at("printf 'nonsense\\n' >" + quoted("scenarios/seed/" + kName + "2.toml") + "; \"$TOY\" toy list scenarios");
}

TEST_F(Hostile, LinesOfExplore) {
  const std::string file = evil_scenario();
  folder_.write("lines", kText + "\n1\nsave " + kLine + "\njump " + kLine + "\nsave saved\njump saved\npath\nquit\n");
  look_at("\"$TOY\" toy explore " + file + " <lines");
}

TEST_F(Hostile, ArgumentsOfEveryOption) {
  folder_.write("one.toml", toy::kBroken);
  const std::string evil = quoted(kText + "\xff");
  for (const std::string option :
       {"--threads", "--store", "--symmetry", "--depth-max", "--states-max", "--time-max", "--memory-max", "--frontier",
        "--disk", "--format", "--budget", "--checkpoint-every", "--profile", "--set", "--resume", "--nonsense"}) {
    look_at("\"$TOY\" toy check one.toml " + option + " " + evil);
    look_at("\"$TOY\" toy check one.toml " + option + "=" + evil);
  }
  for (const std::string option : {"--walks", "--depth", "--seed", "--walk", "--format"})
    EXPECT_EQ(look_at("\"$TOY\" toy simulate one.toml " + option + " " + evil).exit_code, 64) << option;
  look_at("\"$TOY\" toy check one.toml --set " + quoted("fence=" + kText));
  look_at("\"$TOY\" toy check one.toml --set " + quoted(kText + "=on"));
  look_at("\"$TOY\" toy check one.toml --frontier disk --store fingerprint --disk " + evil);
  look_at("\"$TOY\" toy check one.toml --out " + quoted("file/" + kName) + "; touch file");
  look_at("\"$TOY\" toy check one.toml --out " + quoted("one.toml/" + kName));
  look_at("\"$TOY\" toy check one.toml --checkpoint " + quoted("one.toml/" + kName));
  look_at("\"$TOY\" toy release one.toml --out out --compare " + evil);
  look_at("RAYMC_ROOT=" + evil + " \"$TOY\" toy check");
  for (const std::string command : {"", "check", "trace", "replay", "explain", "list", "graph", "explore", "audit"})
    look_at("\"$TOY\" toy " + command + " " + evil);
  look_at("\"$TOY\" toy trace one.toml --with " + evil);
  look_at("\"$TOY\" toy trace --diff one.toml " + evil);
}

/// Calls `with` once for each text in the document, with the text replaced by `evil`.
template <class With>
void replace_each_text(const nlohmann::ordered_json& document, const std::string& evil, const With& with) {
  const nlohmann::json flat = nlohmann::json::parse(document.dump()).flatten();
  for (const auto& item : flat.items()) {
    if (!item.value().is_string() || item.key() == "/format") continue;
    nlohmann::ordered_json changed = document;
    changed[nlohmann::ordered_json::json_pointer(item.key())] = evil;
    with(item.key(), changed.dump());
  }
}

TEST_F(Hostile, EveryTextOfATrace) {
  folder_.write("one.toml", toy::kBroken);
  ASSERT_EQ(folder_.run("check one.toml --quiet --out out").exit_code, 10);
  const auto trace = nlohmann::ordered_json::parse(folder_.read("out/one.trace.json"));
  nlohmann::ordered_json all = trace;
  std::size_t accepted = 0;
  replace_each_text(trace, kText, [&](const std::string& key, const std::string& text) {
    folder_.write("evil.json", text);
    const bool shown = look_at("\"$TOY\" toy trace evil.json").exit_code == 0;
    accepted += shown ? 1 : 0;
    if (shown) all[nlohmann::ordered_json::json_pointer(key)] = kText;
  });
  EXPECT_GT(accepted, 10U);
  // The scenario stays readable, so that what needs it gets that far.
  all["scenario"]["text"] = trace["scenario"]["text"];
  folder_.write("evil.json", all.dump());
  for (const std::string view : {"text", "html", "json", "mermaid", "perfetto", "shiviz", "dot"}) {
    const Ran ran = look_at("\"$TOY\" toy trace evil.json --format " + view);
    EXPECT_EQ(ran.exit_code, 0) << view << ran.err;
    if (view == "json" || view == "perfetto") {
      EXPECT_TRUE(nlohmann::json::accept(ran.out)) << ran.out;
    }
  }
  for (const std::string rest : {"trace evil.json --minimise", "trace --diff evil.json out/one.trace.json",
                                 "trace --diff out/one.trace.json evil.json", "trace evil.json --with fence",
                                 "trace evil.json --without fence", "replay evil.json"})
    look_at("\"$TOY\" toy " + rest);
}

TEST_F(Hostile, EveryTextOfAnAnswer) {
  folder_.write("one.toml", toy::kBroken);
  ASSERT_EQ(folder_.run("release one.toml --quiet --out last").exit_code, 10);
  const auto answer = nlohmann::ordered_json::parse(folder_.read("last/answers/one.json"));
  std::size_t compared = 0;
  replace_each_text(answer, kText, [&](const std::string&, const std::string& text) {
    folder_.write("last/answers/one.json", text);
    compared += look_at("\"$TOY\" toy release one.toml --quiet --out out --compare last").exit_code == 10 ? 1 : 0;
  });
  EXPECT_GT(compared, 10U);
  look_below(folder_.path() + "/out");
}

TEST_F(Hostile, MessagesAreCut) {
  folder_.write("one.toml", toy::kBroken);
  folder_.write("long.toml", "question Is it?\n" + std::string(900'000, 'k') + " 1\n");
  folder_.write("long.json",
                "{\"format\": \"raymc.trace\", \"version\": 4, \"" + std::string(5'000'000, 'k') + "\": 1}");
  folder_.write("lines", std::string(1'000'000, 'x') + "\n");
  folder_.write("argument", std::string(100'000, 'y'));
  for (const std::string command :
       {"check long.toml", "trace long.json", "replay long.json", "explore one.toml <lines",
        "check \"$(cat argument)\"", "\"$(cat argument)\"", "check one.toml --set \"$(cat argument)\"",
        "check one.toml --time-max \"$(cat argument)\"", "explain \"$(cat argument)\"",
        "check one.toml --threads \"$(cat argument)\"", "check one.toml \"--$(cat argument)\"",
        "check one.toml --checkpoint \"$(cat argument)\"", "trace one.toml --with \"$(cat argument)\""}) {
    const Ran ran = look_at("\"$TOY\" toy " + command);
    EXPECT_LT(ran.err.size(), 9'000U) << command;
    EXPECT_FALSE(ran.err.empty()) << command;
  }
}

TEST_F(Hostile, AFileThatNestsAMillionDeepIsABadFile) {
  folder_.write("one.toml", toy::kBroken);
  ASSERT_EQ(folder_.run("release one.toml --quiet --out last").exit_code, 10);
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  folder_.write("deep.json", "{\"format\": \"raymc.trace\", \"version\": " + deep + "}");
  EXPECT_EQ(look_at("\"$TOY\" toy trace deep.json").exit_code, 65);
  folder_.write("last/answers/one.json", "{\"format\": " + deep + "}");
  EXPECT_EQ(look_at("\"$TOY\" toy release one.toml --out out --compare last").exit_code, 65);
}

TEST(HostilePacked, AHeaderCannotAskForAllTheMemoryThereIs) {
  for (const unsigned bits : {36U, 40U, 42U, 60U, 63U}) {
    std::string frame("\x28\xb5\x2f\xfd\xe0", 5);
    for (unsigned shift = 0; shift < 64; shift += 8)
      frame += static_cast<char>((std::uint64_t{1} << bits) >> shift & 0xffU);
    EXPECT_FALSE(mc::decompress(frame, std::uint64_t{1} << bits).has_value()) << bits;
  }
  const std::vector<std::uint8_t> zeros(1'000'000);
  EXPECT_EQ(mc::decompress(mc::compress(zeros), zeros.size()), zeros);
}

TEST_F(Hostile, NumbersOutOfRangeInAnAnswerAreABadFile) {
  folder_.write("one.toml", toy::kBroken);
  ASSERT_EQ(folder_.run("release one.toml --quiet --out last").exit_code, 10);
  const std::string text = folder_.read("last/answers/one.json");
  const auto answer = nlohmann::ordered_json::parse(text);
  for (const char* key : {"/exit", "/representatives", "/measured/taken", "/verdict/states", "/verdict/depth",
                          "/verdict/levels/0", "/measured/threads", "/measured/states", "/comparison/kind"}) {
    for (const std::string number : {"-1", "1.5", "18446744073709551616", "1e300", "\"1\"", "null"}) {
      nlohmann::ordered_json changed = answer;
      changed[nlohmann::ordered_json::json_pointer(key)] = nlohmann::ordered_json::parse(number);
      folder_.write("last/answers/one.json", changed.dump());
      const Ran ran = folder_.run("release one.toml --quiet --out out --compare last");
      EXPECT_EQ(ran.exit_code, 65) << key << " " << number << "\n" << ran.err;
    }
  }
}

TEST_F(Hostile, NumbersThatAreNoneAreABadCommandLine) {
  folder_.write("one.toml", toy::kBroken);
  const std::vector<std::string> bad{
      "-1", "18446744073709551616", "1.5", "+1", "01", "''", "' 1'", "'1 '", "0x10", "1e3", "1_0", "1'\n'"};
  for (const std::string option :
       {"check one.toml --threads", "check one.toml --depth-max", "check one.toml --states-max",
        "simulate one.toml --walks", "simulate one.toml --depth", "simulate one.toml --seed",
        "simulate one.toml --walk", "audit --random", "audit --only", "audit --random 1 --seed",
        "graph one.toml --states-max", "trace one.toml --states-max"}) {
    for (const std::string& number : bad)
      EXPECT_EQ(look_at("\"$TOY\" toy " + option + " " + number).exit_code, 64) << option << " " << number;
  }
  for (const std::string option : {"--time-max", "--budget", "--checkpoint-every"}) {
    for (const std::string time : {"''", "-1s", "1.5s", "+1s", "01s", "' 1s'", "'1 s'", "0s", "1", "s", "1S", "1d",
                                   "1e3s", "9223372036854775807h", "99999999h", "18446744073709551616ms"})
      EXPECT_EQ(look_at("\"$TOY\" toy check one.toml " + option + " " + time).exit_code, 64) << option << " " << time;
  }
  for (const std::string size : {"''", "-1", "1.5GiB", "+1GiB", "01GiB", "' 1GiB'", "'1 GiB'", "0", "GiB", "1gib",
                                 "1GB", "18446744073709551616", "17179869184GiB"})
    EXPECT_EQ(look_at("\"$TOY\" toy check one.toml --memory-max " + size).exit_code, 64) << size;
}

}  // namespace
