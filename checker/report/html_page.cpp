#include "checker/report/html_page.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "checker/core/assert.hpp"
#include "checker/report/html_sources.hpp"
#include "checker/report/json_text.hpp"

namespace mc {
namespace {

/// The template with each {{name}} replaced. What is put in is not looked at again, so that it may say "{{script}}".
std::string filled(std::string_view page, std::initializer_list<std::pair<std::string_view, std::string_view>> values) {
  std::string text;
  while (true) {
    const std::size_t open = page.find("{{");
    text += page.substr(0, open);
    if (open == std::string_view::npos) return text;
    const std::size_t close = page.find("}}", open);
    const std::string_view name = page.substr(open + 2, close - open - 2);
    bool known = false;
    for (const auto& [key, value] : values) {
      if (key != name) continue;
      text += value;
      known = true;
    }
    MC_ASSERT(known, "the page's template names only what there is");
    page.remove_prefix(close + 2);
  }
}

std::string json_of(const std::optional<RealRun>& real) {
  if (!real) return "null";
  return json_text({{"label", real->label}, {"commands", real->commands}, {"seen", real->seen}}, -1);
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&#39;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

std::string script_escaped(std::string_view json) {
  // All of these stand inside of strings only, where JSON allows \u escapes.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kEscapes{
      {{"<", "\\u003c"}, {">", "\\u003e"}, {"&", "\\u0026"}, {"\u2028", "\\u2028"}, {"\u2029", "\\u2029"}}};
  std::string escaped;
  for (std::size_t i = 0; i < json.size();) {
    std::size_t length = 1;
    std::string_view written = json.substr(i, 1);
    for (const auto& [plain, escape] : kEscapes) {
      if (json.substr(i, plain.size()) != plain) continue;
      length = plain.size();
      written = escape;
    }
    escaped += written;
    i += length;
  }
  return escaped;
}

std::string html_page(const TraceFile& trace, const std::optional<RealRun>& real) {
  // The file's own text, without the spaces between values.
  const std::string json = json_text(nlohmann::ordered_json::parse(to_json(trace)), -1);
  const std::string& violated = trace.property.empty() ? trace.overflowing : trace.property;
  return filled(html::kPage, {{"script", html::kScript},
                              {"style", html::kStyle},
                              {"script_hash", html::kScriptHash},
                              {"style_hash", html::kStyleHash},
                              {"title", html_escaped(trace.scenario + ": " + violated)},
                              {"trace", script_escaped(json)},
                              {"real", script_escaped(json_of(real))}});
}

}  // namespace mc
