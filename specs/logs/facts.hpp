// The facts of a record: what logs say once and for all (checker/conform/record.hpp). One table of which there are and
// which values they have.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "checker/conform/record.hpp"

namespace raymc {

/// What a value is.
enum class FactValue : std::uint8_t {
  kNode,    ///< ids of these
  kWorker,  ///< or of a driver
  kTask,
  kObject,
  kFunction,   ///< a name
  kResources,  ///< "CPU: 1, special: 0.5"
  kRole,       ///< driver or worker
  kCount,      ///< a whole number; -1: without end
};

struct FactKey {
  std::string_view key;  ///< empty: no more keys
  FactValue value = FactValue::kNode;
};

/// One kind of fact; all its keys are there.
struct FactRow {
  std::string_view name;
  std::array<FactKey, 5> keys{};
  bool once = false;  ///< for the value of its first key

  [[nodiscard]] const FactKey* find(std::string_view key) const;
};

[[nodiscard]] std::span<const FactRow> fact_table();
[[nodiscard]] const FactRow* fact_named(std::string_view name);

/// What is wrong with the facts; nothing: they are sound.
[[nodiscard]] std::optional<std::string> mistake_in_facts(const mc::RecordFile& record);

}  // namespace raymc
