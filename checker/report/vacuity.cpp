#include "checker/report/vacuity.hpp"

#include <fmt/format.h>

namespace mc {

std::vector<std::string> vacuities(const Verdict& verdict, std::optional<std::uint32_t> faults_max,
                                   const std::vector<std::string>& never_possible) {
  if (verdict.outcome == Outcome::kViolated) return {};
  std::vector<std::string> warnings;
  const bool harmless = faults_max && *faults_max == 0;
  if (harmless) warnings.emplace_back("the scenario has no fault");
  for (const std::string& fault : never_possible) {
    if (!harmless) warnings.push_back("the fault " + fault + " never strikes: no reachable state allows it");
  }
  std::vector<std::string> idle;
  for (const Judgement& judgement : verdict.judgements) {
    if (!judgement.occurs && judgement.outcome == Outcome::kHolds) idle.push_back(judgement.property);
  }
  if (!idle.empty()) {
    warnings.push_back(fmt::format("{} about what never occurs here: {}",
                                   idle.size() == 1 ? "a property is" : fmt::format("{} properties are", idle.size()),
                                   fmt::join(idle, ", ")));
  }
  return warnings;
}

}  // namespace mc
