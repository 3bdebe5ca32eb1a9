#include "model/log/wire.hpp"

#include "model/log/kind.hpp"
#include "model/network.hpp"

namespace raymc {
namespace {

constexpr WireCall kCalls[] = {
    {Rpc::kRequestWorkerLease, "RequestWorkerLease", true, true},
    {Rpc::kReturnWorkerLease, "ReturnWorkerLease", true, false},
    {Rpc::kCancelWorkerLease, "CancelWorkerLease", true, true},
    {Rpc::kGetWorkerFailureCause, "GetWorkerFailureCause", true, true},
    {Rpc::kPushTask, "PushTask", true, true},
    {Rpc::kCancelLocalTask, "CancelLocalTask", true, true},
    {Rpc::kReportWorkerFailure, "ReportWorkerFailure", false, false},
    {Rpc::kRegisterNode, "RegisterNode", false, true},
    {Rpc::kUnregisterNode, "UnregisterNode", false, true},
    {Rpc::kSubscribe, "GcsSubscriberCommandBatch", false, false},
    {Rpc::kDrainRaylet, "DrainRaylet", false, true},
    {Rpc::kExit, "Exit", false, true},
    {Rpc::kCancelTask, "CancelTask", false, true},
    {Rpc::kPinObjectIds, "PinObjectIDs", false, true},
    {Rpc::kPollOwner, "PubsubLongPolling", false, true},
    {Rpc::kNotifyOwnerRestart, "RayletNotifyGCSRestart", false, false},
    {Rpc::kMarkJobFinished, "MarkJobFinished", false, false},
    {Rpc::kNotifyGcsRestart, "NotifyGCSRestart", false, false},
};
static_assert(std::size(kCalls) == kRpcCount);
static_assert([] {
  for (std::size_t i = 0; i < std::size(kCalls); ++i) {
    if (static_cast<std::size_t>(kCalls[i].rpc) != i) return false;
  }
  return true;
}());

void add(mc::Emission& message, LogId key, std::uint8_t place, std::string_view text = {}) {
  const bool told = text.empty() ? place != NodeId::kNoneValue : true;
  if (told) message.names[message.names_count++] = {static_cast<std::uint8_t>(key), place, text};
}

/// An owner that runs in a worker is that process.
void add_owner(const View& view, mc::Emission& message, bool sends, OwnerId owner) {
  if (!owner.exists()) return;
  const WorkerId worker = view.s.owner(owner).worker;
  const bool is_task = view.config.shape.owners[owner.value].kind == OwnerKind::kTask;
  if (worker.exists()) {
    add(message, sends ? LogId::kFromWorker : LogId::kToWorker, worker.value);
  } else if (!is_task) {
    add(message, sends ? LogId::kFromOwner : LogId::kToOwner, owner.value);
  }
}

void add_raylet(mc::Emission& message, bool sends, NodeId node) {
  add(message, sends ? LogId::kFromNode : LogId::kToNode, node.value);
}

void add_worker(mc::Emission& message, bool sends, WorkerId worker) {
  add(message, sends ? LogId::kFromWorker : LogId::kToWorker, worker.value);
}

/// Who calls, and who serves.
void add_ends(const View& view, const Call& call, mc::Emission& message) {
  const bool request = call.stage != Stage::kReply;
  const NodeId of_worker = call.worker.exists() ? view.config.node_of(call.worker) : NodeId::none();
  const NodeId node = call.node.exists() ? call.node : of_worker;
  switch (call.rpc) {
    case Rpc::kPushTask:
      add_owner(view, message, request, call.owner);
      return add_worker(message, !request, call.worker);
    case Rpc::kCancelTask:
    case Rpc::kExit: add_raylet(message, request, node); return add_worker(message, !request, call.worker);
    case Rpc::kNotifyOwnerRestart:
    case Rpc::kPollOwner:
      add_raylet(message, request, call.node);
      return add_owner(view, message, !request, call.owner);
    case Rpc::kReportWorkerFailure:
    case Rpc::kMarkJobFinished:
    case Rpc::kRegisterNode:
    case Rpc::kUnregisterNode: return add_raylet(message, request, call.node);
    case Rpc::kSubscribe:
      if (call.owner.exists()) return add_owner(view, message, request, call.owner);
      return add_raylet(message, request, call.node);
    case Rpc::kDrainRaylet:
    case Rpc::kNotifyGcsRestart: return add_raylet(message, !request, call.node);
    case Rpc::kPinObjectIds:
      if (call.worker.exists()) add_worker(message, request, call.worker);
      if (!call.worker.exists()) add_owner(view, message, request, call.owner);
      return add_raylet(message, !request, call.node);
    case Rpc::kRequestWorkerLease:
    case Rpc::kReturnWorkerLease:
    case Rpc::kCancelWorkerLease:
    case Rpc::kGetWorkerFailureCause:
    case Rpc::kCancelLocalTask:
      add_owner(view, message, request, call.owner);
      return add_raylet(message, !request,
                        node.exists() || !call.lease.exists() ? node : view.s.lease(call.lease).node);
  }
}

/// What a reply says, in the words of the wire's record.
std::string_view word(const Call& call) {
  switch (call.rpc) {
    case Rpc::kRequestWorkerLease:
      switch (call.reply) {
        case Reply::kGranted: return "granted";
        case Reply::kRedirect: return "redirect";
        case Reply::kRejected: return "rejected";
        default: return "canceled";
      }
    case Rpc::kPushTask: return call.reply == Reply::kNotRun ? "cancelled" : "ok";
    case Rpc::kCancelWorkerLease:
    case Rpc::kCancelTask:
    case Rpc::kExit:
    case Rpc::kDrainRaylet:
    case Rpc::kPinObjectIds: return call.reply == Reply::kOk ? "ok" : "unsuccessful";
    default: return {};
  }
}

mc::Emission end(LogKind kind, LogId key, std::uint8_t place) {
  mc::Emission message;
  message.kind = static_cast<std::uint8_t>(kind);
  message.passing = mc::Passing::kEnded;
  message.presence = log_kind_table()[message.kind].presence;
  add(message, key, place);
  return message;
}

}  // namespace

std::span<const WireCall> wire_calls() {
  return kCalls;
}

bool receives(const Transition& transition, const Action& binding) {
  switch (transition.trigger.moment) {
    case Moment::kRequest: return binding.call.stage == Stage::kRequest;
    case Moment::kReply:
    case Moment::kAnswer: return binding.call.stage == Stage::kReply;
    // Every call is offered to it, and it takes replies.
    case Moment::kAnyCall: return transition.row == Row::kReplyIgnored;
    default: return false;
  }
}

mc::Emission message_of(const View& view, const Call& call) {
  const WireCall& known = kCalls[static_cast<std::size_t>(call.rpc)];
  const bool reply = call.stage == Stage::kReply;
  const LogKind strict = reply ? LogKind::kMessageReply : LogKind::kMessageRequest;
  const LogKind stray = reply ? LogKind::kStrayReply : LogKind::kStrayRequest;
  mc::Emission message;
  message.kind = static_cast<std::uint8_t>(known.is_strict(reply) ? strict : stray);
  message.presence = log_kind_table()[message.kind].presence;
  add(message, LogId::kCall, NodeId::kNoneValue, known.name);
  add_ends(view, call, message);
  add(message, LogId::kLease, call.lease.value);
  // A lease request is for a shape, not for the task that made its owner ask.
  if (call.rpc == Rpc::kPushTask || call.rpc == Rpc::kCancelLocalTask || call.rpc == Rpc::kCancelTask) {
    add(message, LogId::kTask, call.task.value);
  }
  if (!reply) return message;
  if (const std::string_view how = word(call); !how.empty()) add(message, LogId::kHow, NodeId::kNoneValue, how);
  if (call.reply == Reply::kGranted) add(message, LogId::kWorker, call.granted.value);
  if (call.reply == Reply::kRedirect) add(message, LogId::kTarget, call.redirect.value);
  return message;
}

mc::Emission message_of(const View& view, const Notice& notice, NodeId raylet, OwnerId owner) {
  mc::Emission message;
  message.kind = static_cast<std::uint8_t>(LogKind::kStrayNotice);
  message.presence = mc::Presence::kAmbient;
  const std::string_view how = [&notice] {
    switch (notice.kind) {
      case NoticeKind::kNodeAlive: return "NodeAlive";
      case NoticeKind::kNodeDead: return "NodeDead";
      case NoticeKind::kWorkerFailed: return "WorkerFailed";
      case NoticeKind::kJobStarted: return "JobStarted";
      case NoticeKind::kJobFinished: return "JobFinished";
    }
    return "";
  }();
  add(message, LogId::kHow, NodeId::kNoneValue, how);
  add(message, LogId::kNode, notice.node.value);
  add(message, LogId::kOwner, notice.owner.value);
  if (owner.exists()) add_owner(view, message, false, owner);
  if (!owner.exists()) add_raylet(message, false, raylet);
  return message;
}

mc::Emission probe_of(NodeId raylet) {
  mc::Emission message;
  message.kind = static_cast<std::uint8_t>(LogKind::kMessageReply);
  message.presence = log_kind_table()[message.kind].presence;
  add(message, LogId::kCall, NodeId::kNoneValue, kProbeCall);
  add_raylet(message, true, raylet);
  return message;
}

mc::Emission hung_write_of(NodeId node) {
  mc::Emission message;
  message.kind = static_cast<std::uint8_t>(LogKind::kMessageReply);
  message.presence = log_kind_table()[message.kind].presence;
  add(message, LogId::kCall, NodeId::kNoneValue, kStoreCall);
  add(message, LogId::kTarget, node.value);
  return message;
}

mc::Emission self_check_of(NodeId raylet) {
  mc::Emission message;
  message.kind = static_cast<std::uint8_t>(LogKind::kStrayReply);
  message.presence = mc::Presence::kAmbient;
  add(message, LogId::kCall, NodeId::kNoneValue, kSelfCheckCall);
  add(message, LogId::kHow, NodeId::kNoneValue, "dead");
  add_raylet(message, false, raylet);
  return message;
}

mc::Emission end_of(NodeId raylet) {
  return end(LogKind::kProcessEnded, LogId::kFromNode, raylet.value);
}

mc::Emission end_of(OwnerId driver) {
  return end(LogKind::kProcessEnded, LogId::kFromOwner, driver.value);
}

mc::Emission end_of(WorkerId worker) {
  return end(LogKind::kStrayEnded, LogId::kFromWorker, worker.value);
}

}  // namespace raymc
