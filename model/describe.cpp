#include "model/describe.hpp"

#include <utility>

#include "model/describe_view.hpp"
#include "model/describe_words.hpp"
#include "model/ray_model.hpp"
#include "model/rows.hpp"
#include "model/sentences.hpp"

namespace raymc {
namespace {

void part(std::string& text, const std::string& more) {
  if (more.empty()) return;
  if (!text.empty()) text += ", ";
  text += more;
}

std::string set_of(unsigned bits, char prefix) {
  std::string text;
  for (unsigned i = 0; i < 16; ++i) {
    if (((bits >> i) & 1U) != 0) part(text, prefix + std::to_string(i + 1));
  }
  return "{" + text + "}";
}

std::string owner_name(const Config& config, OwnerId owner) {
  return owner.exists() ? config.shape.owners[owner.value].name : "none";
}
std::string task_name(const Config& config, TaskId task) {
  return task.exists() ? config.shape.tasks[task.value].name : "none";
}

}  // namespace

std::string object_name(const Config& config, ObjectId object) {
  if (is_put(object)) return "argument of k" + std::to_string(key_of(object).value + 1);
  return "value of " + config.shape.tasks[object.value].name;
}

namespace {

std::string objects_of(const Config& config, ObjectSet set) {
  std::string text;
  for (std::uint8_t v = 0; v < kObjectsMax; ++v) {
    if (has_object(set, ObjectId{v})) part(text, object_name(config, ObjectId{v}));
  }
  return "{" + text + "}";
}

std::string object_text(const State& s, ObjectId id) {
  const Object& object = s.object(id);
  std::string text = word(object.value);
  if (object.error) part(text, "an error");
  if (object.pinned_at.exists()) part(text, "believed at " + object.pinned_at.name());
  if (object.submitted > 0) part(text, std::to_string(object.submitted) + " submitted references");
  if (object.out_of_scope()) part(text, "out of scope");
  if (object.to_recover) part(text, "to recover");
  if (object.recovery == Recovery::kUnderWay) part(text, "recovering");
  if (object.recovery == Recovery::kEnded) part(text, "recovered, still marked");
  if (object.copies != 0) part(text, "copies " + set_of(object.copies, 'n'));
  if (object.pinned != 0) part(text, "pinned " + set_of(object.pinned, 'n'));
  if (object.spilled != 0) part(text, "spilled " + set_of(object.spilled, 'n'));
  return text;
}

}  // namespace

std::string notice_text(const Config& config, const Notice& notice) {
  switch (notice.kind) {
    case NoticeKind::kNodeAlive: return "NodeAlive " + notice.node.name();
    case NoticeKind::kNodeDead: return "NodeDead " + notice.node.name() + (notice.preempted ? " preempted" : "");
    case NoticeKind::kJobStarted: return "JobStarted";
    case NoticeKind::kJobFinished: return "JobFinished";
    case NoticeKind::kWorkerFailed: return "WorkerFailed " + owner_name(config, notice.owner);
  }
  MC_ASSERT(false, "every notice has a text");
}

std::string what_text(const Config& config, const Call& call) {
  std::string what = word(call.rpc);
  if (call.lease.exists()) what += " " + call.lease.name();
  if (call.task.exists()) what += " " + task_name(config, call.task);
  if (call.rpc == Rpc::kPushTask) what += " attempt " + std::to_string(call.attempt);
  if (call.rpc == Rpc::kReportWorkerFailure) what += " of " + owner_name(config, call.owner);
  if (call.disconnect) what += " disconnect";
  if (call.preemption) what += " preemption";
  if (call.exiting) what += " exiting";
  if (call.force) what += call.leased ? " at once, while leased" : " at once";
  if (call.rpc == Rpc::kPinObjectIds) what += " " + object_name(config, call.object);
  return what;
}

namespace {

/// "RequestWorkerLease L1 driver -> n1".
std::string route(const Config& config, const Call& call) {
  const std::string what = what_text(config, call);
  switch (call.rpc) {
    case Rpc::kPushTask: return what + " " + owner_name(config, call.owner) + " -> " + call.worker.name();
    case Rpc::kNotifyOwnerRestart: return what + " " + call.node.name() + " -> " + owner_name(config, call.owner);
    case Rpc::kReportWorkerFailure:
    case Rpc::kMarkJobFinished:
    case Rpc::kRegisterNode:
    case Rpc::kUnregisterNode: return what + " " + call.node.name() + " -> GCS";
    case Rpc::kSubscribe:
      return what + " " + (call.owner.exists() ? owner_name(config, call.owner) : call.node.name()) + " -> GCS";
    case Rpc::kExit: return what + " " + call.node.name() + " -> " + call.worker.name();
    case Rpc::kPinObjectIds:
      return what + " " + (call.worker.exists() ? call.worker.name() : owner_name(config, call.owner)) + " -> " +
             call.node.name();
    case Rpc::kPollOwner: return what + " " + call.node.name() + " -> " + owner_name(config, call.owner);
    case Rpc::kDrainRaylet:
    case Rpc::kNotifyGcsRestart: return what + " GCS -> " + call.node.name();
    case Rpc::kCancelTask: return what + " " + call.node.name() + " -> " + call.worker.name();
    default: return what + " " + owner_name(config, call.owner) + " -> " + call.node.name();
  }
}

}  // namespace

std::string reply_text(const Call& call) {
  std::string text = word(call.reply);
  if (call.granted.exists()) text += " " + call.granted.name();
  if (call.redirect.exists()) text += " " + call.redirect.name();
  return text;
}

std::string call_text(const Config& config, const Call& call) {
  std::string text = route(config, call) + ": " + word(call.stage);
  if (call.stage == Stage::kReply) text += " " + reply_text(call);
  if (call.stray) text += ", second copy";
  return call.detached ? text + ", nobody waits" : text;
}

namespace {

std::string task_text(const Task& task) {
  if (task == Task{}) return "";
  std::string text = word(task.status);
  part(text, word(task.place));
  if (task.pending()) {
    part(text, "attempt " + std::to_string(task.attempt));
    part(text, "retries left " + std::to_string(task.retries_left));
    if (task.memory_retries > 0) part(text, "tried again for want of memory " + std::to_string(task.memory_retries));
    if (task.forgiven > 0) part(text, "forgiven " + std::to_string(task.forgiven));
  }
  if (task.canceled) part(text, "canceled");
  if (task.in_cancel_set) part(text, "in the cancel set");
  if (task.cancel_again) part(text, "to be cancelled again");
  if (task.bad_argument) part(text, "an argument is an error");
  if (task.actor_failed) part(text, "its actor failed");
  if (task.retained) part(text, "kept as lineage, retries left " + std::to_string(task.retries_left));
  return text;
}

std::string owner_text(const OwnerShape& shape, const Owner& owner) {
  if (shape.kind == OwnerKind::kTask && !owner.home.exists()) return "";
  if (!owner.alive) return owner.registered ? "dead" : "dead, disconnected";
  std::string text = owner.exiting ? "exits when its tasks have ended" : "alive";
  if (owner.dead_nodes != 0) part(text, "knows dead " + set_of(owner.dead_nodes, 'n'));
  if (owner.preempted_nodes != 0) part(text, "knows preempted " + set_of(owner.preempted_nodes, 'n'));
  if (owner.known_nodes != 0) part(text, "knows of " + set_of(owner.known_nodes, 'n'));
  return text;
}

std::string lease_text(const Config& config, const Lease& lease) {
  if (!lease.used) return "";
  std::string text = lease.key.name() + " at " + lease.node.name() + (lease.spilled ? ", grant or reject" : "");
  if (lease.at_owner != OwnerLease::kNone) part(text, "owner: " + word(lease.at_owner));
  if (lease.owner_worker.exists()) text += " " + lease.owner_worker.name();
  if (lease.stage != LeaseStage::kNone) part(text, "raylet: " + word(lease.stage));
  if (lease.worker.exists()) text += " " + lease.worker.name();
  if (lease.ended) part(text, "remembered as ended");
  if (lease.second != SecondCopy::kNone) {
    part(text,
         std::string("second copy ") + (lease.second == SecondCopy::kQueued ? "waiting" : "waiting for a worker"));
  }
  if (lease.asked_for.exists()) part(text, "for " + lease.asked_for.name());
  if (lease.cancels > 0) part(text, lease.cancels > 1 ? "cancelled again" : "cancelled");
  if (lease.tombstone) part(text, "tombstone");
  if (lease.cause != FailureCause::kNone) part(text, word(lease.cause));
  if (lease.start_overdue) part(text, "its process will not register");
  if (lease.failed_starts > 0) part(text, std::to_string(lease.failed_starts) + " failed starts");
  if (lease.no_devices) part(text, "without devices");
  if (lease.arguments != 0) part(text, "takes " + objects_of(config, lease.arguments));
  return text;
}

std::string worker_text(const Config& config, const Worker& worker) {
  if (worker == Worker{}) return "";
  std::string text = word(worker.process);
  part(text, word(worker.place));
  if (worker.lease.exists()) text += " " + worker.lease.name();
  if (worker.execution != Execution::kNone) {
    part(text,
         word(worker.execution) + " " + task_name(config, worker.task) + " attempt " + std::to_string(worker.attempt));
  }
  if (worker.port_of.exists()) part(text, "with the port of " + worker.port_of.name());
  if (!worker.registered) part(text, "not registered");
  if (worker.killed) part(text, "killed");
  if (worker.stopped) part(text, "executor stopped");
  if (worker.ran > 0) part(text, "has run " + std::to_string(worker.ran));
  if (worker.exit_promised) part(text, "has agreed to exit");
  if (worker.holds_value) part(text, "owns a value");
  if (worker.exiting) part(text, "shutting down");
  part(text, word(worker.get));
  if (worker.blocked) part(text, "held blocked");
  if (worker.unread > 0) {
    part(text,
         std::to_string(worker.unread) + " unread, the newest " + (worker.told_blocked ? "blocked" : "unblocked"));
  }
  if (worker.job.exists()) part(text, "of " + config.shape.owners[worker.job.value].name);
  if (worker.stuck) part(text, worker.process == ProcessState::kStarting ? "will not register" : "stuck in its exit");
  return text;
}

std::string raylet_text(const Config& config, const Raylet& raylet) {
  if (!raylet.alive) return "dead";
  std::string text = "available " + std::to_string(raylet.available);
  if (raylet.shutting_down) part(text, "shutting down");
  part(text, word(raylet.drain));
  if (raylet.hung) part(text, "event loop stopped");
  if (raylet.job_unknown) part(text, "has not heard of the job");
  if (raylet.job_ended) part(text, "knows that the job has ended");
  if (raylet.dead_nodes != 0) part(text, "knows dead " + set_of(raylet.dead_nodes, 'n'));
  if (raylet.failed_owners != 0) part(text, "knows failed owners " + set_of(raylet.failed_owners, 'o'));
  std::string waiting;
  for (const LeaseId lease : raylet.waiting) part(waiting, lease.name());
  if (!waiting.empty()) part(text, "queue [" + waiting + "]");
  if (raylet.accounts != 0) part(text, "accounts " + set_of(raylet.accounts, 'L'));
  if (!config.tracked()) return text;
  if (raylet.draining_nodes != 0) part(text, "knows draining " + set_of(raylet.draining_nodes, 'n'));
  part(text, raylet_view_text(config, raylet.view));
  return text;
}

std::string gcs_text(const Config& config, const Gcs& gcs) {
  std::string text = gcs.up ? "up" : "down";
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    if (gcs.nodes[n] != NodeRecord::kAlive) part(text, NodeId{n}.name() + " " + word(gcs.nodes[n]));
    if (gcs.failed_probes[n] > 0)
      part(text, std::to_string(gcs.failed_probes[n]) + " failed probes of " + NodeId{n}.name());
  }
  if (gcs.hung_writes != 0) part(text, "write hangs of " + set_of(gcs.hung_writes, 'n'));
  if (gcs.unwatched != 0) part(text, "does not probe " + set_of(gcs.unwatched, 'n'));
  if (gcs.job != JobRecord::kRunning) part(text, gcs.job == JobRecord::kEnding ? "job to be ended" : "job finished");
  if (gcs.opening) part(text, "opening");
  if (gcs.new_cluster) part(text, "new cluster id");
  if (gcs.failed_owners != 0) part(text, "recorded failed owners " + set_of(gcs.failed_owners, 'o'));
  if (gcs.preemptions != 0) part(text, "draining for preemption " + set_of(gcs.preemptions, 'n'));
  if (gcs.acknowledged != 0) part(text, "acknowledged preemptions " + set_of(gcs.acknowledged, 'n'));
  if (gcs.preempted != 0) part(text, "recorded preempted " + set_of(gcs.preempted, 'n'));
  if (gcs.past_deadline != 0) part(text, "past the deadline of " + set_of(gcs.past_deadline, 'n'));
  part(text, gcs_view_text(config, gcs.view));
  return text;
}

std::string links_text(const Config& config, const Links& links) {
  std::string text;
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    if (has_bit(links.silent, n)) part(text, NodeId{n}.name() + " is silent");
    if (has_bit(links.gcs_cut, n)) part(text, NodeId{n}.name() + " and the GCS are cut off");
    for (std::uint8_t m = static_cast<std::uint8_t>(n + 1); m < config.nodes(); ++m) {
      if (has_bit(links.cut[n], m)) part(text, NodeId{n}.name() + " and " + NodeId{m}.name() + " are cut off");
    }
  }
  return text;
}

