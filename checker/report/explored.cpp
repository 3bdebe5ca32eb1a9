#include "checker/report/explored.hpp"

#include <fmt/format.h>

namespace mc {

std::string explored_words(const Verdict& verdict, bool exhaustive, std::optional<std::uint32_t> faults_max,
                           const std::vector<std::string>& never_possible) {
  if (verdict.levels.empty()) return "nothing";
  std::string words = "all behaviours";
  if (!exhaustive) words += fmt::format(" of up to {} {}", verdict.depth, verdict.depth == 1 ? "step" : "steps");
  if (!faults_max) return words;
  if (*faults_max == 0) return words + " without a fault";
  words += fmt::format(" with at most {} {}", *faults_max, *faults_max == 1 ? "fault" : "faults");
  return never_possible.empty() ? words : words + fmt::format("; never possible: {}", fmt::join(never_possible, ", "));
}

}  // namespace mc
