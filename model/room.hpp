// How much of a state a scenario uses: as many requests and calls as its tasks may need, and names no wider than they
// have to be. A scenario of at most four tasks and keys has the room that it had when a state held no more, so that
// its encodings, and where it overflows, do not depend on what others need.
#pragma once

#include <cstdint>

#include "model/state.hpp"

namespace raymc {

struct Room {
  std::uint8_t tasks = 0;    ///< places for tasks in encoded names and sets
  std::uint8_t keys = 0;     ///< the same for keys
  std::uint8_t leases = 0;   ///< lease ids
  std::uint8_t calls = 0;    ///< calls at a time
  unsigned task_bits = 0;    ///< that hold every task
  unsigned lease_bits = 0;   ///< that hold every lease id, or none; also a number of lease requests
  unsigned queue_bits = 0;   ///< that hold a number of tasks
  unsigned call_bits = 0;    ///< that hold a number of calls
  unsigned object_bits = 0;  ///< that hold every object, or none

  [[nodiscard]] constexpr std::uint8_t objects() const { return static_cast<std::uint8_t>(tasks + keys); }
};

inline constexpr Room kSmallRoom{.tasks = 4,
                                 .keys = 4,
                                 .leases = 12,
                                 .calls = 28,
                                 .task_bits = 2,
                                 .lease_bits = 4,
                                 .queue_bits = 3,
                                 .call_bits = 5,
                                 .object_bits = 4};
inline constexpr Room kLargeRoom{.tasks = kTasksMax,
                                 .keys = kKeysMax,
                                 .leases = kLeasesMax,
                                 .calls = kCallsMax,
                                 .task_bits = 3,
                                 .lease_bits = 5,
                                 .queue_bits = 4,
                                 .call_bits = 6,
                                 .object_bits = 4};

[[nodiscard]] constexpr const Room& room_for(std::size_t tasks, std::size_t keys) {
  return tasks <= kSmallRoom.tasks && keys <= kSmallRoom.keys ? kSmallRoom : kLargeRoom;
}

}  // namespace raymc
