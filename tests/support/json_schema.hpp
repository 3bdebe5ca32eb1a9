// Checks JSON against the part of JSON Schema (draft 2020-12) that our schemas use. A keyword that it does not know is
// a mistake of the schema, so that nothing is ever passed over.
#pragma once

#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>

namespace mc::support {

class JsonSchema {
 public:
  using Json = nlohmann::json;

  explicit JsonSchema(Json root) : root_(std::move(root)) {}

  /// What is wrong with the value, with its place; empty if nothing is.
  [[nodiscard]] std::string mistake(const Json& value) const { return check(root_, value, "#"); }

 private:
  static bool has_type(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "null") return value.is_null();
    if (type == "integer") return value.is_number_integer();
    return type == "number" && value.is_number();
  }

  [[nodiscard]] std::string check(const Json& schema, const Json& value, const std::string& where) const {
    for (const auto& item : schema.items()) {
      const std::string found = keyword(item.key(), item.value(), schema, value, where);
      if (!found.empty()) return found;
    }
    return {};
  }

  [[nodiscard]] std::string keyword(const std::string& name, const Json& argument, const Json& schema,
                                    const Json& value, const std::string& where) const {
    static const std::set<std::string> silent{"$schema", "$id", "$defs", "title", "description"};
    if (silent.count(name) != 0) return {};
    if (name == "$ref") return check(root_.at(Json::json_pointer(argument.get<std::string>().substr(1))), value, where);
    if (name == "type" && argument.is_string())
      return has_type(value, argument) ? "" : where + " is no " + argument.get<std::string>();
    if (name == "type") {
      for (const Json& type : argument) {
        if (has_type(value, type)) return {};
      }
      return where + " is none of " + argument.dump();
    }
    if (name == "const") return value == argument ? "" : where + " is not " + argument.dump();
    if (name == "enum") {
      for (const Json& allowed : argument) {
        if (allowed == value) return {};
      }
      return where + " is " + value.dump() + ", not one of " + argument.dump();
    }
    if (name == "anyOf") {
      std::string last;
      for (const Json& choice : argument) {
        last = check(choice, value, where);
        if (last.empty()) return {};
      }
      return last;
    }
    if (name == "minimum") return !value.is_number() || value >= argument ? "" : where + " is too small";
    if (name == "maxItems") return !value.is_array() || value.size() <= argument ? "" : where + " is too long";
    if (name == "pattern") {
      const bool fits =
          !value.is_string() || std::regex_search(value.get<std::string>(), std::regex(argument.get<std::string>()));
      return fits ? "" : where + " does not match " + argument.get<std::string>();
    }
    if (name == "required") {
      for (const Json& key : argument) {
        if (value.is_object() && !value.contains(key.get<std::string>())) return where + " lacks " + key.dump();
      }
      return {};
    }
    if (name == "properties") return properties(argument, value, where);
    if (name == "additionalProperties") return others(argument, schema, value, where);
    if (name == "items") {
      for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
        const std::string found = check(argument, value[i], where + "/" + std::to_string(i));
        if (!found.empty()) return found;
      }
      return {};
    }
    return "the schema has the keyword " + name + ", which is not known here";
  }

  [[nodiscard]] std::string properties(const Json& argument, const Json& value, const std::string& where) const {
    if (!value.is_object()) return {};
    for (const auto& member : argument.items()) {
      const auto present = value.find(member.key());
      if (present == value.end()) continue;
      const std::string found = check(member.value(), *present, where + "/" + member.key());
      if (!found.empty()) return found;
    }
    return {};
  }

  /// Members that `properties` does not name.
  [[nodiscard]] std::string others(const Json& argument, const Json& schema, const Json& value,
                                   const std::string& where) const {
    if (!value.is_object() || argument == true) return {};
    const Json named = schema.value("properties", Json::object());
    for (const auto& member : value.items()) {
      if (named.contains(member.key())) continue;
      if (argument == false) return where + " has the unknown member " + member.key();
      const std::string found = check(argument, member.value(), where + "/" + member.key());
      if (!found.empty()) return found;
    }
    return {};
  }

  Json root_;
};

}  // namespace mc::support
