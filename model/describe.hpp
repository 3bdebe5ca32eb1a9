// States and actions in words, for traces and for a person's eye. Nothing here is read back.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/transition.hpp"

namespace raymc {

/// The stable name of an action: the row's id and what it is bound to, "raylet.R31.return_lease(n1, L2)".
[[nodiscard]] std::string name_of(const Config& config, const Action& action);

/// The row's sentence, followed by who and what takes part.
[[nodiscard]] std::string sentence_of(const Config& config, const Action& action);

/// Every component of the state as a label and a text, in a fixed order. A component at rest has an empty text.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> components_of(const Config& config, const State& state);

/// A call with its route and where it stands: "RequestWorkerLease L1 driver -> n1: request".
[[nodiscard]] std::string call_text(const Config& config, const Call& call);

/// Every message on the wire, held or queued, in the state's order.
[[nodiscard]] std::vector<std::string> messages_of(const Config& config, const State& state);

}  // namespace raymc
