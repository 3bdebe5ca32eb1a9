// Notes the lines and the messages of the rows that one step performs, and says them in the checker's terms
// (checker/core/emission.hpp).
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

  /// Runs the row's effect and notes its lines and its messages.
  void perform(Step& step, const Transition& transition, const Action& binding);

  /// The row that is being performed sends a request, a reply or a notice, has an answer to a probe or to a raylet's
  /// question whether it is alive, does not write a death, or ends a process.
  void sends(const View& view, const Call& call);
  /// ... to a server that is gone.
  void sends_in_vain(const View& view, const Call& call);
  void sends(const View& view, const Notice& notice, NodeId raylet, OwnerId owner);
  void probes(NodeId raylet);
  void tells_of_death(NodeId raylet);
  void write_hangs(NodeId node);
  void ends(const View& view, NodeId raylet);
  void ends(const View& view, OwnerId owner);
  void ends(const View& view, WorkerId worker);

 private:
  void note(const Transition& transition, const LogLine& line, const LogScene& scene);
  void note(mc::Emission message, mc::Passing passing);

  const Config& config_;
  std::vector<mc::Emission>& lines_;
  std::vector<Row> rows_;  // that are being performed, the outermost first
  Row last_{};             // that was performed last: what follows from it comes after it
};

/// Sorts of things that lines name, by position in the vocabulary.
enum class LogSort : std::uint8_t { kNode, kWorker, kOwner, kTask, kLease, kObject };

/// The kinds, keys, forms and sorts of Ray's lines, with as many places as the model has.
[[nodiscard]] mc::LogVocabulary log_words();

/// ... with those of a scenario.
[[nodiscard]] mc::LogVocabulary log_vocabulary(const Config& config);

/// The row may be long in coming although its guard holds: a timer, the user's code, the start of a process.
[[nodiscard]] bool may_take_long(Row row);

}  // namespace raymc
