#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "checker/report/headline.hpp"
#include "checker/report/release.hpp"
#include "checker/report/trace_text.hpp"

namespace mc {
namespace {

constexpr double kWidth = 640;
constexpr double kHeight = 160;

constexpr std::string_view kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 "
    "1rem;color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ddd;padding:.3rem .6rem;text-align:left}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}.good{color:#106b21}.bad{color:#a4001d;font-weight:bold}"
    "svg{width:100%;height:auto;max-width:40rem}pre{overflow:auto;background:#f6f6f6;padding:.8rem}"
    "svg .bar{fill:#3567b0}svg .line{fill:none;stroke:#a4001d;stroke-width:1.5}svg text{font:11px sans-serif;fill:#555}"
    "@media(prefers-color-scheme:dark){body{background:#161616;color:#e8e8e8}pre{background:#222}"
    "td,th{border-color:#444}.good{color:#6fd583}.bad{color:#ff8095}svg text{fill:#aaa}svg .bar{fill:#7aa5e8}}";

std::string html(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&#39;"; break;
      default: escaped += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? ' ' : c;
    }
  }
  return escaped;
}

std::string frame(const std::string& title, const std::string& inner) {
  return fmt::format("<svg viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"{}\"><title>{}</title>{}</svg>\n",
                     kWidth, kHeight + 20, html(title), html(title), inner);
}

/// States of each level as bars.
std::string levels_plot(const Answer& answer) {
  const std::vector<std::uint64_t>& levels = answer.verdict.levels;
  if (levels.empty()) return {};
  const std::uint64_t most = std::max<std::uint64_t>(1, *std::max_element(levels.begin(), levels.end()));
  const double step = kWidth / static_cast<double>(levels.size());
  std::string inner;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const double height = kHeight * static_cast<double>(levels[i]) / static_cast<double>(most);
    inner += fmt::format(
        "<rect class=\"bar\" x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\"><title>depth {}: {} "
        "states</title></rect>",
        static_cast<double>(i) * step, kHeight - height, std::max(step - 1, 0.5), height, i, levels[i]);
  }
  inner += fmt::format(
      "<text x=\"0\" y=\"{:.0f}\">depth 0</text><text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"end\">depth {}</text>"
      "<text x=\"0\" y=\"12\">{} states</text>",
      kHeight + 14, kWidth, kHeight + 14, levels.size() - 1, most);
  return frame("states per level of " + answer.scenario, inner);
}

/// How much wider each level is than the one before, from half to four times, on a logarithmic scale.
std::string growth_plot(const Answer& answer) {
  const std::vector<std::uint64_t>& levels = answer.verdict.levels;
  if (levels.size() < 3) return {};
  const double step = kWidth / static_cast<double>(levels.size() - 2);
  const auto y_of = [](double ratio) { return kHeight * (2.0 - std::clamp(std::log2(ratio), -1.0, 2.0)) / 3.0; };
  std::string points;
  for (std::size_t i = 1; i < levels.size(); ++i) {
    const double ratio =
        static_cast<double>(levels[i]) / static_cast<double>(std::max<std::uint64_t>(1, levels[i - 1]));
    points += fmt::format("{:.2f},{:.2f} ", static_cast<double>(i - 1) * step, y_of(std::max(ratio, 0.001)));
  }
  return frame("growth from level to level of " + answer.scenario,
               fmt::format("<line x1=\"0\" x2=\"{0:.0f}\" y1=\"{1:.1f}\" y2=\"{1:.1f}\" stroke=\"#999\"/>"
                           "<polyline class=\"line\" points=\"{2}\"/><text x=\"0\" y=\"12\">x 4</text>"
                           "<text x=\"0\" y=\"{3:.0f}\">x 1/2</text>",
                           kWidth, y_of(1.0), points, kHeight + 14));
}

/// How often each rule fired, the most frequent first, on a logarithmic scale; what never fired leaves a gap at the
/// end.
std::string coverage_plot(const Answer& answer) {
  std::vector<RuleCount> rules;
  for (const RuleCount& count : answer.verdict.coverage) {
    if (!count.rule.empty()) rules.push_back(count);
  }
  if (rules.empty()) return {};
  std::stable_sort(rules.begin(), rules.end(),
                   [](const RuleCount& a, const RuleCount& b) { return a.fired > b.fired; });
  const double most = std::log2(static_cast<double>(rules.front().fired) + 2.0);
  const double step = kWidth / static_cast<double>(rules.size());
  std::string inner;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const double height = kHeight * std::log2(static_cast<double>(rules[i].fired) + 1.0) / most;
    inner += fmt::format(
        "<rect class=\"bar\" x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\"><title>{}: {}</title></rect>",
        static_cast<double>(i) * step, kHeight - height, std::max(step - 0.5, 0.5), height, html(rules[i].rule),
        rules[i].fired);
  }
  const auto never = static_cast<std::size_t>(
      std::count_if(rules.begin(), rules.end(), [](const RuleCount& count) { return count.fired == 0; }));
  inner += fmt::format("<text x=\"{:.0f}\" y=\"{:.0f}\" text-anchor=\"end\">{} of {} never fired</text>", kWidth,
                       kHeight + 14, never, rules.size());
  return frame("coverage of rules of " + answer.scenario, inner);
}

