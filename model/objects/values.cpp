// What an owner knows of its objects: references and values (ReferenceCounter, CoreWorkerMemoryStore, and the part of
// the TaskManager that fills them). Row B9.
// Abstraction: borrowers and nested references do not exist; lineage references are those of the specs that are kept.
#include <algorithm>

#include "model/objects/objects.hpp"
#include "model/owner/nested.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

/// `holds(object)` for each object of a set.
void each_object(ObjectSet set, const auto& apply) {
  for (std::uint8_t v = 0; v < kObjectsMax; ++v) {
    if (has_object(set, ObjectId{v})) apply(ObjectId{v});
  }
}

void store_value(Step& step, ObjectId id, Value value, bool error) {
  Object& object = step.s.object(id);
  if (object.value != Value::kNone) return;  // the first value stays
  object.value = value;
  object.error = error;
  recovery_ends(step.config, object);
}

constexpr Transition kOutOfScope{
    .row = Row::kB9,
    .id = "object.B9.out_of_scope",
    .doc = "nothing refers to the object any more; its owner forgets where it is and says so on the eviction channel",
    .source = {"src/ray/core_worker/reference_counter.cc", "OnObjectOutOfScopeOrFreed"},
    .feature = Feature::kArguments,
    .trigger = inside(),
    .guard = [](const View& view, const Action& a) { return out_of_scope(view.s, a.object); },
    .effect =
        [](Step& step, const Action& a) {
          Object& object = step.s.object(a.object);
          object.value = Value::kNone;
          object.error = false;
          object.pinned_at = NodeId::none();
          object.to_recover = false;
          object.recovery = Recovery::kNone;
        },
};

constexpr Transition kRows[] = {kOutOfScope};

/// RemoveSubmittedTaskReferences for one argument.
void release_submitted(Step& step, ObjectId id) {
  Object& object = step.s.object(id);
  if (object.out_of_scope()) return;  // the record is gone; Ray only warns
  const OwnerId owner = step.config.owner_of(id);
  if (!step.ray_check(object.submitted > 0, RayCheck::kSubmittedRefHeld, owner)) return;
  --object.submitted;
  Action binding;
  binding.object = id;
  perform_if(step, kOutOfScope, binding);
}

NodeId home_of(const View& view, ObjectId object) {
  return home_of(view, view.config.owner_of(object));
}

/// PutInLocalPlasmaStore; its pin at the local raylet is part of the step, because nobody else can be meant by it.
void put_locally(Step& step, ObjectId id) {
  const NodeId home = home_of(step.view(), id);
  if (step.s.raylet(home).alive) step.s.object(id).pinned |= bit(home.value);
  object_is_local(step, home, id);
}

}  // namespace

std::span<const Transition> value_rows() {
  return kRows;
}

void place_arguments(const Config& config, State& s) {
  if (!config.objects()) return;
  for (std::uint8_t k = 0; k < config.keys(); ++k) {
    const NodeId node = config.argument_at(KeyId{k});
    if (!node.exists()) continue;
    Object& object = s.object(put_of(KeyId{k}));
    object.value = Value::kInPlasma;
    object.pinned_at = node;
    object.copies = object.pinned = bit(node.value);
    Call poll;
    poll.rpc = Rpc::kPollOwner;
    poll.stage = Stage::kAtServer;
    poll.node = node;
    poll.owner = config.owner_of(KeyId{k});
    if (std::find(s.calls.begin(), s.calls.end(), poll) == s.calls.end()) s.calls.push_back(poll);
  }
}

void refer_to_arguments(const Config& config, State& s, TaskId id) {
  if (!config.objects()) return;
  Task& task = s.task(id);
  task.by_ref = config.arguments_of(id);
  each_object(task.by_ref, [&](ObjectId argument) {
    Object& object = s.object(argument);
    if (object.submitted < Object::kSubmittedMax) ++object.submitted;
    bool taken_again = false;
    for (std::uint8_t t = 0; t < config.tasks(); ++t) {
      taken_again |= TaskId{t} != id && s.tasks[t].place == TaskPlace::kProgram &&
                     has_object(config.arguments_of(TaskId{t}), argument);
    }
    if (config.shape.tasks[id.value].drops_argument && !taken_again) object.dropped = true;
  });
}

