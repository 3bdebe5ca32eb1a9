// From scenes to events: what is said of messages and processes between two scenes.
#include "checker/report/staging.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <utility>

namespace {

using mc::Life;
using mc::MessageEvent;
using mc::PacketPlace;
using mc::ProcessEvent;
using Marks = std::vector<mc::MessageMark>;

constexpr std::size_t kOwner = 0;
constexpr std::size_t kServer = 1;

/// A call of the owner at a place, or with `reply` its reply on the wire.
mc::Packet call(PacketPlace place, bool reply = false) {
  mc::Packet packet{"ask 0>1", "ask 0>1", "Ask", "Ask L1", kOwner, kServer, place};
  if (!reply) return packet;
  packet.key = "ask: yes 1>0";
  packet.label = "Ask L1: yes";
  std::swap(packet.from, packet.to);
  return packet;
}

mc::Scene scene(std::vector<mc::Packet> packets, std::vector<Life> lives = {Life::kUp, Life::kUp}) {
  mc::Scene scene;
  scene.packets = std::move(packets);
  scene.lives = std::move(lives);
  return scene;
}

/// Plays scenes one after another.
class Stage {
 public:
  explicit Stage(const mc::Scene& first) { staging_.begin(first, start); }

  mc::TraceStep go(const mc::Scene& next, std::size_t lane, const std::string& handled = "", bool fault = false) {
    mc::TraceStep told;
    staging_.advance(next, {fault, lane, handled}, told);
    return told;
  }
  [[nodiscard]] const std::vector<mc::TraceMessage>& messages() const { return staging_.messages(); }

  mc::TraceStart start;

