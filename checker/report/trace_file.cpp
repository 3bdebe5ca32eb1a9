#include "checker/report/trace_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

namespace mc {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr std::array<std::string_view, 6> kKinds{"invariant", "quiescent", "eventually",
                                                 "leads to",  "possible",  "overflow"};

std::string hex(Fingerprint value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 0; i < 16; ++i) text[15 - i] = kDigits[(value >> (4 * i)) & 0xfU];
  return text;
}

/// Reads JSON strictly. The first mistake is kept; reading goes on with defaults, and the caller looks at the end.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  void fail(const std::string& where, const std::string& message) {
    if (error_) return;
    error_.emplace();
    error_->file = file_;
    error_->message = (where.empty() ? "" : where + ": ") + message;
    error_->hint = "the file must be one that raymc wrote";
  }
  [[nodiscard]] const std::optional<InputError>& error() const { return error_; }

  /// The object's members must be exactly `keys`.
  bool object(const Json& json, const std::string& where, std::initializer_list<std::string_view> keys) {
    if (!json.is_object()) {
      fail(where, "must be an object");
      return false;
    }
    for (const std::string_view key : keys) {
      if (!json.contains(key)) fail(where, "key \"" + std::string(key) + "\" is missing");
    }
    for (const auto& item : json.items()) {
      if (std::find(keys.begin(), keys.end(), item.key()) == keys.end())
        fail(where, "unknown key \"" + item.key() + "\"");
    }
    return !error_;
  }
  std::string text(const Json& json, const std::string& where) {
    if (json.is_string()) return json.get<std::string>();
    fail(where, "must be a text");
    return {};
  }
  bool boolean(const Json& json, const std::string& where) {
    if (json.is_boolean()) return json.get<bool>();
    fail(where, "must be true or false");
    return false;
  }
  Fingerprint fingerprint(const Json& json, const std::string& where) {
    const std::string digits = text(json, where);
    Fingerprint value = 0;
    const char* end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, value, 16);
    if (digits.size() != 16 || parsed.ec != std::errc{} || parsed.ptr != end) {
      fail(where, "must be a fingerprint of 16 hexadecimal digits");
    }
    return value;
  }
  std::size_t number(const Json& json, const std::string& where) {
    if (json.is_number_unsigned()) return json.get<std::size_t>();
    fail(where, "must be a whole number");
    return 0;
  }
  const Json& array(const Json& json, const std::string& where) {
    static const Json empty = Json::array();
    if (json.is_array()) return json;
    fail(where, "must be an array");
    return empty;
  }
  std::vector<std::string> texts(const Json& json, const std::string& where) {
    std::vector<std::string> found;
    for (const Json& entry : array(json, where)) found.push_back(text(entry, where));
    return found;
  }

 private:
  std::string file_;
  std::optional<InputError> error_;
};

TraceStep read_step(Reader& reader, const Json& json, const std::string& where) {
  TraceStep step;
  if (!reader.object(json, where, {"action", "sentence", "fault", "rules", "changes", "after"})) return step;
  step.action = reader.text(json["action"], where + ".action");
  step.sentence = reader.text(json["sentence"], where + ".sentence");
  step.fault = reader.boolean(json["fault"], where + ".fault");
  for (const Json& rule : reader.array(json["rules"], where + ".rules")) {
    if (!reader.object(rule, where + ".rules", {"id", "source"})) return step;
    step.rules.push_back({reader.text(rule["id"], where + ".rules"), reader.text(rule["source"], where + ".rules")});
  }
  step.changes = reader.texts(json["changes"], where + ".changes");
  step.after = reader.fingerprint(json["after"], where + ".after");
  return step;
}

void read_scenario(Reader& reader, const Json& json, TraceFile& trace) {
  if (!reader.object(json, "scenario", {"name", "path", "text", "settings"})) return;
  trace.scenario = reader.text(json["name"], "scenario.name");
  trace.scenario_path = reader.text(json["path"], "scenario.path");
  trace.scenario_text = reader.text(json["text"], "scenario.text");
  for (const Json& setting : reader.array(json["settings"], "scenario.settings")) {
    if (!reader.object(setting, "scenario.settings", {"id", "on"})) return;
    trace.settings.emplace_back(reader.text(setting["id"], "scenario.settings"),
                                reader.boolean(setting["on"], "scenario.settings"));
  }
}

