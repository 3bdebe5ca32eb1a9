// States as scenes (checker/core/scene.hpp): the processes of a cluster as lanes, calls, notices and reports as packets
// between them.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/describe.hpp"
#include "model/describe_words.hpp"
#include "model/network.hpp"
#include "model/owner/nested.hpp"
#include "model/ray_model.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

/// The lane of a process: owners first, then raylets, workers and the GCS.
std::optional<std::size_t> lane_number(const Config& config, const Process& process) {
  if (process.owner.exists()) return process.owner.value;
  if (process.raylet.exists()) return std::size_t{config.owners()} + process.raylet.value;
  if (process.worker.exists()) return std::size_t{config.owners()} + config.nodes() + process.worker.value;
  if (process.gcs) return std::size_t{config.owners()} + config.nodes() + config.workers();
  return std::nullopt;
}

/// The same of a process that is known to be there.
std::size_t lane(const Config& config, const Process& process) {
  const std::optional<std::size_t> number = lane_number(config, process);
  MC_ASSERT(number.has_value(), "both ends of a message are processes");
  return *number;
}

Process subscriber_process(std::uint8_t index) {
  if (index < kNodesMax) return process_of(NodeId{index});
  return process_of(OwnerId{static_cast<std::uint8_t>(index - kNodesMax)});
}

Process caller_of(const Call& call) {
  switch (call.rpc) {
    case Rpc::kDrainRaylet:
    case Rpc::kNotifyGcsRestart: return gcs_process();
    case Rpc::kReportWorkerFailure:
    case Rpc::kMarkJobFinished:
    case Rpc::kRegisterNode:
    case Rpc::kUnregisterNode:
    case Rpc::kExit:
    case Rpc::kCancelTask:
    case Rpc::kPollOwner:
    case Rpc::kNotifyOwnerRestart: return process_of(call.node);
    case Rpc::kPinObjectIds: return call.worker.exists() ? process_of(call.worker) : process_of(call.owner);
    case Rpc::kSubscribe: return call.owner.exists() ? process_of(call.owner) : process_of(call.node);
    case Rpc::kRequestWorkerLease:
    case Rpc::kReturnWorkerLease:
    case Rpc::kCancelWorkerLease:
    case Rpc::kGetWorkerFailureCause:
    case Rpc::kPushTask:
    case Rpc::kCancelLocalTask: return process_of(call.owner);
  }
  MC_ASSERT(false, "every call has a caller");
}

Process server_of(const Call& call) {
  if (is_for_gcs(call)) return gcs_process();
  switch (call.rpc) {
    case Rpc::kPushTask:
    case Rpc::kExit:
    case Rpc::kCancelTask: return process_of(call.worker);
    case Rpc::kNotifyOwnerRestart:
    case Rpc::kPollOwner: return process_of(call.owner);
    default: return process_of(call.node);
  }
}

std::string ends(const mc::Packet& packet) {
  return " " + std::to_string(packet.from) + ">" + std::to_string(packet.to);
}

mc::PacketPlace place_of(Stage stage) {
  switch (stage) {
    case Stage::kRequest:
    case Stage::kReply: return mc::PacketPlace::kWire;
    case Stage::kAtServer: return mc::PacketPlace::kHeld;
    case Stage::kFailed: return mc::PacketPlace::kFailed;
    case Stage::kResend: return mc::PacketPlace::kWaiting;
  }
  MC_ASSERT(false, "every stage has a place");
}

mc::Packet packet_of(const Config& config, const Call& call) {
  mc::Packet packet;
  packet.kind = word(call.rpc);
  packet.label = what_text(config, call) + (call.stray ? ", second copy" : "");
  packet.from = lane(config, caller_of(call));
  packet.to = lane(config, server_of(call));
  packet.place = place_of(call.stage);
  Call bare = call;
  bare.exiting = false;  // said in replies only, and a failed reply is its request again
  packet.topic = what_text(config, bare) + ends(packet);
  packet.key = packet.label + ends(packet);
  if (call.stage == Stage::kReply) {
    packet.label += ": " + reply_text(call);
    std::swap(packet.from, packet.to);
    packet.key = packet.label + ends(packet);
  }
  return packet;
}

