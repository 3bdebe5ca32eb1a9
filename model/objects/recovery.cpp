// How an owner gets a lost value back: another copy becomes the primary one, or the task that made it runs again
// (ObjectRecoveryManager, TaskManager::ResubmitTask). Rows B24 to B29.
// Abstraction: which of the other copies the owner knows is a free choice, because raylets report copies in batches
// that may be late or lost. The recovery of a resubmitted task's arguments waits for their own turn of the tick.
#include "model/log/ids.hpp"
#include "model/network.hpp"
#include "model/objects/objects.hpp"
#include "model/owner/owner.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kRecovery = "src/ray/core_worker/object_recovery_manager.cc";

Action about(ObjectId object, NodeId node = NodeId::none()) {
  Action binding;
  binding.object = object;
  binding.node = node;
  return binding;
}

/// The task that makes the object can be run again.
bool resubmittable(const View& view, ObjectId object) {
  if (is_put(object)) return false;
  const Task& task = view.s.task(TaskId{object.value});
  return task.retained && !task.canceled;
}

constexpr Transition kResubmit{
    .row = Row::kB29,
    .id = "object.B29.resubmit_task",
    .doc = "the task that made the lost value is charged a retry and goes to the retry heap again",
    .source = {"src/ray/core_worker/task_manager.cc", "SetupTaskEntryForResubmit"},
    .logs = says(LogKind::kResubmit),
    .feature = Feature::kArguments,
    .trigger = inside(),
    .guard = [](const View& view, const Action& a) { return resubmittable(view, a.object); },
    .effect =
        [](Step& step, const Action& a) {
          Task& task = step.s.task(TaskId{a.object.value});
          task.retained = false;
          task.status = TaskStatus::kArgs;
          task.place = TaskPlace::kRetryHeap;
          --task.retries_left;
          if (task.attempt < Task::kAttemptMax) ++task.attempt;
          for (std::uint8_t v = 0; v < kObjectsMax; ++v) {
            if (!has_object(task.by_ref, ObjectId{v})) continue;
            Object& argument = step.s.objects[v];
            if (argument.submitted < Object::kSubmittedMax) ++argument.submitted;
            // RecoverObject for each argument.
            const bool lost = !argument.pinned_at.exists() && argument.recovery == Recovery::kNone && !argument.error;
            if (lost && argument.value != Value::kInline) argument.to_recover = true;
          }
        },
};

constexpr Transition kUnrecoverable{
    .row = Row::kB28Unrecoverable,
    .id = "object.B28.unrecoverable",
    .doc = "the lost value cannot be made again; an error object takes its place",
    .source = {kRecovery, "ReconstructObject"},
    .logs = says(LogKind::kCannotRecover),
    .feature = Feature::kArguments,
    .trigger = inside(),
    .guard =
        [](const View& view, const Action& a) {
          const bool in_progress = !is_put(a.object) && view.s.task(TaskId{a.object.value}).pending();
          return !in_progress && !resubmittable(view, a.object);
        },
    .effect = [](Step& step, const Action& a) { store_error_in_plasma(step, a.object); },
};

constexpr Transition kReconstruct{
    .row = Row::kB28,
    .id = "object.B28.reconstruct",
    .doc = "no copy of the lost value is known; its task is submitted again unless an attempt is in progress",
    .source = {kRecovery, "ReconstructObject"},
    .logs = says(LogKind::kReconstruct, log_ids::reconstruct),
    .feature = Feature::kArguments,
    .trigger = inside(),
    .effect =
        [](Step& step, const Action& a) {
          if (!perform_if(step, kResubmit, a)) perform_if(step, kUnrecoverable, a);
        },
};

