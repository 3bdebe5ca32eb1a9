#include "checker/report/staging.hpp"

#include <algorithm>

namespace mc {
namespace {

bool contains(const std::vector<std::pair<std::size_t, std::size_t>>& beliefs,
              const std::pair<std::size_t, std::size_t>& belief) {
  return std::find(beliefs.begin(), beliefs.end(), belief) != beliefs.end();
}

std::optional<ProcessEvent> event_between(Life before, Life after, bool fault) {
  if (before == after) return std::nullopt;
  switch (after) {
    case Life::kStarting: return ProcessEvent::kStarting;
    case Life::kUp: return ProcessEvent::kStarted;
    case Life::kDown: return fault ? ProcessEvent::kCrashed : ProcessEvent::kEnded;
    case Life::kAbsent: break;
  }
  // A process that leaves nothing behind was still there a moment ago.
  if (before == Life::kDown) return ProcessEvent::kCleared;
  return fault ? ProcessEvent::kCrashed : ProcessEvent::kEnded;
}

std::vector<ProcessMark> process_marks(const Scene& before, const Scene& after, bool fault) {
  std::vector<ProcessMark> marks;
  for (std::size_t lane = 0; lane < after.lives.size(); ++lane) {
    const auto event = event_between(before.lives[lane], after.lives[lane], fault);
    if (event) marks.push_back({lane, *event, std::nullopt});
  }
  for (const auto& belief : after.believed) {
    if (!contains(before.believed, belief)) marks.push_back({belief.second, ProcessEvent::kBelieved, belief.first});
  }
  for (const auto& belief : before.believed) {
    // With the believer its belief goes, and with what it is about; that is no change of mind.
    const bool about_nobody = before.lives[belief.second] != after.lives[belief.second];
    if (after.lives[belief.first] == Life::kUp && !about_nobody && !contains(after.believed, belief))
      marks.push_back({belief.second, ProcessEvent::kTrusted, belief.first});
  }
  return marks;
}

}  // namespace

std::size_t Staging::new_message(const Packet& packet) {
  messages_.push_back({packet.kind, packet.label, packet.from, packet.to});
  return messages_.size() - 1;
}

void Staging::tell_error(Live& live, std::vector<MessageMark>& marks) {
  messages_.push_back({live.packet.kind, live.packet.label + ": error", live.packet.from, live.packet.from});
  live.message = messages_.size() - 1;
  marks.push_back({*live.message, MessageEvent::kSent});
}

/// `known`: other packets of its exchange were there before, so that its first sending was seen.
Staging::Live Staging::appear(const Packet& packet, bool known, std::vector<MessageMark>& marks) {
  Live live{packet, std::nullopt};
  const bool on_wire = packet.place == PacketPlace::kWire || packet.place == PacketPlace::kHeld;
  if (on_wire || !known) {
    live.message = new_message(packet);
    marks.push_back({*live.message, MessageEvent::kSent});
  }
  if (packet.place == PacketPlace::kHeld) marks.push_back({*live.message, MessageEvent::kHeld});
  if (on_wire) return live;
  if (live.message) marks.push_back({*live.message, MessageEvent::kLost});
  live.message.reset();
  if (packet.place == PacketPlace::kFailed) tell_error(live, marks);
  return live;
}

void Staging::move(Live& live, const Packet& packet, std::vector<MessageMark>& marks) {
  const PacketPlace from = live.packet.place;
  live.packet = packet;
  if (from == packet.place) return;
  if (from == PacketPlace::kWire) {
    marks.push_back({*live.message, packet.place == PacketPlace::kHeld ? MessageEvent::kHeld : MessageEvent::kLost});
    if (packet.place == PacketPlace::kHeld) return;
    live.message.reset();
    if (packet.place == PacketPlace::kFailed) tell_error(live, marks);
    return;
  }
  if (live.message) {
    marks.push_back({*live.message, from == PacketPlace::kHeld ? MessageEvent::kReleased : MessageEvent::kReceived});
  }
  live = appear(packet, true, marks);
}

void Staging::vanish(const Live& live, const Scene& scene, const StageStep& step, std::vector<MessageMark>& marks) {
  if (!live.message) return;
  if (live.packet.place == PacketPlace::kHeld) {
    marks.push_back({*live.message, MessageEvent::kReleased});
    return;
  }
  // One turn of a loop may handle more than the packet that began it.
  const std::size_t reader = messages_[*live.message].to;
  const bool by_reader = !step.fault && step.lane == reader && scene.lives[reader] == Life::kUp;
  const bool handled = live.packet.key == step.handled || by_reader;
  marks.push_back({*live.message, handled && !step.fault ? MessageEvent::kReceived : MessageEvent::kLost});
}

void Staging::begin(const Scene& scene, TraceStart& start) {
  for (const Packet& packet : scene.packets) live_.push_back(appear(packet, false, start.messages));
  start.lives = scene.lives;
  for (const auto& belief : scene.believed) {
    start.processes.push_back({belief.second, ProcessEvent::kBelieved, belief.first});
  }
  scene_ = scene;
}

void Staging::advance(const Scene& scene, const StageStep& step, TraceStep& told) {
  std::vector<Live> next;
  std::vector<bool> taken(live_.size(), false);
  std::vector<std::size_t> origin;  // of each packet of the scene; live_.size(): it is new
  for (const Packet& packet : scene.packets) {
    // Of equal packets the one in the same place is the same one.
    std::size_t found = live_.size();
    for (std::size_t i = 0; i < live_.size(); ++i) {
      if (taken[i] || live_[i].packet.key != packet.key) continue;
      if (found == live_.size() || live_[i].packet.place == packet.place) found = i;
      if (live_[i].packet.place == packet.place) break;
    }
    if (found < live_.size()) taken[found] = true;
    origin.push_back(found);
  }
  for (std::size_t i = 0; i < live_.size(); ++i) {
    if (!taken[i]) vanish(live_[i], scene, step, told.messages);
  }
  for (std::size_t i = 0; i < scene.packets.size(); ++i) {
    const Packet& packet = scene.packets[i];
    if (origin[i] < live_.size()) {
      move(live_[origin[i]], packet, told.messages);
      next.push_back(live_[origin[i]]);
      continue;
    }
    const bool known =
        std::any_of(live_.begin(), live_.end(), [&](const Live& live) { return live.packet.topic == packet.topic; });
    next.push_back(appear(packet, known, told.messages));
  }
  told.processes = process_marks(scene_, scene, step.fault);
  live_ = std::move(next);
  scene_ = scene;
}

}  // namespace mc
