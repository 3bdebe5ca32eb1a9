#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "checker/report/json_text.hpp"
#include "checker/report/trace_views.hpp"
#include "checker/report/trace_words.hpp"

namespace mc {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kProcess = 1;
constexpr std::size_t kStepMicroseconds = 1000;

class Perfetto {
 public:
  explicit Perfetto(const TraceFile& trace) : trace_(trace), up_since_(trace.lanes.size()) {}

  std::string write() {
    name_tracks();
    for (std::size_t lane = 0; lane < trace_.lanes.size(); ++lane) {
      const Life life = trace_.start.lives[lane];
      if (life == Life::kUp || life == Life::kStarting) up_since_[lane] = 0;
    }
    for (const MessageMark& mark : trace_.start.messages) flow(mark, 0);
    for (std::size_t i = 0; i < trace_.steps.size(); ++i) step(i);
    for (std::size_t lane = 0; lane < trace_.lanes.size(); ++lane) end_life(lane, trace_.steps.size() + 1);
    instant(verdict_words(trace_), 0, trace_.steps.size() + 1);
    Json json;
    json["displayTimeUnit"] = "ms";
    json["otherData"]["scenario"] = trace_.scenario;
    json["otherData"]["title"] = title_words(trace_);
    for (const auto& [name, value] : trace_.facts) json["otherData"][name] = value;
    json["traceEvents"] = std::move(events_);
    return json_text(json, 1) + "\n";
  }

 private:
  /// Track of a lane; 0 is the environment's.
  static std::size_t track(std::optional<std::size_t> lane) { return lane ? *lane + 1 : 0; }
  static std::size_t time(std::size_t step) { return step * kStepMicroseconds; }

  Json& event(std::string_view phase, std::size_t track, std::size_t microseconds, const std::string& name) {
    Json json;
    json["name"] = name;
    json["ph"] = phase;
    json["pid"] = kProcess;
    json["tid"] = track;
    json["ts"] = microseconds;
    events_.push_back(std::move(json));
    return events_.back();
  }

  void meta(const std::string& name, std::size_t track, const std::string& key, const Json& value) {
    event("M", track, 0, name)["args"][key] = value;
  }

  void name_tracks() {
    meta("process_name", 0, "name", title_words(trace_));
    meta("thread_name", 0, "name", "environment");
    meta("thread_sort_index", 0, "sort_index", 0);
    for (std::size_t lane = 0; lane < trace_.lanes.size(); ++lane) {
      meta("thread_name", track(lane), "name", trace_.lanes[lane].label);
      meta("thread_sort_index", track(lane), "sort_index", lane + 1);
    }
  }

  void instant(const std::string& name, std::size_t track, std::size_t step) {
    event("i", track, time(step), name)["s"] = track == 0 ? "g" : "t";
  }

  void step(std::size_t index) {
    const TraceStep& step = trace_.steps[index];
    const std::size_t number = index + 1;
    Json& slice = event("X", track(step.lane), time(number), std::to_string(number) + " " + step.sentence);
    slice["cat"] = step.fault ? "fault" : "step";
    slice["dur"] = kStepMicroseconds - 100;
    if (step.fault) slice["cname"] = "terrible";
    Json& args = slice["args"];
    args["action"] = step.action;
    for (const FiredRule& rule : step.rules) args[rule.id] = rule.file + ": " + rule.symbol;
    for (const TraceChange& change : step.changes) args[trace_.components[change.component].label] = change.text;
    if (step.fault) instant("FAULT " + step.sentence, 0, number);
    for (const ProcessMark& mark : step.processes) process(mark, number);
    for (const MessageMark& mark : step.messages) flow(mark, number);
  }

  void process(const ProcessMark& mark, std::size_t number) {
    instant(process_words(trace_, mark), track(mark.by ? mark.by : std::optional(mark.lane)), number);
    switch (mark.event) {
      case ProcessEvent::kStarting:
      case ProcessEvent::kStarted:
        if (!up_since_[mark.lane]) up_since_[mark.lane] = number;
        break;
      case ProcessEvent::kCrashed:
      case ProcessEvent::kEnded: end_life(mark.lane, number + 1); break;
      case ProcessEvent::kCleared:
      case ProcessEvent::kBelieved:
      case ProcessEvent::kTrusted: break;
    }
  }

  /// The life of a process is a slice around those of its steps.
  void end_life(std::size_t lane, std::size_t step) {
    if (!up_since_[lane]) return;
    Json& slice = event("X", track(lane), time(*up_since_[lane]), trace_.lanes[lane].label + " lives");
    slice["cat"] = "life";
    slice["dur"] = time(step) - time(*up_since_[lane]);
    up_since_[lane].reset();
  }

  void flow(const MessageMark& mark, std::size_t number) {
    const TraceMessage& message = trace_.messages[mark.message];
    const bool sent = mark.event == MessageEvent::kSent;
    const bool ends = mark.event == MessageEvent::kReceived || mark.event == MessageEvent::kHeld;
    if (mark.event == MessageEvent::kLost) instant("LOST " + message.label, track(message.to), number);
    if (!sent && !ends) return;
    // Flows begin and end inside slices; a sending is in the later half of its step, a receipt in the first.
    Json& json = event(sent ? "s" : "f", track(sent ? message.from : message.to), time(number) + (sent ? 600 : 300),
                       message.label);
    json["cat"] = "message";
    json["id"] = mark.message + 1;
    if (!sent) json["bp"] = "e";
  }

  const TraceFile& trace_;
  std::vector<std::optional<std::size_t>> up_since_;  ///< step since which each lane lives
  Json events_ = Json::array();
};

}  // namespace

std::string perfetto_view(const TraceFile& trace) {
  return Perfetto(trace).write();
}

}  // namespace mc
