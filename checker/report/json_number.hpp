// Numbers and shapes of JSON that a stranger may have written. nlohmann's own conversions let 1.5, -1 and 2^64 through
// as some other number, and its values are walked by recursion.
#pragma once

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

#include "checker/core/fingerprint.hpp"

namespace mc {

/// The whole number, from 0 to the greatest of the type. Throws std::runtime_error for everything else.
template <class Number, class Json>
[[nodiscard]] Number whole_number(const Json& json) {
  static_assert(std::numeric_limits<Number>::is_integer);
  if (!json.is_number_unsigned()) throw std::runtime_error("a whole number is wanted");
  const auto value = json.template get<std::uint64_t>();
  if (value > static_cast<std::uint64_t>(std::numeric_limits<Number>::max()))
    throw std::runtime_error(std::to_string(value) + " is out of range");
  return static_cast<Number>(value);
}

/// A number, with or without a fraction, that is not negative. Throws std::runtime_error for everything else.
template <class Json>
[[nodiscard]] double real_number(const Json& json) {
  if (!json.is_number() || json.template get<double>() < 0) throw std::runtime_error("a number is wanted");
  return json.template get<double>();
}

/// Sixteen hexadecimal digits; none if it is something else.
[[nodiscard]] bool read_fingerprint(std::string_view digits, Fingerprint& value);

/// Whether the arrays and objects of a text nest deeper than in any file that raymc writes.
[[nodiscard]] bool nests_too_deep(std::string_view json);

}  // namespace mc
