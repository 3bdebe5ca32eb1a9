// JSON as it goes out: UTF-8 whatever the strings hold, and nothing in it that a terminal or a log would obey.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mc {

/// The text of a JSON value, without a newline at its end; `indent` below 0 puts it into one line. Reading it gives the
/// same value, except that bytes that are not UTF-8 have become U+FFFD.
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& json, int indent);

}  // namespace mc
