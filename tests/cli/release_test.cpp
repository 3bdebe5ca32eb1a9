// The release command, its page, and what it says about last time.
#include "checker/report/release.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "checker/report/compare.hpp"
#include "tests/cli/run.hpp"

namespace {

using toy::Folder;
using toy::Ran;

mc::AnswerFile file_of(const std::string& path) {
  mc::AnswerFile file;
  mc::Answer& answer = file.answer;
  answer.scenario = "one";
  answer.path = path;
  answer.question = "Is it <safe> & sound?";
  answer.facts = {{"faults", "crash 1"}, {"version", "toy 1"}};
  answer.verdict.outcome = mc::Outcome::kHolds;
  answer.verdict.states = 100;
  answer.verdict.transitions = 300;
  answer.verdict.depth = 4;
  answer.verdict.judgements = {{"M1", mc::PropertyKind::kInvariant, mc::Outcome::kHolds, 0}};
  answer.verdict.coverage = {{"take", 5}, {"", 0}, {"crash", 0}};
  answer.verdict.levels = {1, 40, 59};
  answer.explored = "all behaviours";
  answer.claims = {"it is <exclusive>"};
  file.measured = {"exact", 0.0, 2, 1.5, 100, 1 << 20};
  return file;
}

TEST(AnswerFile, IsReadAsItWasWritten) {
  mc::AnswerFile file = file_of("a.toml");
  file.identity = {{"store", "exact"}};
  file.answer.comparison = {mc::Comparison::Kind::kMissed, {"states: expected 8, got 9"}};
  file.answer.exit_code = 10;
  const std::string text = mc::to_json(file);
  const mc::Result<mc::AnswerFile> read = mc::parse_answer(text, "a.json");
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(mc::to_json(read.value()), text);
  EXPECT_EQ(read.value().answer.verdict, file.answer.verdict);
  for (std::size_t length = 0; length + 2 < text.size(); length += 7)
    EXPECT_FALSE(mc::parse_answer(text.substr(0, length), "a.json").ok()) << length;
  EXPECT_EQ(mc::parse_answer("{}", "a.json").error().file, "a.json");
}

TEST(AnswerFile, WithOneNameTwiceIsRefused) {
  const nlohmann::json whole = nlohmann::json::parse(mc::to_json(file_of("a.toml")));
  for (const char* place : {"/facts", "/verdict/judgements", "/verdict/coverage"}) {
    nlohmann::json json = whole;
    nlohmann::json& list = json[nlohmann::json::json_pointer(place)];
    list.push_back(list[0]);
    json["claims"].push_back("it is <exclusive>");
    if (std::string(place) != "/verdict/judgements") json["claims"].erase(1);
    const mc::Result<mc::AnswerFile> read = mc::parse_answer(json.dump(), "a.json");
    ASSERT_FALSE(read.ok()) << place;
    EXPECT_NE(read.error().text().find("twice"), std::string::npos) << read.error().text();
  }
}

TEST(AnswerFile, OfAProgramWithReductionsIsRead) {
  nlohmann::json json = nlohmann::json::parse(mc::to_json(file_of("a.toml")));
  json["reduction"] = {{"kind", "on"}, {"used", true}, {"refused", ""}};
  json["taken"] = 77;
  json["identity"].push_back({"reduction", "on"});
  const mc::Result<mc::AnswerFile> read = mc::parse_answer(json.dump(), "a.json");
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read.value().answer.verdict, file_of("a.toml").answer.verdict);
}

TEST(AnswerFile, OfAProgramThatDidNotCountWhatWasTakenIsRead) {
  nlohmann::json json = nlohmann::json::parse(mc::to_json(file_of("a.toml")));
  ASSERT_EQ(json["measured"].erase("taken"), 1);
  const mc::Result<mc::AnswerFile> read = mc::parse_answer(json.dump(), "a.json");
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read.value().measured.taken, 0U);
}

TEST(Differences, NothingDiffersFromItself) {
  const std::vector<mc::AnswerFile> then{file_of("a.toml")};
  std::vector<mc::AnswerFile> now = then;
  now[0].measured.seconds = 99;
  EXPECT_TRUE(mc::differences(then, now).empty()) << "times are not compared";
}

TEST(Differences, ComeWithWhatChanged) {
  const std::vector<mc::AnswerFile> then{file_of("a.toml"), file_of("gone.toml")};
  std::vector<mc::AnswerFile> now{file_of("a.toml"), file_of("new.toml")};
  mc::Answer& answer = now[0].answer;
  answer.verdict.states = 120;
  answer.verdict.coverage = {{"take", 0}, {"crash", 3}, {"drain", 1}};
  answer.facts[0].second = "crash 2";
  const std::vector<mc::Difference> found = mc::differences(then, now);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].what, (std::vector<std::string>{"states: 100 then, 120 now (+20.0 %)", "no longer fires: take",
                                                     "fires now: crash"}));
  EXPECT_EQ(found[0].why, (std::vector<std::string>{"the model has new rules: drain",
                                                    "its faults was \"crash 1\" and is \"crash 2\""}));
  EXPECT_TRUE(found[0].explained);
  EXPECT_EQ(found[1], (mc::Difference{"new.toml", {"it was not there"}, {"the scenario is new"}, true}));
  EXPECT_EQ(found[2].path, "gone.toml");
}

TEST(Differences, ThatNothingExplainsAreSaidToBeUnexplained) {
  const std::vector<mc::AnswerFile> then{file_of("a.toml")};
  std::vector<mc::AnswerFile> now = then;
  now[0].answer.verdict.transitions = 301;
  now[0].answer.verdict.coverage[0].fired = 6;
  const std::vector<mc::Difference> found = mc::differences(then, now);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[0].explained);
  EXPECT_NE(found[0].why[0].find("most changed are the rules take"), std::string::npos);
  mc::ReleasePage page{now, {}, {}, found};
  EXPECT_EQ(mc::release_sentence(page), "not ready: 1 differences against last time are unexplained");
}