std::string mailbox_text(const Config& config, const Gcs& gcs, std::uint8_t index) {
  std::string text;
  for (const Notice& notice : gcs.mailboxes[index]) part(text, notice_text(config, notice));
  if (gcs.up && !has_bit(gcs.subscribed, index)) part(text, "not subscribed");
  return text;
}

std::string poll_text(const Config& config, const Poll& poll) {
  std::string text = word(poll.stage);
  if (poll.batch > 0) text += " with " + std::to_string(poll.batch);
  part(text, word(poll.record));
  if (poll.acked > 0) part(text, "acknowledged " + std::to_string(poll.acked));
  if (poll.processed > 0) part(text, "processed " + std::to_string(poll.processed));
  std::string inbox;
  for (const Notice& notice : poll.inbox) part(inbox, notice_text(config, notice));
  if (!inbox.empty()) part(text, "to be handled [" + inbox + "]");
  return text;
}

std::string budget_text(const Config& config, const Budget& budget) {
  std::string text;
  for (std::uint8_t f = 0; f < kFaultCount; ++f) {
    if (config.budget.left[f] > 0) {
      part(text, std::string(key_of(static_cast<Fault>(f))) + " " + std::to_string(budget.left[f]));
    }
  }
  return text;
}

/// What the action is bound to, most telling first.
std::string arguments(const Config& config, const Action& a) {
  const Trigger& trigger = transition_of(a.row).trigger;
  std::string text;
  switch (trigger.moment) {
    case Moment::kRequest:
    case Moment::kReply:
    case Moment::kError:
    case Moment::kAnswer:
    case Moment::kAnyCall: text = call_text(config, a.call); break;
    case Moment::kNotice:
      text = notice_text(config, a.notice) + " at " + (a.owner.exists() ? owner_name(config, a.owner) : a.node.name());
      break;
    case Moment::kTask: text = task_name(config, a.task); break;
    case Moment::kOwner: text = owner_name(config, a.owner); break;
    case Moment::kNode:
      text = a.node.name();
      if (a.owner.exists()) part(text, "for " + owner_name(config, a.owner));
      break;
    case Moment::kPoller: text = a.owner.exists() ? owner_name(config, a.owner) : a.node.name(); break;
    case Moment::kWorker:
      text = a.worker.name() + " on " + a.node.name();
      if (a.lease.exists()) part(text, a.lease.name());
      if (a.task.exists()) part(text, task_name(config, a.task));
      break;
    case Moment::kLease: text = a.lease.name() + " at " + a.node.name(); break;
    case Moment::kObject: text = object_name(config, a.object) + (a.node.exists() ? " at " + a.node.name() : ""); break;
    case Moment::kGlobal:
    case Moment::kInside: break;
  }
  switch (a.choice) {
    case Choice::kNone: break;
    case Choice::kLocal: part(text, "choice local"); break;
    case Choice::kRedirect: part(text, "choice " + a.target.name()); break;
    case Choice::kReject: part(text, "choice reject"); break;
    case Choice::kUnschedulable: part(text, "choice unschedulable"); break;
    case Choice::kInfeasible: part(text, "choice infeasible"); break;
  }
  if (a.choice == Choice::kNone && a.target.exists()) part(text, "about " + a.target.name());
  if (a.expired) part(text, a.lease.exists() ? "lease expired" : "for the last time");
  return text;
}

}  // namespace

