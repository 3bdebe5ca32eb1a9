// An answer with its measurements as a file and back, with everything in it: JSON, format "raymc.answer", version 1.
// Written where an answer must outlive its process: beside checkpoints, and under results/release.
#pragma once

#include <string>
#include <string_view>

#include "checker/core/result.hpp"
#include "checker/report/answer.hpp"
#include "checker/report/identity.hpp"

namespace mc {

struct AnswerFile {
  static constexpr std::string_view kFormat = "raymc.answer";
  static constexpr int kVersion = 1;
  Answer answer;
  Measurements measured;
  Identity identity{};  ///< of the search that gave it; empty where that does not matter
};

/// The file's text. The same answer and measurements give the same bytes.
[[nodiscard]] std::string to_json(const AnswerFile& file);

/// Reads a file's text; anything that is no such file is an error. `name` is used in errors only.
[[nodiscard]] Result<AnswerFile> parse_answer(std::string_view text, const std::string& name);

}  // namespace mc
