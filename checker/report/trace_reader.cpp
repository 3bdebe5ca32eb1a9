// The strict reader of trace files.
#include <algorithm>
#include <array>
#include <set>

#include "checker/report/strict_json.hpp"
#include "checker/report/trace_file.hpp"

namespace mc {
namespace {

using Json = StrictJson::Json;

constexpr std::array<std::string_view, 7> kKinds{"invariant", "quiescent", "eventually",    "leads to",
                                                 "possible",  "overflow",  TraceFile::kPath};

class TraceReader {
 public:
  explicit TraceReader(const std::string& file) : in_(file) {}

  Result<TraceFile> read(std::string_view text) {
    if (text.size() > TraceFile::kBytesMax) {
      in_.fail("", "is larger than 64 MiB");
      return *in_.error();
    }
    const Json json = in_.whole(text);
    if (in_.error()) return *in_.error();
    if (!json.is_object() || !json.contains("format") || json["format"] != TraceFile::kFormat) {
      in_.fail("", "is not a trace: its format is not \"raymc.trace\"");
    } else if (!json.contains("version") || json["version"] != TraceFile::kVersion) {
      const std::string found = json.contains("version") ? json["version"].dump() : "none";
      const std::string older =
          found == "1" || found == "2" || found == "3" ? "; run the scenario again to get a newer file" : "";
      in_.fail("version", "is " + found.substr(0, 20) + ", and this program reads version 4" + older);
    }
    if (!in_.error()) body(json);
    if (in_.error()) return *in_.error();
    return std::move(trace_);
  }

 private:
  Facts facts(const Json& json, const std::string& where) {
    Facts found;
    for (const Json& fact : in_.array(json, where)) {
      if (!in_.object(fact, where, {"name", "value"})) break;
      found.emplace_back(in_.text(fact["name"], where), in_.text(fact["value"], where));
    }
    return found;
  }

  void scenario(const Json& json) {
    if (!in_.object(json, "scenario", {"name", "path", "question", "text", "settings"})) return;
    trace_.scenario = in_.text(json["name"], "scenario.name");
    trace_.scenario_path = in_.text(json["path"], "scenario.path");
    trace_.question = in_.text(json["question"], "scenario.question");
    trace_.scenario_text = in_.lines(json["text"], "scenario.text");
    for (const Json& setting : in_.array(json["settings"], "scenario.settings")) {
      if (!in_.object(setting, "scenario.settings", {"id", "on"})) return;
      trace_.settings.emplace_back(in_.text(setting["id"], "scenario.settings"),
                                   in_.boolean(setting["on"], "scenario.settings"));
    }
  }

  void tables(const Json& json) {
    std::set<std::string> ids;
    for (const Json& lane : in_.array(json["lanes"], "lanes", TraceFile::kLanesMax)) {
      if (!in_.object(lane, "lanes", {"id", "label", "kind"})) return;
      trace_.lanes.push_back(
          {in_.text(lane["id"], "lanes"), in_.text(lane["label"], "lanes"), in_.text(lane["kind"], "lanes")});
      if (!ids.insert(trace_.lanes.back().id).second) in_.fail("lanes", "two have the same id");
    }
    for (const Json& component : in_.array(json["components"], "components", TraceFile::kComponentsMax)) {
      if (!in_.object(component, "components", {"label", "lane"})) return;
      trace_.components.push_back({in_.text(component["label"], "components"),
                                   in_.index_or_null(component["lane"], "components.lane", trace_.lanes.size())});
    }
    for (const Json& message : in_.array(json["messages"], "messages")) {
      if (!in_.object(message, "messages", {"kind", "label", "from", "to"})) return;
      trace_.messages.push_back({in_.text(message["kind"], "messages"), in_.text(message["label"], "messages"),
                                 in_.index(message["from"], "messages.from", trace_.lanes.size()),
                                 in_.index(message["to"], "messages.to", trace_.lanes.size())});
    }
    where_.assign(trace_.messages.size(), Where::kUnsent);
  }

  std::vector<MessageMark> message_marks(const Json& json, const std::string& where) {
    std::vector<MessageMark> marks;
    for (const Json& entry : in_.array(json, where)) {
      if (!in_.object(entry, where, {"message", "event"})) break;
      MessageMark mark;
      mark.message = in_.index(entry["message"], where + ".message", trace_.messages.size());
      mark.event = in_.word(entry["event"], where + ".event", MessageEvent::kReleased);
      if (!in_.error()) follow(mark, where);
      marks.push_back(mark);
    }
    return marks;
  }

