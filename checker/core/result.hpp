// Errors as values: what a user or a file got wrong, and a result that holds either a value or such an error.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "checker/core/assert.hpp"

namespace mc {

/// A mistake in something that was given to us. Line and column count from 1; 0 means the file as a whole.
struct InputError {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string message;  ///< what is wrong
  std::string hint;     ///< what would be right; may be empty

  /// "file:line:column: message (hint)".
  [[nodiscard]] std::string text() const {
    std::string place = file;
    if (line > 0) place += ":" + std::to_string(line) + ":" + std::to_string(column);
    return (place.empty() ? "" : place + ": ") + message + (hint.empty() ? "" : "\n  hint: " + hint);
  }
  friend bool operator==(const InputError&, const InputError&) = default;
};

/// A value or an InputError. `value()` requires `ok()`.
template <class T>
class Result {
 public:
  Result(T value) : content_(std::move(value)) {}           // NOLINT(google-explicit-constructor)
  Result(InputError error) : content_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return content_.index() == 0; }
  [[nodiscard]] T& value() {
    MC_ASSERT(ok(), "a result with an error has no value");
    return std::get<0>(content_);
  }
  [[nodiscard]] const T& value() const {
    MC_ASSERT(ok(), "a result with an error has no value");
    return std::get<0>(content_);
  }
  [[nodiscard]] const InputError& error() const {
    MC_ASSERT(!ok(), "a result with a value has no error");
    return std::get<1>(content_);
  }

 private:
  std::variant<T, InputError> content_;
};

}  // namespace mc