std::string scenario_part(const AnswerFile& file) {
  const Answer& answer = file.answer;
  std::string text = fmt::format("<section><h3>{}</h3><p>{}</p><p class=\"{}\">{}</p><p>explored: {}</p>\n",
                                 html(answer.scenario), html(answer.question), answer.exit_code == 0 ? "good" : "bad",
                                 html(headline(answer)), html(answer.explored));
  text += "<h4>states per level</h4>" + levels_plot(answer);
  text += "<h4>growth</h4>" + growth_plot(answer);
  text += "<h4>how often each rule fired</h4>" + coverage_plot(answer);
  if (answer.trace) {
    text += "<details><summary>counterexample</summary><pre>" + html(text_trace(*answer.trace, Colour::kOff)) +
            "</pre></details>\n";
  }
  return text + "</section>\n";
}

std::string open_part(const ReleasePage& page) {
  if (!page.open_violations) return {};
  std::string text = "<h2>Open violations</h2>\n";
  if (page.open_violations->empty()) return text + "<p>None is known.</p>\n";
  text +=
      "<table><thead><tr><th>violation</th><th>status</th><th>thread</th><th>what it takes</th><th>in a running "
      "system</th><th>page</th></tr></thead><tbody>\n";
  for (const OpenViolation& open : *page.open_violations) {
    text +=
        fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", html(open.name),
                    html(open.status), html(open.threads), html(open.needs), html(open.executed), html(open.page));
  }
  return text + "</tbody></table>\n<h2>Answers</h2>\n";
}

std::string overview(const ReleasePage& page) {
  std::string text =
      "<table><thead><tr><th>scenario</th><th>outcome</th><th>of</th><th>states</th><th>transitions</th><th>depth</th>"
      "<th>time</th></tr></thead><tbody>\n";
  for (const AnswerFile& file : page.answers) {
    const Verdict& verdict = file.answer.verdict;
    text += fmt::format(
        "<tr><td>{}</td><td class=\"{}\">{} {}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
        "<td class=\"n\">{}</td><td class=\"n\">{:.1f} s</td></tr>\n",
        html(file.answer.scenario), file.answer.exit_code == 0 ? "good" : "bad", to_string(verdict.outcome),
        html(verdict.violated), html(file.answer.system), verdict.states, verdict.transitions, verdict.depth,
        file.measured.seconds);
  }
  return text + "</tbody></table>\n";
}

std::string differences_part(const ReleasePage& page) {
  if (!page.differences) return {};
  std::string text = "<h2>Against last time</h2>\n";
  if (page.differences->empty()) return text + "<p>Nothing differs.</p>\n";
  for (const Difference& difference : *page.differences) {
    text += fmt::format("<h3>{}</h3><ul>", html(difference.path));
    for (const std::string& line : difference.what) text += "<li>" + html(line) + "</li>";
    text += fmt::format("</ul><p class=\"{}\">because</p><ul>", difference.explained ? "good" : "bad");
    for (const std::string& line : difference.why) text += "<li>" + html(line) + "</li>";
    text += "</ul>\n";
  }
  return text;
}

}  // namespace

std::string release_html(const ReleasePage& page) {
  const std::string sentence = html(release_sentence(page));
  std::string text = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>Release check</title><style>{}</style></head><body>\n"
      "<h1>Release check</h1><p class=\"{}\">{}</p>\n",
      kStyle, stands_in_the_way(page) ? "bad" : "good", sentence);
  text += open_part(page);
  for (const std::string& line : headcount_lines(page)) text += "<p>" + html(line) + "</p>\n";
  text += overview(page);
  for (const Unrun& scenario : page.unrun)
    text += fmt::format("<p class=\"bad\">Not run: {}: {}</p>\n", html(scenario.path), html(scenario.reason));
  text += differences_part(page) + "<h2>Scenarios</h2>\n";
  for (const AnswerFile& file : page.answers) text += scenario_part(file);
  text += "<h2>Run</h2><table>";
  for (const auto& [name, value] : page.environment)
    text += fmt::format("<tr><th>{}</th><td>{}</td></tr>", html(name), html(value));
  return text + "</table></body></html>\n";
}

}  // namespace mc
