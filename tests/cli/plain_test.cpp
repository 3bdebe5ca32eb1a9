// Plain text: what is made harmless, what stays, and that nothing changes the second time.
#include "checker/core/plain.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "checker/report/json_text.hpp"

namespace {

using mc::plain_line;
using mc::plain_output;
using mc::Sequences;

TEST(Plain, OrdinaryTextStaysAsItIs) {
  for (const std::string text : {"", "n1 dies; ray::core::X (100 %)", "Größe – 数 🎉", "a:b::c", "# one ## two [x]"}) {
    EXPECT_EQ(plain_line(text), text);
    EXPECT_EQ(plain_output(text, Sequences::kGone), text);
  }
}

TEST(Plain, ALineHasNoControlCharactersAndNoNewline) {
  EXPECT_EQ(plain_line("a\nb\tc\r\nd"), "a b c  d");
  EXPECT_EQ(plain_line("\033[31mRED\a\x7f"), "␛[31mRED␇␡");
  EXPECT_EQ(plain_line(std::string_view("\0x", 2)), "␀x");
  EXPECT_EQ(plain_line("a\u202eb\u2066c\u2028d\u009be"), "a\ufffdb\ufffdc\ufffdd\ufffde");
}

TEST(Plain, BytesThatAreNoUtf8AreReplaced) {
  for (const std::string bad : {"\xff", "\xc3", "\xc0\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5"}) {
    const std::string text = plain_line("a" + bad + "z");
    EXPECT_EQ(text.front(), 'a');
    EXPECT_EQ(text.back(), 'z');
    EXPECT_NO_THROW(static_cast<void>(nlohmann::json(text).dump())) << "it is UTF-8";
    EXPECT_NE(text.find("\ufffd"), std::string::npos);
  }
}

TEST(Plain, CommandsToARunnerOfGithubAreBroken) {
  EXPECT_EQ(plain_line("::error::x"), ": :error::x");
  EXPECT_EQ(plain_line("a\n::error file=a::b"), "a : :error file=a::b");
  EXPECT_EQ(plain_line("\u00a0::error"), "\u00a0: :error");
  EXPECT_EQ(plain_line(":::x"), ": : :x");
  EXPECT_EQ(plain_line("x##[error]y"), "x## [error]y");
  EXPECT_EQ(plain_output("::error file=a::b\n", Sequences::kGone), "::error file=a::b\n") << "raymc's own";
  EXPECT_EQ(plain_output("##[error]", Sequences::kGone), "## [error]");
}

TEST(Plain, TwiceIsOnce) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  all += "::::##[##[\n::\u202e::\xe2\x80";
  const std::string once = plain_line(all);
  EXPECT_EQ(plain_line(once), once);
  EXPECT_EQ(plain_output(once, Sequences::kGone), once);
  const std::string out = plain_output(all, Sequences::kGone);
  EXPECT_EQ(plain_output(out, Sequences::kGone), out);
}

TEST(Plain, OnlyATerminalGetsSequencesAndOnlyOurs) {
  const std::string text = "\r\033[2K\033[1;31mred\033[0m \033]0;title\a \033[31m \r";
  EXPECT_EQ(plain_output(text, Sequences::kStay), "\r\033[2K\033[1;31mred\033[0m ␛]0;title␇ ␛[31m ␍");
  EXPECT_EQ(plain_output(text, Sequences::kGone).find('\033'), std::string::npos);
}

TEST(Plain, ALongTextLosesItsMiddleAndKeepsItsEnd) {
  const std::string text = mc::plain_message("f.toml:1:1: unknown key \"" + std::string(1'000'000, 'k') +
                                             "\" in [shape]\n  hint: " + std::string(1'000'000, 'h'));
  EXPECT_LT(text.size(), 10'000U);
  EXPECT_EQ(text.find("f.toml:1:1: unknown key \"kkk"), 0U);
  EXPECT_NE(text.find("k\" in [shape]\n  hint: hhh"), std::string::npos);
  EXPECT_NE(text.find("bytes left out"), std::string::npos);
}

TEST(Plain, AMessageKeepsItsHintAndNoOtherNewline) {
  EXPECT_EQ(mc::plain_message("a\nb\n  hint: c\nd"), "a b\n  hint: c d");
}

TEST(JsonText, IsReadAsTheSameAndObeyedByNobody) {
  nlohmann::ordered_json json;
  json["text"] = "##[error] \u202e \u009b \x7f ü";
  const std::string text = mc::json_text(json, 1);
  EXPECT_EQ(nlohmann::ordered_json::parse(text), json);
  EXPECT_EQ(plain_output(text, Sequences::kGone), text);
  json["text"] = "a\xff";
  EXPECT_EQ(nlohmann::ordered_json::parse(mc::json_text(json, -1))["text"], "a\ufffd");
  json["text"] = "ü";
  EXPECT_NE(mc::json_text(json, -1).find("ü"), std::string::npos) << "what is harmless stays readable";
}

}  // namespace
