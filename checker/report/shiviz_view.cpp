#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "checker/report/json_text.hpp"
#include "checker/report/trace_views.hpp"
#include "checker/report/trace_words.hpp"

namespace mc {
namespace {

using Clock = std::map<std::string, std::size_t>;

/// One word of plain letters, as ShiViz reads a host.
std::string host_name(std::string_view id) {
  std::string name;
  for (const char c : id) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.';
    name += plain ? c : '_';
  }
  return name;
}

/// One line.
std::string flat(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return text;
}

class Shiviz {
 public:
  explicit Shiviz(const TraceFile& trace) : trace_(trace), sent_(trace.messages.size()) {
    for (std::size_t i = 0; i < trace.lanes.size(); ++i) {
      // Two ids may become one word.
      hosts_.push_back(host_name(trace.lanes[i].id));
      if (std::count(hosts_.begin(), hosts_.end(), hosts_.back()) > 1) hosts_.back() += "_" + std::to_string(i);
    }
    hosts_.push_back("environment_" + std::to_string(trace.lanes.size()));
    clocks_.resize(hosts_.size());
  }

  std::string write() {
    out_ = "(?<event>.*)\\n(?<host>\\S*) (?<clock>{.*})\n\n";
    for (const std::size_t lane : lanes_in_use(trace_)) happen(lane, trace_.lanes[lane].label + " at the start", {});
    for (const MessageMark& mark : trace_.start.messages) note_sent(mark);
    for (std::size_t i = 0; i < trace_.steps.size(); ++i) step(i);
    return out_;
  }

 private:
  /// One event at a host, after those whose clocks are given.
  void happen(std::size_t host, const std::string& text, const std::vector<Clock>& after) {
    Clock& clock = clocks_[host];
    for (const Clock& other : after) {
      for (const auto& [name, value] : other) clock[name] = std::max(clock[name], value);
    }
    ++clock[hosts_[host]];
    const nlohmann::ordered_json json(clock);
    out_ += flat(text) + "\n" + hosts_[host] + " " + json_text(json, -1) + "\n";
  }

  void note_sent(const MessageMark& mark) {
    if (mark.event == MessageEvent::kSent) sent_[mark.message] = clocks_[trace_.messages[mark.message].from];
  }

  static bool arrives(const MessageMark& mark) {
    return mark.event == MessageEvent::kReceived || mark.event == MessageEvent::kHeld;
  }

  void step(std::size_t index) {
    const TraceStep& step = trace_.steps[index];
    const std::size_t host = step.lane.value_or(trace_.lanes.size());
    std::vector<Clock> heard;
    for (const MessageMark& mark : step.messages) {
      if (arrives(mark) && trace_.messages[mark.message].to == host) heard.push_back(sent_[mark.message]);
    }
    happen(host, fmt::format("{} {}{}", index + 1, step.fault ? "FAULT " : "", step.sentence), heard);
    const std::vector<Clock> here{clocks_[host]};
    // What the step does to other processes happens there, after it.
    for (const ProcessMark& mark : step.processes) {
      const std::size_t where = mark.by.value_or(mark.lane);
      if (where != host) happen(where, process_words(trace_, mark), here);
    }
    for (const MessageMark& mark : step.messages) {
      const TraceMessage& message = trace_.messages[mark.message];
      if (arrives(mark) && message.to != host) happen(message.to, "has " + message.label, {sent_[mark.message]});
      if (mark.event == MessageEvent::kSent && message.from != host)
        happen(message.from, "sends " + message.label, here);
      note_sent(mark);
    }
  }

  const TraceFile& trace_;
  std::vector<std::string> hosts_;  ///< by lane; the last is the environment
  std::vector<Clock> clocks_;
  std::vector<Clock> sent_;  ///< of each message
  std::string out_;
};

}  // namespace

std::string shiviz_view(const TraceFile& trace) {
  return Shiviz(trace).write();
}

}  // namespace mc
