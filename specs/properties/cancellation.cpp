// What ray.cancel promises: a cancel that meets its task takes effect.
#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/premises.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

/// The task's code runs for its owner on a worker that its raylet holds, where a cancel could still reach it.
bool runs_in_reach(const RayModel& model, const State& s, TaskId id) {
  for (std::uint8_t w = 0; w < model.config().workers(); ++w) {
    const Worker& worker = s.workers[w];
    const NodeId node = model.config().node_of(WorkerId{w});
    const bool held = worker.process == ProcessState::kRunning && worker.registered && !worker.killed;
    const Owner& owner = s.owner(model.config().shape.tasks[id.value].owner);
    if (!held || !s.raylet(node).alive || has_bit(owner.dead_nodes, node.value)) continue;
    if (some_worker_runs(s, id, [&worker](const Worker& other) { return &other == &worker; })) return true;
  }
  return false;
}

constexpr Property kFamily[] = {
    {
        .id = "A1.cancel_is_not_missed",
        .kind = kInvariant,
        .claim = "a cancel that reaches a worker while its executor holds the task finds it",
        .source = "#52703",
        .mutant = "started_task_stays_pending",
        .applies = kWithCancelPath,
        .premise = premises::a_task_is_cancelled,
        .holds =
            [](const RayModel& model, const State& s) {
              return never(s.ghost.cancel_missed, [&] {
                std::string text = "the executor that holds a cancelled task answered that it does not";
                for (std::uint8_t t = 0; t < model.config().tasks(); ++t) {
                  if (s.tasks[t].canceled) text += "; " + lines_of(model, s, TaskId{t});
                }
                return text;
              });
            },
    },
    {
        .id = "A2.cancel_is_not_lost",
        .kind = kInvariant,
        .claim = "the owner of a cancelled task whose code runs on a worker in reach waits for an answer to the "
                 "cancel, or will repeat it",
        .source = "protocol dossier, 8.1 O18 and O22",
        .mutant = "cancel_in_vain_is_repeated",
        .applies = kWithCancelPath,
        .premise = premises::a_task_is_cancelled,
        .holds =
            [](const RayModel& model, const State& s) {
              // Without the steps between raylet and worker nothing is repeated.
              if (!model.config().on(Feature::kCancelPath)) return true;
              return every_live_task(model, s, [&](TaskId id, const Task& task) {
                const bool is_given_up =
                    task.canceled && task.place == TaskPlace::kPushed && !task.in_cancel_set && !task.cancel_again;
                return !is_given_up || !runs_in_reach(model, s, id);
              });
            },
    },
};

}  // namespace

std::span<const Property> cancellation_properties() {
  return kFamily;
}

}  // namespace raymc