 private:
  mc::Staging staging_;
};

TEST(Staging, ACallIsSentHeldAnsweredAndReceived) {
  Stage stage(scene({}));
  EXPECT_EQ(stage.go(scene({call(PacketPlace::kWire)}), kOwner).messages, (Marks{{0, MessageEvent::kSent}}));
  EXPECT_EQ(stage.go(scene({call(PacketPlace::kHeld)}), kServer).messages, (Marks{{0, MessageEvent::kHeld}}));
  EXPECT_EQ(stage.go(scene({call(PacketPlace::kHeld)}), kOwner).messages, Marks{});
  EXPECT_EQ(stage.go(scene({call(PacketPlace::kWire, true)}), kServer).messages,
            (Marks{{0, MessageEvent::kReleased}, {1, MessageEvent::kSent}}));
  EXPECT_EQ(stage.go(scene({}), kOwner, "ask: yes 1>0").messages, (Marks{{1, MessageEvent::kReceived}}));
  EXPECT_EQ(stage.messages(), (std::vector<mc::TraceMessage>{{"Ask", "Ask L1", 0, 1}, {"Ask", "Ask L1: yes", 1, 0}}));
}

TEST(Staging, AMessageThatAFaultTakesIsLostEvenWhereItsReaderIs) {
  Stage stage(scene({call(PacketPlace::kWire)}));
  EXPECT_EQ(stage.start.messages, (Marks{{0, MessageEvent::kSent}}));
  EXPECT_EQ(stage.go(scene({}), kServer, "ask 0>1", true).messages, (Marks{{0, MessageEvent::kLost}}));
}

TEST(Staging, AMessageIsLostWhenItsReaderEndsAndReceivedWhenThatIsWhatEndsIt) {
  const mc::Scene after = scene({}, {Life::kUp, Life::kDown});
  Stage dies(scene({call(PacketPlace::kWire)}));
  EXPECT_EQ(dies.go(after, kServer).messages, (Marks{{0, MessageEvent::kLost}}));
  Stage is_told_to(scene({call(PacketPlace::kWire)}));
  const mc::TraceStep told = is_told_to.go(after, kServer, "ask 0>1");
  EXPECT_EQ(told.messages, (Marks{{0, MessageEvent::kReceived}}));
  EXPECT_EQ(told.processes, (std::vector<mc::ProcessMark>{{kServer, ProcessEvent::kEnded, std::nullopt}}));
}

TEST(Staging, WhatIsSentAgainIsAnotherMessage) {
  Stage stage(scene({call(PacketPlace::kWire)}));
  EXPECT_EQ(stage.go(scene({call(PacketPlace::kWaiting)}), kServer, "", true).messages,
            (Marks{{0, MessageEvent::kLost}}));
  EXPECT_EQ(stage.go(scene({call(PacketPlace::kWire)}), kOwner).messages, (Marks{{1, MessageEvent::kSent}}));
}

TEST(Staging, ACallThatFailsAtOnceIsSentLostAndTold) {
  Stage stage(scene({}));
  EXPECT_EQ(stage.go(scene({call(PacketPlace::kFailed)}), kOwner).messages,
            (Marks{{0, MessageEvent::kSent}, {0, MessageEvent::kLost}, {1, MessageEvent::kSent}}));
  EXPECT_EQ(stage.messages()[1], (mc::TraceMessage{"Ask", "Ask L1: error", kOwner, kOwner}));
  EXPECT_EQ(stage.go(scene({}), kOwner, "ask 0>1").messages, (Marks{{1, MessageEvent::kReceived}}));
}

TEST(Staging, ALostReplyIsTheEndOfItsRequest) {
  Stage stage(scene({call(PacketPlace::kWire, true)}));
  EXPECT_EQ(stage.go(scene({call(PacketPlace::kFailed)}), kServer, "", true).messages,
            (Marks{{0, MessageEvent::kLost}, {1, MessageEvent::kSent}}));
}

TEST(Staging, EqualMessagesComeInTheOrderOfTheirSending) {
  Stage stage(scene({call(PacketPlace::kWire)}));
  EXPECT_EQ(stage.go(scene({call(PacketPlace::kWire), call(PacketPlace::kWire)}), kOwner).messages,
            (Marks{{1, MessageEvent::kSent}}));
  EXPECT_EQ(stage.go(scene({call(PacketPlace::kHeld), call(PacketPlace::kWire)}), kServer).messages,
            (Marks{{0, MessageEvent::kHeld}}));
}

TEST(Staging, ProcessesStartCrashEndAndAreCleared) {
  Stage stage(scene({}, {Life::kUp, Life::kAbsent}));
  const auto event = [&](Life life, bool fault) {
    const mc::TraceStep told = stage.go(scene({}, {Life::kUp, life}), kOwner, "", fault);
    return told.processes.empty() ? std::optional<ProcessEvent>() : told.processes.front().event;
  };
  EXPECT_EQ(event(Life::kStarting, false), ProcessEvent::kStarting);
  EXPECT_EQ(event(Life::kUp, false), ProcessEvent::kStarted);
  EXPECT_EQ(event(Life::kUp, true), std::nullopt);
  EXPECT_EQ(event(Life::kDown, true), ProcessEvent::kCrashed);
  EXPECT_EQ(event(Life::kAbsent, false), ProcessEvent::kCleared);
  EXPECT_EQ(event(Life::kUp, false), ProcessEvent::kStarted);
  EXPECT_EQ(event(Life::kDown, false), ProcessEvent::kEnded);
}

TEST(Staging, BeliefsBeginAndEndAndDieWithTheBeliever) {
  mc::Scene believes = scene({});
  believes.believed = {{kOwner, kServer}};
  Stage stage(scene({}));
  EXPECT_EQ(stage.go(believes, kOwner).processes,
            (std::vector<mc::ProcessMark>{{kServer, ProcessEvent::kBelieved, kOwner}}));
  EXPECT_EQ(stage.go(scene({}), kOwner).processes,
            (std::vector<mc::ProcessMark>{{kServer, ProcessEvent::kTrusted, kOwner}}));
  stage.go(believes, kOwner);
  EXPECT_EQ(stage.go(scene({}, {Life::kDown, Life::kUp}), kOwner, "", true).processes,
            (std::vector<mc::ProcessMark>{{kOwner, ProcessEvent::kCrashed, std::nullopt}}));
}

}  // namespace
