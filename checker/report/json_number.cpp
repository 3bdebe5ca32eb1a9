#include "checker/report/json_number.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace mc {

bool read_fingerprint(std::string_view digits, Fingerprint& value) {
  const char* end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, value, 16);
  return digits.size() == 16 && parsed.ec == std::errc{} && parsed.ptr == end;
}

bool nests_too_deep(std::string_view json) {
  constexpr std::size_t kDepthMax = 64;
  std::size_t depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      in_text = !in_text;
    } else if (in_text) {
      if (c == '\\') ++i;
    } else if (c == '[' || c == '{') {
      if (++depth > kDepthMax) return true;
    } else if (c == ']' || c == '}') {
      depth -= std::min<std::size_t>(depth, 1);
    }
  }
  return false;
}

}  // namespace mc
