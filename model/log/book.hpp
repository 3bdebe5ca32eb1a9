// Notes the lines of the rows that one step performs, and says them in the checker's terms (checker/core/emission.hpp).
#pragma once

#include <vector>

#include "checker/core/emission.hpp"
#include "model/log/line.hpp"
#include "model/transition.hpp"

namespace raymc {

/// What is written down for one step.
class LogBook {
 public:
  LogBook(const Config& config, std::vector<mc::Emission>& lines) : config_(config), lines_(lines) {}

  /// Runs the row's effect and notes its lines.
  void perform(Step& step, const Transition& transition, const Action& binding);

 private:
  void note(const Transition& transition, const LogLine& line, const LogScene& scene);

  const Config& config_;
  std::vector<mc::Emission>& lines_;
};

/// Sorts of things that lines name, by position in the vocabulary.
enum class LogSort : std::uint8_t { kNode, kWorker, kOwner, kTask, kLease, kObject };

/// The kinds, keys and sorts of Ray's lines.
[[nodiscard]] mc::LogVocabulary log_vocabulary(const Config& config);

/// The row may be long in coming although its guard holds: a timer, the user's code, the start of a process.
[[nodiscard]] bool may_take_long(Row row);

}  // namespace raymc
