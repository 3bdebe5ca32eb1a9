// The names of things in a Ray cluster, as small strong integers. Position in the shape gives the number; a person
// sees "n1", "w3", "t2", "L4". Used by everything in model/.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace raymc {

/// A number that names one kind of thing; `Prefix` is the letter that a person sees. kNone means "no such thing".
template <char Prefix>
struct Id {
  static constexpr std::uint8_t kNoneValue = 31;
  std::uint8_t value = kNoneValue;

  [[nodiscard]] static constexpr Id none() { return {}; }
  [[nodiscard]] constexpr bool exists() const { return value != kNoneValue; }
  [[nodiscard]] std::string name() const { return exists() ? Prefix + std::to_string(value + 1) : std::string("none"); }
  friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

using NodeId = Id<'n'>;    ///< a raylet and its node; n1 is the head
using WorkerId = Id<'w'>;  ///< a worker process slot; slots of one node are adjacent
using TaskId = Id<'t'>;    ///< a task of the scenario
using LeaseId = Id<'L'>;   ///< a lease request; a slot is named again only when nothing mentions the old one
using OwnerId = Id<'o'>;   ///< a core worker that submits tasks
using ObjectId = Id<'v'>;  ///< a value: first the tasks' return values, then one ray.put per key
using KeyId = Id<'k'>;     ///< a scheduling key (2.1 of the dossier): tasks that may share leases

/// What a state has room for. What a scenario has room for is in model/room.hpp.
inline constexpr std::uint8_t kNodesMax = 4;
inline constexpr std::uint8_t kWorkersMax = 16;
inline constexpr std::uint8_t kTasksMax = 8;
inline constexpr std::uint8_t kLeasesMax = 16;
inline constexpr std::uint8_t kOwnersMax = 4;
inline constexpr std::uint8_t kKeysMax = 6;
inline constexpr std::uint8_t kObjectsMax = kTasksMax + kKeysMax;
inline constexpr std::uint8_t kRetriesMax = 2;
inline constexpr std::uint8_t kCpusMax = 4;
inline constexpr std::uint8_t kMaxCallsMax = 7;

}  // namespace raymc