mc::Packet packet_of(const Config& config, const Notice& notice, std::uint8_t subscriber_index) {
  mc::Packet packet;
  packet.label = notice_text(config, notice);
  packet.kind = packet.label.substr(0, packet.label.find(' '));
  packet.from = lane(config, gcs_process());
  packet.to = lane(config, subscriber_process(subscriber_index));
  packet.key = packet.topic = packet.label + ends(packet);
  return packet;
}

mc::Packet plain_packet(std::string kind, std::string label, std::size_t from, std::size_t to) {
  mc::Packet packet;
  packet.kind = std::move(kind);
  packet.label = std::move(label);
  packet.from = from;
  packet.to = to;
  packet.key = packet.topic = packet.label + ends(packet);
  return packet;
}

void add_news(const Config& config, const State& s, std::vector<mc::Packet>& packets) {
  const std::size_t gcs = lane(config, gcs_process());
  for (std::uint8_t i = 0; i < kSubscribersMax; ++i) {
    const bool exists = i < kNodesMax ? i < config.nodes() : i - kNodesMax < config.owners();
    if (!exists) continue;
    if (!config.on(Feature::kPubsub)) {
      for (const Notice& notice : s.gcs.mailboxes[i]) packets.push_back(packet_of(config, notice, i));
      continue;
    }
    const Poll& poll = s.polls[i];
    const std::size_t reader = lane(config, subscriber_process(i));
    if (poll.stage == PollStage::kNone) continue;
    const bool answered = poll.stage == PollStage::kReply;
    mc::Packet packet = plain_packet("GcsSubscriberPoll", "GcsSubscriberPoll", reader, gcs);
    if (answered) {
      const std::string topic = packet.topic;
      packet = plain_packet("GcsSubscriberPoll", "GcsSubscriberPoll: " + std::to_string(poll.batch) + " notices", gcs,
                            reader);
      packet.topic = topic;
    }
    if (poll.stage == PollStage::kOpen) packet.place = mc::PacketPlace::kHeld;
    packets.push_back(std::move(packet));
  }
}

void add_views(const Config& config, const State& s, std::vector<mc::Packet>& packets) {
  const std::size_t gcs = lane(config, gcs_process());
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    const std::size_t raylet = lane(config, process_of(NodeId{n}));
    const auto add = [&](const ViewRows& rows, std::size_t from, std::size_t to) {
      if (rows != ViewRows{}) packets.push_back(plain_packet("ResourceView", "resource view", from, to));
    };
    add(s.gcs.view.up[n], raylet, gcs);
    add(s.gcs.view.down[n], gcs, raylet);
  }
}

/// What a worker has told its raylet over its socket, oldest first: blocked and unblocked in turn.
void add_socket(const Config& config, const State& s, WorkerId id, std::vector<mc::Packet>& packets) {
  const Worker& worker = s.worker(id);
  for (std::uint8_t i = worker.unread; i > 0; --i) {
    const bool blocked = worker.told_blocked == (i % 2 == 1);
    packets.push_back(plain_packet("NotifyWorkerBlocked", blocked ? "worker is blocked" : "worker is unblocked",
                                   lane(config, process_of(id)), lane(config, process_of(config.node_of(id)))));
  }
}

mc::Life life_of(const OwnerShape& shape, const Owner& owner) {
  if (owner.alive) return mc::Life::kUp;
  return shape.kind == OwnerKind::kTask && !owner.home.exists() ? mc::Life::kAbsent : mc::Life::kDown;
}

mc::Life life_of(ProcessState process) {
  switch (process) {
    case ProcessState::kNone: return mc::Life::kAbsent;
    case ProcessState::kStarting: return mc::Life::kStarting;
    case ProcessState::kRunning: return mc::Life::kUp;
    case ProcessState::kDead: return mc::Life::kDown;
  }
  MC_ASSERT(false, "every process has a life");
}

