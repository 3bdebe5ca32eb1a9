// Reading JSON of unknown origin strictly: exactly the keys that are expected, of the types that are expected. The
// first mistake is kept, with the place where it stands; reading goes on with defaults, and the caller looks at the
// end.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checker/core/fingerprint.hpp"
#include "checker/core/result.hpp"

namespace mc {

class StrictJson {
 public:
  using Json = nlohmann::json;

  explicit StrictJson(std::string file) : file_(std::move(file)) {}

  void fail(const std::string& where, const std::string& message);
  [[nodiscard]] const std::optional<InputError>& error() const { return error_; }

  /// The whole text as JSON; null after a mistake, which has a line and a column.
  Json whole(std::string_view text);
  /// The object's members must be exactly `keys`. False after any mistake.
  bool object(const Json& json, const std::string& where, std::initializer_list<std::string_view> keys);
  /// One line, made plain (core/plain.hpp).
  std::string text(const Json& json, const std::string& where);
  /// Any text, as it is.
  std::string lines(const Json& json, const std::string& where);
  bool boolean(const Json& json, const std::string& where);
  Fingerprint fingerprint(const Json& json, const std::string& where);
  std::size_t number(const Json& json, const std::string& where);
  /// A number below `count`.
  std::size_t index(const Json& json, const std::string& where, std::size_t count);
  std::optional<std::size_t> index_or_null(const Json& json, const std::string& where, std::size_t count);
  /// An array of at most `most` entries; empty after a mistake.
  const Json& array(const Json& json, const std::string& where, std::size_t most = kArrayMax);
  std::vector<std::string> texts(const Json& json, const std::string& where, std::size_t most = kArrayMax);
  /// One of the enumerators from 0 to `last`, by its word.
  template <class Enum>
  Enum word(const Json& json, const std::string& where, Enum last) {
    const std::string found = text(json, where);
    for (std::size_t i = 0; i <= static_cast<std::size_t>(last); ++i) {
      if (to_string(static_cast<Enum>(i)) == found) return static_cast<Enum>(i);
    }
    fail(where, "is no known word");
    return Enum{};
  }

  static constexpr std::size_t kArrayMax = 10'000'000;

 private:
  std::string file_;
  std::optional<InputError> error_;
};

}  // namespace mc
