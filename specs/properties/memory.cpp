// A kill for want of memory has retries of its own, and a task is told the devices of its lease.
#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/premises.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

constexpr Property kFamily[] = {
    {
        .id = "D7.memory_kill_is_not_charged",
        .kind = kInvariant,
        .claim = "a task that may be tried again after a kill for want of memory does not pay for it with one of its "
                 "max_retries",
        .source = "protocol dossier, 1.2 and 9 F16",
        .mutant = "memory_kill_has_own_budget",
        .applies = kWithMemoryPressure,
        .premise = premises::a_worker_is_killed_for_memory,
        .holds =
            [](const RayModel& model, const State& s) {
              return none_of<TaskId>(model, s, s.ghost.charged_kills,
                                     "paid one of its max_retries for a kill for want of memory");
            },
    },
    {
        .id = "D8.memory_retries_within_budget",
        .kind = kInvariant,
        .claim = "a task is tried again after a kill for want of memory at most task_oom_retries times, and never if "
                 "its max_retries are 0",
        .source = "protocol dossier, 1.2",
        .mutant = "memory_retries_are_counted",
        .applies = kWithMemoryPressure,
        .holds =
            [](const RayModel& model, const State& s) {
              const Shape& shape = model.config().shape;
              const auto allowed = [&shape](TaskId id) {
                return shape.tasks[id.value].max_retries == 0 ? std::uint8_t{0} : shape.memory_retries;
              };
              return every_task(
                  model, s, [&](TaskId id, const Task& task) { return task.memory_retries <= allowed(id); },
                  [&](TaskId id, const Task& task) {
                    return label_of(model, id) + " was tried again " + counted_words(task.memory_retries, "time") +
                           " for want of memory, of " + std::to_string(allowed(id));
                  });
            },
    },
    {
        .id = "D9.memory_retry_is_not_forfeited",
        .kind = kInvariant,
        .claim = "a task with a retry for want of memory left does not fail because its worker was killed for it",
        .source = "protocol dossier, 11.1 C12",
        .mutant = "memory_retry_asks_the_task",
        .applies = kWithMemoryPressure,
        .premise = premises::a_worker_is_killed_for_memory,
        .holds =
            [](const RayModel& model, const State& s) {
              return none_of<TaskId>(model, s, s.ghost.forfeited_retries,
                                     "failed with a retry for want of memory left");
            },
    },
    {
        .id = "I15.task_is_told_its_devices",
        .kind = kInvariant,
        .claim = "a worker that accepts a task is told the devices of the task's lease",
        .source = "protocol dossier, 11.1 C11",
        .mutant = "repeated_grant_names_devices",
        .applies = kWithDevices,
        .premise = premises::a_task_runs,
        .holds =
            [](const RayModel& model, const State& s) {
              return none_of<TaskId>(model, s, s.ghost.lacked_devices, "was taken without being told its devices");
            },
    },
};

}  // namespace

std::span<const Property> memory_properties() {
  return kFamily;
}

}  // namespace raymc
