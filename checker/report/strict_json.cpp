#include "checker/report/strict_json.hpp"

#include <algorithm>

#include "checker/core/plain.hpp"
#include "checker/report/json_number.hpp"

namespace mc {
namespace {

/// Line and column, from 1, of a byte of the text.
void set_place(InputError& error, std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(text.size(), byte == 0 ? 0 : byte - 1));
  error.line = static_cast<std::uint32_t>(1 + std::count(before.begin(), before.end(), '\n'));
  const std::size_t newline = before.rfind('\n');
  error.column = static_cast<std::uint32_t>(1 + before.size() - (newline == std::string_view::npos ? 0 : newline + 1));
}

}  // namespace

void StrictJson::fail(const std::string& where, const std::string& message) {
  if (error_) return;
  error_.emplace();
  error_->file = file_;
  error_->message = (where.empty() ? "" : where + ": ") + message;
  error_->hint = "the file must be one that raymc wrote";
}

StrictJson::Json StrictJson::whole(std::string_view text) {
  if (nests_too_deep(text)) {
    fail("", "nests too deep");
    return {};
  }
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& failure) {
    fail("", "is not a whole JSON text");
    set_place(*error_, text, failure.byte);
  } catch (const Json::exception&) {
    fail("", "holds a number out of range");
  }
  return {};
}

bool StrictJson::object(const Json& json, const std::string& where, std::initializer_list<std::string_view> keys) {
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

std::string StrictJson::text(const Json& json, const std::string& where) {
  return plain_line(lines(json, where));
}

std::string StrictJson::lines(const Json& json, const std::string& where) {
  if (json.is_string()) return json.get<std::string>();
  fail(where, "must be a text");
  return {};
}

bool StrictJson::boolean(const Json& json, const std::string& where) {
  if (json.is_boolean()) return json.get<bool>();
  fail(where, "must be true or false");
  return false;
}

Fingerprint StrictJson::fingerprint(const Json& json, const std::string& where) {
  const std::string digits = text(json, where);
  Fingerprint value = 0;
  if (!read_fingerprint(digits, value)) fail(where, "must be a fingerprint of 16 hexadecimal digits");
  return value;
}

std::size_t StrictJson::number(const Json& json, const std::string& where) {
  if (json.is_number_unsigned()) return json.get<std::size_t>();
  fail(where, "must be a whole number");
  return 0;
}

std::size_t StrictJson::index(const Json& json, const std::string& where, std::size_t count) {
  const std::size_t found = number(json, where);
  if (error_ || found < count) return found;
  fail(where, "is " + std::to_string(found) + ", and there are " + std::to_string(count));
  return 0;
}

std::optional<std::size_t> StrictJson::index_or_null(const Json& json, const std::string& where, std::size_t count) {
  if (json.is_null()) return std::nullopt;
  return index(json, where, count);
}

const StrictJson::Json& StrictJson::array(const Json& json, const std::string& where, std::size_t most) {
  static const Json empty = Json::array();
  if (!json.is_array()) {
    fail(where, "must be an array");
  } else if (json.size() > most) {
    fail(where, "has more than " + std::to_string(most) + " entries");
  } else if (!error_) {
    return json;
  }
  return empty;
}

std::vector<std::string> StrictJson::texts(const Json& json, const std::string& where, std::size_t most) {
  std::vector<std::string> found;
  for (const Json& entry : array(json, where, most)) found.push_back(text(entry, where));
  return found;
}

}  // namespace mc