  /// A message is sent once, and ends once.
  void follow(const MessageMark& mark, const std::string& where) {
    const auto step = [&](Where from, Where to) {
      if (where_[mark.message] != from) in_.fail(where, "a message cannot be " + std::string(to_string(mark.event)));
      where_[mark.message] = to;
    };
    switch (mark.event) {
      case MessageEvent::kSent: return step(Where::kUnsent, Where::kWire);
      case MessageEvent::kHeld: return step(Where::kWire, Where::kHeld);
      case MessageEvent::kReceived:
      case MessageEvent::kLost: return step(Where::kWire, Where::kOver);
      case MessageEvent::kReleased: return step(Where::kHeld, Where::kOver);
    }
  }

  std::vector<ProcessMark> process_marks(const Json& json, const std::string& where) {
    std::vector<ProcessMark> marks;
    for (const Json& entry : in_.array(json, where)) {
      if (!in_.object(entry, where, {"lane", "event", "by"})) break;
      ProcessMark mark;
      mark.lane = in_.index(entry["lane"], where + ".lane", trace_.lanes.size());
      mark.event = in_.word(entry["event"], where + ".event", ProcessEvent::kTrusted);
      mark.by = in_.index_or_null(entry["by"], where + ".by", trace_.lanes.size());
      const bool belief = mark.event == ProcessEvent::kBelieved || mark.event == ProcessEvent::kTrusted;
      if (belief != mark.by.has_value()) in_.fail(where + ".by", "only a belief is somebody's");
      marks.push_back(mark);
    }
    return marks;
  }

  void start(const Json& json) {
    if (!in_.object(json, "start", {"fingerprint", "components", "lives", "messages", "processes"})) return;
    TraceStart& start = trace_.start;
    start.fingerprint = in_.fingerprint(json["fingerprint"], "start.fingerprint");
    start.components = in_.texts(json["components"], "start.components");
    if (start.components.size() != trace_.components.size()) in_.fail("start.components", "must be one for each");
    for (const Json& life : in_.array(json["lives"], "start.lives")) {
      start.lives.push_back(in_.word(life, "start.lives", Life::kDown));
    }
    if (start.lives.size() != trace_.lanes.size()) in_.fail("start.lives", "must be one for each lane");
    start.messages = message_marks(json["messages"], "start.messages");
    start.processes = process_marks(json["processes"], "start.processes");
  }

  TraceStep step(const Json& json, const std::string& where) {
    TraceStep step;
    if (!in_.object(json, where,
                    {"action", "sentence", "fault", "lane", "rules", "bindings", "messages", "processes", "changes",
                     "after"})) {
      return step;
    }
    step.action = in_.text(json["action"], where + ".action");
    step.sentence = in_.text(json["sentence"], where + ".sentence");
    step.fault = in_.boolean(json["fault"], where + ".fault");
    step.lane = in_.index_or_null(json["lane"], where + ".lane", trace_.lanes.size());
    for (const Json& rule : in_.array(json["rules"], where + ".rules")) {
      if (!in_.object(rule, where + ".rules", {"id", "file", "symbol"})) return step;
      step.rules.push_back({in_.text(rule["id"], where + ".rules"), in_.text(rule["file"], where + ".rules"),
                            in_.text(rule["symbol"], where + ".rules")});
    }
    step.bindings = facts(json["bindings"], where + ".bindings");
    step.messages = message_marks(json["messages"], where + ".messages");
    step.processes = process_marks(json["processes"], where + ".processes");
    for (const Json& change : in_.array(json["changes"], where + ".changes")) {
      if (!in_.object(change, where + ".changes", {"component", "text"})) return step;
      step.changes.push_back({in_.index(change["component"], where + ".changes", trace_.components.size()),
                              in_.text(change["text"], where + ".changes")});
    }
    step.after = in_.fingerprint(json["after"], where + ".after");
    return step;
  }

  void chain(const Json& json) {
    std::size_t last = 0;
    for (const Json& entry : in_.array(json, "chain", trace_.steps.size())) {
      if (!in_.object(entry, "chain", {"step", "before", "reason"})) return;
      ChainLink link;
      link.step = in_.index(entry["step"], "chain.step", trace_.steps.size() + 1);
      link.before = in_.index(entry["before"], "chain.before", trace_.steps.size() + 1);
      link.reason = in_.word(entry["reason"], "chain.reason", LinkReason::kOrder);
      const bool ordered = link.step > last && (link.before == 0 || link.before > link.step);
      if (!ordered) in_.fail("chain", "must be in the order of the steps");
      last = link.step;
      trace_.chain.push_back(link);
    }
  }

