#include "checker/core/plain.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace mc {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD
constexpr std::string_view kHint = "\n  hint: ";

/// A character at the beginning of a text: its code point and its bytes; no bytes if they are not UTF-8.
struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 0;
};

Character first_character(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t bytes = lead >= 0xf0 && lead < 0xf5 ? 4 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (bytes == 0 || lead >= 0xf5 || text.size() < bytes) return {};
  std::uint32_t code = lead & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return {};
    code = code << 6U | (byte(i) & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  if (code < kLeast[bytes] || surrogate || code > 0x10ffff) return {};
  return {code, bytes};
}

/// Beyond ASCII, what steers a terminal or a text's direction, ends a line, or is seen by nobody.
bool is_steering(std::uint32_t code) {
  struct Range {
    std::uint32_t first, last;
  };
  static constexpr Range kRanges[]{{0x80, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},    {0x200b, 0x200b},
                                   {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},  {0xfeff, 0xfeff},
                                   {0xfff9, 0xfffb}, {0xfffe, 0xffff}, {0xe0000, 0xe0fff}};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [code](const Range& range) { return code >= range.first && code <= range.last; });
}

/// The picture of a control character of ASCII.
void append_picture(std::string& out, unsigned char control) {
  out += "\xe2\x90";
  out += static_cast<char>(control == 0x7f ? 0xa1 : 0x80 + control);
}

/// Whether a word may begin after what stands in `text`.
bool word_begins(std::string_view text) {
  return text.empty() || static_cast<unsigned char>(text.back()) <= ' ' ||
         static_cast<unsigned char>(text.back()) >= 0x80;
}

/// Appends one character beyond plain ASCII; gives how many bytes of the text it took.
std::size_t append_special(std::string& out, std::string_view text) {
  const Character character = first_character(text);
  if (character.bytes == 0) {
    out += kReplacement;
    return 1;
  }
  if (character.code < 0x20 || character.code == 0x7f) {
    append_picture(out, static_cast<unsigned char>(text[0]));
  } else if (is_steering(character.code)) {
    out += kReplacement;
  } else {
    out += text.substr(0, character.bytes);
  }
  return character.bytes;
}

/// One of the sequences that raymc writes to a terminal, at the beginning of the text; else nothing.
std::string_view own_sequence(std::string_view text) {
  static constexpr std::string_view kOwn[]{"\r\033[2K",  "\033[0m",    "\033[1m",   "\033[2m",
                                           "\033[1;31m", "\033[1;32m", "\033[1;33m"};
  for (const std::string_view sequence : kOwn) {
    if (text.starts_with(sequence)) return sequence;
  }
  return {};
}

bool is_ordinary(char c) {
  return c >= 0x20 && c < 0x7f;
}

/// Where a cut may be made at or before `at`: not within a character.
std::size_t cut_before(std::string_view text, std::size_t at) {
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U) --at;
  return at;
}

/// Without the middle, if it is too long.
std::string cut(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  const std::size_t head = cut_before(text, bytes_max * 2 / 3);
  const std::size_t tail = cut_before(text, text.size() - bytes_max / 4);
  return std::string(text.substr(0, head)) + " [" + std::to_string(tail - head) + " bytes left out] " +
         std::string(text.substr(tail));
}

}  // namespace

std::string plain_line(std::string_view text, std::size_t bytes_max) {
  // What is left out is not read either; a cut may fall into a character, which is then no UTF-8.
  const std::string shorter = cut(text, bytes_max);
  const std::string_view rest = shorter;
  std::string out;
  out.reserve(rest.size());
  for (std::size_t i = 0; i < rest.size();) {
    const char c = rest[i];
    if (c == '\n' || c == '\t' || c == '\r' || c == '\v' || c == '\f') {
      out += ' ';
      ++i;
    } else if (!is_ordinary(c)) {
      i += append_special(out, rest.substr(i));
    } else {
      if (c == '[' && out.ends_with("##")) out += ' ';
      if (c == ':' && out.ends_with(':') && word_begins(std::string_view(out).substr(0, out.size() - 1))) out += ' ';
      out += c;
      ++i;
    }
  }
  return out;
}

std::string plain_path(const std::filesystem::path& path) {
  return plain_line(path.string(), kMessageBytesMax);
}

std::string plain_message(std::string_view message) {
  const std::size_t hint = message.find(kHint);
  std::string out = plain_line(message.substr(0, hint), kMessageBytesMax);
  if (hint == std::string_view::npos) return out;
  return out + std::string(kHint) + plain_line(message.substr(hint + kHint.size()), 4 * kMessageBytesMax);
}

std::string plain_output(std::string_view text, Sequences sequences) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (is_ordinary(c) || c == '\n' || c == '\t') {
      if (c == '[' && out.ends_with("##")) out += ' ';
      out += c;
      ++i;
      continue;
    }
    const std::string_view own = sequences == Sequences::kStay ? own_sequence(text.substr(i)) : std::string_view();
    out += own;
    i += own.empty() ? append_special(out, text.substr(i)) : own.size();
  }
  return out;
}

}  // namespace mc
