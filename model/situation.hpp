// A situation that a scenario describes in words of its own: phrases that are all true of one state, as the state's
// description names its parts ("task t1: FINISHED", "raylet n1: dead, ..."). Read from scenarios; asked by the
// properties that are made of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/config.hpp"
#include "model/state.hpp"

namespace raymc {

/// Some part of the state whose label is `label`, or begins with it and a space, says each of `words`: of what its text
/// says between commas, something begins with them. "dead" is not true of "available 1, knows dead {n2}". A part that
/// is at rest says "at rest"; each message on the wire is a part with the label "message".
struct Phrase {
  std::string text;  ///< as it was written
  std::string label;
  std::vector<std::string> words;
};

struct Situation {
  std::string name;
  std::string claim;  ///< in words
  std::vector<Phrase> phrases;
};

/// Takes "LABEL: WORDS, WORDS" apart; nothing if a side is missing.
[[nodiscard]] std::optional<Phrase> phrase_of(std::string_view text);

/// The labels that a phrase may have in states of the scenario.
[[nodiscard]] std::vector<std::string> phrase_labels(const Config& config);

/// A label of the scenario is the phrase's, or begins with it and a space.
[[nodiscard]] bool has_label(const Phrase& phrase, std::string_view label);

/// The phrase names something that interchangeable raylets do not share: a node, a worker, a lease, a message.
[[nodiscard]] bool names_one(const Config& config, const Phrase& phrase);

/// True if each phrase is true of the state. Cost: describes the state.
[[nodiscard]] bool occurs(const Config& config, const State& state, const std::vector<Phrase>& phrases);

}  // namespace raymc