void read_body(Reader& reader, const Json& json, TraceFile& trace) {
  if (!reader.object(json, "",
                     {"format", "version", "scenario", "facts", "property", "kind", "claim", "overflowing", "initial",
                      "start", "steps", "loop", "waits"})) {
    return;
  }
  read_scenario(reader, json["scenario"], trace);
  for (const Json& fact : reader.array(json["facts"], "facts")) {
    if (!reader.object(fact, "facts", {"name", "value"})) return;
    trace.facts.emplace_back(reader.text(fact["name"], "facts"), reader.text(fact["value"], "facts"));
  }
  trace.property = reader.text(json["property"], "property");
  trace.kind = reader.text(json["kind"], "kind");
  trace.claim = reader.text(json["claim"], "claim");
  trace.overflowing = reader.text(json["overflowing"], "overflowing");
  trace.initial = reader.texts(json["initial"], "initial");
  trace.start = reader.fingerprint(json["start"], "start");
  const Json& steps = reader.array(json["steps"], "steps");
  if (steps.size() > TraceFile::kStepsMax) reader.fail("steps", "are more than a trace may have");
  for (std::size_t i = 0; i < steps.size() && !reader.error(); ++i) {
    trace.steps.push_back(read_step(reader, steps[i], "step " + std::to_string(i + 1)));
  }
  if (!json["loop"].is_null()) {
    trace.loop = reader.number(json["loop"], "loop");
    if (*trace.loop >= trace.steps.size()) reader.fail("loop", "must begin before the last step");
  }
  trace.waits = reader.texts(json["waits"], "waits");
  if (std::find(kKinds.begin(), kKinds.end(), trace.kind) == kKinds.end()) {
    reader.fail("kind", "must be the kind of a property that can be violated, or \"overflow\"");
  }
  const bool overflow = trace.kind == "overflow";
  if (overflow != trace.property.empty() || overflow == trace.overflowing.empty()) {
    reader.fail("property", "a trace has either a property or an overflowing action, as its kind says");
  }
}

/// Line and column, from 1, of a byte of the text.
void set_place(InputError& error, std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(text.size(), byte == 0 ? 0 : byte - 1));
  error.line = static_cast<std::uint32_t>(1 + std::count(before.begin(), before.end(), '\n'));
  const std::size_t newline = before.rfind('\n');
  error.column = static_cast<std::uint32_t>(1 + before.size() - (newline == std::string_view::npos ? 0 : newline + 1));
}

OrderedJson step_json(const TraceStep& step) {
  OrderedJson rules = OrderedJson::array();
  for (const FiredRule& rule : step.rules) rules.push_back(OrderedJson{{"id", rule.id}, {"source", rule.source}});
  OrderedJson json;
  json["action"] = step.action;
  json["sentence"] = step.sentence;
  json["fault"] = step.fault;
  json["rules"] = std::move(rules);
  json["changes"] = step.changes;
  json["after"] = hex(step.after);
  return json;
}

}  // namespace

std::string to_json(const TraceFile& trace) {
  OrderedJson settings = OrderedJson::array();
  for (const auto& [id, on] : trace.settings) settings.push_back(OrderedJson{{"id", id}, {"on", on}});
  OrderedJson facts = OrderedJson::array();
  for (const auto& [name, value] : trace.facts) facts.push_back(OrderedJson{{"name", name}, {"value", value}});
  OrderedJson steps = OrderedJson::array();
  for (const TraceStep& step : trace.steps) steps.push_back(step_json(step));
  OrderedJson json;
  json["format"] = TraceFile::kFormat;
  json["version"] = TraceFile::kVersion;
  json["scenario"]["name"] = trace.scenario;
  json["scenario"]["path"] = trace.scenario_path;
  json["scenario"]["text"] = trace.scenario_text;
  json["scenario"]["settings"] = std::move(settings);
  json["facts"] = std::move(facts);
  json["property"] = trace.property;
  json["kind"] = trace.kind;
  json["claim"] = trace.claim;
  json["overflowing"] = trace.overflowing;
  json["initial"] = trace.initial;
  json["start"] = hex(trace.start);
  json["steps"] = std::move(steps);
  json["loop"] = trace.loop ? OrderedJson(*trace.loop) : OrderedJson(nullptr);
  json["waits"] = trace.waits;
  return json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

Result<TraceFile> parse_trace(std::string_view text, const std::string& file) {
  Reader reader(file);
  if (text.size() > TraceFile::kBytesMax) {
    reader.fail("", "is larger than 64 MiB");
    return *reader.error();
  }
  Json json;
  try {
    json = Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& failure) {
    reader.fail("", "is not a whole JSON text");
    InputError error = *reader.error();
    set_place(error, text, failure.byte);
    return error;
  } catch (const Json::exception&) {
    reader.fail("", "holds a number out of range");
    return *reader.error();
  }
  if (!json.is_object() || !json.contains("format") || json["format"] != TraceFile::kFormat) {
    reader.fail("", "is not a trace: its format is not \"raymc.trace\"");
  } else if (!json.contains("version") || json["version"] != TraceFile::kVersion) {
    const std::string found = json.contains("version") ? json["version"].dump() : "none";
    reader.fail("version", "is " + found.substr(0, 20) + ", and this program reads version 2");
  }
  TraceFile trace;
  if (!reader.error()) read_body(reader, json, trace);
  if (reader.error()) return *reader.error();
  return trace;
}

}  // namespace mc
