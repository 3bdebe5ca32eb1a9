// The calls of the model as a wire between Ray's processes sees them: under which name, between whom, and what tells
// one from another. A row's messages are not written down anywhere: they are the calls that its effect sends and
// answers, and the one that triggers it.
#pragma once

#include <span>
#include <string_view>

#include "checker/core/emission.hpp"
#include "model/message.hpp"
#include "model/transition.hpp"

namespace raymc {

/// One kind of call.
struct WireCall {
  Rpc rpc;
  std::string_view name;  ///< of the remote procedure
  /// Owners, raylets and workers send it only where the model does, so that each message must be explained. Others are
  /// also sent for reasons that the model does not have, and are noted where they fit.
  bool strict = false;
  bool replies = false;  ///< the caller goes on with the reply; other replies may be left out by the model

  [[nodiscard]] constexpr bool is_strict(bool reply) const { return strict && (!reply || replies); }
};

/// By Rpc.
[[nodiscard]] std::span<const WireCall> wire_calls();

/// The question whether a raylet is alive, which is no call of the model. Its answer is a message of the model where
/// the question before it had none.
inline constexpr std::string_view kProbeCall = "Check";

/// A raylet's question to the GCS whether it is alive; the model has the answer only where it is no.
inline constexpr std::string_view kSelfCheckCall = "CheckAlive";

/// A command of the GCS's store that writes the death of a node; a message of the model where it is not answered.
inline constexpr std::string_view kStoreCall = "HSET";

/// Whether the row is the arrival of the message that its binding's call is.
[[nodiscard]] bool receives(const Transition& transition, const Action& binding);

/// What the wire sees of a call on its way: a request or a reply, by its stage.
[[nodiscard]] mc::Emission message_of(const View& view, const Call& call);

/// What the wire sees of a notice on its way to a subscriber, inside an answer to one of its polls.
[[nodiscard]] mc::Emission message_of(const View& view, const Notice& notice, NodeId raylet, OwnerId owner);

/// What the wire sees of a raylet's answer to a probe.
[[nodiscard]] mc::Emission probe_of(NodeId raylet);

/// What the wire sees of a write of a node's death that the store does not answer.
[[nodiscard]] mc::Emission hung_write_of(NodeId node);

/// What the wire sees of the GCS's answer that a raylet is dead.
[[nodiscard]] mc::Emission self_check_of(NodeId raylet);

/// What the wire sees of the end of a process.
[[nodiscard]] mc::Emission end_of(NodeId raylet);
[[nodiscard]] mc::Emission end_of(OwnerId driver);
[[nodiscard]] mc::Emission end_of(WorkerId worker);

}  // namespace raymc
