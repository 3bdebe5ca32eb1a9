#include "checker/report/trace_words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mc {
namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

/// The parts of `parts` that `others` lacks; equal ones count one by one.
std::vector<std::string> missing(const std::vector<std::string>& parts, std::vector<std::string> others) {
  std::vector<std::string> found;
  for (const std::string& part : parts) {
    const auto same = std::find(others.begin(), others.end(), part);
    if (same == others.end()) {
      found.push_back(part);
    } else {
      others.erase(same);
    }
  }
  return found;
}

}  // namespace

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  std::size_t depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '(' || c == '[' || c == '{') ++depth;
    if ((c == ')' || c == ']' || c == '}') && depth > 0) --depth;
    if (depth > 0 || text.substr(i, 2) != ", ") continue;
    parts.emplace_back(text.substr(begin, i - begin));
    begin = i + 2;
  }
  if (begin < text.size()) parts.emplace_back(text.substr(begin));
  return parts;
}

std::string changed_words(std::string_view before, std::string_view after) {
  const std::vector<std::string> old_parts = parts_of(before);
  const std::vector<std::string> new_parts = parts_of(after);
  const std::string gone = joined(missing(old_parts, new_parts));
  const std::string come = joined(missing(new_parts, old_parts));
  if (after.empty()) return std::string(before) + " => -";
  if (before.empty()) return "- => " + std::string(after);
  if (gone.empty() && come.empty()) return std::string(before) + " => " + std::string(after);
  if (gone.empty()) return "+ " + come;
  if (come.empty()) return "- " + gone;
  return gone + " => " + come;
}

std::string process_words(const TraceFile& trace, const ProcessMark& mark) {
  const std::string& name = trace.lanes[mark.lane].label;
  if (mark.event == ProcessEvent::kCleared) return name + " is forgotten; its place is free";
  if (mark.by)
    return trace.lanes[*mark.by].label + " now holds " + name + " " +
           (mark.event == ProcessEvent::kBelieved ? "dead" : "alive");
  return name + " " + std::string(mark.event == ProcessEvent::kStarting ? "is starting" : to_string(mark.event));
}

std::string reason_words(const ChainLink& link) {
  if (link.before == 0) return {};
  switch (link.reason) {
    case LinkReason::kEnables: return fmt::format("  (without it no {})", link.before);
    case LinkReason::kPrevents: return fmt::format("  (impossible after {})", link.before);
    case LinkReason::kOrder: return fmt::format("  (the order with {} matters)", link.before);
  }
  return {};
}

std::string range_words(std::size_t from, std::size_t to) {
  return from == to ? std::to_string(from) : fmt::format("{}-{}", from, to);
}

std::string verdict_words(const TraceFile& trace) {
  if (trace.kind == "overflow") return "overflow: " + trace.claim;
  if (trace.kind == TraceFile::kPath) return "a path; no property is judged along it";
  std::string text = "violated: " + trace.property;
  for (std::size_t i = 0; i < trace.culprits.size(); ++i) text += (i == 0 ? ": " : "; ") + trace.culprits[i];
  return text + " (claim: " + trace.claim + ")";
}

std::string title_words(const TraceFile& trace) {
  const std::size_t count = trace.steps.size();
  const std::string steps = fmt::format("{}: {} {}", trace.scenario, count, count == 1 ? "step" : "steps");
  if (trace.kind == TraceFile::kPath) return steps;
  return steps + (trace.kind == "overflow" ? " to an overflow" : " to a violation of " + trace.property);
}

std::vector<std::size_t> lanes_in_use(const TraceFile& trace) {
  std::vector<bool> used(trace.lanes.size(), false);
  const auto process = [&used](const ProcessMark& mark) {
    used[mark.lane] = true;
    if (mark.by) used[*mark.by] = true;
  };
  for (const TraceMessage& message : trace.messages) used[message.from] = used[message.to] = true;
  for (const ProcessMark& mark : trace.start.processes) process(mark);
  for (const TraceStep& step : trace.steps) {
    if (step.lane) used[*step.lane] = true;
    for (const ProcessMark& mark : step.processes) process(mark);
  }
  std::vector<std::size_t> lanes;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (used[i]) lanes.push_back(i);
  }
  return lanes;
}

}  // namespace mc
