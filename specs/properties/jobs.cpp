// The driver's job ends with the driver, and its workers with it.
#include "specs/properties/applies.hpp"
#include "specs/properties/catalogue.hpp"
#include "specs/properties/questions.hpp"

namespace raymc {
namespace {

using enum mc::PropertyKind;

constexpr Property kFamily[] = {
    {
        .id = "J1.job_of_dead_driver_ends",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, the job of a driver that is dead, or whose node the GCS's table holds "
                 "dead, is "
                 "finished there",
        .source = "protocol dossier, 11.1 C16",
        .mutant = "restart_ends_jobs_of_dead_nodes",
        .applies = kWithJobs,
        .holds =
            [](const RayModel& model, const State& s) {
              const bool asked = model.config().on(Feature::kJobs) && s.gcs.up && !s.gcs.new_cluster;
              const NodeRecord home = s.gcs.nodes[model.config().shape.owners[0].node.value];
              const bool goes_on = s.owners[0].alive && home != NodeRecord::kDead;
              return never(asked && !goes_on && s.gcs.job != JobRecord::kFinished, [&] {
                return lines_of(model, s, OwnerId{0}) + "; the job is not finished in the table of the " +
                       line_of(model, s, "GCS");
              });
            },
    },
    {
        .id = "J2.workers_of_ended_job_exit",
        .kind = kQuiescent,
        .claim = "when nothing is left to do, no worker process runs at a live raylet that knows the job to have ended",
        .source = "protocol dossier, 5.4 and 8.3 R50",
        .mutant = "ended_job_ends_its_workers",
        .applies = kWithJobs,
        .holds =
            [](const RayModel& model, const State& s) {
              return every_worker(model, s, [&](WorkerId id, const Worker& worker) {
                const Raylet& raylet = s.raylet(model.config().node_of(id));
                const bool runs = worker.process == ProcessState::kRunning && !worker.stuck;
                const bool of_the_job = !model.config().several_jobs() || worker.job == OwnerId{0};
                return !runs || !raylet.alive || !raylet.job_ended || !of_the_job;
              });
            },
    },
};

}  // namespace

std::span<const Property> job_properties() {
  return kFamily;
}

}  // namespace raymc
