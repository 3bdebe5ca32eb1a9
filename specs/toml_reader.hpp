// Strict reading of one TOML table against its rows in the table of keys: every key known, every value of the right
// type and in range, everything else an error with its place. Used by the scenario loader only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checker/core/result.hpp"
#include "specs/scenario_keys.hpp"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace raymc {

/// A place in a file; both count from 1.
struct Place {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// A text with the place where it stands.
struct PlacedText {
  std::string text;
  Place place;
};

/// Keeps the first error that is found in one file.
class Diagnosis {
 public:
  explicit Diagnosis(std::string file) : file_(std::move(file)) {}

  void fail(Place place, std::string message, std::string hint = "") {
    if (!error_) error_ = mc::InputError{file_, place.line, place.column, std::move(message), std::move(hint)};
  }
  [[nodiscard]] bool failed() const { return error_.has_value(); }
  [[nodiscard]] const mc::InputError& error() const { return *error_; }

 private:
  std::string file_;
  std::optional<mc::InputError> error_;
};

/// Reads the values of one table. Every function reports a mistake to the diagnosis and then returns the default, so
/// that a caller reads on and looks at the diagnosis at the end.
class TomlReader {
 public:
  static constexpr std::size_t kNamesMax = 1'000;
  static constexpr std::size_t kTextBytesMax = 2'000;

  /// Reports keys of `table` that have no row under `path` and required keys that are absent.
  TomlReader(Diagnosis& diagnosis, const toml::table& table, std::string path);
  TomlReader(Diagnosis& diagnosis, const toml::table&& table, std::string path) = delete;

  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view name) const;
  [[nodiscard]] bool boolean(std::string_view name) const;
  /// The text, or the row's default in words if the key is absent.
  [[nodiscard]] PlacedText text(std::string_view name) const;
  [[nodiscard]] std::optional<PlacedText> optional_text(std::string_view name) const;
  /// Position among the row's choices.
  [[nodiscard]] std::size_t choice(std::string_view name) const;
  /// One integer for each of `count` things, given as an array of that length or as one integer for all; `fallback`
  /// if the key is absent.
  [[nodiscard]] std::vector<std::int64_t> integers(std::string_view name, std::size_t count,
                                                   const std::vector<std::int64_t>& fallback) const;
  /// The texts of an array without repetitions, at most kNamesMax; empty if the key is absent.
  [[nodiscard]] std::vector<PlacedText> names(std::string_view name) const;
  /// The sub-table, or none.
  [[nodiscard]] const toml::table* table(std::string_view name) const;
  /// The tables of an array of at most `most` tables; a longer one is a mistake, and its first `most` are given.
  [[nodiscard]] std::vector<const toml::table*> tables(std::string_view name, std::size_t most) const;

  [[nodiscard]] bool has(std::string_view name) const { return table_.contains(name); }
  /// Where the value of a key stands; the table's place if the key is absent.
  [[nodiscard]] Place place_of(std::string_view name) const;
  [[nodiscard]] Place place() const;

 private:
  [[nodiscard]] const ScenarioKey& row(std::string_view name) const { return scenario_key(path_, name); }
  [[nodiscard]] std::optional<std::int64_t> in_range(const ScenarioKey& key, const toml::node& node) const;
  void wrong_type(const ScenarioKey& key, const toml::node& node) const;
  /// A text may be a few sentences long.
  void check_length(const ScenarioKey& key, const std::string& text, Place place) const;

  Diagnosis& diagnosis_;
  const toml::table& table_;
  std::string path_;
};

/// Where a node of a parsed file begins.
[[nodiscard]] Place place_of(const toml::source_region& region);

}  // namespace raymc
