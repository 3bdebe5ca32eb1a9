#include "checker/report/trace_file.hpp"

#include <nlohmann/json.hpp>

#include "checker/report/json_text.hpp"

namespace mc {
namespace {

using Json = nlohmann::ordered_json;

std::string hex(Fingerprint value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 0; i < 16; ++i) text[15 - i] = kDigits[(value >> (4 * i)) & 0xfU];
  return text;
}

template <class T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// An array of what `convert` makes of each.
template <class Range, class Convert>
Json array_of(const Range& range, const Convert& convert) {
  Json json = Json::array();
  for (const auto& value : range) json.push_back(convert(value));
  return json;
}

Json pairs(const Facts& facts) {
  return array_of(facts, [](const auto& fact) { return Json{{"name", fact.first}, {"value", fact.second}}; });
}

Json marks(const std::vector<MessageMark>& messages) {
  return array_of(messages, [](const MessageMark& mark) {
    return Json{{"message", mark.message}, {"event", to_string(mark.event)}};
  });
}

Json marks(const std::vector<ProcessMark>& processes) {
  return array_of(processes, [](const ProcessMark& mark) {
    return Json{{"lane", mark.lane}, {"event", to_string(mark.event)}, {"by", or_null(mark.by)}};
  });
}

Json scenario_json(const TraceFile& trace) {
  Json json;
  json["name"] = trace.scenario;
  json["path"] = trace.scenario_path;
  json["question"] = trace.question;
  json["text"] = trace.scenario_text;
  json["settings"] = array_of(trace.settings, [](const auto& setting) {
    return Json{{"id", setting.first}, {"on", setting.second}};
  });
  return json;
}

Json start_json(const TraceStart& start) {
  Json json;
  json["fingerprint"] = hex(start.fingerprint);
  json["components"] = start.components;
  json["lives"] = array_of(start.lives, [](Life life) { return Json(to_string(life)); });
  json["messages"] = marks(start.messages);
  json["processes"] = marks(start.processes);
  return json;
}

Json step_json(const TraceStep& step) {
  Json json;
  json["action"] = step.action;
  json["sentence"] = step.sentence;
  json["fault"] = step.fault;
  json["lane"] = or_null(step.lane);
  json["rules"] = array_of(step.rules, [](const FiredRule& rule) {
    return Json{{"id", rule.id}, {"file", rule.file}, {"symbol", rule.symbol}};
  });
  json["bindings"] = pairs(step.bindings);
  json["messages"] = marks(step.messages);
  json["processes"] = marks(step.processes);
  json["changes"] = array_of(step.changes, [](const TraceChange& change) {
    return Json{{"component", change.component}, {"text", change.text}};
  });
  json["after"] = hex(step.after);
  return json;
}

Json other_steps(const std::vector<OtherStep>& steps) {
  return array_of(steps, [](const OtherStep& step) {
    return Json{{"action", step.action}, {"sentence", step.sentence}};
  });
}

Json rescue_json(const Rescue& rescue) {
  Json json;
  json["decided"] = rescue.decided;
  json["after"] = or_null(rescue.after);
  json["states"] = rescue.states;
  json["states_max"] = rescue.states_max;
  json["steps"] = other_steps(rescue.steps);
  json["end"] = to_string(rescue.end);
  return json;
}

Json continuation_json(const Continuation& continuation) {
  Json json;
  json["steps"] = other_steps(continuation.steps);
  json["loop"] = or_null(continuation.loop);
  json["rests"] = continuation.rests;
  return json;
}

}  // namespace

std::string_view to_string(Life life) {
  switch (life) {
    case Life::kAbsent: return "absent";
    case Life::kStarting: return "starting";
    case Life::kUp: return "up";
    case Life::kDown: return "down";
  }
  return "absent";
}

std::string_view to_string(MessageEvent event) {
  switch (event) {
    case MessageEvent::kSent: return "sent";
    case MessageEvent::kReceived: return "received";
    case MessageEvent::kHeld: return "held";
    case MessageEvent::kLost: return "lost";
    case MessageEvent::kReleased: return "released";
  }
  return "sent";
}

std::string_view to_string(ProcessEvent event) {
  switch (event) {
    case ProcessEvent::kStarting: return "starting";
    case ProcessEvent::kStarted: return "started";
    case ProcessEvent::kCrashed: return "crashed";
    case ProcessEvent::kEnded: return "ended";
    case ProcessEvent::kCleared: return "cleared";
    case ProcessEvent::kBelieved: return "believed dead";
    case ProcessEvent::kTrusted: return "believed alive";
  }
  return "started";
}

std::string_view to_string(LinkReason reason) {
  switch (reason) {
    case LinkReason::kEnables: return "enables";
    case LinkReason::kPrevents: return "prevents";
    case LinkReason::kOrder: return "order";
  }
  return "order";
}

std::string_view to_string(RescueEnd end) {
  switch (end) {
    case RescueEnd::kKept: return "kept";
    case RescueEnd::kGoesOn: return "goes on";
    case RescueEnd::kPromised: return "promised";
  }
  return "kept";
}

std::string to_json(const TraceFile& trace) {
  Json json;
  json["format"] = TraceFile::kFormat;
  json["version"] = TraceFile::kVersion;
  json["scenario"] = scenario_json(trace);
  json["facts"] = pairs(trace.facts);
  json["property"] = trace.property;
  json["kind"] = trace.kind;
  json["claim"] = trace.claim;
  json["culprits"] = trace.culprits;
  json["overflowing"] = trace.overflowing;
  json["lanes"] = array_of(trace.lanes, [](const Lane& lane) {
    return Json{{"id", lane.id}, {"label", lane.label}, {"kind", lane.kind}};
  });
  json["components"] = array_of(trace.components, [](const TraceComponent& component) {
    return Json{{"label", component.label}, {"lane", or_null(component.lane)}};
  });
  json["messages"] = array_of(trace.messages, [](const TraceMessage& message) {
    return Json{{"kind", message.kind}, {"label", message.label}, {"from", message.from}, {"to", message.to}};
  });
  json["start"] = start_json(trace.start);
  json["steps"] = array_of(trace.steps, step_json);
  json["loop"] = or_null(trace.loop);
  json["continuation"] = trace.continuation ? continuation_json(*trace.continuation) : Json(nullptr);
  json["waits"] = trace.waits;
  json["chain"] = array_of(trace.chain, [](const ChainLink& link) {
    return Json{{"step", link.step}, {"before", link.before}, {"reason", to_string(link.reason)}};
  });
  json["rescue"] = trace.rescue ? rescue_json(*trace.rescue) : Json(nullptr);
  return json_text(json, 1) + "\n";
}

std::vector<std::string> components_after(const TraceFile& trace, std::size_t count) {
  std::vector<std::string> texts = trace.start.components;
  for (std::size_t i = 0; i < count; ++i) {
    for (const TraceChange& change : trace.steps[i].changes) texts[change.component] = change.text;
  }
  return texts;
}

}  // namespace mc
