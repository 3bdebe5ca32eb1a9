// THE table of a scenario file: every key with its type, range, default and meaning. The loader reads ranges and
// defaults from here and nowhere else; the command line prints it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace raymc {

enum class KeyType : std::uint8_t {
  kInteger,
  kIntegers,  ///< an array of integers; for a `_per_node` key also one integer for all nodes
  kBoolean,
  kText,
  kChoice,  ///< one of `choices`
  kNames,   ///< an array of texts
  kTable,
  kTables,  ///< an array of tables
};

/// One key that a scenario may have.
struct ScenarioKey {
  std::string_view table;  ///< "" for the top, "shape", "shape.task", ...
  std::string_view name;
  KeyType type = KeyType::kInteger;
  bool required = false;
  std::string_view fallback;  ///< the value when the key is absent, as it would be written; in words if it is no value
  std::string_view meaning;
  std::int64_t min = 0;  ///< smallest and largest value of an integer
  std::int64_t max = 0;
  std::vector<std::string_view> choices = {};

  /// "shape.task.max_retries".
  [[nodiscard]] std::string path() const;
  /// "integer 0 to 2", "\"fifo\" or \"unordered\"", ...
  [[nodiscard]] std::string type_text() const;
};

/// All keys, table by table, in the order in which a scenario is written.
[[nodiscard]] std::span<const ScenarioKey> scenario_keys();

/// The row of a key; it must exist.
[[nodiscard]] const ScenarioKey& scenario_key(std::string_view table, std::string_view name);

/// The names of all keys of one table.
[[nodiscard]] std::vector<std::string_view> keys_of_table(std::string_view table);

}  // namespace raymc
