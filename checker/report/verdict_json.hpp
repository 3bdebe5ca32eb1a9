// A verdict as JSON and back, with everything in it. For files that raymc reads itself: checkpoints and answers.
#pragma once

#include <nlohmann/json.hpp>

#include "checker/core/verdict.hpp"

namespace mc {

[[nodiscard]] nlohmann::ordered_json to_json_value(const Verdict& verdict);

/// The inverse. Throws nlohmann::json::exception or std::runtime_error if it is no verdict.
[[nodiscard]] Verdict verdict_of(const nlohmann::ordered_json& json);

}  // namespace mc
