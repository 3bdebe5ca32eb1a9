// The owner's dependency resolver: a task waits in it until its arguments have values and the actors in them are
// registered. Rows O2 and O4 for tasks that waited, and O3.
#include "model/log/ids.hpp"
#include "model/network.hpp"
#include "model/objects/objects.hpp"
#include "model/owner/owner.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kResolver = "src/ray/core_worker/task_submission/dependency_resolver.cc";
constexpr std::string_view kActorCreator = "src/ray/core_worker/actor_management/actor_creator.cc";
constexpr std::string_view kSubmitter = "src/ray/core_worker/task_submission/normal_task_submitter.cc";

bool is_at(const View& view, const Action& a, TaskPlace place) {
  return view.s.task(a.task).place == place;
}

/// The last thing that a task in the resolver waited for is known.
bool is_resolved(const View& view, const Action& a) {
  return is_at(view, a, TaskPlace::kWaitsForArguments) && arguments_known(view, a.task) && loop_is_free(view, a.owner);
}

/// The actor in the task's arguments is still being registered.
bool waits_for_actor(const View& view, const Action& a) {
  const Task& task = view.s.task(a.task);
  const bool held = task.place == TaskPlace::kResolver || task.place == TaskPlace::kWaitsForArguments;
  return held && view.config.shape.tasks[a.task.value].actor_argument && !task.actor_known;
}

constexpr Transition kFailedCallback{
    .row = Row::kO3Callback,
    .id = "owner.O3.resolution_failed",
    .doc = "the task could not be resolved; it is retried or fails",
    .source = {kSubmitter, "SubmitTask"},
    .logs = says(LogKind::kResolutionFailed),
    .feature = Feature::kArguments,
    .component = Component::kOwnerReply,
    .trigger = each(Moment::kTask),
    .guard = [](const View& view, const Action& a) { return is_at(view, a, TaskPlace::kResolutionFailed); },
    .effect =
        [](Step& step, const Action& a) {
          Task& task = step.s.task(a.task);
          task.place = TaskPlace::kNowhere;
          task.actor_failed = false;
          if (task.in_cancel_set && step.config.has(Safeguard::kCancelWithdrawsResolution)) {
            task.in_cancel_set = false;
            return;
          }
          const OwnerId owner = step.config.shape.tasks[a.task.value].owner;
          if (!step.ray_check(task.pending(), RayCheck::kPendingAtRetry, owner)) return;
          fail_or_retry(step, a.task);
        },
};

constexpr Transition kRows[] = {
    {
        .row = Row::kO2Waits,
        .id = "owner.O2.arguments_are_missing",
        .doc = "some argument of the task has no value yet; the task waits for it in the resolver",
        .source = {kResolver, "ResolveDependencies"},
        .logs = says(LogKind::kArgumentMissing),
        .feature = Feature::kArguments,
        .trigger = each(Moment::kTask),
        .guard =
            [](const View& view, const Action& a) {
              const bool withdrawn =
                  view.s.task(a.task).in_cancel_set && view.config.has(Safeguard::kCancelWithdrawsResolution);
              return resolution_is_next(view, a.task) && !arguments_known(view, a.task) && !withdrawn;
            },
        .effect = [](Step& step, const Action& a) { step.s.task(a.task).place = TaskPlace::kWaitsForArguments; },
    },
    {
        .row = Row::kO2Ready,
        .id = "owner.O2.last_argument_is_known",
        .doc = "the last argument that the task waited for has a value; the task is queued under its key",
        .source = {kResolver, "ResolveDependencies"},
        .logs = says(LogKind::kResolved, log_ids::resolved),
        .feature = Feature::kArguments,
        .trigger = each(Moment::kTask),
        .guard =
            [](const View& view, const Action& a) {
              const Task& task = view.s.task(a.task);
              return is_resolved(view, a) && !task.in_cancel_set && !task.actor_failed;
            },
        .effect = [](Step& step, const Action& a) { resolve(step, a.task); },
    },
    {
        .row = Row::kO3Registered,
        .id = "owner.O3.actor_is_registered",
        .doc = "the registration of the actor in the task's arguments is answered",
        .source = {kActorCreator, "AsyncWaitForActorRegisterFinish"},
        .feature = Feature::kArguments,
        .trigger = each(Moment::kTask),
        .guard = waits_for_actor,
        .effect = [](Step& step, const Action& a) { step.s.task(a.task).actor_known = true; },
    },
    {
        .row = Row::kO3Failed,
        .id = "owner.O3.actor_registration_failed",
        .doc = "the registration of the actor in the task's arguments fails",
        .source = {kActorCreator, "AsyncWaitForActorRegisterFinish"},
        .feature = Feature::kArguments,
        .origin = Origin::kEnvironment,
        .fault = Fault::kActorFails,
        .component = Component::kEnvironment,
        .trigger = each(Moment::kTask),
        .guard =
            [](const View& view, const Action& a) {
              return waits_for_actor(view, a) && is_at(view, a, TaskPlace::kWaitsForArguments) &&
                     view.s.budget[Fault::kActorFails] > 0;
            },
        .effect =
            [](Step& step, const Action& a) {
              --step.s.budget[Fault::kActorFails];
              step.s.task(a.task).actor_known = true;
              step.s.task(a.task).actor_failed = true;
            },
    },
    {
        .row = Row::kO3,
        .id = "owner.O3.leave_resolver_with_error",
        .doc = "everything that the task waited for is known and something failed; the task leaves the resolver",
        .source = {kResolver, "ResolveDependencies"},
        .feature = Feature::kArguments,
        .trigger = each(Moment::kTask),
        .guard = [](const View& view,
                    const Action& a) { return is_resolved(view, a) && view.s.task(a.task).actor_failed; },
        .effect =
            [](Step& step, const Action& a) {
              inline_arguments(step, a.task);
              step.s.task(a.task).place = TaskPlace::kResolutionFailed;
              // Only ray.cancel on another thread can come between this and the callback.
              if (step.s.budget[Fault::kCancel] == 0) perform(step, kFailedCallback, a);
            },
    },
    kFailedCallback,
    {
        .row = Row::kO4Ready,
        .id = "owner.O4.cancelled_before_resolving",
        .doc = "the last argument of a task that was cancelled before its resolution began has a value; the task fails",
        .source = {kSubmitter, "SubmitTask"},
        .feature = Feature::kArguments,
        .trigger = each(Moment::kTask),
        .guard =
            [](const View& view, const Action& a) {
              const Task& task = view.s.task(a.task);
              return is_resolved(view, a) && task.in_cancel_set && !task.actor_failed;
            },
        .effect = [](Step& step, const Action& a) { perform(step, transition_of(Row::kO4), a); },
    },
};

}  // namespace

std::span<const Transition> resolver_rows() {
  return kRows;
}

void resolve(Step& step, TaskId id) {
  if (!arguments_known(step.view(), id)) {
    step.s.task(id).place = TaskPlace::kWaitsForArguments;
    return;
  }
  inline_arguments(step, id);
  queue_resolved_task(step, id);
}

}  // namespace raymc
