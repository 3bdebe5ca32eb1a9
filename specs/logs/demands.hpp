// What nodes have and what tasks ask for, as whole CPUs: the model knows nothing else that a lease takes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raymc {

/// Amounts by name, in ten-thousandths as Ray counts them: "CPU: 0.5, special: 1".
using Resources = std::map<std::string, int>;
[[nodiscard]] Resources resources_in(std::string_view text);

/// CPUs of nodes and scheduling keys in the model.
struct Demands {
  std::vector<int> nodes;
  std::vector<int> keys;
  int starts = 0;                  ///< shape.startup_concurrency
  std::vector<std::string> notes;  ///< what is only nearly so
};

/// Halves make everything twice as large. A resource that only some nodes have becomes so many CPUs that only these
/// have them. Nothing: no scenario can say this; `why` says what.
[[nodiscard]] std::optional<Demands> demands_of(const std::vector<Resources>& nodes, const std::vector<Resources>& keys,
                                                std::string& why);

}  // namespace raymc
