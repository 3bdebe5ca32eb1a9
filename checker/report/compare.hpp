// What changed between two sets of answers, and why: for a release manager who must account for every difference.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "checker/report/answer_file.hpp"

namespace mc {

/// How one scenario differs.
struct Difference {
  std::string path;
  std::vector<std::string> what;  ///< one sentence each: "states: 100 then, 120 now (+20.0 %)"
  std::vector<std::string> why;   ///< what changed in the question or the model; never empty
  bool explained = true;          ///< false: the same question of the same version has another answer
  friend bool operator==(const Difference&, const Difference&) = default;
};

/// The differences between the answers of last time and those of now, by path in the order of now, with what is gone
/// at the end. Times and memory are not compared.
[[nodiscard]] std::vector<Difference> differences(std::span<const AnswerFile> then, std::span<const AnswerFile> now);

}  // namespace mc