std::string name_of(const Config& config, const Action& action) {
  return std::string(transition_of(action.row).id) + "(" + arguments(config, action) + ")";
}

std::string sentence_of(const Config& config, const Action& action, std::string sentence) {
  const std::string with = arguments(config, action);
  return std::move(sentence) + (with.empty() ? "" : " [" + with + "]");
}

std::vector<ComponentText> components_of(const Config& config, const State& s) {
  std::vector<ComponentText> lines;
  const auto add = [&lines](std::string label, std::string text, Process process = {}) {
    lines.push_back({std::move(label), std::move(text), process});
  };
  for (std::uint8_t t = 0; t < config.tasks(); ++t) {
    add("task " + config.shape.tasks[t].name, task_text(s.tasks[t]), process_of(config.shape.tasks[t].owner));
  }
  for (std::uint8_t k = 0; k < config.keys(); ++k) {
    std::string text;
    for (const TaskId task : s.queues[k]) part(text, task_name(config, task));
    add("queue " + KeyId{k}.name(), text, process_of(config.owner_of(KeyId{k})));
  }
  for (std::uint8_t o = 0; o < config.owners(); ++o) {
    add("owner " + config.shape.owners[o].name, owner_text(config.shape.owners[o], s.owners[o]),
        process_of(OwnerId{o}));
  }
  for (std::uint8_t l = 0; l < config.room().leases; ++l)
    add("lease " + LeaseId{l}.name(), lease_text(config, s.leases[l]));
  for (std::uint8_t w = 0; w < config.workers(); ++w) {
    add("worker " + WorkerId{w}.name() + " on " + config.node_of(WorkerId{w}).name(), worker_text(config, s.workers[w]),
        process_of(WorkerId{w}));
  }
  for (std::uint8_t v = 0; v < kObjectsMax; ++v) {
    if (config.has_object(ObjectId{v}))
      add(object_name(config, ObjectId{v}), object_text(s, ObjectId{v}), process_of(config.owner_of(ObjectId{v})));
  }
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    add("raylet " + NodeId{n}.name(), raylet_text(config, s.raylets[n]), process_of(NodeId{n}));
  }
  add("GCS", gcs_text(config, s.gcs), gcs_process());
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    if (s.raylets[n].alive)
      add("mailbox of " + NodeId{n}.name(), mailbox_text(config, s.gcs, subscriber(NodeId{n})), gcs_process());
  }
  for (std::uint8_t o = 0; o < config.owners(); ++o) {
    if (!s.owners[o].alive) continue;
    add("mailbox of " + config.shape.owners[o].name, mailbox_text(config, s.gcs, subscriber(OwnerId{o})),
        gcs_process());
  }
  add("links", links_text(config, s.links));
  for (std::uint8_t i = 0; i < kSubscribersMax && config.on(Feature::kPubsub); ++i) {
    const auto owner = static_cast<std::uint8_t>(i - kNodesMax);
    if (i < kNodesMax ? i >= config.nodes() : owner >= config.owners()) continue;
    add("poll of " + (i < kNodesMax ? NodeId{i}.name() : config.shape.owners[owner].name),
        poll_text(config, s.polls[i]), i < kNodesMax ? process_of(NodeId{i}) : process_of(OwnerId{owner}));
  }
  add("faults left", budget_text(config, s.budget));
  add("left behind", s.ghost.left_behind == 0 ? "" : "a worker process on " + set_of(s.ghost.left_behind, 'n'));
  add("RAY_CHECK", s.ghost.aborted == RayCheck::kNone ? "" : "failed: " + word(s.ghost.aborted));
  return lines;
}

std::vector<std::string> messages_of(const Config& config, const State& s) {
  std::vector<std::string> texts;
  for (const Call& call : s.calls) texts.push_back(call_text(config, call));
  add_view_messages(config, s.gcs.view, texts);
  return texts;
}

std::string RayModel::name(const Action& action) const {
  return name_of(config_, action);
}

std::string RayModel::describe(const State& state, const Action& action) const {
  try {
    return sentence_of(config_, action, sentence_between(config_, state, apply(state, action), action));
  } catch (const mc::CapacityExceeded&) {
    // What a step would do that cannot be done is what its rule usually does.
    return sentence_of(config_, action, std::string(transition_of(action.row).doc));
  }
}

std::vector<std::string> RayModel::describe(const State& state) const {
  std::vector<std::string> lines;
  for (const ComponentText& component : components_of(config_, state)) {
    if (!component.text.empty()) lines.push_back(component.label + ": " + component.text);
  }
  for (const std::string& message : messages_of(config_, state)) lines.push_back("message " + message);
  return lines;
}

}  // namespace raymc
