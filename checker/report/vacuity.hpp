// What makes a verdict say less than it seems to: a fault that never strikes, a property that is about nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker/core/verdict.hpp"

namespace mc {

/// Warnings about an exhaustive search, one sentence each; empty if the verdict means what it says. `faults_max` is how
/// many actions the environment may take in one behaviour, if the model says so; `never_possible` are the faults among
/// them that no explored state allows. A search that found a violation says nothing of what it did not explore.
[[nodiscard]] std::vector<std::string> vacuities(const Verdict& verdict, std::optional<std::uint32_t> faults_max,
                                                 const std::vector<std::string>& never_possible);

}  // namespace mc
