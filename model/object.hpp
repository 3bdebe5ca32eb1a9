// One value that may stand in plasma: the return value of a task, or what the owner's program put there before the run
// as an argument. The owner's record of it and the copies at the raylets stand together.
#pragma once

#include <cstdint>

#include "model/ids.hpp"

namespace raymc {

/// A set of objects: bit per object.
using ObjectSet = std::uint16_t;
static_assert(kObjectsMax <= 16);

[[nodiscard]] constexpr ObjectSet object_bit(ObjectId id) {
  return static_cast<ObjectSet>(1U << id.value);
}
[[nodiscard]] constexpr bool has_object(ObjectSet set, ObjectId id) {
  return ((set >> id.value) & 1U) != 0;
}

/// The return value of a task (tasks have one).
[[nodiscard]] constexpr ObjectId return_of(TaskId task) {
  return ObjectId{task.value};
}
/// The argument in plasma that the tasks of a key share: their scheduling key contains its id.
[[nodiscard]] constexpr ObjectId put_of(KeyId key) {
  return ObjectId{static_cast<std::uint8_t>(kTasksMax + key.value)};
}
[[nodiscard]] constexpr bool is_put(ObjectId id) {
  return id.value >= kTasksMax;
}
/// The key whose tasks share it; requires an argument.
[[nodiscard]] constexpr KeyId key_of(ObjectId id) {
  return KeyId{static_cast<std::uint8_t>(id.value - kTasksMax)};
}

/// What the owner's in-memory store holds for an object.
enum class Value : std::uint8_t {
  kNone,
  kInline,
  kInPlasma,  ///< the marker OBJECT_IN_PLASMA
};

/// Where the recovery of a lost value is.
enum class Recovery : std::uint8_t {
  kNone,
  kUnderWay,  ///< in `objects_pending_recovery_`, and there is no value yet
  kEnded,     ///< the value has come; the posted callback that takes the mark back has not run
};

struct Object {
  // At the owner: the reference record and the in-memory store.
  Value value = Value::kNone;
  bool error = false;          ///< the value is an error object
  NodeId pinned_at;            ///< `pinned_at_node_id_`: where the owner believes the primary copy to be
  std::uint8_t submitted = 0;  ///< `submitted_task_ref_count`, 0 to kSubmittedMax
  bool dropped = false;        ///< the program holds no reference any more
  bool to_recover = false;     ///< in `objects_to_recover_`
  Recovery recovery = Recovery::kNone;
  // At the raylets, bit per node.
  std::uint8_t copies = 0;   ///< the node's store has a copy
  std::uint8_t pinned = 0;   ///< the copy is primary there: LocalObjectManager keeps it for the owner
  std::uint8_t spilled = 0;  ///< what is kept there is on disk, whatever the store has
  static constexpr std::uint8_t kSubmittedMax = 3;
  friend bool operator==(const Object&, const Object&) = default;

  /// `OutOfScope`, as far as local and submitted references go.
  [[nodiscard]] bool out_of_scope() const { return dropped && submitted == 0; }
};

}  // namespace raymc
