// The job table of the GCS: row G9 of section 8.6. There is one job, the driver's. Abstraction: reading the table and
// writing the row are one step for a job that is reported finished, as the report is sent again until it is answered;
// after the death of the driver's node they are two, because nobody repeats them.
#include "model/gcs/gcs.hpp"
#include "model/network.hpp"
#include "model/rows.hpp"

namespace raymc {
namespace {

constexpr std::string_view kJobManager = "src/ray/gcs/gcs_job_manager.cc";

void job_is_written(Step& step) {
  step.s.gcs.job = JobRecord::kFinished;
  Notice notice;
  notice.kind = NoticeKind::kJobFinished;
  publish(step, notice);
}

constexpr Transition kRows[] = {
    {
        .row = Row::kG9,
        .id = "gcs.G9.job_reported_finished",
        .doc = "the GCS is told that the driver is gone; it writes that the job has finished, publishes it and answers",
        .source = {kJobManager, "HandleMarkJobFinished"},
        .logs = says(LogKind::kJobFinished),
        .feature = Feature::kJobs,
        .component = Component::kGcs,
        .trigger = on_request(Rpc::kMarkJobFinished),
        .effect =
            [](Step& step, const Action& a) {
              const Call call = take(step, a.call);
              job_is_written(step);
              answer(step, call, Reply::kOk);
            },
    },
    {
        .row = Row::kG9Node,
        .id = "gcs.G9.job_of_dead_node_ends",
        .doc = "after the death of the driver's node the GCS writes that the job has finished, and publishes it",
        .source = {kJobManager, "OnNodeDead"},
        .logs = says(LogKind::kJobFinished),
        .feature = Feature::kJobs,
        .component = Component::kGcs,
        .trigger = each(Moment::kGlobal),
        .guard = [](const View& view, const Action&) { return view.s.gcs.up && view.s.gcs.job == JobRecord::kEnding; },
        .effect = [](Step& step, const Action&) { job_is_written(step); },
    },
};

}  // namespace

std::span<const Transition> gcs_job_rows() {
  return kRows;
}

void drivers_node_is_dead(Step& step, NodeId node) {
  const bool of_the_driver = step.config.on(Feature::kJobs) && step.config.shape.owners[0].node == node;
  if (of_the_driver && step.s.gcs.job == JobRecord::kRunning) step.s.gcs.job = JobRecord::kEnding;
}

}  // namespace raymc
