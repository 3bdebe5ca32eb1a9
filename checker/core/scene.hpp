// A state as a play: who is there, what is said and who hears it. What a model gives of its states so that a path can
// be drawn as processes and messages; plain data, made for one view of one path and never searched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mc {

/// A process of the protocol, from its first to its last moment. Named by its position in `lanes()`.
struct Lane {
  std::string id;     ///< unique and stable: "raylet.n1"
  std::string label;  ///< short, for a person: "raylet n1"
  std::string kind;   ///< one word: "owner", "raylet", "worker", "gcs"
  friend bool operator==(const Lane&, const Lane&) = default;
};

enum class Life : std::uint8_t {
  kAbsent,
  kStarting,
  kUp,
  kDown,
};

/// Where a packet is.
enum class PacketPlace : std::uint8_t {
  kWire,     ///< sent and not yet handled
  kHeld,     ///< its receiver has it and has not answered
  kWaiting,  ///< back at its sender, who will send it again
  kFailed,   ///< given up; its sender is about to be told
};

/// A message that is somewhere.
struct Packet {
  std::string key;    ///< what stays the same while it moves from place to place; equal ones are interchangeable
  std::string topic;  ///< names the exchange that it belongs to: a request and its reply have the same
  std::string kind;   ///< one word: "RequestWorkerLease"
  std::string label;  ///< what it says: "RequestWorkerLease L1", "RequestWorkerLease L1: granted w1"
  std::size_t from = 0;
  std::size_t to = 0;
  PacketPlace place = PacketPlace::kWire;
};

/// One component of a state in words. A component at rest has an empty text.
struct SceneLine {
  std::string label;                ///< unique in a state: "raylet n1"
  std::optional<std::size_t> lane;  ///< whose it is, if it is one process's
  std::string text;
};

struct Scene {
  std::vector<SceneLine> lines;                               ///< in a fixed order
  std::vector<Life> lives;                                    ///< one for each lane
  std::vector<Packet> packets;                                ///< in a fixed order, equal ones by age
  std::vector<std::pair<std::size_t, std::size_t>> believed;  ///< who believes whom dead
};

}  // namespace mc
