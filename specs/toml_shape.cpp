#include "specs/toml_shape.hpp"

#include <algorithm>
#include <string>

namespace raymc {
namespace {

constexpr std::size_t kNestingMax = 16;
constexpr std::size_t kKeyPartsMax = 16;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// Goes over the bytes outside of texts and comments. It may take a text that is broken for a shorter or longer one
/// than toml++ does; that one then stops at the place where the text is broken.
class Scan {
 public:
  Scan(Diagnosis& diagnosis, std::string_view text) : diagnosis_(diagnosis), text_(text) {}

  bool run() {
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == '"' || c == '\'') {
        skip_text(c);
      } else if (!look_at(c)) {
        return false;
      } else {
        ++at_;
      }
    }
    return true;
  }

 private:
  bool look_at(char c) {
    if (static_cast<unsigned char>(c) >= 0x80) return fail("a character beyond ASCII stands outside of a text");
    if (c == '.' && ++parts_ > kKeyPartsMax) return fail("a key has too many parts");
    if ((c == '[' || c == '{') && ++nesting_ > kNestingMax) return fail("brackets nest too deep");
    if ((c == ']' || c == '}') && nesting_ > 0) --nesting_;
    if (std::string_view("\n=,[]{}").find(c) != std::string_view::npos) parts_ = 1;
    return true;
  }

  /// To the end of a text: of one line, or of several between three quotes.
  void skip_text(char quote) {
    const std::string three(3, quote);
    const bool several = text_.substr(at_).starts_with(three);
    at_ += several ? 3 : 1;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\' && quote == '"') {
        ++at_;
      } else if (several && text_.substr(at_).starts_with(three)) {
        at_ += 3;
        // Up to two quotes may stand before the three that end it.
        for (int i = 0; i < 2 && at_ < text_.size() && text_[at_] == quote; ++i) ++at_;
        return;
      } else if (!several && (text_[at_] == quote || text_[at_] == '\n')) {
        if (text_[at_] == quote) ++at_;
        return;
      }
    }
    at_ = std::min(at_, text_.size());
  }

  bool fail(const std::string& message) {
    const std::string_view before = text_.substr(0, at_);
    const std::size_t newline = before.rfind('\n');
    const std::size_t column = before.size() - (newline == std::string_view::npos ? 0 : newline + 1) + 1;
    diagnosis_.fail({static_cast<std::uint32_t>(1 + std::count(before.begin(), before.end(), '\n')),
                     static_cast<std::uint32_t>(column)},
                    message, "the keys of a scenario are listed by \"list keys\"");
    return false;
  }

  Diagnosis& diagnosis_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t parts_ = 1;
  std::size_t nesting_ = 0;
};

}  // namespace

bool is_plain_toml(Diagnosis& diagnosis, std::string_view text) {
  return Scan(diagnosis, text).run();
}

}  // namespace raymc
