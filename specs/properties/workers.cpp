// Worker processes are used or end: what a raylet's pool owes to the processes that it started.
#include "model/worker/worker.hpp"
#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/premises.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

/// A request to exit is on its way to the worker, or will be sent to it again.
bool is_asked_to_exit(const State& s, WorkerId worker) {
  return count_calls(s, [worker](const Call& call) {
           return call.rpc == Rpc::kExit && call.worker == worker &&
                  (call.stage == Stage::kRequest || call.stage == Stage::kResend);
         }) > 0;
}

constexpr Property kFamily[] = {
    {
        .id = "I17.task_reaches_its_worker",
        .kind = kInvariant,
        .claim = "no worker takes a task that was pushed to another",
        .source = "protocol dossier, 8.4 W4",
        .mutant = "wrong_recipient_refuses",
        .applies = kWithPortReuse,
        .holds =
            [](const RayModel& model, const State& s) {
              return never(s.ghost.wrong_recipient, [&] {
                std::string text = "a worker took a task that was pushed to another";
                for (std::uint8_t w = 0; w < model.config().workers(); ++w) {
                  if (s.workers[w].port_of.exists()) text += "; " + lines_of(model, s, WorkerId{w});
                }
                return text;
              });
            },
    },
    {
        .id = "P1.dropped_worker_exits",
        .kind = kInvariant,
        .claim = "a worker that its raylet's pool dropped for good, and whose process runs, is on its way out",
        .source = "protocol dossier, 8.4 W16",
        .mutant = "exit_is_decided_once",
        .applies = kWithExits,
        .premise = premises::a_worker_leaves_the_pool,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_worker(model, s, [&](WorkerId id, const Worker& worker) {
                const bool dropped = worker.place == PoolPlace::kExiting && worker.process == ProcessState::kRunning;
                const bool leaves = worker.stopped || worker.exiting || worker.exit_promised || worker.killed;
                return !dropped || leaves || is_asked_to_exit(s, id);
              });
            },
    },
    {
        .id = "P2.no_worker_is_forgotten",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, every worker process that a live raylet still holds is idle in its pool "
                 "or leased",
        .source = "protocol dossier, 8.4 W16",
        .mutant = "exit_is_retried",
        .applies = kWithExits,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_worker(model, s, [&](WorkerId id, const Worker& worker) {
                const bool held = worker.process == ProcessState::kRunning && worker.registered;
                const bool usable = worker.place == PoolPlace::kIdle || worker.place == PoolPlace::kLeased;
                return !held || usable || !s.raylet(model.config().node_of(id)).alive;
              });
            },
    },
    {
        .id = "P5.no_process_is_left_behind",
        .kind = kInvariant,
        .claim = "on a live raylet's node there is no idle worker process of which the raylet knows nothing, so that "
                 "nobody will ever use or end it",
        .source = "protocol dossier, 8.4 W13",
        .mutant = "disconnected_worker_is_killed",
        .holds =
            [](const RayModel& model, const State& s) {
              return none_of<NodeId>(model, s, s.ghost.left_behind, "has a worker process that it knows nothing of") &&
                     every_worker(model, s, [&](WorkerId id, const Worker&) {
                       const auto is_to_it = [id](const Call& call) { return call.worker == id; };
                       return !is_left_behind({model.config(), s}, id) || count_calls(s, is_to_it) > 0;
                     });
            },
    },
};

}  // namespace

std::span<const Property> worker_properties() {
  return kFamily;
}

}  // namespace raymc