std::vector<mc::Life> lives_of(const Config& config, const State& s) {
  std::vector<mc::Life> lives;
  for (std::uint8_t o = 0; o < config.owners(); ++o) lives.push_back(life_of(config.shape.owners[o], s.owners[o]));
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    lives.push_back(s.raylets[n].alive ? mc::Life::kUp : mc::Life::kDown);
  }
  for (std::uint8_t w = 0; w < config.workers(); ++w) lives.push_back(life_of(s.workers[w].process));
  const mc::Life gcs = s.gcs.opening ? mc::Life::kStarting : mc::Life::kUp;
  lives.push_back(s.gcs.up ? gcs : mc::Life::kDown);
  return lives;
}

std::vector<std::pair<std::size_t, std::size_t>> beliefs_of(const Config& config, const State& s) {
  std::vector<std::pair<std::size_t, std::size_t>> beliefs;
  const auto believe = [&](const Process& who, const Process& whom) {
    if (lane(config, who) != lane(config, whom)) beliefs.emplace_back(lane(config, who), lane(config, whom));
  };
  for (std::uint8_t n = 0; n < config.nodes(); ++n) {
    const Process node = process_of(NodeId{n});
    for (std::uint8_t o = 0; o < config.owners(); ++o) {
      if (has_bit(s.owners[o].dead_nodes, n)) believe(process_of(OwnerId{o}), node);
      if (has_bit(s.raylets[n].failed_owners, o)) believe(node, process_of(OwnerId{o}));
    }
    for (std::uint8_t m = 0; m < config.nodes(); ++m) {
      if (has_bit(s.raylets[m].dead_nodes, n)) believe(process_of(NodeId{m}), node);
    }
    const bool dead = s.gcs.nodes[n] == NodeRecord::kDying || s.gcs.nodes[n] == NodeRecord::kDead;
    if (dead) believe(gcs_process(), node);
  }
  for (std::uint8_t o = 0; o < config.owners(); ++o) {
    if (has_bit(s.gcs.failed_owners, o)) believe(gcs_process(), process_of(OwnerId{o}));
  }
  for (std::uint8_t w = 0; w < config.workers(); ++w) {
    const Worker& worker = s.workers[w];
    const NodeId node = config.node_of(WorkerId{w});
    const bool noticed = worker.process == ProcessState::kDead && !worker.registered && s.raylet(node).alive;
    if (noticed) believe(process_of(node), process_of(WorkerId{w}));
  }
  return beliefs;
}

/// What each caller will send again.
void add_resends(const Config& config, const State& s, std::vector<mc::SceneLine>& lines) {
  std::vector<std::string> texts(lane(config, gcs_process()) + 1);
  for (const Call& call : s.calls) {
    if (call.stage != Stage::kResend) continue;
    std::string& text = texts[lane(config, caller_of(call))];
    text += (text.empty() ? "" : ", ") + what_text(config, call);
  }
  const auto add = [&](const std::string& name, const Process& process) {
    const std::size_t number = lane(config, process);
    lines.push_back({"resend queue of " + name, number, texts[number]});
  };
  for (std::uint8_t o = 0; o < config.owners(); ++o) add(config.shape.owners[o].name, process_of(OwnerId{o}));
  for (std::uint8_t n = 0; n < config.nodes(); ++n) add(NodeId{n}.name(), process_of(NodeId{n}));
  for (std::uint8_t w = 0; w < config.workers(); ++w) add(WorkerId{w}.name(), process_of(WorkerId{w}));
  add("GCS", gcs_process());
}

/// The process that a fault strikes, by what offers it; none if it strikes a message or a link.
Process struck_by(const Action& a, Moment moment) {
  switch (moment) {
    case Moment::kNode: return process_of(a.node);
    case Moment::kOwner: return process_of(a.owner);
    case Moment::kWorker: return process_of(a.worker);
    case Moment::kTask: return process_of(a.owner);
    case Moment::kPoller: return a.owner.exists() ? process_of(a.owner) : process_of(a.node);
    case Moment::kLease:
    case Moment::kObject: return a.node.exists() ? process_of(a.node) : process_of(a.owner);
    case Moment::kGlobal: return gcs_process();
    default: return {};
  }
}

}  // namespace

