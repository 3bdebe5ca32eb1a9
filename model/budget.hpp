// How many faults the environment may still inject: one counter per fault, part of the state.
// Every fault is enabled in every state in which its victim exists and its counter is not used up.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/feature.hpp"

namespace raymc {

/// The environment's faults and requests; the comments give the dossier's number (section 9).
enum class Fault : std::uint8_t {
  kRayletCrash,      ///< F1
  kWorkerCrash,      ///< F2
  kOwnerCrash,       ///< F3: an owner that is a worker
  kDriverCrash,      ///< F4
  kGcsCrash,         ///< F6a: tables survive; a crash and its restart are one unit
  kRequestLost,      ///< F7
  kReplyLost,        ///< F8
  kEarlyError,       ///< F9: the caller sees an error while the handler still runs or has yet to run
  kFalseDeath,       ///< F10: a probe of a live raylet fails
  kRayletSigterm,    ///< R48
  kWorkerSigterm,    ///< F17
  kCancel,           ///< ray.cancel by the owner's program
  kSubscriberStall,  ///< G19: no poll for 300 s
  kGcsUnreachable,   ///< R55: a process gives up after 60 s without the GCS
  kNotIdle,          ///< W16: a worker that still holds an object when it is asked, or about, to exit
  kDrainPreemption,  ///< F14: the autoscaler drains a node that will be preempted
  kPreemptionKill,   ///< F14: a preempted node is killed at its deadline
  kDrainIdle,        ///< F15: the autoscaler drains a node that looks idle
  kStreamBroken,     ///< V6: the stream of the resource view between a raylet and the GCS
  kRayletHang,       ///< F1b: the event loop of a raylet stops; its process lives
  kRayletResume,     ///< the end of F1b: the event loop goes on where it stopped
  kNodeBlackhole,    ///< F5: a node is gone without a word; nobody's connection to it breaks
  kGcsPartition,     ///< F11: a node and the GCS no longer reach each other
  kOwnerPartition,   ///< F12: an owner's node and another node no longer reach each other
  kRayletPartition,  ///< F13: two nodes no longer reach each other, whoever lives there
  kDuplication,      ///< F19: the transport delivers a request a second time, later
  kOwnerDropped,     ///< R33 for a worker that owns tasks: its connection is closed, its process lives on
  kTaskRaises,       ///< W8: a task's code raises an exception
  kUserExit,         ///< W9: a task's code ends its worker's process in an orderly way
  kOwnerExit,        ///< O25: an owner that is a worker exits gracefully
  kArgumentEvicted,  ///< a copy that nobody pins leaves a node's store
  kStuckExit,        ///< a worker never comes to the end of its graceful exit
  kActorFails,       ///< the registration of an actor that is passed as an argument fails
  kPlasmaFull,       ///< O23: the owner's store has no room for a value
  kStoreStall,       ///< the write of a node's death hangs until the GCS ends
  kPollReplyLost,    ///< F8 for the answer to a long poll
  kOwnerGivesUp,     ///< R55 for an owner
  kMemoryKill,       ///< F16: a raylet kills a worker because its node runs out of memory
  kStartFails,       ///< a worker process crashes or hangs before it registers
  kRuntimeEnvFails,  ///< the runtime environment of a lease request cannot be made
  kPortReuse,        ///< W4: a worker process that starts gets the port of a dead one
  kSelfCheckFails,   ///< a raylet's self-check ends without an answer
  kDriverPlasma,     ///< W11 for a driver: it touches plasma after its raylet died
  kValueSpilled,     ///< a store needs room and writes a primary copy to disk
};
inline constexpr std::uint8_t kFaultCount = static_cast<std::uint8_t>(Fault::kValueSpilled) + 1;

/// One row of the table of faults.
struct FaultRow {
  Fault fault;
  std::string_view key;      ///< in a scenario's [budget] table: "raylet_crash"
  std::string_view meaning;  ///< what is counted: "raylets, with their nodes, that may crash"
  Feature feature;           ///< what a budget for this fault switches on
};

/// All faults, in the order of the enumeration.
[[nodiscard]] std::span<const FaultRow> fault_table();

/// The key of a fault.
[[nodiscard]] std::string_view key_of(Fault fault);

/// What remains of each fault; counts are 0 to 3.
struct Budget {
  static constexpr std::uint8_t kCountMax = 3;
  std::array<std::uint8_t, kFaultCount> left{};

  [[nodiscard]] std::uint8_t operator[](Fault fault) const { return left[static_cast<std::uint8_t>(fault)]; }
  [[nodiscard]] std::uint8_t& operator[](Fault fault) { return left[static_cast<std::uint8_t>(fault)]; }
  friend auto operator<=>(const Budget&, const Budget&) = default;
};

}  // namespace raymc