constexpr Transition kPinCopy{
    .row = Row::kB26,
    .id = "object.B26.pin_other_copy",
    .doc = "the owner asks a node that has another copy of the lost value to pin it",
    .source = {kRecovery, "PinExistingObjectCopy"},
    .logs = says(LogKind::kPinCopy),
    .feature = Feature::kArguments,
    .trigger = inside(),
    .guard = [](const View&, const Action& a) { return a.node.exists(); },
    .effect =
        [](Step& step, const Action& a) {
          Call call;
          call.rpc = Rpc::kPinObjectIds;
          call.owner = step.config.owner_of(a.object);
          call.node = a.node;
          call.object = a.object;
          send(step, call);
        },
};

constexpr Transition kRows[] = {
    {
        .row = Row::kB24,
        .id = "object.B24.recovery_tick",
        .doc = "the owner takes up a lost object: it is not available any more, and its recovery starts",
        .source = {kRecovery, "RecoverObject"},
        .logs = says(LogKind::kRecover, log_ids::recovery),
        .feature = Feature::kArguments,
        .trigger = each(Moment::kObject),
        .bindings =
            [](const View& view, const Action& base, std::vector<Action>& out) {
              const Object& object = view.s.object(base.object);
              if (!object.to_recover) return;
              out.push_back(base);
              if (object.pinned_at.exists() || object.recovery != Recovery::kNone) return;
              for (std::uint8_t n = 0; n < view.config.nodes(); ++n) {
                const bool known_dead = has_bit(view.s.owner(base.owner).dead_nodes, n);
                if (known_dead || !has_bit(object.copies, n)) continue;
                Action action = base;
                action.target = NodeId{n};
                out.push_back(action);
              }
            },
        .guard = [](const View& view, const Action& a) { return loop_is_free(view, a.owner); },
        .effect =
            [](Step& step, const Action& a) {
              Object& object = step.s.object(a.object);
              object.to_recover = false;
              object.value = object.pinned_at.exists() ? Value::kInPlasma : Value::kNone;
              if (object.pinned_at.exists() || object.recovery != Recovery::kNone) return;
              object.error = false;
              object.recovery = Recovery::kUnderWay;
              const Action binding = about(a.object, a.target);
              if (!perform_if(step, kPinCopy, binding)) perform(step, kReconstruct, binding);
            },
    },
    {
        .row = Row::kB24Noted,
        .id = "object.B24.recovery_is_noted",
        .doc = "the callback that the value's arrival posted runs; the object may be recovered again from now on",
        .source = {kRecovery, "RecoverObject"},
        .feature = Feature::kArguments,
        .trigger = each(Moment::kObject),
        .guard =
            [](const View& view, const Action& a) {
              return view.s.object(a.object).recovery == Recovery::kEnded && loop_is_free(view, a.owner);
            },
        .effect = [](Step& step, const Action& a) { step.s.object(a.object).recovery = Recovery::kNone; },
    },
    kPinCopy,
    {
        .row = Row::kB27,
        .id = "object.B27.other_copy_answered",
        .doc = "the node has pinned its copy, which is the primary one now; if it could not, the value is made again",
        .source = {kRecovery, "PinExistingObjectCopy"},
        .logs = says(LogKind::kRecovered),
        .feature = Feature::kArguments,
        .trigger = on_answer(Rpc::kPinObjectIds),
        .guard = [](const View&, const Action& a) { return a.owner.exists() && !a.worker.exists(); },
        .effect =
            [](Step& step, const Action& a) {
              take(step, a.call);
              Object& object = step.s.object(a.object);
              if (a.call.stage != Stage::kReply || a.call.reply != Reply::kOk) {
                perform(step, kReconstruct, about(a.object));
                return;
              }
              if (object.value == Value::kNone && !out_of_scope(step.s, a.object)) {
                object.value = Value::kInPlasma;
                recovery_ends(step.config, object);
              }
              set_primary(step, a.object, a.node);
            },
    },
    kReconstruct,
    kUnrecoverable,
    kResubmit,
};

}  // namespace

std::span<const Transition> recovery_rows() {
  return kRows;
}

}  // namespace raymc
