// What a raylet does about the driver's job: rows R27 and R50 of section 8.3, and the pop that fails because the job is
// not known yet (R24). There is one job. Abstraction: every worker of a pool belongs to it, also one that was
// prestarted and has held no lease, which in Ray belongs to no job yet.
#include "model/network.hpp"
#include "model/objects/objects.hpp"
#include "model/raylet/local_leases.hpp"
#include "model/rows.hpp"
#include "model/worker/worker.hpp"

namespace raymc {
namespace {

constexpr std::string_view kManager = "src/ray/raylet/node_manager.cc";
constexpr std::string_view kLeases = "src/ray/raylet/scheduling/local_lease_manager.cc";
constexpr std::string_view kPool = "src/ray/raylet/worker_pool.cc";

bool is_raylet(const View&, const Action& a) {
  return !a.owner.exists();
}

/// The request to exit went to a worker that was leased when its job ended, not to one of the pool.
bool asked_while_leased(const View&, const Action& a) {
  return a.call.leased;
}

void ask_leased_workers_to_exit(Step& step, NodeId node) {
  if (!step.config.has(Safeguard::kEndedJobEndsItsWorkers)) return;
  for (const Lease& lease : step.s.leases) {
    if (!lease.used || lease.node != node || lease.stage != LeaseStage::kLeased) continue;
    if (!is_of_ended_job(step.view(), lease.worker)) continue;
    Call call;
    call.rpc = Rpc::kExit;
    call.node = node;
    call.worker = lease.worker;
    call.force = true;
    call.leased = true;
    send(step, call);
  }
}

constexpr Transition kRows[] = {
    {
        .row = Row::kR24Unknown,
        .id = "raylet.R24.job_is_unknown",
        .doc = "the raylet has not heard of the job and starts no worker for it; the request waits again",
        .source = {kPool, "StartWorkerProcess"},
        .feature = Feature::kJobs,
        .component = Component::kRaylet,
        .trigger = each(Moment::kLease),
        .guard =
            [](const View& view, const Action& a) {
              return view.s.raylet(a.node).job_unknown && waits_for_process(view, a.node, a.lease);
            },
        .effect = [](Step& step, const Action& a) { pop_has_failed(step, a.lease); },
    },
    {
        .row = Row::kR24Started,
        .id = "raylet.R24.job_is_announced",
        .doc = "the raylet learns that the job runs; what waited for that is looked at again",
        .source = {kManager, "HandleJobStarted"},
        .feature = Feature::kJobs,
        .component = Component::kRaylet,
        .trigger = on_notice(NoticeKind::kJobStarted),
        .guard = is_raylet,
        .effect =
            [](Step& step, const Action& a) {
              step.s.raylet(a.node).job_unknown = false;
              grant_pass(step, a.node);
            },
    },
    {
        .row = Row::kR27,
        .id = "raylet.R27.popped_for_ended_job",
        .doc = "a worker is popped for a job that has ended; the request is dropped without an answer and the worker "
               "goes back to the pool",
        .source = {kLeases, "PoppedWorkerHandler"},
        .feature = Feature::kJobs,
        .component = Component::kRaylet,
        .trigger = each(Moment::kWorker),
        .guard =
            [](const View& view, const Action& a) {
              return has_popped(view, a) && is_of_ended_job(view, view.s.worker(a.worker).lease);
            },
        .effect =
            [](Step& step, const Action& a) {
              const LeaseId lease = step.s.worker(a.worker).lease;
              step.s.worker(a.worker).lease = LeaseId::none();
              if (step.config.has(Safeguard::kEndedJobsRequestIsAnswered)) {
                cancel_work(step, lease);
              } else {
                drop_work(step, lease);
              }
              push_worker(step, a.worker);
            },
    },
    {
        .row = Row::kR50,
        .id = "raylet.R50.job_has_ended",
        .doc = "the raylet learns that the job has ended; it asks the leased workers to exit at once",
        .source = {kManager, "HandleJobFinished"},
        .logs = says(LogKind::kJobFinishedHere),
        .feature = Feature::kJobs,
        .component = Component::kRaylet,
        .trigger = on_notice(NoticeKind::kJobFinished),
        .guard = is_raylet,
        .effect =
            [](Step& step, const Action& a) {
              Raylet& raylet = step.s.raylet(a.node);
              raylet.job_unknown = false;
              grant_pass(step, a.node);  // HandleJobStarted comes first
              raylet.job_ended = true;
              ask_leased_workers_to_exit(step, a.node);
            },
    },
    {
        .row = Row::kR50Answered,
        .id = "raylet.R50.worker_will_exit",
        .doc = "the leased worker of the ended job has answered that it exits",
        .source = {kManager, "HandleJobFinished"},
        .feature = Feature::kJobs,
        .component = Component::kRaylet,
        .trigger = on_reply(Rpc::kExit),
        .guard = asked_while_leased,
        .effect = [](Step& step, const Action& a) { take(step, a.call); },
    },
    {
        .row = Row::kR50Kill,
        .id = "raylet.R50.kill_instead",
        .doc = "the leased worker of the ended job could not be asked to exit; the raylet kills it",
        .source = {kManager, "HandleJobFinished"},
        .feature = Feature::kJobs,
        .component = Component::kRaylet,
        .trigger = on_error(Rpc::kExit),
        .guard = asked_while_leased,
        .effect =
            [](Step& step, const Action& a) {
              take(step, a.call);
              Worker& worker = step.s.worker(a.worker);
              worker.killed = worker.registered || worker.process == ProcessState::kRunning;
              if (worker.process == ProcessState::kRunning) worker_dies(step, a.worker);
            },
    },
    {
        .row = Row::kW16Force,
        .id = "worker.W16.forced_exit",
        .doc = "the worker is told to exit because its job has ended; it answers and exits with whatever it runs",
        .source = {"src/ray/core_worker/core_worker.cc", "HandleExit"},
        .logs = says(LogKind::kExitAsked),
        .feature = Feature::kJobs,
        .component = Component::kWorker,
        .trigger = on_request(Rpc::kExit),
        .guard = [](const View&, const Action& a) { return a.call.force; },
        .effect =
            [](Step& step, const Action& a) {
              answer(step, take(step, a.call), Reply::kOk);
              worker_dies(step, a.worker);
            },
    },
};

}  // namespace

std::span<const Transition> job_rows() {
  return kRows;
}

}  // namespace raymc
