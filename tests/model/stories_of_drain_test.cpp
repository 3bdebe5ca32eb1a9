// Known situations of the dossier, told step by step: nodes are drained, preempted and named by hard affinities, and
// classes of leases share a node.
#include <gtest/gtest.h>

#include "tests/model/clusters.hpp"
#include "tests/model/story.hpp"

namespace raymc {
namespace {

using clusters::cluster;
using clusters::preferring;
using clusters::with;
using enum Fault;

constexpr NodeId kN1{0};
constexpr NodeId kN2{1};
constexpr OwnerId kDriver{0};

/// t1 is pushed to the worker of n2.
Story& push_to_second(Story& story) {
  story.take("owner.O2.dependencies_resolved", "t1").take("raylet.R4.new_request", "choice local");
  return story.take("raylet.R22.grant", "on n2").take("owner.S3.lease_granted", "L1");
}

/// n2 has accepted that it will be preempted, and the GCS knows.
Story& announce_preemption(Story& story) {
  story.take("fault.F14.preemption_is_announced", "n2").take("raylet.R45.drain_accepted");
  return story.take("gcs.G11.drain_accepted");
}

/// n2 is killed at the deadline and found dead.
Story& preempt(Story& story) {
  story.take("fault.F14.killed_at_the_deadline", "n2").take("gcs.G3.probe_failed", "n2");
  return story.take("gcs.G5.node_death_written", "n2");
}

TEST(DrainStory, IdleNodeLeavesInTheHandlerThatAcceptsTheDrain) {
  Story story(with(cluster(2, 1), {kDrainIdle}));
  story.take("fault.F15.idle_node_is_drained", "n2").take("raylet.R45.drain_accepted");
  EXPECT_TRUE(story.fired("raylet.R47.drained"));
  EXPECT_TRUE(story.raylet(2).shutting_down);
  story.take("gcs.G6.unregister_node").take("gcs.G11.drain_accepted").take("gcs.G5.node_death_written");
  EXPECT_FALSE(story.mailbox(kDriver).front().preempted);
  story.take("raylet.R49.unregistered", "n2");
  EXPECT_FALSE(story.raylet(2).alive);
}

TEST(DrainStory, BusyNodeRejectsAnIdleDrain) {
  Story story(preferring(with(cluster(2, 1), {kDrainIdle}), kN2));
  push_to_second(story).take("fault.F15.idle_node_is_drained", "n2").take("raylet.R46.drain_rejected");
  EXPECT_EQ(story.raylet(2).drain, Drain::kNone);
  EXPECT_EQ(story.calls(Rpc::kDrainRaylet, Stage::kReply), 0U) << "only the autoscaler is told";
}

// The measure of the store may be old; that a lease waits for its arguments is noted at once.
TEST(DrainStory, NodeThatPullsArgumentsRejectsAnIdleDrain) {
  Story story(preferring(clusters::arguments_at(with(cluster(2, 1), {kDrainIdle}), kN1), kN2));
  story.take("owner.O2.dependencies_resolved", "t1").take("raylet.R4.new_request", "choice local");
  ASSERT_EQ(story.lease(1).stage, LeaseStage::kWaitArgs);
  story.take("fault.F15.idle_node_is_drained", "n2");
  EXPECT_FALSE(story.can("raylet.R45.drain_accepted_on_old_measure"));
  story.take("raylet.R46.drain_rejected");
}

TEST(DrainStory, BusyNodeFinishesItsLeaseAndLeaves) {
  Story story(preferring(with(cluster(2, 1), {kDrainPreemption}), kN2));
  announce_preemption(push_to_second(story));
  EXPECT_FALSE(story.raylet(2).shutting_down);
  story.take("worker.W3.accept_task").take("worker.W7.start_task").take("worker.W8.finish_task");
  story.take("owner.S14.push_answered").take("raylet.R31.return_lease");
  EXPECT_TRUE(story.fired("raylet.R47.drained"));
  EXPECT_EQ(story.task(1).status, TaskStatus::kFinished);
}

TEST(DrainStory, WhatWaitsInTheQueueGoesElsewhere) {
  Story story(preferring(with(cluster(2, 2), {kDrainPreemption}), kN2));
  push_to_second(story).take("owner.O2.dependencies_resolved", "t2").take("raylet.R4.new_request", "choice local");
  EXPECT_EQ(story.lease(2).stage, LeaseStage::kGrantWait);
  announce_preemption(story).take("scheduler.R10.feasible_again", "choice n1");
  story.take("owner.S4.lease_redirected").take("raylet.R4.new_request", "choice local");
  EXPECT_EQ(story.lease(3).node, kN1);
}

TEST(DrainStory, LateRequestIsTurnedAway) {
  Story story(preferring(with(cluster(2, 1), {kDrainIdle}), kN2));
  story.take("owner.O2.dependencies_resolved", "t1").take("fault.F15.idle_node_is_drained", "n2");
  story.take("raylet.R45.drain_accepted");
  EXPECT_FALSE(story.can("raylet.R4.new_request", "choice local"));
  story.take("raylet.R4.new_request", "choice n1");
}

TEST(PreemptionStory, RetryIsFreeIfTheNewsComesFirst) {
  Story story(preferring(with(cluster(2, 1), {kDrainPreemption, kPreemptionKill}), kN2));
  preempt(announce_preemption(push_to_second(story))).take("owner.O24.node_is_dead", "NodeDead n2 preempted");
  story.take("worker.W11.raylet_is_gone", "w2").take("owner.S15.push_failed").take("owner.O9.failure_cause_unknown");
  EXPECT_TRUE(story.fired("owner.O13.retry_for_free"));
  EXPECT_EQ(story.task(1).retries_left, 1);
  EXPECT_EQ(story.task(1).attempt, 1);
}

TEST(PreemptionStory, RetryIsChargedIfTheFailureComesFirst) {
  Story story(preferring(with(cluster(2, 1), {kDrainPreemption, kPreemptionKill}), kN2));
  preempt(announce_preemption(push_to_second(story)));
  story.take("worker.W11.raylet_is_gone", "w2").take("owner.S15.push_failed").take("owner.O9.failure_cause_unknown");
  EXPECT_TRUE(story.fired("owner.O12.retry"));
  EXPECT_EQ(story.task(1).retries_left, 0);
}

TEST(AffinityStory, TaskFailsWhenItsNodeDrains) {
  Story story(clusters::bound_to(with(cluster(2, 2), {kDrainPreemption}), kN2));
  push_to_second(story).take("owner.O2.dependencies_resolved", "t2").take("raylet.R4.new_request", "choice local");
  announce_preemption(story).take("scheduler.R10.feasible_again", "choice unschedulable");
  EXPECT_TRUE(story.fired("scheduler.R9.fail_hard_affinity"));
  story.take("owner.S7.lease_unschedulable");
  EXPECT_EQ(story.task(2).status, TaskStatus::kFailed);
  EXPECT_EQ(story.task(1).status, TaskStatus::kSubmitted) << "what was pushed before goes on";
}

TEST(ClassStory, ClassWithMoreThanItsShareIsPassedOver) {
  Story story(clusters::sharing_classes());
  story.take("owner.O2.dependencies_resolved", "t1").take("raylet.R4.new_request", "L1");
  story.take("owner.O2.dependencies_resolved", "t2").take("raylet.R4.new_request", "L2");
  story.take("owner.O2.dependencies_resolved", "t3").take("raylet.R4.new_request", "L3");
  story.take("owner.O2.dependencies_resolved", "t4").take("raylet.R4.new_request", "L4");
  story.take("raylet.R22.grant", "L1").take("owner.S3.lease_granted", "L1").take("raylet.R22.grant", "L2");
  story.take("worker.W3.accept_task", "t1").take("worker.W7.start_task", "w1").take("worker.W8.finish_task", "w1");
  story.take("owner.S14.push_answered", "t1").take("raylet.R32.return_exiting_worker");
  story.take("worker.W12.graceful_exit", "w1").take("raylet.R35.worker_disconnected", "w1");
  EXPECT_TRUE(story.fired("raylet.R17.class_is_passed_over"));
  EXPECT_EQ(story.raylet(1).available, 1);
  EXPECT_EQ(story.lease(3).stage, LeaseStage::kGrantWait) << "a CPU is free, but the large task has had no turn yet";
  EXPECT_FALSE(story.can("raylet.R14.allocate"));
}

}  // namespace
}  // namespace raymc
