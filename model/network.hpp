// The message semantics of section 6 over the call records of a state: sending, answering, failing, resending, and
// which call may be handled next. Rows use these functions; they know nothing about tasks or leases.
#pragma once

#include "model/links.hpp"
#include "model/transition.hpp"

namespace raymc {

/// PushTask, GetWorkerFailureCause and CancelTask are sent once and report any error to the caller; all others are
/// resent (6.1).
[[nodiscard]] bool is_plain(const Config& config, Rpc rpc);

/// The GCS sends these to a raylet.
[[nodiscard]] bool from_gcs(Rpc rpc);

/// The GCS serves `call`.
[[nodiscard]] bool is_for_gcs(const Call& call);

/// The process that serves `call` is up.
[[nodiscard]] bool server_is_up(const View& view, const Call& call);

/// An owner holds the node dead whose raylet or worker serves this call of it.
[[nodiscard]] bool waits_for_dead_node(const View& view, const Call& call);

/// Faults of single calls may strike this one.
[[nodiscard]] bool may_fail(const View& view, const Call& call);

/// Sends a new request. To a server that is gone it fails at once (N6).
void send(Step& step, const Call& call);

/// Takes `call` out of the network; it must be there.
Call take(Step& step, const Call& call);

/// Puts a request that was taken back as held by its server; a detached one is forgotten, nobody waits for it.
void hold(Step& step, Call call);

/// Answers a call that was taken. Nothing is kept for a detached caller, nor a reply that can only be ignored.
void answer(Step& step, Call call, Reply reply);
void answer_granted(Step& step, Call call, WorkerId worker);
void answer_redirect(Step& step, Call call, NodeId target);

/// Answers the request of `lease` that its raylet holds, if there is one whose caller still waits.
void answer_held(Step& step, LeaseId lease, const auto& answer_with) {
  for (const Call& call : step.s.calls) {
    const bool held = call.stage == Stage::kAtServer && !call.detached;
    if (call.rpc == Rpc::kRequestWorkerLease && held && call.lease == lease) {
      answer_with(take(step, Call(call)));
      return;
    }
  }
}

/// The caller of a call that was taken sees an error of the transport: N1, N5, or the callback of a plain call.
void fail(Step& step, Call call);

/// Posts an error to the caller of a call that was taken (the callback runs later).
void post_error(Step& step, Call call);

/// The server of these calls has died: requests and held calls fail at their callers; `matches` says which calls.
/// Over a link that is down nobody learns of it: such a call stays on the wire.
void fail_calls(Step& step, const auto& matches) {
  Calls failed;
  Calls kept;
  for (Call call : step.s.calls) {
    const bool broken = (call.stage == Stage::kRequest || call.stage == Stage::kAtServer) && matches(call);
    const bool noticed = broken && link_is_up(step.view(), call);
    if (broken) call.stage = Stage::kRequest;
    (noticed ? failed : kept).add(call, "network: calls");
  }
  step.s.calls = kept;
  for (const Call& call : failed) fail(step, call);
}

/// The owner's calls that are under way to nodes it holds dead end with an error (a proposed fix); a request that is on
/// the wire may still arrive, its answer is read by nobody.
void abandon_dead_nodes_calls(Step& step, OwnerId owner);

/// The caller of these calls has died: its requests stay on the wire, everything else is forgotten.
void orphan_calls(Step& step, const auto& matches) {
  Calls kept;
  for (Call call : step.s.calls) {
    if (!matches(call)) {
      kept.add(call, "network: calls");
    } else if (call.stage == Stage::kRequest) {
      call.detached = true;
      kept.add(call, "network: calls");
    }
  }
  step.s.calls = kept;
}

/// A number that is equal for calls of the same client and server.
[[nodiscard]] std::uint32_t connection_of(const Call& call);

/// A number that is equal for calls whose order matters: same stage, same client, same server.
[[nodiscard]] std::uint32_t channel_of(const Call& call);

/// The call at `index` may be handled next: it is the oldest of its channel, or order does not bind.
[[nodiscard]] bool deliverable(const View& view, std::size_t index);

/// Brings the calls into their canonical order: by channel; inside a channel by age where age matters.
void sort_calls(const Config& config, Calls& calls);

/// The reply of this call changes nothing at its caller.
[[nodiscard]] bool ignorable_reply(const Call& call);

}  // namespace raymc
