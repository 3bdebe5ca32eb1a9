#include "checker/report/answer_file.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "checker/core/plain.hpp"
#include "checker/report/json_number.hpp"
#include "checker/report/json_text.hpp"
#include "checker/report/verdict_json.hpp"

namespace mc {
namespace {

using Json = nlohmann::ordered_json;

InputError error_of(const std::string& name, const std::string& message) {
  InputError error;
  error.file = name;
  error.message = message;
  return error;
}

Comparison comparison_of(const Json& json) {
  const auto kind = whole_number<std::uint8_t>(json.at("kind"));
  if (kind > static_cast<std::uint8_t>(Comparison::Kind::kUndecided)) throw std::runtime_error("no such comparison");
  return {static_cast<Comparison::Kind>(kind), json.at("lines").get<std::vector<std::string>>()};
}

Json symmetry_json(const std::optional<SymmetryUse>& symmetry) {
  if (!symmetry) return nullptr;
  return {{"renamings", symmetry->renamings}, {"used", symmetry->used}, {"refused", symmetry->refused}};
}

std::optional<SymmetryUse> symmetry_of(const Json& json) {
  if (json.is_null()) return std::nullopt;
  SymmetryUse use;
  use.renamings = whole_number<decltype(use.renamings)>(json.at("renamings"));
  use.used = json.at("used");
  use.refused = json.at("refused");
  return use;
}

Json measurements_json(const Measurements& measured) {
  Json json;
  json["store"] = measured.store;
  json["omission_odds"] = measured.omission_odds;
  json["threads"] = measured.threads;
  json["seconds"] = measured.seconds;
  json["states"] = measured.states;
  json["explored"] = measured.explored;
  json["taken"] = measured.taken;
  json["peak_resident_bytes"] = measured.peak_resident_bytes;
  return json;
}

Measurements measurements_of(const Json& json) {
  Measurements measured;
  measured.store = json.at("store");
  measured.omission_odds = real_number(json.at("omission_odds"));
  measured.threads = whole_number<decltype(measured.threads)>(json.at("threads"));
  measured.seconds = real_number(json.at("seconds"));
  measured.states = whole_number<std::uint64_t>(json.at("states"));
  measured.explored = whole_number<std::uint64_t>(json.at("explored"));
  measured.taken = json.contains("taken") ? whole_number<std::uint64_t>(json["taken"]) : 0;
  measured.peak_resident_bytes = whole_number<decltype(measured.peak_resident_bytes)>(json.at("peak_resident_bytes"));
  return measured;
}

/// What is there twice, as no answer that was written has it: comparisons go by these names.
template <class Items, class NameOf>
std::optional<std::string> repeated(const Items& items, const NameOf& name_of) {
  std::set<std::string> names;
  for (const auto& item : items) {
    if (!name_of(item).empty() && !names.insert(name_of(item)).second) return name_of(item);
  }
  return std::nullopt;
}

std::optional<std::string> repeated_in(const Answer& answer) {
  const auto& verdict = answer.verdict;
  if (auto twice = repeated(answer.facts, [](const auto& fact) { return fact.first; })) return twice;
  if (auto twice = repeated(verdict.judgements, [](const Judgement& one) { return one.property; })) return twice;
  return repeated(verdict.coverage, [](const RuleCount& one) { return one.rule; });
}

/// Every text in it but the trace, which has a reader of its own.
void make_plain(Json& json) {
  if (json.is_string()) json = plain_line(json.get<std::string>());
  if (!json.is_structured()) return;
  for (auto& item : json.items()) {
    if (!json.is_object() || item.key() != "trace") make_plain(item.value());
  }
}

}  // namespace

std::string to_json(const AnswerFile& file) {
  const Answer& answer = file.answer;
  Json json;
  json["format"] = AnswerFile::kFormat;
  json["version"] = AnswerFile::kVersion;
  json["identity"] = file.identity;
  json["scenario"] = answer.scenario;
  json["path"] = answer.path;
  json["question"] = answer.question;
  json["facts"] = Json::array();
  for (const auto& [name, value] : answer.facts) json["facts"].push_back({name, value});
  json["variant"] = static_cast<int>(answer.variant);
  json["system"] = answer.system;
  json["faults"] = answer.faults;
  json["bounds"] = answer.bounds;
  json["warnings"] = answer.warnings;
  json["verdict"] = to_json_value(answer.verdict);
  json["explored"] = answer.explored;
  json["symmetry"] = symmetry_json(answer.symmetry);
  json["representatives"] = answer.representatives;
  json["claims"] = answer.claims;
  json["trace"] = answer.trace ? Json(to_json(*answer.trace)) : Json(nullptr);
  json["other_traces"] = Json::array();
  for (const TraceFile& trace : answer.other_traces) json["other_traces"].push_back(to_json(trace));
  json["comparison"]["kind"] = static_cast<int>(answer.comparison.kind);
  json["comparison"]["lines"] = answer.comparison.lines;
  json["exit"] = answer.exit_code;
  json["measured"] = measurements_json(file.measured);
  return json_text(json, 1) + "\n";
}

Result<AnswerFile> parse_answer(std::string_view text, const std::string& name) try {
  if (nests_too_deep(text)) return error_of(name, "is no answer: it nests too deep");
  Json json = Json::parse(text);
  make_plain(json);
  if (json.at("format") != AnswerFile::kFormat) return error_of(name, "is no answer");
  if (json.at("version") != AnswerFile::kVersion) return error_of(name, "is an answer of another version");
  AnswerFile file;
  Answer& answer = file.answer;
  file.identity = json.at("identity").get<Identity>();
  answer.scenario = json.at("scenario");
  answer.path = json.at("path");
  answer.question = json.at("question");
  answer.facts = json.at("facts").get<Facts>();
  // Not in the answers of programs that had no headline.
  const auto variant = json.contains("variant") ? whole_number<std::uint8_t>(json["variant"]) : std::uint8_t{0};
  if (variant > static_cast<std::uint8_t>(Variant::kWeakened)) return error_of(name, "is of no variant that there is");
  answer.variant = static_cast<Variant>(variant);
  answer.system = json.value("system", std::string());
  answer.faults = json.value("faults", std::string());
  answer.bounds = json.value("bounds", std::string());
  answer.warnings = json.value("warnings", std::vector<std::string>());
  answer.verdict = verdict_of(json.at("verdict"));
  answer.explored = json.at("explored");
  answer.symmetry = symmetry_of(json.at("symmetry"));
  answer.representatives = whole_number<std::uint64_t>(json.at("representatives"));
  answer.claims = json.at("claims").get<std::vector<std::string>>();
  if (answer.claims.size() != answer.verdict.judgements.size()) return error_of(name, "has claims without judgements");
  if (const auto twice = repeated_in(answer)) return error_of(name, "is no answer: it has \"" + *twice + "\" twice");
  if (!json.at("trace").is_null()) {
    Result<TraceFile> trace = parse_trace(json.at("trace").get<std::string>(), name + " (its trace)");
    if (!trace.ok()) return trace.error();
    answer.trace = std::move(trace.value());
  }
  // Not in the answers of programs that told of one violation alone, which a release is still compared with.
  for (const Json& other : json.value("other_traces", Json::array())) {
    Result<TraceFile> trace = parse_trace(other.get<std::string>(), name + " (another trace)");
    if (!trace.ok()) return trace.error();
    answer.other_traces.push_back(std::move(trace.value()));
  }
  answer.comparison = comparison_of(json.at("comparison"));
  answer.exit_code = whole_number<std::uint8_t>(json.at("exit"));
  file.measured = measurements_of(json.at("measured"));
  return file;
} catch (const std::exception& thrown) {
  return error_of(name, std::string("is no answer: ") + thrown.what());
}

}  // namespace mc
