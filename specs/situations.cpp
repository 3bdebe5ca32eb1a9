#include "specs/situations.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "checker/core/nearest.hpp"

namespace raymc {
namespace {

using Predicate = bool (*)(const RayModel&, const State&);

template <std::size_t kIndex>
bool situation_occurs(const RayModel& model, const State& s) {
  return occurs(model.config(), s, (*model.config().situations)[kIndex].phrases);
}

template <std::size_t kIndex>
bool phrase_occurs(const RayModel& model, const State& s) {
  const Situation& situation = (*model.config().situations)[kIndex / kPhrasesMax];
  return occurs(model.config(), s, {situation.phrases[kIndex % kPhrasesMax]});
}

// A predicate of a property has no data of its own, so each place among the scenario's situations has one.
template <std::size_t... kIndices>
constexpr std::array<Predicate, sizeof...(kIndices)> situation_predicates(std::index_sequence<kIndices...>) {
  return {situation_occurs<kIndices>...};
}
template <std::size_t... kIndices>
constexpr std::array<Predicate, sizeof...(kIndices)> phrase_predicates(std::index_sequence<kIndices...>) {
  return {phrase_occurs<kIndices>...};
}
constexpr auto kSituationOccurs = situation_predicates(std::make_index_sequence<kSituationsMax>());
constexpr auto kPhraseOccurs = phrase_predicates(std::make_index_sequence<kSituationsMax * kPhrasesMax>());

constexpr std::string_view kSource = "the scenario, check.reachable";

bool is_name(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && text.front() >= 'a' && std::ranges::all_of(text, fits);
}

std::vector<Phrase> read_phrases(Diagnosis& diagnosis, const TomlReader& reader,
                                 const std::vector<std::string>& labels) {
  const std::vector<std::string_view> known(labels.begin(), labels.end());
  const std::vector<PlacedText> entries = reader.names("when");
  if (entries.empty() || entries.size() > kPhrasesMax) {
    diagnosis.fail(reader.place_of("when"), "a situation has 1 to " + std::to_string(kPhrasesMax) + " phrases");
  }
  std::vector<Phrase> phrases;
  for (const PlacedText& entry : entries) {
    const std::optional<Phrase> phrase = phrase_of(entry.text);
    if (!phrase) {
      diagnosis.fail(entry.place, "\"" + entry.text + "\" is no phrase about a part of a state",
                     "write \"task t1: FINISHED\" or \"raylet n1: dead\", as `raymc explore` prints them");
      continue;
    }
    if (std::ranges::none_of(labels, [&](const std::string& label) { return has_label(*phrase, label); })) {
      diagnosis.fail(entry.place, "no state of the scenario has a part \"" + phrase->label + "\"",
                     mc::nearest_hint(phrase->label, known, "parts are"));
    }
    phrases.push_back(*phrase);
  }
  return phrases;
}

}  // namespace

std::vector<Situation> read_situations(Diagnosis& diagnosis, const TomlReader& check, const Config& config) {
  std::vector<Situation> situations;
  const std::vector<const toml::table*> tables = check.tables("reachable", kSituationsMax);
  if (tables.empty() || diagnosis.failed()) return situations;
  const std::vector<std::string> labels = phrase_labels(config);
  for (const toml::table* table : tables) {
    const TomlReader reader(diagnosis, *table, "check.reachable");
    const PlacedText name = reader.text("name");
    if (!is_name(name.text)) {
      diagnosis.fail(name.place, "a situation's name is made of small letters, digits and underscores",
                     "\"retry_runs_beside_first_attempt\", for example");
    }
    if (std::ranges::find(situations, name.text, &Situation::name) != situations.end()) {
      diagnosis.fail(name.place, "two situations have the name \"" + name.text + "\"");
    }
    Situation situation{name.text, "in some state ", read_phrases(diagnosis, reader, labels)};
    for (std::size_t i = 0; i < situation.phrases.size(); ++i) {
      situation.claim += (i == 0 ? "" : " and ") + ("\"" + situation.phrases[i].text + "\"");
    }
    situations.push_back(std::move(situation));
  }
  return situations;
}

std::vector<Property> situation_properties(const Config& config) {
  std::vector<Property> properties;
  if (config.situations == nullptr) return properties;
  for (const Situation& situation : *config.situations) {
    Property property{.id = situation.name,
                      .kind = mc::PropertyKind::kReachable,
                      .claim = situation.claim,
                      .source = kSource,
                      .holds = kSituationOccurs[properties.size()]};
    property.names_one =
        std::ranges::any_of(situation.phrases, [&](const Phrase& phrase) { return names_one(config, phrase); });
    properties.push_back(property);
  }
  return properties;
}

std::vector<std::pair<std::string, Property>> situation_parts(const Config& config) {
  std::vector<std::pair<std::string, Property>> parts;
  if (config.situations == nullptr) return parts;
  for (std::size_t i = 0; i < config.situations->size(); ++i) {
    const Situation& situation = (*config.situations)[i];
    for (std::size_t p = 0; p < situation.phrases.size() && situation.phrases.size() > 1; ++p) {
      Property part{.id = situation.phrases[p].text,
                    .kind = mc::PropertyKind::kReachable,
                    .claim = situation.phrases[p].text,
                    .source = kSource,
                    .holds = kPhraseOccurs[i * kPhrasesMax + p]};
      part.names_one = names_one(config, situation.phrases[p]);
      parts.emplace_back(situation.name, part);
    }
  }
  return parts;
}

}  // namespace raymc
