#include "checker/cli/number_check.hpp"

#include <optional>
#include <string>

#include "checker/cli/quantity.hpp"

namespace mc {

CLI::Validator whole_number_check(std::uint64_t least, std::uint64_t most) {
  const auto mistake = [least, most](const std::string& text) -> std::string {
    const std::optional<std::uint64_t> number = parse_whole_number(text);
    if (number && *number >= least && *number <= most) return {};
    return "\"" + text + "\" is no whole number from " + std::to_string(least) + " to " + std::to_string(most);
  };
  return CLI::Validator(mistake, "", "whole number");
}

CLI::Validator not_empty_check() {
  return CLI::Validator([](const std::string& text) { return text.empty() ? "is an empty text" : std::string(); }, "",
                        "not empty");
}

}  // namespace mc
