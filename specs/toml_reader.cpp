#include "specs/toml_reader.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "checker/core/nearest.hpp"

namespace raymc {
namespace {

std::string type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::string: return "a text";
    case toml::node_type::integer: return "an integer";
    case toml::node_type::floating_point: return "a float";
    case toml::node_type::boolean: return "a boolean";
    default: return "a date or time";
  }
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  MC_ASSERT(result.ec == std::errc{}, "the default of an integer key must be an integer");
  return value;
}

}  // namespace

Place place_of(const toml::source_region& region) {
  return {std::max<std::uint32_t>(1, region.begin.line), std::max<std::uint32_t>(1, region.begin.column)};
}

TomlReader::TomlReader(Diagnosis& diagnosis, const toml::table& table, std::string path)
    : diagnosis_(diagnosis), table_(table), path_(std::move(path)) {
  const std::vector<std::string_view> known = keys_of_table(path_);
  const toml::key* unknown = nullptr;
  for (const auto& [key, value] : table_) {
    const bool is_known = std::find(known.begin(), known.end(), key.str()) != known.end();
    if (!is_known && (unknown == nullptr || key.source().begin < unknown->source().begin)) unknown = &key;
  }
  const std::string where = path_.empty() ? "" : " in [" + path_ + "]";
  if (unknown != nullptr) {
    diagnosis_.fail(raymc::place_of(unknown->source()), "unknown key \"" + std::string(unknown->str()) + "\"" + where,
                    mc::nearest_hint(unknown->str(), known, "known keys are"));
  }
  for (const std::string_view name : known) {
    if (!row(name).required || table_.contains(name)) continue;
    diagnosis_.fail(place(), "missing key \"" + std::string(name) + "\"" + where,
                    std::string(name) + " is " + std::string(row(name).meaning) + " (" + row(name).type_text() + ")");
  }
}

Place TomlReader::place() const {
  return raymc::place_of(table_.source());
}

Place TomlReader::place_of(std::string_view name) const {
  const toml::node* node = table_.get(name);
  return node == nullptr ? place() : raymc::place_of(node->source());
}

void TomlReader::wrong_type(const ScenarioKey& key, const toml::node& node) const {
  diagnosis_.fail(raymc::place_of(node.source()),
                  key.path() + " must be " + key.type_text() + ", not " + type_name(node));
}

std::optional<std::int64_t> TomlReader::in_range(const ScenarioKey& key, const toml::node& node) const {
  const toml::value<std::int64_t>* value = node.as_integer();
  if (value == nullptr) {
    wrong_type(key, node);
    return std::nullopt;
  }
  const std::int64_t found = value->get();
  if (found < key.min || found > key.max) {
    diagnosis_.fail(raymc::place_of(node.source()), key.path() + " = " + std::to_string(found) + " is out of range",
                    "use " + (key.min == key.max ? std::to_string(key.min)
                                                 : std::to_string(key.min) + " to " + std::to_string(key.max)));
    return std::nullopt;
  }
  return found;
}

std::optional<std::int64_t> TomlReader::optional_integer(std::string_view name) const {
  const ScenarioKey& key = row(name);
  const toml::node* node = table_.get(name);
  return node == nullptr ? std::nullopt : in_range(key, *node);
}

void TomlReader::check_length(const ScenarioKey& key, const std::string& text, Place place) const {
  if (text.size() <= kTextBytesMax) return;
  diagnosis_.fail(place, key.path() + " has a text of " + std::to_string(text.size()) + " bytes",
                  "use at most " + std::to_string(kTextBytesMax));
}

std::int64_t TomlReader::integer(std::string_view name) const {
  const ScenarioKey& key = row(name);
  return optional_integer(name).value_or(key.required ? key.min : number(key.fallback));
}

bool TomlReader::boolean(std::string_view name) const {
  const ScenarioKey& key = row(name);
  const toml::node* node = table_.get(name);
  if (node != nullptr && node->is_boolean()) return node->as_boolean()->get();
  if (node != nullptr) wrong_type(key, *node);
  return key.fallback == "true";
}

std::optional<PlacedText> TomlReader::optional_text(std::string_view name) const {
  const ScenarioKey& key = row(name);
  const toml::node* node = table_.get(name);
  if (node == nullptr) return std::nullopt;
  if (!node->is_string()) {
    wrong_type(key, *node);
    return std::nullopt;
  }
  if (node->as_string()->get().empty()) diagnosis_.fail(place_of(name), key.path() + " must not be empty");
  check_length(key, node->as_string()->get(), place_of(name));
  return PlacedText{node->as_string()->get(), place_of(name)};
}

