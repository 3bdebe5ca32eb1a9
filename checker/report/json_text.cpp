#include "checker/report/json_text.hpp"

#include <string_view>

#include "checker/core/plain.hpp"

namespace mc {

std::string json_text(const nlohmann::ordered_json& json, int indent) {
  using Handler = nlohmann::ordered_json::error_handler_t;
  std::string text = json.dump(indent, ' ', false, Handler::replace);
  if (plain_output(text, Sequences::kGone) == text) return text;
  // Rare: everything beyond ASCII is written as \u escapes, and so is a bracket with which GitHub's commands begin.
  text = json.dump(indent, ' ', true, Handler::replace);
  constexpr std::string_view kCommand = "##[";
  for (std::size_t at = text.find(kCommand); at != std::string::npos; at = text.find(kCommand, at)) {
    text.replace(at, kCommand.size(), "##\\u005b");
  }
  return text;
}

}  // namespace mc
