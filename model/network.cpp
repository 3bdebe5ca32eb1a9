#include "model/network.hpp"

#include <algorithm>
#include <array>

#include "checker/core/assert.hpp"
#include "model/rpc/retry.hpp"
#include "model/worker/worker.hpp"

namespace raymc {
namespace {

constexpr const char* kFull = "network: calls";

/// The owner that sent `call` holds the serving raylet dead, so that its client object is gone.
bool client_is_gone(const State& s, const Call& call) {
  return !is_for_gcs(call) && call.rpc != Rpc::kNotifyOwnerRestart && call.rpc != Rpc::kPollOwner &&
         call.owner.exists() && call.node.exists() && has_bit(s.owner(call.owner).dead_nodes, call.node.value);
}

/// A worker serves it: when that process is gone, the call fails at once, because its raylet says so.
bool is_to_worker(Rpc rpc) {
  return rpc == Rpc::kPushTask || rpc == Rpc::kExit || rpc == Rpc::kCancelTask || rpc == Rpc::kPollOwner;
}

/// A call that the proposed test of the server's node refuses to send.
bool is_refused_before_sending(const View& view, const Call& call) {
  return view.config.has(Safeguard::kLivenessAtCreation) && waits_for_dead_node(view, call);
}

/// A GCS with another cluster id answers every old process with an error that is not tried again.
bool is_refused(const State& s, const Call& call) {
  return s.gcs.new_cluster && is_for_gcs(call);
}

void queue_for_resend(Step& step, Call call) {
  if (is_refused(step.s, call)) return;
  // The GCS drops its client of a raylet that is gone; what it wanted of it is never sent again.
  if (from_gcs(call.rpc) && !server_is_up(step.view(), call)) return;
  step.fire(Row::kN1);
  call.stage = Stage::kResend;
  step.s.calls.add(call, kFull);
}

}  // namespace

bool from_gcs(Rpc rpc) {
  return rpc == Rpc::kNotifyGcsRestart || rpc == Rpc::kDrainRaylet;
}

bool is_plain(const Config& config, Rpc rpc) {
  if (rpc == Rpc::kPushTask) return config.has(Safeguard::kPushIsSingleShot);
  if (rpc == Rpc::kExit) return !config.has(Safeguard::kExitIsRetried);
  if (rpc == Rpc::kCancelTask) return !config.has(Safeguard::kCancelTaskIsRetried);
  if (rpc == Rpc::kNotifyOwnerRestart) return true;
  if (rpc == Rpc::kPollOwner) return !config.has(Safeguard::kTransientErrorIsNotDeath);
  return rpc == Rpc::kGetWorkerFailureCause && !config.has(Safeguard::kCauseQueryIsRetried);
}

bool is_for_gcs(const Call& call) {
  switch (call.rpc) {
    case Rpc::kReportWorkerFailure:
    case Rpc::kMarkJobFinished:
    case Rpc::kRegisterNode:
    case Rpc::kUnregisterNode:
    case Rpc::kSubscribe: return true;
    default: return false;
  }
}

bool waits_for_dead_node(const View& view, const Call& call) {
  if (!call.owner.exists() || is_for_gcs(call)) return false;
  // Their owner is the server.
  if (call.rpc == Rpc::kPollOwner || call.rpc == Rpc::kNotifyOwnerRestart) return false;
  return has_bit(view.s.owner(call.owner).dead_nodes, server_host(view.config, call).value);
}

bool server_is_up(const View& view, const Call& call) {
  switch (call.rpc) {
    case Rpc::kPushTask:
      if (heir_of(view, call.worker).exists()) return true;
      [[fallthrough]];
    case Rpc::kExit:
    case Rpc::kCancelTask: return view.s.worker(call.worker).process == ProcessState::kRunning;
    case Rpc::kNotifyOwnerRestart:
    case Rpc::kPollOwner: return view.s.owner(call.owner).alive;
    case Rpc::kReportWorkerFailure:
    case Rpc::kMarkJobFinished:
    case Rpc::kRegisterNode:
    case Rpc::kUnregisterNode:
    case Rpc::kSubscribe: return view.s.gcs.up && !view.s.gcs.new_cluster;
    default: return view.s.raylet(call.node).alive;
  }
}

bool may_fail(const View& view, const Call& call) {
  return ((view.config.shape.spared_calls >> static_cast<unsigned>(call.rpc)) & 1U) == 0;
}

void send(Step& step, const Call& call) {
  if (is_refused_before_sending(step.view(), call)) {
    post_error(step, call);
    return;
  }
  if (server_is_up(step.view(), call) || !link_is_up(step.view(), call)) {
    note_message(step, call);
    step.s.calls.add(call, kFull);
    return;
  }
  step.fire(Row::kN6);
  note_message_in_vain(step, call);
  if (is_plain(step.config, call.rpc) || is_to_worker(call.rpc)) {
    post_error(step, call);
    return;
  }
  queue_for_resend(step, call);
  // To a node that the caller holds dead the call fails, is queued, and the unavailable hook drops the new client again
  // (N1, N3, N4). Nothing can come between that anybody could see, so it is one step.
  if (client_is_gone(step.s, call)) drop_unavailable_client(step, call.owner, call.node);
}

Call take(Step& step, const Call& call) {
  const auto found = std::find(step.s.calls.begin(), step.s.calls.end(), call);
  MC_ASSERT(found != step.s.calls.end(), "a handled call is in the network");
  const Call taken = *found;
  step.s.calls.erase(found);
  return taken;
}

void hold(Step& step, Call call) {
  if (call.detached) return;
  call.stage = Stage::kAtServer;
  step.s.calls.add(call, kFull);
}

void answer(Step& step, Call call, Reply reply) {
  call.stage = Stage::kReply;
  call.reply = reply;
  note_message(step, call);
  if (call.detached) return;
  // A reply that changes nothing is kept only while it may still be lost, which makes the caller send again.
  if (ignorable_reply(call) && step.s.budget[Fault::kReplyLost] == 0) {
    if (call.rpc == Rpc::kCancelWorkerLease) step.fire(Row::kS19);
    return;
  }
  step.s.calls.add(call, kFull);
}

void answer_granted(Step& step, Call call, WorkerId worker) {
  call.granted = worker;
  answer(step, call, Reply::kGranted);
}

void answer_redirect(Step& step, Call call, NodeId target) {
  call.redirect = target;
  answer(step, call, Reply::kRedirect);
}

void post_error(Step& step, Call call) {
  switch (call.rpc) {
    case Rpc::kRequestWorkerLease:
    case Rpc::kPushTask:
    case Rpc::kGetWorkerFailureCause:
    case Rpc::kCancelLocalTask:
    case Rpc::kExit:
    case Rpc::kCancelTask:
    case Rpc::kPinObjectIds:
    case Rpc::kPollOwner:
      call.stage = Stage::kFailed;
      step.s.calls.add(call, kFull);
      break;
    case Rpc::kCancelWorkerLease: step.fire(Row::kS19); break;  // the lease reply does the work
    default: break;                                             // logged only
  }
}

void fail(Step& step, Call call) {
  if (call.detached) return;
  call.reply = Reply::kNone;
  if (call.rpc == Rpc::kPushTask) call.exiting = false;
  call.granted = WorkerId::none();
  call.redirect = NodeId::none();
  if (is_plain(step.config, call.rpc) || (is_to_worker(call.rpc) && !server_is_up(step.view(), call))) {
    post_error(step, call);
  } else if (client_is_gone(step.s, call)) {
    step.fire(Row::kN5);
    post_error(step, call);
  } else {
    queue_for_resend(step, call);
  }
}

void abandon_dead_nodes_calls(Step& step, OwnerId owner) {
  const Calls before = step.s.calls;
  for (const Call& call : before) {
    const bool under_way = call.stage == Stage::kRequest || call.stage == Stage::kAtServer;
    if (call.owner != owner || call.detached || !under_way || !waits_for_dead_node(step.view(), call)) continue;
    Call left_behind = take(step, call);
    left_behind.detached = true;
    if (left_behind.stage == Stage::kRequest) step.s.calls.add(left_behind, kFull);
    post_error(step, call);
  }
}

std::uint32_t connection_of(const Call& call) {
  constexpr std::uint32_t kGcs = 8;
  std::uint32_t client = kGcs;
  std::uint32_t server = kGcs;
  switch (call.rpc) {
    case Rpc::kPushTask:
      client = 16U + call.owner.value;
      server = 16U + call.worker.value;
      break;
    case Rpc::kCancelTask:
      client = call.node.value;
      server = 16U + call.worker.value;
      break;
    case Rpc::kNotifyOwnerRestart:
      client = call.node.value;
      server = 16U + call.owner.value;
      break;
    case Rpc::kReportWorkerFailure:
    case Rpc::kMarkJobFinished:
    case Rpc::kRegisterNode:
    case Rpc::kUnregisterNode: client = call.node.value; break;
    case Rpc::kSubscribe: client = call.owner.exists() ? 16U + call.owner.value : call.node.value; break;
    case Rpc::kExit:
      client = call.node.value;
      server = 16U + call.worker.value;
      break;
    case Rpc::kDrainRaylet:
    case Rpc::kNotifyGcsRestart: server = call.node.value; break;
    case Rpc::kPollOwner:
      client = call.node.value;
      server = 16U + call.owner.value;
      break;
    case Rpc::kPinObjectIds:
      client = call.worker.exists() ? 32U + call.worker.value : 16U + call.owner.value;
      server = call.node.value;
      break;
    default:
      client = 16U + call.owner.value;
      server = call.node.value;
      break;
  }
  return (client << 6U) | server;
}

std::uint32_t channel_of(const Call& call) {
  const std::uint32_t stray = call.stray ? 1U : 0U;
  return (stray << 15U) | (static_cast<std::uint32_t>(call.stage) << 12U) | connection_of(call);
}

bool deliverable(const View& view, std::size_t index) {
  const Call& call = view.s.calls[index];
  // Over a link that is down nothing arrives, and nothing that is sent to a process which is gone behind one.
  if (!link_is_up(view, call)) return false;
  if (view.config.shape.delivery == Delivery::kUnordered || call.stray || index == 0) return true;
  return channel_of(view.s.calls[index]) != channel_of(view.s.calls[index - 1]);
}

void sort_calls(const Config& config, Calls& calls) {
  const bool unordered = config.shape.delivery == Delivery::kUnordered;
  // Calls of one channel stand by age where age matters, else by their content.
  const auto comes_later = [unordered](const Call& a, std::uint32_t channel_a, const Call& b, std::uint32_t channel_b) {
    if (channel_a != channel_b) return channel_a > channel_b;
    const bool by_age = !unordered && !a.stray && a.stage != Stage::kAtServer && a.stage != Stage::kFailed;
    return !by_age && b < a;
  };
  // By insertion: nearly all of them stand where they belong.
  std::array<std::uint32_t, kCallsMax> channels{};
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const std::uint32_t channel = channel_of(calls[i]);
    std::size_t place = i;
    while (place > 0 && comes_later(calls[place - 1], channels[place - 1], calls[i], channel)) --place;
    if (place < i) {
      std::rotate(calls.begin() + static_cast<std::ptrdiff_t>(place), calls.begin() + static_cast<std::ptrdiff_t>(i),
                  calls.begin() + static_cast<std::ptrdiff_t>(i + 1));
      std::copy_backward(channels.begin() + static_cast<std::ptrdiff_t>(place),
                         channels.begin() + static_cast<std::ptrdiff_t>(i),
                         channels.begin() + static_cast<std::ptrdiff_t>(i + 1));
    }
    channels[place] = channel;
  }
}

bool ignorable_reply(const Call& call) {
  switch (call.rpc) {
    case Rpc::kReturnWorkerLease:
    case Rpc::kReportWorkerFailure:
    case Rpc::kMarkJobFinished:
    case Rpc::kSubscribe:
    case Rpc::kNotifyOwnerRestart:
    case Rpc::kNotifyGcsRestart: return true;
    case Rpc::kCancelWorkerLease: return call.reply == Reply::kOk;
    case Rpc::kDrainRaylet: return call.reply == Reply::kRejected;  // the autoscaler is told
    default: return false;
  }
}

}  // namespace raymc