PlacedText TomlReader::text(std::string_view name) const {
  return optional_text(name).value_or(PlacedText{std::string(row(name).fallback), place_of(name)});
}

std::size_t TomlReader::choice(std::string_view name) const {
  const ScenarioKey& key = row(name);
  const toml::node* node = table_.get(name);
  const auto position = [&key](std::string_view word) {
    return static_cast<std::size_t>(std::find(key.choices.begin(), key.choices.end(), word) - key.choices.begin());
  };
  const std::size_t fallback = key.required ? 0 : position(key.fallback);
  if (node == nullptr) return fallback;
  if (!node->is_string()) {
    wrong_type(key, *node);
    return fallback;
  }
  const std::string& word = node->as_string()->get();
  if (position(word) < key.choices.size()) return position(word);
  diagnosis_.fail(place_of(name), key.path() + " = \"" + word + "\" is not a choice",
                  mc::nearest_hint(word, key.choices, "choices are"));
  return fallback;
}

std::vector<std::int64_t> TomlReader::integers(std::string_view name, std::size_t count,
                                               const std::vector<std::int64_t>& fallback) const {
  const ScenarioKey& key = row(name);
  const toml::node* node = table_.get(name);
  if (node == nullptr) return fallback;
  if (node->is_integer()) return std::vector<std::int64_t>(count, in_range(key, *node).value_or(key.min));
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    wrong_type(key, *node);
    return fallback;
  }
  std::vector<std::int64_t> values;
  for (const toml::node& element : *array) values.push_back(in_range(key, element).value_or(key.min));
  if (values.size() != count) {
    diagnosis_.fail(place_of(name),
                    key.path() + " has " + std::to_string(values.size()) + " entries, not " + std::to_string(count),
                    "give one integer for all, or an array of " + std::to_string(count));
  }
  values.resize(count, key.min);
  return values;
}

std::vector<PlacedText> TomlReader::names(std::string_view name) const {
  const ScenarioKey& key = row(name);
  std::vector<PlacedText> texts;
  const toml::node* node = table_.get(name);
  if (node == nullptr) return texts;
  if (!node->is_array()) {
    wrong_type(key, *node);
    return texts;
  }
  if (node->as_array()->size() > kNamesMax) {
    diagnosis_.fail(place_of(name), key.path() + " has more than " + std::to_string(kNamesMax) + " entries");
    return texts;
  }
  for (const toml::node& element : *node->as_array()) {
    const Place place = raymc::place_of(element.source());
    if (!element.is_string()) {
      diagnosis_.fail(place, "an entry of " + key.path() + " must be a text, not " + type_name(element));
      continue;
    }
    const std::string& text = element.as_string()->get();
    check_length(key, text, place);
    for (const PlacedText& earlier : texts) {
      if (earlier.text == text) diagnosis_.fail(place, "\"" + text + "\" stands twice in " + key.path());
    }
    texts.push_back({text, place});
  }
  return texts;
}

const toml::table* TomlReader::table(std::string_view name) const {
  const toml::node* node = table_.get(name);
  if (node == nullptr) return nullptr;
  if (!node->is_table()) wrong_type(row(name), *node);
  return node->as_table();
}

std::vector<const toml::table*> TomlReader::tables(std::string_view name, std::size_t most) const {
  std::vector<const toml::table*> found;
  const toml::node* node = table_.get(name);
  if (node == nullptr) return found;
  if (!node->is_array()) {
    diagnosis_.fail(place_of(name), row(name).path() + " must be an array of tables, not " + type_name(*node),
                    "write [[" + row(name).path() + "]]");
    return found;
  }
  if (const std::size_t count = node->as_array()->size(); count > most) {
    diagnosis_.fail(place_of(name),
                    std::to_string(count) + " " + std::string(name) + "s, more than " + std::to_string(most));
  }
  for (const toml::node& element : *node->as_array()) {
    if (found.size() == most) break;
    if (element.is_table()) {
      found.push_back(element.as_table());
    } else {
      diagnosis_.fail(raymc::place_of(element.source()),
                      "an entry of " + row(name).path() + " must be a table, not " + type_name(element));
    }
  }
  if (found.empty()) diagnosis_.fail(place_of(name), row(name).path() + " must not be empty");
  return found;
}

}  // namespace raymc
