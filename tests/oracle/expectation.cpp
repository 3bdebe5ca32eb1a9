#include "tests/oracle/expectation.hpp"

#include <array>
#include <cstdint>

namespace raymc::oracle {
namespace {

using Json = nlohmann::json;

constexpr std::array kCounts{"states", "transitions", "depth"};

}  // namespace

Json draw_expectation(const Json& answer, Random& random) {
  const std::uint64_t kind = random() % 3;
  if (kind == 0) return {};
  Json expectation{{"outcome", answer.at("outcome")}};
  for (const char* const field : kCounts) expectation[field] = answer.at(field);
  if (answer.at("violated") != "") expectation["property"] = answer.at("violated");
  if (kind == 2) {
    const char* const wrong = kCounts[random() % kCounts.size()];
    expectation[wrong] = expectation[wrong].get<std::uint64_t>() + 1;
  }
  return expectation;
}

std::string expectation_text(const Json& expectation) {
  if (expectation.is_null()) return {};
  std::string text = "\n[expect]\n";
  for (const auto& [key, value] : expectation.items()) text += key + " = " + value.dump() + "\n";
  return text;
}

void compare_with(const Json& expectation, bool other_question, bool keep_going, Json& answer) {
  answer["comparison"] = expectation.is_null() ? "none" : "not compared";
  if (expectation.is_null() || other_question) return;
  bool met = expectation.at("outcome") == answer.at("outcome");
  if (!keep_going || answer.at("outcome") != "violated") {
    for (const char* const field : kCounts) met = met && expectation.at(field) == answer.at(field);
  }
  if (expectation.contains("property")) met = met && expectation.at("property") == answer.at("violated");
  answer["comparison"] = met ? "met" : "not met";
  if (met) {
    answer["exit"] = 0;
  } else if (answer.at("outcome") != "inconclusive") {
    answer["exit"] = 10;
  }
}

}  // namespace raymc::oracle
