// Which rules the sessions that were conformed have witnessed: the table witnessed.tsv.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "checker/cli/catalogue.hpp"
#include "checker/conform/explainer.hpp"

namespace mc {

/// How a session that was conformed counts.
struct Witnessed {
  std::set<std::string> read;     ///< rules of which a line of their own was read
  std::set<std::string> message;  ///< else: of which a message was seen that they sent, or that came to them
  std::set<std::string> silent;   ///< that fired, and nothing of their own was seen

  /// Leaves each rule at the best that is known of it.
  void settle();
};

/// A rule that was read in one piece of a session was read in the session.
[[nodiscard]] Witnessed joined(const std::vector<Witnessed>& pieces);

/// rule, sessions in which its own line was read, in which a message of its own was seen and no line, and in which it
/// fired without either.
[[nodiscard]] std::string witness_table(const std::string& program, const std::vector<CatalogueEntry>& catalogue,
                                        const std::vector<Witnessed>& sessions);

template <Logging M>
[[nodiscard]] Witnessed witnessed_in(const M& model, const Explanation<M>& answer) {
  const std::vector<std::string_view> rules = model.rules();
  Witnessed witnessed;
  for (std::size_t i = 0; i < answer.steps.size(); ++i) {
    RuleSet fired;
    static_cast<void>(model.apply(answer.path.states[i], answer.path.actions[i], fired));
    for (const std::uint16_t rule : answer.steps[i].rules) witnessed.read.emplace(rules[rule]);
    for (const std::uint16_t rule : answer.steps[i].by_message) witnessed.message.emplace(rules[rule]);
    for (std::size_t rule = 0; rule < rules.size(); ++rule) {
      // What follows an at sign is no rule but the phase in which it fired.
      if (fired[rule] && rules[rule].find('@') == std::string_view::npos) witnessed.silent.emplace(rules[rule]);
    }
  }
  witnessed.settle();
  return witnessed;
}

}  // namespace mc
