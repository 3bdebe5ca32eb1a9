// What a search looked at, in words that state its bounds: "all behaviours of up to 40 steps with at most 2 faults".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker/core/verdict.hpp"

namespace mc {

/// What the finished levels of a search cover; `exhaustive`: every reachable state was expanded. `faults_max` is how
/// many actions the environment may take in one behaviour; empty: the model does not say. `never_possible`: faults
/// among them that no explored state allows.
[[nodiscard]] std::string explored_words(const Verdict& verdict, bool exhaustive,
                                         std::optional<std::uint32_t> faults_max,
                                         const std::vector<std::string>& never_possible = {});

}  // namespace mc