bool arguments_known(const View& view, TaskId id) {
  if (!view.config.on(Feature::kArguments)) return true;
  const Task& task = view.s.task(id);
  if (view.config.shape.tasks[id.value].actor_argument && !task.actor_known) return false;
  bool known = true;
  each_object(task.by_ref, [&](ObjectId argument) { known &= view.s.object(argument).value != Value::kNone; });
  return known;
}

void inline_arguments(Step& step, TaskId id) {
  each_object(step.s.task(id).by_ref, [&](ObjectId argument) {
    const Object object = step.s.object(argument);
    if (object.value != Value::kInline) return;
    Task& task = step.s.task(id);
    task.by_ref &= static_cast<ObjectSet>(~object_bit(argument));
    task.bad_argument |= object.error;
    release_submitted(step, argument);
  });
}

void release_arguments(Step& step, TaskId id) {
  each_object(step.s.task(id).by_ref, [&](ObjectId argument) { release_submitted(step, argument); });
}

bool out_of_scope(const State& s, ObjectId object) {
  if (!s.object(object).out_of_scope()) return false;
  // What cannot be made again is kept while a spec that is kept may need it; what can be is freed.
  return !is_put(object) || std::none_of(s.tasks.begin(), s.tasks.end(), [object](const Task& task) {
    return task.retained && has_object(task.by_ref, object);
  });
}

bool value_goes_to_plasma(const View& view, TaskId task) {
  return view.s.task(task).ran_before;
}

void record_value(Step& step, TaskId task, Reply reply, NodeId node) {
  if (!step.config.objects()) return;
  const ObjectId id = return_of(task);
  if (reply == Reply::kOkInPlasma) {
    set_primary(step, id, node);
    store_value(step, id, Value::kInPlasma, false);
  } else if (value_goes_to_plasma(step.view(), task)) {
    store_value(step, id, Value::kInPlasma, reply != Reply::kOk);
    put_locally(step, id);
  } else {
    store_value(step, id, Value::kInline, reply != Reply::kOk);
  }
}

void record_error(Step& step, TaskId task) {
  if (!step.config.objects()) return;
  if (value_goes_to_plasma(step.view(), task)) {
    store_error_in_plasma(step, return_of(task));
  } else {
    store_value(step, return_of(task), Value::kInline, true);
  }
}

void store_error_in_plasma(Step& step, ObjectId id) {
  store_value(step, id, Value::kInPlasma, true);
  put_locally(step, id);
}

void recovery_ends(const Config& config, Object& object) {
  if (object.recovery == Recovery::kNone) return;
  object.recovery = config.has(Safeguard::kRecoveryEndsWithValue) ? Recovery::kNone : Recovery::kEnded;
}

void set_primary(Step& step, ObjectId id, NodeId node) {
  if (out_of_scope(step.s, id)) return;
  Object& object = step.s.object(id);
  const Owner& owner = step.s.owner(step.config.owner_of(id));
  const bool lost = has_bit(owner.dead_nodes, node.value) && step.config.has(Safeguard::kReplyLocationIsChecked);
  object.pinned_at = lost ? NodeId::none() : node;
  object.to_recover |= lost;
}

bool keeps_lineage(const View& view, TaskId task) {
  return view.config.objects() && view.s.task(task).retries_left > 0 &&
         view.s.object(return_of(task)).value == Value::kInPlasma;
}

void reset_objects_at(Step& step, OwnerId owner, NodeId dead) {
  for (std::uint8_t v = 0; v < kObjectsMax; ++v) {
    Object& object = step.s.objects[v];
    if (object.pinned_at != dead || step.config.owner_of(ObjectId{v}) != owner) continue;
    object.pinned_at = NodeId::none();
    object.to_recover |= !out_of_scope(step.s, ObjectId{v});
  }
}

void forget_objects_of(Step& step, OwnerId owner) {
  for (std::uint8_t v = 0; v < kObjectsMax; ++v) {
    if (!step.config.has_object(ObjectId{v}) || step.config.owner_of(ObjectId{v}) != owner) continue;
    Object fresh;
    fresh.copies = step.s.objects[v].copies;
    fresh.pinned = step.s.objects[v].pinned;
    fresh.spilled = step.s.objects[v].spilled;
    step.s.objects[v] = fresh;
  }
}

NodeId node_with_argument(const View& view, ObjectSet arguments) {
  NodeId node;
  each_object(arguments, [&](ObjectId argument) {
    if (!node.exists()) node = view.s.object(argument).pinned_at;
  });
  return node;
}

}  // namespace raymc
