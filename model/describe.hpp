// States and actions in words, for traces and for a person's eye. Nothing here is read back.
#pragma once

#include <string>
#include <vector>

#include "model/transition.hpp"

namespace raymc {

/// The stable name of an action: the row's id and what it is bound to, "raylet.R31.return_lease(n1, L2)".
[[nodiscard]] std::string name_of(const Config& config, const Action& action);

/// A sentence, followed by who and what takes part in the action.
[[nodiscard]] std::string sentence_of(const Config& config, const Action& action, std::string sentence);

/// A process of the cluster; at most one of the ids exists.
struct Process {
  OwnerId owner;
  NodeId raylet;
  WorkerId worker;
  bool gcs = false;
};
[[nodiscard]] inline Process process_of(OwnerId owner) {
  return {owner, {}, {}, false};
}
[[nodiscard]] inline Process process_of(NodeId raylet) {
  return {{}, raylet, {}, false};
}
[[nodiscard]] inline Process process_of(WorkerId worker) {
  return {{}, {}, worker, false};
}
[[nodiscard]] inline Process gcs_process() {
  return {{}, {}, {}, true};
}

/// One component of a state; at rest it has an empty text.
struct ComponentText {
  std::string label;
  std::string text;
  Process process;  ///< whose it is; none if it is no single process's
};

/// Every component of the state, in a fixed order.
[[nodiscard]] std::vector<ComponentText> components_of(const Config& config, const State& state);

/// "value of t1", "argument of k1".
[[nodiscard]] std::string object_name(const Config& config, ObjectId object);

/// What a call asks, without its route: "RequestWorkerLease L1".
[[nodiscard]] std::string what_text(const Config& config, const Call& call);

/// What a reply says: "granted w1".
[[nodiscard]] std::string reply_text(const Call& call);

/// "NodeDead n2".
[[nodiscard]] std::string notice_text(const Config& config, const Notice& notice);

/// A call with its route and where it stands: "RequestWorkerLease L1 driver -> n1: request".
[[nodiscard]] std::string call_text(const Config& config, const Call& call);

/// Every message on the wire, held or queued, in the state's order.
[[nodiscard]] std::vector<std::string> messages_of(const Config& config, const State& state);

}  // namespace raymc
