#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "checker/report/trace_views.hpp"
#include "checker/report/trace_words.hpp"

namespace mc {
namespace {

constexpr std::size_t kLineWidth = 48;

/// The text broken at blanks into lines that are not much longer than kLineWidth.
std::string wrapped(const std::string& text) {
  std::string lines;
  std::size_t length = 0;
  for (const char c : text) {
    const bool breaks = c == ' ' && length >= kLineWidth;
    lines += breaks ? '\n' : c;
    length = breaks || c == '\n' ? 0 : length + 1;
  }
  return lines;
}

std::string state_words(const TraceFile& trace, std::size_t count) {
  const std::vector<std::string> texts = components_after(trace, count);
  std::string text;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (!texts[i].empty()) text += trace.components[i].label + ": " + texts[i] + "\n";
  }
  return text;
}

}  // namespace

std::string dot_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\n') {
      quoted += "\\l";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      quoted += ' ';
    } else {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string dot_view(const TraceFile& trace) {
  const std::size_t count = trace.steps.size();
  std::string out = "digraph trace {\n  label=" + dot_quoted(title_words(trace) + "\n" + verdict_words(trace) + "\n") +
                    ";\n  labelloc=t;\n  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n"
                    "  edge [fontname=\"sans-serif\", fontsize=10];\n";
  // Of a lasso the last state is the one from where it repeats.
  const std::size_t states = trace.loop ? count : count + 1;
  for (std::size_t i = 0; i < states; ++i) {
    const bool last = i == count;
    const bool turn = trace.rescue && trace.rescue->decided && trace.rescue->after == i;
    const std::string_view look = last ? ", color=red, penwidth=2" : turn ? ", color=darkgreen, penwidth=2" : "";
    out += fmt::format("  s{} [label={}, tooltip={}{}];\n", i, dot_quoted(i == 0 ? "start" : std::to_string(i)),
                       dot_quoted(state_words(trace, i)), look);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const TraceStep& step = trace.steps[i];
    const std::size_t to = trace.loop && i + 1 == count ? *trace.loop : i + 1;
    const bool needed =
        std::any_of(trace.chain.begin(), trace.chain.end(), [&](const ChainLink& link) { return link.step == i + 1; });
    out += fmt::format(
        "  s{} -> s{} [label={}{}{}];\n", i, to,
        dot_quoted(wrapped(fmt::format("{} {}{}", i + 1, step.fault ? "FAULT " : "", step.sentence)) + "\n"),
        step.fault ? ", color=orange, fontcolor=orangered" : "", needed ? ", penwidth=2" : "");
  }
  if (trace.rescue && trace.rescue->after) {
    const std::size_t from = *trace.rescue->after;
    for (std::size_t i = 0; i < trace.rescue->steps.size(); ++i) {
      const std::string before = i == 0 ? fmt::format("s{}", from) : fmt::format("r{}", i);
      const bool end = i + 1 == trace.rescue->steps.size();
      out += fmt::format("  r{} [label={}, color=darkgreen{}];\n", i + 1, dot_quoted(fmt::format("{}'", from + i + 1)),
                         end ? ", penwidth=2" : "");
      out += fmt::format("  {} -> r{} [label={}, style=dashed, color=darkgreen];\n", before, i + 1,
                         dot_quoted(wrapped(trace.rescue->steps[i].sentence) + "\n"));
    }
  }
  return out + "}\n";
}

}  // namespace mc
