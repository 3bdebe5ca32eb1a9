// Known situations of the dossier, told step by step: raylets, owners and the GCS die, are declared dead, or leave.
// The companion of stories_test.cpp, which stays on live nodes.
#include <gtest/gtest.h>

#include "tests/model/clusters.hpp"
#include "tests/model/story.hpp"

namespace raymc {
namespace {

using clusters::cluster;
using clusters::hardened;
using clusters::nested;
using clusters::preferring;
using clusters::with;
using enum Fault;

constexpr NodeId kN1{0};
constexpr NodeId kN2{1};
constexpr OwnerId kDriver{0};

/// t1 runs on the only worker of n2 under L1.
Story& run_on_second(Story& story) {
  story.take("owner.O2.dependencies_resolved", "t1").take("raylet.R4.new_request", "choice local");
  story.take("raylet.R22.grant", "on n2").take("owner.S3.lease_granted", "L1");
  return story.take("worker.W3.accept_task", "t1").take("worker.W7.start_task", "on n2");
}

/// The GCS finds n2 dead and publishes it.
Story& declare_second_dead(Story& story) {
  return story.take("gcs.G3.probe_failed", "n2").take("gcs.G5.node_death_written", "n2");
}

TEST(NodeStory, CrashTakesTheWorkersAndTheOwnerRetriesElsewhere) {
  Story story(preferring(with(cluster(2, 1), {kRayletCrash}), kN2));
  run_on_second(story).take("fault.F1.raylet_crash", "n2");
  EXPECT_EQ(story.worker(2).execution, Execution::kRunning) << "the worker notices within a second";
  story.take("worker.W11.raylet_is_gone", "w2").take("owner.S15.push_failed");
  story.take("owner.O9.failure_cause_unknown");
  EXPECT_TRUE(story.fired("owner.O12.retry"));

  story.take("owner.O16.retry_is_due");
  EXPECT_TRUE(story.fired("rpc.N6.call_to_dead_server")) << "the owner aims at the dead node again";
  EXPECT_TRUE(story.fired("rpc.N1.queue_for_resend"));
  EXPECT_EQ(story.calls(Rpc::kRequestWorkerLease, Stage::kResend), 1U);

  declare_second_dead(story).take("owner.O24.node_is_dead", "NodeDead n2 at driver");
  EXPECT_TRUE(story.fired("rpc.N4.client_destroyed"));
  story.take("owner.S8.remote_request_failed");
  EXPECT_EQ(story.lease(1).node, kN1) << "the local raylet is asked now";
  story.take("raylet.R41.node_is_dead", "at n1").take("raylet.R4.new_request", "choice local");
  story.take("raylet.R22.grant", "w1").take("owner.S3.lease_granted").take("worker.W3.accept_task", "attempt 1");
  story.take("worker.W7.start_task").take("worker.W8.finish_task").take("owner.S14.push_answered");
  EXPECT_EQ(story.task(1).status, TaskStatus::kFinished);
}

TEST(NodeStory, DriverFailsItsQueueWhenItsOwnRayletIsDead) {
  Story story(clusters::head_may_fail(with(cluster(2, 2), {kRayletCrash})));
  story.take("owner.O2.dependencies_resolved", "t1").take("fault.F1.raylet_crash", "n1");
  story.take("owner.O2.dependencies_resolved", "t2").take("gcs.G3.probe_failed", "n1");
  story.take("gcs.G5.node_death_written", "n1").take("owner.O24.node_is_dead", "at driver");
  story.take("owner.S10.local_raylet_is_dead_driver", "L1");
  EXPECT_EQ(story.task(1).status, TaskStatus::kFailed);
  EXPECT_EQ(story.task(2).status, TaskStatus::kFailed);
  EXPECT_EQ(story.task(1).retries_left, 0);
}

TEST(NodeStory, OwnerThatIsAWorkerGoesWithItsRaylet) {
  Story story(clusters::head_may_fail(nested(with(cluster(1, 1), {kRayletCrash}))));
  story.take("owner.O2.dependencies_resolved", "t1").take("fault.F1.raylet_crash", "n1");
  story.take("worker.W11.owner_worker_exits", "parent");
  EXPECT_FALSE(story.state().owners[1].alive);
  EXPECT_EQ(story.task(1).status, TaskStatus::kNone) << "gone with its owner, not lost";
}

// Candidate C8: a driver whose raylet is dead asks another node, which refuses it for ever.
TEST(NodeStory, DriverThatOutlivesItsRayletIsRefusedForEver) {
  Story story(preferring(clusters::head_may_fail(with(cluster(2, 1), {kRayletCrash})), kN2));
  story.take("fault.F1.raylet_crash", "n1").take("gcs.G3.probe_failed", "n1").take("gcs.G5.node_death_written", "n1");
  story.take("raylet.R41.node_is_dead", "NodeDead n1 at n2").take("owner.O2.dependencies_resolved", "t1");
  story.take("raylet.R2.owner_is_dead").take("owner.S6.lease_canceled", "owner dead");
  EXPECT_TRUE(story.fired("owner.S2.request_worker_lease"));
  EXPECT_EQ(story.state().ghost.refused_again, 0);
  story.take("raylet.R2.owner_is_dead");
  EXPECT_EQ(story.state().ghost.refused_again, 1);
}

TEST(NodeStory, DriverThatOutlivesItsRayletFailsItsTasksWithTheFix) {
  Story story(hardened(preferring(clusters::head_may_fail(with(cluster(2, 1), {kRayletCrash})), kN2)));
  story.take("fault.F1.raylet_crash", "n1").take("gcs.G3.probe_failed", "n1").take("gcs.G5.node_death_written", "n1");
  story.take("raylet.R41.node_is_dead", "at n2").take("owner.O2.dependencies_resolved", "t1");
  story.take("raylet.R2.owner_is_dead").take("owner.S6.lease_canceled");
  EXPECT_EQ(story.task(1).status, TaskStatus::kFailed);
}

TEST(NoticeStory, ArePublishedInTheOrderOfTheWritesAndDeliveredInOrder) {
  Story story(with(cluster(3, 1), {kRayletCrash, kRayletCrash}));
  story.take("fault.F1.raylet_crash", "n2").take("fault.F1.raylet_crash", "n3");
  story.take("gcs.G3.probe_failed", "n2").take("gcs.G3.probe_failed", "n3");
  EXPECT_TRUE(story.fired("gcs.G4.node_failed"));
  EXPECT_EQ(story.record(2), NodeRecord::kDying);
  EXPECT_TRUE(story.mailbox(kN1).empty()) << "nothing is published before it is written";
  story.take("gcs.G5.node_death_written", "n3").take("gcs.G5.node_death_written", "n2");
  ASSERT_EQ(story.mailbox(kN1).size(), 2U);
  EXPECT_EQ(story.mailbox(kN1)[0].node, NodeId{2});
  EXPECT_FALSE(story.can("raylet.R41.node_is_dead", "NodeDead n2"));
  story.take("raylet.R41.node_is_dead", "NodeDead n3 at n1");
  EXPECT_TRUE(story.fired("gcs.G12.deliver_notice"));
  EXPECT_EQ(story.mailbox(kDriver).size(), 2U) << "each subscriber reads at its own pace";
  story.take("raylet.R41.node_is_dead", "NodeDead n2 at n1");
  EXPECT_EQ(story.raylet(1).dead_nodes, bit(1) | bit(2));
}

TEST(FalseDeathStory, NeedsConsecutiveFailedProbes) {
  Story story(clusters::probes(with(cluster(2, 1), {kFalseDeath, kFalseDeath, kFalseDeath}), 2));
  story.take("fault.F10.false_death", "n2").take("gcs.G2.probe_succeeded", "n2");
  story.take("fault.F10.false_death", "n2");
  EXPECT_EQ(story.record(2), NodeRecord::kAlive);
  story.take("fault.F10.false_death", "n2");
  EXPECT_EQ(story.record(2), NodeRecord::kDying);
}

TEST(FalseDeathStory, VictimAbortsWhenItIsTold) {
  Story story(with(cluster(2, 1), {kFalseDeath}));
  story.take("fault.F10.false_death", "n2").take("gcs.G5.node_death_written", "n2");
  EXPECT_TRUE(story.raylet(2).alive);
  story.take("raylet.R42.told_of_own_death", "NodeDead n2 at n2");
  EXPECT_FALSE(story.raylet(2).alive);
}

TEST(FalseDeathStory, VictimAbortsAtItsSelfCheck) {
  Story story(with(cluster(2, 1), {kFalseDeath}));
  EXPECT_FALSE(story.can("raylet.R44.self_check_failed"));
  story.take("fault.F10.false_death", "n2").take("raylet.R44.self_check_failed", "n2");
  EXPECT_TRUE(story.fired("gcs.G14.check_alive"));
  EXPECT_FALSE(story.raylet(2).alive);
}

TEST(FalseDeathStory, VictimKeepsServingUntilThen) {
  Story story(preferring(with(cluster(2, 1), {kFalseDeath}), kN2));
  run_on_second(story).take("fault.F10.false_death", "n2").take("gcs.G5.node_death_written", "n2");
  story.take("owner.O24.node_is_dead", "at driver").take("worker.W8.finish_task").take("owner.S14.push_answered");
  EXPECT_EQ(story.task(1).status, TaskStatus::kFinished) << "the owner accepts what a node declared dead computed";
}

TEST(OwnerStory, DriverDiesAndItsLeasesAreRevokedEverywhere) {
  Story story(preferring(with(cluster(2, 2), {kDriverCrash}), kN2));
  run_on_second(story).take("owner.O2.dependencies_resolved", "t2").take("raylet.R4.new_request", "choice local");
  story.take("fault.F4.driver_crash");
  EXPECT_EQ(story.task(1).status, TaskStatus::kNone);
  story.take("raylet.R54.owner_disconnected", "driver").take("gcs.G8.owner_failure_reported");
  EXPECT_EQ(story.state().gcs.failed_owners, bit(0));

  story.take("raylet.R40.owner_failed", "at n2");
  EXPECT_TRUE(story.raylet(2).waiting.empty()) << "t2's request is cancelled";
  EXPECT_TRUE(story.worker(2).killed);
  EXPECT_EQ(story.raylet(2).available, 0) << "the lease lasts until the process ends";
  story.take("worker.W10.killed", "w2").take("raylet.R35.worker_disconnected", "w2");
  EXPECT_EQ(story.raylet(2).available, 1);
  story.take("raylet.R40.owner_failed", "at n1");
  EXPECT_TRUE(story.at_rest());
}

TEST(OwnerStory, LateRequestOfADeadOwnerIsRefused) {
  Story story(preferring(with(cluster(2, 1), {kDriverCrash}), kN2));
  story.take("owner.O2.dependencies_resolved").take("fault.F4.driver_crash").take("raylet.R54.owner_disconnected");
  story.take("gcs.G8.owner_failure_reported").take("raylet.R40.owner_failed", "at n2");
  story.take("raylet.R2.owner_is_dead", "nobody waits");
  EXPECT_FALSE(story.lease(1).used);
}

TEST(OwnerStory, NestedOwnerCrashes) {
  Story story(preferring(nested(with(cluster(2, 1), {kOwnerCrash})), kN2));
  run_on_second(story).take("fault.F3.owner_worker_crash", "parent").take("raylet.R54.owner_disconnected", "parent");
  story.take("gcs.G8.owner_failure_reported", "parent").take("raylet.R40.owner_failed", "WorkerFailed parent at n2");
  EXPECT_TRUE(story.worker(2).killed);
  EXPECT_TRUE(story.state().owners[0].alive) << "the driver goes on";
}

TEST(OwnerStory, OwnersOnADeadNodeAreForgottenByTheOthers) {
  Config config = nested(with(cluster(3, 1), {kRayletCrash}), kN2);
  Story story(preferring(config, NodeId{2}));
  story.take("owner.O2.dependencies_resolved").take("raylet.R4.new_request").take("raylet.R22.grant", "w3");
  story.take("fault.F1.raylet_crash", "n2").take("worker.W11.owner_worker_exits", "parent");
  declare_second_dead(story).take("raylet.R41.node_is_dead", "at n3");
  EXPECT_TRUE(story.worker(3).killed) << "no message about the owner itself is needed";
}

TEST(GcsStory, CrashBetweenCacheAndTableForgetsTheDeath) {
  Story story(with(cluster(2, 1), {kRayletCrash, kGcsCrash}));
  story.take("fault.F1.raylet_crash", "n2").take("gcs.G3.probe_failed", "n2");
  EXPECT_EQ(story.record(2), NodeRecord::kDying);
  story.take("gcs.G15.crash");
  EXPECT_EQ(story.record(2), NodeRecord::kAlive);
  story.take("gcs.G16.restart");
  declare_second_dead(story);
  EXPECT_TRUE(story.fired("gcs.G13.notice_missed")) << "nobody has subscribed again";
  EXPECT_EQ(story.record(2), NodeRecord::kDead);
}

TEST(GcsStory, NewSubscriptionFetchesTheNodesAgain) {
  Story story(with(cluster(2, 1), {kRayletCrash, kGcsCrash}));
  story.take("fault.F1.raylet_crash", "n2");
  declare_second_dead(story).take("gcs.G15.crash");
  EXPECT_TRUE(story.mailbox(kN1).empty());
  story.take("gcs.G16.restart").take("raylet.R51.gcs_restarted", "n1");
  EXPECT_EQ(story.calls(Rpc::kSubscribe, Stage::kRequest), 2U) << "the raylet, and the driver that it tells";
  story.take("gcs.R51.subscribe_and_refetch", "n1 -> GCS").take("gcs.R51.subscribe_and_refetch", "driver");
  story.take("raylet.R41.node_is_dead", "at n1").take("owner.O24.node_is_dead", "at driver");
  EXPECT_EQ(story.raylet(1).dead_nodes, bit(1));
}

/// The parent's tasks run on n2; it died, the GCS wrote it down, crashed, came back and has n2's subscription again.
Story& forget_owner_failure(Story& story) {
  run_on_second(story).take("fault.F3.owner_worker_crash").take("raylet.R54.owner_disconnected");
  story.take("gcs.G8.owner_failure_reported").take("gcs.G15.crash").take("gcs.G16.restart");
  return story.take("raylet.R51.gcs_restarted", "n2").take("gcs.R51.subscribe_and_refetch", "n2 -> GCS");
}

// Candidate C4: worker failures that were published before the new subscription are lost for ever.
TEST(GcsStory, NewSubscriptionDoesNotFetchWorkerFailures) {
  Story story(preferring(nested(with(cluster(2, 1), {kOwnerCrash, kGcsCrash})), kN2));
  forget_owner_failure(story);
  EXPECT_EQ(story.state().gcs.failed_owners, bit(1)) << "the table knows";
  EXPECT_TRUE(story.mailbox(kN2).empty());
  story.take("worker.W8.finish_task", "w2").take("raylet.R51.gcs_restarted", "n1");
  story.take("gcs.R51.subscribe_and_refetch", "n1 -> GCS").take("gcs.R51.subscribe_and_refetch", "driver");
  EXPECT_TRUE(story.at_rest());
  EXPECT_EQ(story.lease(1).stage, LeaseStage::kLeased) << "n2 keeps the lease of a dead owner";
}

TEST(GcsStory, NewSubscriptionFetchesWorkerFailuresWithTheFix) {
  Story story(hardened(preferring(nested(with(cluster(2, 1), {kOwnerCrash, kGcsCrash})), kN2)));
  forget_owner_failure(story).take("raylet.R40.owner_failed", "at n2");
  EXPECT_TRUE(story.worker(2).killed);
}

TEST(GcsStory, ReportsWaitForItsReturn) {
  Story story(with(cluster(2, 1), {kDriverCrash, kGcsCrash}));
  story.take("gcs.G15.crash").take("fault.F4.driver_crash").take("raylet.R54.owner_disconnected");
  EXPECT_TRUE(story.fired("rpc.N1.queue_for_resend"));
  EXPECT_FALSE(story.can("rpc.N2.resend"));
  story.take("gcs.G16.restart").take("rpc.N2.resend", "ReportWorkerFailure").take("gcs.G8.owner_failure_reported");
  EXPECT_EQ(story.state().gcs.failed_owners, bit(0));
}

TEST(GcsStory, RayletThatCannotReachItExits) {
  Story story(with(cluster(2, 1), {kGcsCrash, kGcsUnreachable}));
  EXPECT_FALSE(story.can("raylet.R55.gcs_unreachable"));
  story.take("gcs.G15.crash").take("raylet.R55.gcs_unreachable", "n2");
  EXPECT_FALSE(story.raylet(2).alive);
}

// Candidate C14: a subscriber that stalled is erased, is not told, and hears of nothing any more.
TEST(GcsStory, StalledSubscriberHearsOfNothing) {
  Story story(with(cluster(3, 1), {kRayletCrash, kSubscriberStall}));
  story.take("gcs.G19.subscriber_erased", "n3").take("fault.F1.raylet_crash", "n2");
  declare_second_dead(story);
  EXPECT_TRUE(story.fired("gcs.G13.notice_missed"));
  EXPECT_TRUE(story.mailbox(NodeId{2}).empty());
  EXPECT_EQ(story.mailbox(kN1).size(), 1U);
}

TEST(FarewellStory, RayletLeavesWhenItIsAnswered) {
  Story story(with(cluster(2, 1), {kRayletSigterm}));
  story.take("raylet.R48.sigterm", "n2");
  EXPECT_TRUE(story.raylet(2).alive);
  EXPECT_TRUE(story.raylet(2).shutting_down);
  story.take("gcs.G6.unregister_node", "n2");
  EXPECT_TRUE(story.fired("gcs.G4.node_failed"));
  story.take("gcs.G5.node_death_written", "n2").take("raylet.R43.own_death_while_shutting_down", "at n2");
  EXPECT_TRUE(story.raylet(2).alive);
  story.take("raylet.R49.unregistered", "n2");
  EXPECT_FALSE(story.raylet(2).alive);
}

// Candidate C5: the second farewell is never answered; only the self-check ends the raylet.
TEST(FarewellStory, LostAnswerHangsTheShutdown) {
  Story story(with(cluster(2, 1), {kRayletSigterm, kReplyLost}));
  story.take("raylet.R48.sigterm", "n2").take("gcs.G6.unregister_node").take("fault.F8.reply_lost", "UnregisterNode");
  story.take("rpc.N2.resend").take("gcs.G7.unregister_dead_node");
  EXPECT_FALSE(story.can("raylet.R49.unregistered"));
  EXPECT_EQ(story.calls(Rpc::kUnregisterNode, Stage::kAtServer), 1U);
  story.take("raylet.R44.self_check_failed", "n2");
  EXPECT_FALSE(story.raylet(2).alive);
}

TEST(FarewellStory, LostAnswerIsRepeatedWithTheFix) {
  Story story(hardened(with(cluster(2, 1), {kRayletSigterm, kReplyLost})));
  story.take("raylet.R48.sigterm", "n2").take("gcs.G6.unregister_node").take("fault.F8.reply_lost", "UnregisterNode");
  story.take("rpc.N2.resend").take("gcs.G7.unregister_dead_node").take("raylet.R49.unregistered", "n2");
  EXPECT_FALSE(story.raylet(2).alive);
}

TEST(DriverStory, PlasmaEndsADriverThatOutlivesItsRaylet) {
  Story story(clusters::head_may_fail(with(cluster(2, 1), {kRayletCrash, kDriverPlasma})));
  EXPECT_FALSE(story.can("worker.W11.driver_touches_plasma"));
  story.take("fault.F1.raylet_crash", "n1").take("worker.W11.driver_touches_plasma", "driver");
  EXPECT_FALSE(story.state().owners[0].alive);
}

}  // namespace
}  // namespace raymc
