#include "checker/report/trace_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "checker/report/trace_words.hpp"

namespace mc {
namespace {

/// Longer rests are shown one after the other instead of side by side.
constexpr std::size_t kAlignedMax = 2'000;

std::optional<std::string> fact_of(const TraceFile& trace, const std::string& name) {
  for (const auto& [known, value] : trace.facts) {
    if (known == name) return value;
  }
  return std::nullopt;
}

std::string facts_part(const TraceFile& a, const TraceFile& b) {
  std::vector<std::string> names;
  for (const Facts* facts : {&a.facts, &b.facts}) {
    for (const auto& [name, value] : *facts) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  std::string text;
  for (const std::string& name : names) {
    const std::optional<std::string> in_a = fact_of(a, name);
    const std::optional<std::string> in_b = fact_of(b, name);
    if (in_a == in_b) continue;
    text += fmt::format("  {:<10}  A {}\n  {:<10}  B {}\n", name, in_a.value_or("says nothing"), "",
                        in_b.value_or("says nothing"));
  }
  return text.empty() ? text : "they differ in\n" + text;
}

std::string line(const TraceFile& trace, std::size_t index, const std::string& numbers) {
  const TraceStep& step = trace.steps[index];
  return numbers + (step.fault ? "FAULT  " : "") + step.sentence + "\n";
}

/// The rests of both from step `from` on, steps with one name side by side: a longest common subsequence.
std::string aligned(const TraceFile& a, const TraceFile& b, std::size_t from) {
  const std::size_t rows = a.steps.size() - from;
  const std::size_t columns = b.steps.size() - from;
  std::vector<std::vector<std::size_t>> common(rows + 1, std::vector<std::size_t>(columns + 1, 0));
  const auto same = [&](std::size_t i, std::size_t j) { return a.steps[from + i].action == b.steps[from + j].action; };
  for (std::size_t i = rows; i-- > 0;) {
    for (std::size_t j = columns; j-- > 0;) {
      common[i][j] = same(i, j) ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::string text;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < rows || j < columns) {
    if (i < rows && j < columns && same(i, j)) {
      text += line(a, from + i, fmt::format("  both {:>4} {:>4}  ", from + i + 1, from + j + 1));
      ++i, ++j;
    } else if (j == columns || (i < rows && common[i + 1][j] >= common[i][j + 1])) {
      text += line(a, from + i, fmt::format("  A    {:>4}       ", from + i + 1));
      ++i;
    } else {
      text += line(b, from + j, fmt::format("  B         {:>4}  ", from + j + 1));
      ++j;
    }
  }
  return text;
}

std::string one_after_the_other(const TraceFile& a, const TraceFile& b, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < a.steps.size(); ++i) text += line(a, i, fmt::format("  A    {:>4}       ", i + 1));
  for (std::size_t i = from; i < b.steps.size(); ++i) text += line(b, i, fmt::format("  B         {:>4}  ", i + 1));
  return text;
}

}  // namespace

std::string trace_difference(const TraceFile& a, const TraceFile& b) {
  std::string text = "A  " + title_words(a) + "\nB  " + title_words(b) + "\n" + facts_part(a, b);
  std::size_t shared = 0;
  const std::size_t shorter = std::min(a.steps.size(), b.steps.size());
  while (shared < shorter && a.steps[shared].action == b.steps[shared].action) ++shared;
  const bool whole = shared == a.steps.size() && shared == b.steps.size();
  if (whole) {
    text += fmt::format("all {} steps are the same\n", shared);
  } else {
    text += shared == 0   ? "they have no step in common at the beginning\n"
            : shared == 1 ? std::string("the first step is the same\n")
                          : fmt::format("the first {} steps are the same\n", shared);
    text += fmt::format("they part ways at step {}\n", shared + 1);
    const std::size_t longer = std::max(a.steps.size(), b.steps.size()) - shared;
    text += longer > kAlignedMax ? one_after_the_other(a, b, shared) : aligned(a, b, shared);
  }
  return text + "A  " + verdict_words(a) + "\nB  " + verdict_words(b) + "\n";
}

}  // namespace mc
