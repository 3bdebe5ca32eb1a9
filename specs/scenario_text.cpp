#include "specs/scenario_text.hpp"

#include "checker/core/assert.hpp"

namespace raymc {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      out += "\\u00";
      out += kDigits[static_cast<unsigned char>(c) >> 4U];
      out += kDigits[static_cast<unsigned char>(c) & 0xfU];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string value_text(const toml::node& node) {
  if (const auto* integer = node.as_integer()) return std::to_string(integer->get());
  if (const auto* boolean = node.as_boolean()) return boolean->get() ? "true" : "false";
  if (const auto* string = node.as_string()) return quoted(string->get());
  std::string text;
  if (const toml::array* array = node.as_array()) {
    for (const toml::node& entry : *array) text += (text.empty() ? "" : ", ") + value_text(entry);
    return "[" + text + "]";
  }
  if (const toml::table* table = node.as_table()) {
    for (const auto& [key, entry] : *table) {
      text += (text.empty() ? "" : ", ") + std::string(key.str()) + " = " + value_text(entry);
    }
    return text.empty() ? "{}" : "{ " + text + " }";
  }
  MC_ASSERT(false, "a scenario has no other kind of value");
}

/// The values of one table, in the order of the table of keys.
std::string values_text(const toml::table& table, std::string_view path) {
  std::string text;
  for (const ScenarioKey& key : scenario_keys()) {
    if (key.table != path || key.type == KeyType::kTables) continue;
    if (key.type == KeyType::kTable && path.empty()) continue;
    if (const toml::node* node = table.get(key.name)) text += std::string(key.name) + " = " + value_text(*node) + "\n";
  }
  return text;
}

}  // namespace

std::string scenario_text(const toml::table& root) {
  std::string text = values_text(root, "");
  for (const ScenarioKey& key : scenario_keys()) {
    if (!key.table.empty() || key.type != KeyType::kTable) continue;
    const toml::node* node = root.get(key.name);
    const toml::table* table = node == nullptr ? nullptr : node->as_table();
    if (table == nullptr || table->empty()) continue;
    text += "\n[" + std::string(key.name) + "]\n" + values_text(*table, key.name);
    for (const ScenarioKey& list : scenario_keys()) {
      const bool is_list = list.table == key.name && list.type == KeyType::kTables;
      const toml::array* entries = is_list ? table->get_as<toml::array>(list.name) : nullptr;
      if (entries == nullptr) continue;
      const std::string path = list.path();
      for (const toml::node& entry : *entries) text += "\n[[" + path + "]]\n" + values_text(*entry.as_table(), path);
    }
  }
  return text;
}

}  // namespace raymc
