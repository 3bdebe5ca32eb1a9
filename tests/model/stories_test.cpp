// Known situations of the dossier, told step by step: tasks, leases, lost messages and cancellation on live nodes.
// Each story names its actions as a trace does and looks at the state where the dossier says something about it.
#include <gtest/gtest.h>

#include "tests/model/clusters.hpp"
#include "tests/model/story.hpp"

namespace raymc {
namespace {

using clusters::cluster;
using clusters::with;
using enum Fault;

/// n1 has taken its CPU and w1 for t1's request L1; the grant is not decided yet.
Story& reserve_first(Story& story) {
  return story.take("owner.O2.dependencies_resolved", "t1").take("raylet.R4.new_request", "choice local");
}

/// n1 has granted w1 under L1; the grant is on its way to the driver.
Story& grant_first(Story& story) {
  return reserve_first(story).take("raylet.R22.grant", "w1 on n1, L1");
}

/// The same, and w1 runs t1's first attempt.
Story& run_first(Story& story) {
  grant_first(story).take("owner.S3.lease_granted", "L1");
  return story.take("worker.W3.accept_task", "t1").take("worker.W7.start_task", "w1");
}

TEST(TaskStory, RunsEndToEndOnOneNode) {
  Story story(cluster(1, 1));
  story.take("owner.O2.dependencies_resolved", "t1");
  EXPECT_TRUE(story.fired("owner.S2.request_worker_lease"));
  EXPECT_EQ(story.task(1).status, TaskStatus::kNode);
  EXPECT_EQ(story.lease(1).at_owner, OwnerLease::kPending);

  story.take("raylet.R4.new_request", "choice local");
  EXPECT_TRUE(story.fired("scheduler.R5.schedule_local"));
  EXPECT_TRUE(story.fired("raylet.R14.allocate"));
  EXPECT_TRUE(story.fired("raylet.R20.pop_idle_worker"));
  EXPECT_EQ(story.raylet(1).available, 0);
  EXPECT_EQ(story.lease(1).stage, LeaseStage::kGrantWorker);
  EXPECT_EQ(story.worker(1).place, PoolPlace::kReserved);

  story.take("raylet.R22.grant", "w1 on n1, L1");
  EXPECT_EQ(story.lease(1).stage, LeaseStage::kLeased);
  EXPECT_EQ(story.worker(1).place, PoolPlace::kLeased);

  story.take("owner.S3.lease_granted", "granted w1");
  EXPECT_TRUE(story.fired("owner.S11.push_next_task"));
  EXPECT_EQ(story.task(1).status, TaskStatus::kSubmitted);
  EXPECT_EQ(story.lease(1).at_owner, OwnerLease::kBusy);

  story.take("worker.W3.accept_task").take("worker.W7.start_task");
  EXPECT_EQ(story.worker(1).execution, Execution::kRunning);
  story.take("worker.W8.finish_task").take("owner.S14.push_answered", "ok");
  EXPECT_TRUE(story.fired("owner.O5.complete_task"));
  EXPECT_TRUE(story.fired("owner.S12.return_lease"));
  EXPECT_EQ(story.task(1).status, TaskStatus::kFinished);

  story.take("raylet.R31.return_lease", "L1");
  EXPECT_EQ(story.raylet(1).available, 1);
  EXPECT_EQ(story.worker(1).place, PoolPlace::kIdle);
  EXPECT_FALSE(story.lease(1).used) << "nothing mentions L1 any more";
  EXPECT_TRUE(story.at_rest());
  EXPECT_TRUE(story.state().calls.empty());
}

TEST(TaskStory, WaitsForAProcessWhenNoWorkerIsIdle) {
  Config config = cluster(1, 1);
  config.shape.nodes[0].prestarted = 0;
  Story story(config);
  story.take("owner.O2.dependencies_resolved").take("raylet.R4.new_request", "choice local");
  EXPECT_TRUE(story.fired("raylet.R21.start_worker"));
  EXPECT_EQ(story.worker(1).process, ProcessState::kStarting);
  story.take("worker.W1.register", "w1");
  EXPECT_TRUE(story.fired("raylet.R22.grant"));
  EXPECT_EQ(story.lease(1).worker, WorkerId{0});
}

TEST(TaskStory, ReusesALeaseForTheNextTaskOfTheKey) {
  Story story(cluster(1, 2));
  run_first(story).take("owner.O2.dependencies_resolved", "t2");
  story.take("raylet.R4.new_request", "choice local");
  EXPECT_TRUE(story.fired("raylet.R16.keep_waiting")) << "n1 has one CPU, and L1 holds it";
  story.take("worker.W8.finish_task").take("owner.S14.push_answered");
  EXPECT_TRUE(story.fired("owner.S11.push_next_task"));
  EXPECT_TRUE(story.fired("owner.S17.cancel_surplus_requests"));
  EXPECT_EQ(story.calls(Rpc::kCancelWorkerLease, Stage::kRequest), 1U);

  story.take("raylet.R28.cancel_queued_request", "L2").take("owner.S6.lease_canceled", "L2");
  EXPECT_FALSE(story.lease(2).used);
  EXPECT_FALSE(story.fired("owner.S2.request_worker_lease")) << "no task waits for a worker";
}

TEST(TaskStory, CancelOfAGrantedRequestFindsNothing) {
  Story story(cluster(1, 2));
  story.take("owner.O2.dependencies_resolved", "t1").take("owner.O2.dependencies_resolved", "t2");
  story.take("raylet.R4.new_request", "L1").take("raylet.R4.new_request", "L2").take("raylet.R22.grant", "L1");
  story.take("owner.S3.lease_granted").take("worker.W3.accept_task").take("worker.W7.start_task");
  story.take("worker.W8.finish_task").take("owner.S14.push_answered");
  EXPECT_TRUE(story.fired("owner.S17.cancel_surplus_requests"));
  story.take("raylet.R28.cancel_queued_request", "L2");
  story.take("worker.W3.accept_task", "t2").take("worker.W7.start_task").take("worker.W8.finish_task");
  story.take("owner.S14.push_answered").take("owner.S6.lease_canceled").take("raylet.R31.return_lease");
  EXPECT_EQ(story.task(2).status, TaskStatus::kFinished);
  EXPECT_TRUE(story.at_rest());
}

TEST(TaskStory, AsksToCancelAgainUntilTheGrantArrives) {
  Story story(clusters::unordered(cluster(2, 2)));
  reserve_first(story).take("owner.O2.dependencies_resolved", "t2").take("raylet.R4.new_request", "choice n2");
  story.take("owner.S4.lease_redirected").take("raylet.R22.grant", "L1").take("owner.S3.lease_granted", "w1");
  story.take("worker.W3.accept_task").take("worker.W7.start_task").take("worker.W8.finish_task");
  story.take("raylet.R4.new_request", "choice local").take("raylet.R22.grant", "w2").take("owner.S14.push_answered");
  EXPECT_TRUE(story.fired("owner.S17.cancel_surplus_requests")) << "w1 takes t2 too, so L3 is not needed";
  story.take("raylet.R29.cancel_unknown_request").take("owner.S18.cancel_found_nothing");
  EXPECT_TRUE(story.fired("owner.S17.cancel_surplus_requests")) << "the grant has not arrived";
  story.take("owner.S3.lease_granted", "w2");
  EXPECT_TRUE(story.fired("owner.S12.return_lease")) << "a grant with an empty queue goes back at once";
  story.take("raylet.R29.cancel_unknown_request").take("owner.S18.cancel_found_nothing");
  EXPECT_FALSE(story.fired("owner.S17.cancel_surplus_requests"));
}

TEST(LeaseStory, IsSpilledToAnotherNodeAndGranted) {
  Story story(cluster(2, 2));
  reserve_first(story).take("owner.O2.dependencies_resolved", "t2");
  story.take("raylet.R4.new_request", "choice n2");
  EXPECT_TRUE(story.fired("scheduler.R6.redirect"));
  EXPECT_EQ(story.lease(2).stage, LeaseStage::kNone);

  story.take("owner.S4.lease_redirected", "redirect n2");
  EXPECT_FALSE(story.lease(2).used) << "the spilled request has a fresh LeaseID";
  EXPECT_TRUE(story.lease(3).spilled);
  EXPECT_EQ(story.lease(3).node, NodeId{1});

  story.take("raylet.R4.new_request", "choice local").take("raylet.R22.grant", "w2 on n2, L3");
  story.take("owner.S3.lease_granted", "granted w2");
  EXPECT_EQ(story.lease(3).owner_worker, WorkerId{1});
  EXPECT_EQ(story.task(1).place, TaskPlace::kPushed) << "the first task of the queue takes the first worker";
}

TEST(LeaseStory, IsRejectedByANodeThatIsFull) {
  Story story(cluster(2, 3));
  reserve_first(story).take("owner.O2.dependencies_resolved", "t2").take("owner.O2.dependencies_resolved", "t3");
  story.take("raylet.R4.new_request", "choice n2").take("raylet.R4.new_request", "choice n2");
  story.take("owner.S4.lease_redirected").take("owner.S4.lease_redirected");
  story.take("raylet.R4.new_request", "choice local");
  story.take("raylet.R4.new_request", "choice reject");
  EXPECT_TRUE(story.fired("scheduler.R7.reject"));
  story.take("owner.S5.lease_rejected");
  EXPECT_TRUE(story.fired("owner.S2.request_worker_lease"));
  EXPECT_TRUE(story.can("raylet.R4.new_request", "driver -> n1")) << "the owner starts again from its lease policy";
}

TEST(LeaseStory, LeavesTheLocalQueueForANodeWithRoom) {
  Story story(cluster(2, 2));
  reserve_first(story).take("owner.O2.dependencies_resolved", "t2").take("raylet.R4.new_request", "choice local");
  EXPECT_EQ(story.raylet(1).waiting.size(), 1U);
  story.take("raylet.R15.spill_waiting", "choice n2");
  EXPECT_TRUE(story.raylet(1).waiting.empty());
  EXPECT_TRUE(story.can("owner.S4.lease_redirected"));
}

TEST(LeaseStory, ResentRequestThatWasGrantedGetsTheSameWorker) {
  Story story(with(cluster(1, 1), {kReplyLost}));
  grant_first(story).take("fault.F8.reply_lost", "granted w1");
  EXPECT_TRUE(story.fired("rpc.N1.queue_for_resend"));
  story.take("rpc.N2.resend").take("raylet.R1.already_leased", "L1");
  EXPECT_EQ(story.lease(1).worker, WorkerId{0});
  story.take("owner.S3.lease_granted", "granted w1");
  EXPECT_EQ(story.raylet(1).available, 0) << "one lease, not two";
}

TEST(LeaseStory, ResentRequestThatIsQueuedIsAppended) {
  Story story(with(cluster(1, 1), {kEarlyError}));
  story.take("owner.O2.dependencies_resolved").take("raylet.R4.new_request", "choice local");
  story.take("fault.F9.early_error", "held").take("rpc.N2.resend").take("raylet.R3.already_queued", "L1");
  EXPECT_EQ(story.calls(Rpc::kRequestWorkerLease, Stage::kAtServer), 1U) << "nobody waits for the first answer";
  story.take("raylet.R22.grant", "L1").take("owner.S3.lease_granted", "granted w1");
  EXPECT_EQ(story.lease(1).at_owner, OwnerLease::kBusy);
}

TEST(LeaseStory, LateDuplicateOfAReturnHasNoEffect) {
  Story story(with(cluster(1, 1), {kReplyLost}));
  run_first(story).take("worker.W8.finish_task").take("owner.S14.push_answered").take("raylet.R31.return_lease");
  EXPECT_EQ(story.calls(Rpc::kReturnWorkerLease, Stage::kReply), 1U);
  story.take("fault.F8.reply_lost", "ReturnWorkerLease").take("rpc.N2.resend").take("raylet.R30.return_unknown_lease");
  EXPECT_EQ(story.raylet(1).available, 1);
  EXPECT_TRUE(story.at_rest());
}

TEST(LeaseStory, ThatExpiresGoesBackAndTheNextTaskAsksAnew) {
  Story story(clusters::expiring(cluster(1, 2)));
  run_first(story).take("owner.O2.dependencies_resolved", "t2").take("worker.W8.finish_task");
  EXPECT_TRUE(story.can("owner.S14.push_answered", "lease expired"));
  story.take("owner.S14.push_answered", "lease expired");
  EXPECT_TRUE(story.fired("owner.S12.return_lease"));
  EXPECT_EQ(story.task(2).place, TaskPlace::kQueue);
}

TEST(PushStory, LostReplyLeadsToTheCauseAndARetry) {
  Story story(with(cluster(1, 1), {kReplyLost}));
  run_first(story).take("worker.W8.finish_task").take("fault.F8.reply_lost", "PushTask");
  EXPECT_FALSE(story.fired("rpc.N1.queue_for_resend")) << "PushTask is never sent again";
  story.take("owner.S15.push_failed");
  EXPECT_TRUE(story.fired("owner.S13.return_after_failure"));
  EXPECT_EQ(story.task(1).place, TaskPlace::kWaitCause);

  story.take("raylet.R38.failure_cause").take("owner.O8.failure_without_cause");
  EXPECT_TRUE(story.fired("owner.O12.retry"));
  EXPECT_EQ(story.task(1).attempt, 1);
  EXPECT_EQ(story.task(1).retries_left, 0);
  EXPECT_EQ(story.task(1).place, TaskPlace::kRetryHeap);

  story.take("raylet.R33.return_and_disconnect", "L1");
  EXPECT_TRUE(story.fired("raylet.R35.worker_disconnected"));
  EXPECT_EQ(story.raylet(1).available, 1);
  EXPECT_EQ(story.state().ghost.left_behind, 1) << "the process is not killed, and nobody will tell it to end";
  EXPECT_EQ(story.worker(1), Worker{});

  story.take("owner.O16.retry_is_due").take("raylet.R4.new_request", "choice local");
  EXPECT_TRUE(story.fired("raylet.R21.start_worker")) << "the slot stands for a new process";
  story.take("worker.W1.register").take("owner.S3.lease_granted").take("worker.W3.accept_task", "attempt 1");
  story.take("worker.W7.start_task").take("worker.W8.finish_task").take("owner.S14.push_answered");
  EXPECT_EQ(story.task(1).status, TaskStatus::kFinished);
  EXPECT_EQ(story.state().ghost.started_twice, 0) << "two attempts, each started once";
}

TEST(PushStory, WorkerThatExitsAfterOneTaskIsNotUsedAgain) {
  Story story(clusters::one_task_per_worker(cluster(1, 2)));
  run_first(story).take("owner.O2.dependencies_resolved", "t2").take("raylet.R4.new_request", "choice local");
  story.take("worker.W8.finish_task").take("owner.S14.push_answered");
  EXPECT_EQ(story.task(1).status, TaskStatus::kFinished);
  EXPECT_TRUE(story.fired("owner.S12.return_lease")) << "though t2 waits for a worker";
  story.take("raylet.R32.return_exiting_worker");
  EXPECT_EQ(story.worker(1).place, PoolPlace::kExiting);
  EXPECT_EQ(story.raylet(1).available, 1);
  story.take("worker.W12.graceful_exit", "w1").take("raylet.R35.worker_disconnected", "w1");
  EXPECT_EQ(story.lease(2).stage, LeaseStage::kGrantWorker) << "the freed CPU goes to t2, and a process starts";
}

TEST(PushStory, WithoutRetriesFails) {
  Story story(with(cluster(1, 1, 0), {kReplyLost}));
  run_first(story).take("worker.W8.finish_task").take("fault.F8.reply_lost", "PushTask").take("owner.S15.push_failed");
  story.take("raylet.R38.failure_cause").take("owner.O8.failure_without_cause");
  EXPECT_TRUE(story.fired("owner.O15.fail_task"));
  EXPECT_EQ(story.task(1).status, TaskStatus::kFailed);
}

TEST(PushStory, EarlyErrorLetsAttemptsOverlap) {
  Config config = with(cluster(1, 1), {kEarlyError});
  config.shape.nodes[0].workers = 2;
  Story story(config);
  run_first(story).take("fault.F9.early_error", "PushTask").take("owner.S15.push_failed");
  story.take("raylet.R38.failure_cause")
      .take("owner.O8.failure_without_cause")
      .take("raylet.R33.return_and_disconnect");
  EXPECT_EQ(story.worker(1).execution, Execution::kRunning) << "the abandoned attempt goes on";
  story.take("owner.O16.retry_is_due").take("raylet.R4.new_request").take("worker.W1.register", "w2");
  story.take("owner.S3.lease_granted").take("worker.W3.accept_task", "w2").take("worker.W7.start_task", "w2");
  EXPECT_EQ(story.worker(1).attempt, 0);
  EXPECT_EQ(story.worker(2).attempt, 1);
  story.take("worker.W8.finish_task", "w1");
  EXPECT_EQ(story.task(1).status, TaskStatus::kSubmitted) << "nobody waits for the value of the first attempt";
}

TEST(WorkerStory, SlotAndLeaseIdAreUsedAgainOnlyWhenNothingMentionsThem) {
  Story story(with(cluster(1, 1), {kWorkerCrash}));
  run_first(story).take("worker.W10.crash", "w1");
  EXPECT_EQ(story.worker(1).process, ProcessState::kDead);
  story.take("raylet.R35.worker_disconnected", "w1");
  EXPECT_EQ(story.raylet(1).available, 1);
  EXPECT_EQ(story.worker(1).process, ProcessState::kDead) << "the driver still holds w1 under L1";
  EXPECT_TRUE(story.lease(1).used);

  story.take("owner.S15.push_failed");
  EXPECT_EQ(story.worker(1), Worker{}) << "nobody mentions w1: the slot is free";
  EXPECT_TRUE(story.lease(1).used) << "the cause query and the return mention L1";
  story.take("raylet.R38.failure_cause").take("owner.O8.failure_without_cause").take("owner.O16.retry_is_due");
  EXPECT_EQ(story.lease(2).at_owner, OwnerLease::kPending) << "L1 is still taken";
  story.take("raylet.R30.return_unknown_lease", "L1");
  EXPECT_FALSE(story.lease(1).used);
}

// Candidate C1 of the dossier: the raylet grants a worker that died between the pop and the posted callback.
TEST(WorkerStory, DiesBetweenPopAndGrant) {
  Story story(with(cluster(1, 1), {kWorkerCrash}));
  story.take("owner.O2.dependencies_resolved").take("raylet.R4.new_request").take("worker.W10.crash", "w1");
  story.take("raylet.R35.worker_disconnected").take("raylet.R22.grant", "w1");
  story.take("owner.S3.lease_granted");
  EXPECT_TRUE(story.fired("rpc.N6.call_to_dead_server"));
  story.take("owner.S15.push_failed").take("raylet.R38.failure_cause").take("owner.O8.failure_without_cause");
  story.take("raylet.R34.return_of_unregistered_worker");
  EXPECT_EQ(story.raylet(1).available, 0) << "the CPU is never freed";
  story.take("owner.O16.retry_is_due").take("raylet.R4.new_request");
  EXPECT_TRUE(story.at_rest());
  EXPECT_EQ(story.task(1).place, TaskPlace::kQueue) << "the retry waits for ever";
}

TEST(WorkerStory, DiesBetweenPopAndGrantAndTheFixNoticesIt) {
  Story story(clusters::hardened(with(cluster(1, 1), {kWorkerCrash})));
  story.take("owner.O2.dependencies_resolved").take("raylet.R4.new_request").take("worker.W10.crash", "w1");
  story.take("raylet.R35.worker_disconnected").take("raylet.R22.grant", "w1");
  EXPECT_EQ(story.lease(1).stage, LeaseStage::kGrantWorker) << "allocated anew, for a worker that is yet to start";
  if (story.can("raylet.R21.start_worker")) story.take("raylet.R21.start_worker");
  story.take("worker.W1.register").take("owner.S3.lease_granted");
  EXPECT_EQ(story.task(1).attempt, 0) << "no retry was used up";
}

// Candidate C3: a worker that stopped its executor swallows the task as if somebody had cancelled it.
TEST(WorkerStory, StopsGracefullyWhileLeased) {
  Story story(with(cluster(1, 1), {kWorkerSigterm}));
  grant_first(story).take("worker.W12.graceful_stop", "w1").take("owner.S3.lease_granted");
  story.take("worker.W5.push_to_stopped_executor").take("owner.S14.push_answered");
  EXPECT_TRUE(story.fired("owner.S16.push_not_run"));
  EXPECT_EQ(story.task(1).status, TaskStatus::kFailed) << "with a retry left";
}

TEST(WorkerStory, StopsGracefullyAndTheFixSaysSo) {
  Story story(clusters::hardened(with(cluster(1, 1), {kWorkerSigterm})));
  grant_first(story).take("worker.W12.graceful_stop", "w1").take("owner.S3.lease_granted");
  story.take("worker.W5.push_to_stopped_executor").take("owner.S15.push_failed").take("raylet.R38.failure_cause");
  story.take("owner.O8.failure_without_cause");
  EXPECT_TRUE(story.fired("owner.O12.retry"));
}

TEST(SchedulerStory, InfeasibleRequestBecomesFeasibleWhenANodeJoins) {
  Story story(clusters::big_node_joins_late(cluster(2, 1)));
  story.take("owner.O2.dependencies_resolved").take("raylet.R4.new_request", "choice infeasible");
  EXPECT_EQ(story.lease(1).stage, LeaseStage::kInfeasible);
  EXPECT_FALSE(story.can("scheduler.R10.feasible_again"));

  story.take("gcs.G1.register_node", "n2");
  EXPECT_EQ(story.record(2), NodeRecord::kAlive);
  EXPECT_FALSE(story.can("scheduler.R10.feasible_again")) << "n1 has not heard of n2";
  story.take("scheduler.V5.node_is_alive", "NodeAlive n2 at n1").take("scheduler.R10.feasible_again", "choice n2");
  EXPECT_TRUE(story.fired("scheduler.R6.redirect"));
  story.take("owner.S4.lease_redirected").take("raylet.R4.new_request", "choice local").take("raylet.R22.grant", "w2");
  EXPECT_EQ(story.raylet(2).available, 0) << "the lease takes both CPUs";
}

TEST(SubmissionStory, AtAnyTimeKeepsTheOrderOfTheProgram) {
  Story story(clusters::any_time(clusters::two_keys(cluster(1, 2))));
  EXPECT_FALSE(story.can("owner.O1.submit", "t2"));
  story.take("owner.O1.submit", "t1").take("owner.O1.submit", "t2");
  EXPECT_FALSE(story.can("owner.O2.dependencies_resolved", "t2"));
  story.take("owner.O2.dependencies_resolved", "t1").take("owner.O2.dependencies_resolved", "t2");
  EXPECT_EQ(story.lease(1).key, KeyId{0});
  EXPECT_EQ(story.lease(2).key, KeyId{1}) << "each key has its own requests";
}

TEST(CancelStory, InTheResolver) {
  Story story(with(cluster(1, 1), {kCancel}));
  story.take("owner.O21.cancel_between_structures", "t1");
  EXPECT_EQ(story.task(1).status, TaskStatus::kFailed);
  EXPECT_TRUE(story.task(1).in_cancel_set);
  story.take("owner.O4.cancelled_while_resolving", "t1");
  EXPECT_FALSE(story.task(1).in_cancel_set);
  EXPECT_TRUE(story.at_rest());
}

TEST(CancelStory, InTheQueue) {
  Story story(with(cluster(1, 1), {kCancel}));
  story.take("owner.O2.dependencies_resolved").take("raylet.R4.new_request").take("owner.O17.cancel_queued", "t1");
  EXPECT_EQ(story.task(1).status, TaskStatus::kFailed);
  EXPECT_TRUE(story.fired("owner.S17.cancel_surplus_requests"));
  story.take("raylet.R28.cancel_queued_request", "L1");
  EXPECT_EQ(story.raylet(1).available, 1);
  story.take("raylet.R23.popped_for_cancelled_work", "w1").take("owner.S6.lease_canceled");
  EXPECT_EQ(story.worker(1).place, PoolPlace::kIdle);
  EXPECT_TRUE(story.at_rest());
}

TEST(CancelStory, WhilePushedAndRunning) {
  Story story(with(cluster(1, 1), {kCancel}));
  run_first(story).take("owner.O18.cancel_pushed", "t1");
  EXPECT_TRUE(story.task(1).in_cancel_set);
  EXPECT_EQ(story.task(1).retries_left, 0);
  story.take("raylet.R52.forward_cancellation");
  EXPECT_TRUE(story.fired("worker.W15.cancel_task"));
  story.take("owner.O22.cancel_answered").take("owner.S14.push_answered", "application error");
  EXPECT_EQ(story.task(1).status, TaskStatus::kFailed);
}

TEST(CancelStory, WhilePushedAndNotStarted) {
  Story story(with(cluster(1, 1), {kCancel}));
  grant_first(story).take("owner.S3.lease_granted").take("worker.W3.accept_task").take("owner.O18.cancel_pushed");
  story.take("raylet.R52.forward_cancellation").take("owner.S14.push_answered", "cancelled before running");
  EXPECT_TRUE(story.fired("owner.S16.push_not_run"));
  EXPECT_EQ(story.task(1).status, TaskStatus::kFailed);
  EXPECT_EQ(story.state().ghost.started[0], 0);
}

TEST(CancelStory, WhileWaitingForTheCause) {
  Story story(with(cluster(1, 1), {kCancel, kWorkerCrash}));
  run_first(story).take("worker.W10.crash").take("owner.S15.push_failed").take("owner.O19.cancel_waiting_for_cause");
  story.take("raylet.R38.failure_cause").take("owner.O8.failure_without_cause");
  EXPECT_FALSE(story.fired("owner.O12.retry"));
  EXPECT_EQ(story.task(1).status, TaskStatus::kFailed);
  EXPECT_FALSE(story.task(1).in_cancel_set);
}

TEST(CancelStory, InTheRetryHeap) {
  Story story(with(cluster(1, 1), {kCancel, kWorkerCrash}));
  run_first(story).take("worker.W10.crash").take("owner.S15.push_failed").take("raylet.R38.failure_cause");
  story.take("owner.O8.failure_without_cause").take("owner.O21.cancel_between_structures");
  EXPECT_EQ(story.task(1).status, TaskStatus::kFailed);
  EXPECT_EQ(story.task(1).place, TaskPlace::kRetryHeap);
  story.take("owner.O16.retry_is_due");
  EXPECT_TRUE(story.fired("owner.O4.cancelled_while_resolving"));
  EXPECT_EQ(story.task(1).place, TaskPlace::kNowhere);
}

// Candidate C6: the entry is gone when the second half of the reply wants to complete it.
TEST(CancelStory, BetweenTheHalvesOfAReply) {
  Story story(with(cluster(1, 1), {kCancel}));
  run_first(story).take("worker.W8.finish_task").take("owner.S14.push_answered");
  EXPECT_EQ(story.task(1).place, TaskPlace::kReplyHalf2);
  story.take("owner.O21.cancel_between_structures").take("owner.O5.complete_task");
  EXPECT_EQ(story.state().ghost.aborted, RayCheck::kEntryExists);
  EXPECT_FALSE(story.state().owners[0].alive) << "the check ends the owner's process";
  story.take("raylet.R54.owner_disconnected", "driver");
}

TEST(CancelStory, BetweenTheHalvesOfAReplyWithTheFix) {
  Story story(clusters::hardened(with(cluster(1, 1), {kCancel})));
  run_first(story).take("worker.W8.finish_task").take("owner.S14.push_answered");
  EXPECT_FALSE(story.can("owner.O21.cancel_between_structures"));
  story.take("owner.O5.complete_task");
  EXPECT_EQ(story.task(1).status, TaskStatus::kFinished);
}

}  // namespace
}  // namespace raymc