  std::vector<OtherStep> other_steps(const Json& json, const std::string& where) {
    std::vector<OtherStep> steps;
    for (const Json& step : in_.array(json, where)) {
      if (!in_.object(step, where, {"action", "sentence"})) break;
      steps.push_back({in_.text(step["action"], where), in_.text(step["sentence"], where)});
    }
    return steps;
  }

  void continuation(const Json& json) {
    if (json.is_null()) return;
    if (!in_.object(json, "continuation", {"steps", "loop", "rests"})) return;
    Continuation& continuation = trace_.continuation.emplace();
    continuation.steps = other_steps(json["steps"], "continuation.steps");
    continuation.loop = in_.index_or_null(json["loop"], "continuation.loop", continuation.steps.size());
    continuation.rests = in_.boolean(json["rests"], "continuation.rests");
    if (continuation.rests && continuation.loop) in_.fail("continuation", "a run that repeats does not rest");
  }

  void rescue(const Json& json) {
    if (json.is_null()) return;
    if (!in_.object(json, "rescue", {"decided", "after", "states", "states_max", "steps", "end"})) return;
    Rescue& rescue = trace_.rescue.emplace();
    rescue.decided = in_.boolean(json["decided"], "rescue.decided");
    rescue.after = in_.index_or_null(json["after"], "rescue.after", trace_.steps.size() + 1);
    rescue.states = in_.number(json["states"], "rescue.states");
    rescue.states_max = in_.number(json["states_max"], "rescue.states_max");
    rescue.steps = other_steps(json["steps"], "rescue.steps");
    rescue.end = in_.word(json["end"], "rescue.end", RescueEnd::kPromised);
  }

  void claim(const Json& json) {
    trace_.property = in_.text(json["property"], "property");
    trace_.kind = in_.text(json["kind"], "kind");
    trace_.claim = in_.text(json["claim"], "claim");
    trace_.culprits = in_.texts(json["culprits"], "culprits");
    trace_.overflowing = in_.text(json["overflowing"], "overflowing");
    if (std::find(kKinds.begin(), kKinds.end(), trace_.kind) == kKinds.end()) {
      in_.fail("kind", "must be the kind of a property that can be violated, or \"overflow\"");
    }
    const bool overflow = trace_.kind == "overflow";
    const bool path = trace_.kind == TraceFile::kPath;
    if ((overflow || path) != trace_.property.empty() || overflow == trace_.overflowing.empty()) {
      in_.fail("property", "a trace has either a property or an overflowing action, as its kind says");
    }
  }

  void body(const Json& json) {
    if (!in_.object(
            json, "",
            {"format", "version", "scenario", "facts", "property", "kind", "claim", "culprits", "overflowing", "lanes",
             "components", "messages", "start", "steps", "loop", "continuation", "waits", "chain", "rescue"})) {
      return;
    }
    scenario(json["scenario"]);
    trace_.facts = facts(json["facts"], "facts");
    claim(json);
    tables(json);
    if (in_.error()) return;
    start(json["start"]);
    const Json& steps = in_.array(json["steps"], "steps", TraceFile::kStepsMax);
    for (std::size_t i = 0; i < steps.size() && !in_.error(); ++i) {
      trace_.steps.push_back(step(steps[i], "step " + std::to_string(i + 1)));
    }
    if (!json["loop"].is_null()) {
      trace_.loop = in_.number(json["loop"], "loop");
      if (*trace_.loop >= trace_.steps.size()) in_.fail("loop", "must begin before the last step");
    }
    continuation(json["continuation"]);
    trace_.waits = in_.texts(json["waits"], "waits");
    chain(json["chain"]);
    rescue(json["rescue"]);
  }

  enum class Where : std::uint8_t { kUnsent, kWire, kHeld, kOver };

  StrictJson in_;
  TraceFile trace_;
  std::vector<Where> where_;  ///< of each message
};

}  // namespace

Result<TraceFile> parse_trace(std::string_view text, const std::string& file) {
  return TraceReader(file).read(text);
}

}  // namespace mc
