// What a release manager reads: the answers of an exhaustive suite as one page, in Markdown and in HTML, with plots.
// The pages are functions of their arguments; times and machine stand in a part of their own.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "checker/core/open_violation.hpp"
#include "checker/report/answer_file.hpp"
#include "checker/report/compare.hpp"

namespace mc {

/// A whole run of a suite.
struct ReleasePage {
  std::vector<AnswerFile> answers;
  std::vector<Unrun> unrun;
  Facts environment;                                   ///< program, revision, machine, options
  std::optional<std::vector<Difference>> differences;  ///< against last time, if that was given
  std::optional<std::vector<OpenViolation>> open_violations =
      std::nullopt;  ///< of the project, if it keeps a list of them
};

/// What stands in the way ("not ready: ..."), or that all is as expected and how many violations are known, in one
/// sentence.
[[nodiscard]] std::string release_sentence(const ReleasePage& page);

/// How many hold and how many are violated, for the system as it is and for others apart.
[[nodiscard]] std::vector<std::string> headcount_lines(const ReleasePage& page);

/// True if something has to be done first: an answer or a difference that nobody expected.
[[nodiscard]] bool stands_in_the_way(const ReleasePage& page);

[[nodiscard]] std::string release_markdown(const ReleasePage& page);

/// One file that needs nothing else: plots are drawn as SVG. Everything that comes from a scenario is escaped.
[[nodiscard]] std::string release_html(const ReleasePage& page);

/// The processor, its number, the memory and the system of this machine; no names of it.
[[nodiscard]] Facts machine_facts();

}  // namespace mc