TEST(ReleasePage, EscapesWhatScenariosSayAndNeedsNothingElse) {
  const mc::ReleasePage page{{file_of("a.toml")}, {}, {{"processor", "<b>"}}, std::nullopt};
  const std::string html = mc::release_html(page);
  EXPECT_NE(html.find("Is it &lt;safe&gt; &amp; sound?"), std::string::npos);
  EXPECT_EQ(html.find("<safe>"), std::string::npos);
  EXPECT_EQ(html.find("http"), std::string::npos) << "nothing is fetched";
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_NE(html.find("<title>states per level of one</title>"), std::string::npos);
  EXPECT_NE(html.find("depth 2: 59 states"), std::string::npos);
  const std::string markdown = mc::release_markdown(page);
  EXPECT_NE(markdown.find("| processor | &lt;b&gt; |"), std::string::npos) << markdown;
}

TEST(ReleasePage, OpensWithWhatIsKnownToBeWrong) {
  mc::ReleasePage page{{file_of("a.toml"), file_of("b.toml")}, {}, {}, std::nullopt};
  page.answers[1].answer.variant = mc::Variant::kFixed;
  EXPECT_EQ(mc::release_sentence(page), "all 2 scenarios are as expected");
  page.open_violations = std::vector<mc::OpenViolation>{
      {"leak", "under a condition", "#65938", "a worker that <dies>", "2.55.1: 5 of 5", "defects/leak.toml"}};
  EXPECT_EQ(mc::release_sentence(page), "all 2 scenarios are as expected; 1 known violation is open");
  EXPECT_FALSE(mc::stands_in_the_way(page));
  const std::string markdown = mc::release_markdown(page);
  const std::size_t open = markdown.find("| leak | under a condition | \\#65938 | a worker that &lt;dies&gt; |");
  EXPECT_NE(open, std::string::npos) << markdown;
  EXPECT_LT(open, markdown.find("## Scenarios"));
  EXPECT_NE(markdown.find("* as it is\\: 1 holds\n* with proposed fixes\\: 1 holds\n"), std::string::npos) << markdown;
  const std::string html = mc::release_html(page);
  EXPECT_LT(html.find("<td>leak</td><td>under a condition</td><td>#65938</td>"), html.find("<h2>Answers</h2>"));
  EXPECT_NE(html.find("<p>with proposed fixes: 1 holds</p>"), std::string::npos);
  page.answers[0].answer.exit_code = 10;
  EXPECT_TRUE(mc::stands_in_the_way(page));
}

TEST(Release, WritesItsFolderAndComparesWithLastTime) {
  const Folder folder;
  folder.write("scenarios/release/a.toml", toy::kHolds);
  folder.write("scenarios/release/b.toml", toy::kDefect);
  const Ran first = folder.run("release --out last");
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_NE(first.out.find("all 2 scenarios are as expected\n"), std::string::npos) << first.out;
  for (const char* name :
       {"SUMMARY.md", "SUMMARY.html", "golden.tsv", "coverage.tsv", "answers/a.json", "answers/b.json"})
    EXPECT_TRUE(folder.has(std::string("last/") + name)) << name;
  folder.write("scenarios/release/a.toml", "question Is it?\ncrashes 2\ncheck M1.exclusive\nexpect holds\n");
  const Ran second = folder.run("release --out now --compare last");
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_NE(folder.read("now/SUMMARY.md").find("its faults was"), std::string::npos) << folder.read("now/SUMMARY.md");
  EXPECT_EQ(folder.run("release --out now2 --compare nowhere").exit_code, 65);
  EXPECT_FALSE(folder.has("now2")) << "what to compare with is read before anything is searched";
}

TEST(Release, EndedByALimitItKeepsItsCheckpoints) {
  const Folder folder;
  folder.write("scenarios/release/a.toml", toy::kHolds);
  folder.write("scenarios/release/b.toml", "question Long?\ncells 16\ncheck M1.exclusive\n");
  const Ran cut = folder.run("release --out out --checkpoint kept --checkpoint-every 1ms --time-max 100ms");
  EXPECT_EQ(cut.exit_code, 20) << cut.err;
  EXPECT_NE(cut.out.find("not ready"), std::string::npos) << cut.out;
  EXPECT_TRUE(folder.has("kept/b/manifest"));
  const Ran again = folder.run("release --out out --checkpoint kept --resume");
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_NE(again.out.find("all 2 scenarios are as expected\n"), std::string::npos) << again.out;
  EXPECT_FALSE(folder.has("kept/b"));
}

TEST(Release, InterruptedItWritesNothingAndGoesOn) {
  const Folder folder;
  folder.write("scenarios/release/a.toml", toy::kHolds);
  folder.write("scenarios/release/b.toml", "question Long?\ncells 17\ncheck M1.exclusive\n");
  const Ran cut = folder.shell("\"$TOY\" toy release --out out --checkpoint kept & " + toy::wait_for("kept/b/lock") +
                               "sleep 0.1; kill -TERM $!; wait $!");
  EXPECT_EQ(cut.exit_code, 20) << cut.err;
  EXPECT_FALSE(folder.has("out/SUMMARY.md"));
  const Ran again = folder.run("release --out out --checkpoint kept --resume");
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(folder.has("out/SUMMARY.md"));
  EXPECT_FALSE(folder.has("kept/a/answer.json")) << "a release that is over leaves nothing to go on with";
}

}  // namespace