std::vector<mc::Lane> RayModel::lanes() const {
  std::vector<mc::Lane> lanes;
  for (const OwnerShape& owner : config_.shape.owners) {
    lanes.push_back({"owner." + owner.name, owner.name, owner.kind == OwnerKind::kDriver ? "driver" : "owner"});
  }
  for (std::uint8_t n = 0; n < config_.nodes(); ++n) {
    const std::string name = NodeId{n}.name();
    lanes.push_back({"raylet." + name, "raylet " + name, "raylet"});
  }
  for (std::uint8_t w = 0; w < config_.workers(); ++w) {
    const std::string name = WorkerId{w}.name();
    lanes.push_back({"worker." + name, name + " on " + config_.node_of(WorkerId{w}).name(), "worker"});
  }
  lanes.push_back({"gcs", "GCS", "gcs"});
  return lanes;
}

std::optional<std::size_t> RayModel::lane_of(const State& state, const Action& action) const {
  const Transition& row = transition_of(action.row);
  Process process;
  switch (row.component) {
    case Component::kOwner:
    case Component::kOwnerReply:
    case Component::kUserProgram: process = process_of(action.owner); break;
    case Component::kRaylet: process = process_of(action.node); break;
    case Component::kWorker: process = process_of(action.worker); break;
    case Component::kGcs: process = gcs_process(); break;
    case Component::kTransport:
      process = row.trigger.moment == Moment::kOwner ? process_of(action.owner) : caller_of(action.call);
      break;
    case Component::kEnvironment: process = struck_by(action, row.trigger.moment); break;
  }
  // An owner's connection is its local raylet's affair.
  if (row.component == Component::kRaylet && !action.node.exists() && action.owner.exists()) {
    process = process_of(home_of({config_, state}, action.owner));
  }
  return lane_number(config_, process);
}

std::vector<std::pair<std::string, std::string>> RayModel::bindings(const Action& action) const {
  std::vector<std::pair<std::string, std::string>> found;
  const auto add = [&found](const char* name, const auto& id) {
    if (id.exists()) found.emplace_back(name, id.name());
  };
  if (action.owner.exists()) found.emplace_back("owner", config_.shape.owners[action.owner.value].name);
  if (action.task.exists()) found.emplace_back("task", config_.shape.tasks[action.task.value].name);
  add("node", action.node);
  add("worker", action.worker);
  add("lease", action.lease);
  add("object", action.object);
  add("target", action.target);
  if (action.expired) found.emplace_back(action.lease.exists() ? "lease expires" : "value is dropped", "yes");
  return found;
}

std::string RayModel::handled(const Action& action) const {
  switch (transition_of(action.row).trigger.moment) {
    case Moment::kRequest:
    case Moment::kReply:
    case Moment::kError:
    case Moment::kAnswer: return packet_of(config_, action.call).key;
    case Moment::kNotice:
      return packet_of(config_, action.notice,
                       action.owner.exists() ? subscriber(action.owner) : subscriber(action.node))
          .key;
    default: return {};
  }
}

mc::Scene RayModel::scene(const State& state) const {
  mc::Scene scene;
  for (ComponentText& component : components_of(config_, state)) {
    scene.lines.push_back(
        {std::move(component.label), lane_number(config_, component.process), std::move(component.text)});
  }
  add_resends(config_, state, scene.lines);
  scene.lives = lives_of(config_, state);
  for (const Call& call : state.calls) scene.packets.push_back(packet_of(config_, call));
  add_news(config_, state, scene.packets);
  add_views(config_, state, scene.packets);
  for (std::uint8_t w = 0; w < config_.workers(); ++w) add_socket(config_, state, WorkerId{w}, scene.packets);
  scene.believed = beliefs_of(config_, state);
  return scene;
}

}  // namespace raymc
