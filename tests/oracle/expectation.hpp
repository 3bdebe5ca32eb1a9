// The [expect] table of a question: written from the oracle's own answer, now right, now wrong in one field, so that
// the program's comparison and exit code are asked, too.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tests/oracle/case.hpp"

namespace raymc::oracle {

/// One time in three none, in three the answer's own outcome, property and counts, in three the same with one wrong.
[[nodiscard]] nlohmann::json draw_expectation(const nlohmann::json& answer, Random& random);

/// The table as TOML; empty for none.
[[nodiscard]] std::string expectation_text(const nlohmann::json& expectation);

/// Adds what comes of the expectation: "comparison" as the report words it, and the exit code. An expectation of
/// another question, one whose bounds the command line changed, is not compared; nor are the counts of a search that
/// went on after a violation.
void compare_with(const nlohmann::json& expectation, bool other_question, bool keep_going, nlohmann::json& answer);

}  // namespace raymc::oracle
