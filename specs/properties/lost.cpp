// No task of a live owner is lost: section 10.1 (LOST), and L1 as far as a search for safety can see it.
#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/premises.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

constexpr Property kFamily[] = {
    {
        .id = "L1.task_ends",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, every task of a live owner that some live node can run has ended, with a "
                 "value or an error, or runs code that never returns",
        .source = "protocol dossier, 10.4 L1",
        .mutant = "queued_requests_fail",
        .applies = kNothingIsStuck,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_task(model, s, [&](TaskId id, const Task& task) {
                const bool ended = task.status == TaskStatus::kFinished || task.status == TaskStatus::kFailed;
                return ended || runs_for_ever(model, s, id) || waits_for_a_node(model, s, id);
              });
            },
    },
    {
        .id = "L1.task_finishes",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, every task of a live owner has ended with its value",
        .source = "protocol dossier, 10.1 (documented contract)",
        .mutant = "failure_ends_task",
        .applies = kTasksShouldFinish,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_task(model, s, [&](TaskId id, const Task& task) {
                return task.status == TaskStatus::kFinished || runs_for_ever(model, s, id);
              });
            },
    },
    {
        .id = "L1.entry_is_held",
        .kind = kInvariant,
        .claim = "a task that has not ended is in the hands of some part of its owner",
        .source = "protocol dossier, 10.1 (LOST)",
        .mutant = "failure_ends_task",
        .holds =
            [](const RayModel& model, const State& s) {
              return every_live_task(model, s, [](TaskId, const Task& task) {
                return !task.pending() || task.place != TaskPlace::kNowhere;
              });
            },
    },
    {
        .id = "L1.driver_is_not_refused_again",
        .kind = kInvariant,
        .claim =
            "a live driver that asks again because it was refused is not refused again: the refusing raylet's caches "
            "only grow and the driver does not count, so it would go round for as long as that raylet lives",
        .source = "protocol dossier, 11.1 C8",
        .mutant = "refusal_ends_key",
        .applies = kNodeMayDie,
        .premise = premises::somebody_holds_a_node_dead,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_owner(
                  model, s,
                  [&](OwnerId id, const Owner&) {
                    const bool driver = model.config().shape.owners[id.value].kind == OwnerKind::kDriver;
                    return !driver || !has_bit(s.ghost.refused_again, id.value);
                  },
                  [&](OwnerId id, const Owner&) { return lines_of(model, s, id) + ", refused again"; });
            },
    },
    {
        .id = "L1.exiting_owner_abandons_no_task",
        .kind = kInvariant,
        .claim = "an owner that exits gracefully has no task that is still pending",
        .source = "protocol dossier, 8.1 O25",
        .mutant = "exit_waits_for_tasks",
        .applies = kOwnersExit,
        .holds =
            [](const RayModel& model, const State& s) {
              return none_of<OwnerId>(model, s, s.ghost.abandoned, "exited while a task of it was pending");
            },
    },
};

}  // namespace

std::span<const Property> lost_properties() {
  return kFamily;
}

}  // namespace raymc
