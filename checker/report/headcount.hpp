// How many scenarios came out how, for the system as it is and for others apart: never one count for all.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checker/report/answer.hpp"

namespace mc {

/// "as it is", "with proposed fixes", "without what it has".
[[nodiscard]] std::string_view to_string(Variant variant);

/// Counts answers, each under its variant.
class Headcount {
 public:
  void add(const Answer& answer);
  /// A line for each variant that is among the answers: "as it is: 46 hold, 54 are violated".
  [[nodiscard]] std::vector<std::string> lines() const;

 private:
  struct Counts {
    std::size_t hold = 0;  ///< also within bounds
    std::size_t violated = 0;
    std::size_t open = 0;
    std::size_t unexpected = 0;  ///< of any of these
  };
  std::array<Counts, 3> counts_{};  ///< by variant
};

/// The lines of all these answers.
[[nodiscard]] std::vector<std::string> headcount_lines(std::span<const Answer> answers);

}  // namespace mc
