// Colours of what people read on a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mc {

/// Whether escape sequences for colours are written. Only terminals get them, and never with NO_COLOR.
enum class Colour : bool { kOff, kOn };

inline constexpr std::string_view kRed = "\033[1;31m";
inline constexpr std::string_view kGreen = "\033[1;32m";
inline constexpr std::string_view kYellow = "\033[1;33m";
inline constexpr std::string_view kBold = "\033[1m";
inline constexpr std::string_view kFaint = "\033[2m";

/// The text between the sequence and its end, or as it is.
[[nodiscard]] inline std::string painted(std::string_view text, std::string_view sequence, Colour colour) {
  if (colour == Colour::kOff) return std::string(text);
  return std::string(sequence) + std::string(text) + "\033[0m";
}

}  // namespace mc
