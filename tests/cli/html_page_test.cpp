// The HTML view as text: what a trace says can end no element and no string. That it works is tested in a browser, by
// tests/web.
#include "checker/report/html_page.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/run.hpp"

namespace {

using toy::Folder;

constexpr std::string_view kDataOpens = "<script type=\"application/json\" id=\"trace\">";

/// What stands in the page's data element.
std::string data_of(const std::string& page) {
  const std::size_t from = page.find(kDataOpens) + kDataOpens.size();
  return page.substr(from, page.find("</script>", from) - from);
}

std::size_t count(const std::string& text, const std::string& word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

mc::TraceFile hostile() {
  mc::TraceFile trace;
  trace.scenario = "</title><script>alert(1)</script>{{script}}";
  trace.property = "A1.\"<b>'&";
  trace.kind = "invariant";
  trace.claim = "</script><!--<script>\xe2\x80\xa8\xe2\x80\xa9 {{trace}}";
  trace.steps.emplace_back();
  trace.steps.back().sentence = "]]></SCRIPT\t>";
  return trace;
}

TEST(HtmlPage, CarriesTheFileAsItIs) {
  const mc::TraceFile trace = hostile();
  EXPECT_EQ(nlohmann::json::parse(data_of(mc::html_page(trace))), nlohmann::json::parse(mc::to_json(trace)));
}

TEST(HtmlPage, NothingInATraceEndsAnElement) {
  const std::string page = mc::html_page(hostile());
  EXPECT_EQ(count(page, "<script"), 3U);
  EXPECT_EQ(count(page, "</script"), 3U);
  EXPECT_EQ(count(page, "</title"), 1U);
  EXPECT_EQ(count(page, "<!--"), 0U);
  EXPECT_EQ(data_of(page).find_first_of("<>&"), std::string::npos);
  EXPECT_EQ(data_of(page).find("\xe2\x80\xa8"), std::string::npos);
  const std::string title =
      "<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;{{script}}: A1.&quot;&lt;b&gt;&#39;&amp;</title>";
  EXPECT_NE(page.find(title), std::string::npos);
}

TEST(HtmlPage, SaysHowItIsRunForReal) {
  const std::string hostile_word = "</script><b>\u2028";
  const mc::RealRun real{"Run " + hostile_word, {"./run '" + hostile_word + "'"}, {"version 1: " + hostile_word}};
  const std::string page = mc::html_page(hostile(), real);
  EXPECT_EQ(count(page, "</script"), 3U);
  const std::string opens = "<script type=\"application/json\" id=\"real-data\">";
  const std::size_t from = page.find(opens) + opens.size();
  const nlohmann::json told = nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from));
  EXPECT_EQ(told, nlohmann::json({{"label", real.label}, {"commands", real.commands}, {"seen", real.seen}}));
  EXPECT_NE(mc::html_page(hostile()).find(opens + "null</script>"), std::string::npos);
}

TEST(HtmlPage, AllowsNothingButItself) {
  const std::string page = mc::html_page(hostile());
  EXPECT_NE(page.find("default-src 'none'; script-src 'sha256-"), std::string::npos);
  EXPECT_EQ(page.find("unsafe"), std::string::npos);
  for (const char* outside : {"src=", "http:", "https:", "url(", "@import", "import("}) {
    EXPECT_EQ(count(page, outside), std::string(outside) == "http:" ? 1U : 0U) << outside;
  }
  // The one address is the name of SVG, which nobody fetches.
  EXPECT_EQ(count(page, "http://www.w3.org/2000/svg"), 1U);
}

TEST(HtmlPage, IsTheSameForTheSameTrace) {
  EXPECT_EQ(mc::html_page(hostile()), mc::html_page(hostile()));
}

TEST(HtmlPage, IsWhatTheCommandPrints) {
  const Folder folder;
  folder.write("one.toml", toy::kBroken);
  static_cast<void>(folder.run("check one.toml --quiet --out out"));
  const toy::Ran ran = folder.run("trace out/one.trace.json --format html");
  EXPECT_EQ(ran.exit_code, 0);
  const mc::Result<mc::TraceFile> trace = mc::parse_trace(folder.read("out/one.trace.json"), "one.trace.json");
  ASSERT_TRUE(trace.ok());
  EXPECT_EQ(ran.out, mc::html_page(trace.value()));
}

}  // namespace
